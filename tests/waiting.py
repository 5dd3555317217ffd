"""Waiting in tests: for a condition instead of a time, and on a clock that a test turns by hand."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count

from botcore_tui.clock import ManualClock

_GIVE_UP_SECONDS = 10.0
"""Never waited for in a passing test."""


class Changing:
    """Something whose changes a test can wait for."""

    def __init__(self) -> None:
        self._changes = asyncio.Event()

    def changed(self) -> None:
        """Let those who wait look again."""
        self._changes.set()

    async def until(self, claim: Callable[[], object]) -> None:
        """Return when the claim is true."""
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            while not claim():
                self._changes.clear()
                await self._changes.wait()


async def settle(turns: int = 12) -> None:
    """Let everything run that can run without the network."""
    for _ in range(turns):
        await asyncio.sleep(0)  # a turn of the loop


class SteppedClock(ManualClock, Changing):
    """A clock whose sleepers wake when, and only when, a test advances it past them."""

    def __init__(self) -> None:
        ManualClock.__init__(self)
        Changing.__init__(self)
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = count()

    async def sleep(self, seconds: float) -> None:
        """Wait for ``run``."""
        self.slept.append(seconds)
        due_ns = self.monotonic_ns() + round(seconds * 1_000_000_000)
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (due_ns, next(self._numbers), waiter))
        self.changed()
        await waiter

    async def pass_pause(self, seconds: float) -> None:
        """Wait until somebody sleeps for exactly so long from now on, and advance past it."""
        await self.until(lambda: self._is_pausing(seconds))
        await self.run(seconds)

    def _is_pausing(self, seconds: float) -> bool:
        due_ns = self.monotonic_ns() + round(seconds * 1_000_000_000)
        return any(due == due_ns and not waiter.done() for due, _, waiter in self._sleepers)

    async def run(self, seconds: float) -> None:
        """Advance, waking each sleeper at its own time."""
        end_ns = self.monotonic_ns() + round(seconds * 1_000_000_000)
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end_ns:
            due_ns, _, waiter = heapq.heappop(self._sleepers)
            if waiter.done():
                continue
            self.advance(max(0, due_ns - self.monotonic_ns()) / 1_000_000_000)
            waiter.set_result(None)
            await settle()
        self.advance((end_ns - self.monotonic_ns()) / 1_000_000_000)
