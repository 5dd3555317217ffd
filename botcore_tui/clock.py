"""Time as an argument: the shell holds a clock, the core reads ``event.time_ms``."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the shell knows of time."""

    def now_ms(self) -> int:
        """UTC milliseconds since the epoch."""

    def utc_ns(self) -> int:
        """UTC nanoseconds since the epoch; steps when the machine's clock is set."""

    def monotonic_ns(self) -> int:
        """Nanoseconds that never step; comparable only within one process."""

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the loop."""


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """UTC milliseconds since the epoch."""
        return time.time_ns() // 1_000_000

    def utc_ns(self) -> int:
        """UTC nanoseconds since the epoch."""
        return time.time_ns()

    def monotonic_ns(self) -> int:
        """Nanoseconds that never step."""
        return time.monotonic_ns()

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the loop."""
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves only when told or slept upon; for tests and simulations."""

    def __init__(self, now_ms: int = 1_700_000_000_000) -> None:
        self._now_ns = now_ms * 1_000_000
        self.slept: list[float] = []

    def now_ms(self) -> int:
        """UTC milliseconds since the epoch."""
        return self._now_ns // 1_000_000

    def utc_ns(self) -> int:
        """UTC nanoseconds since the epoch."""
        return self._now_ns

    def monotonic_ns(self) -> int:
        """Nanoseconds since the same origin as ``now_ms``."""
        return self._now_ns

    def advance(self, seconds: float) -> None:
        """Move forward."""
        self._now_ns += round(seconds * 1_000_000_000)

    async def sleep(self, seconds: float) -> None:
        """Advance at once, note the length, and let other tasks run."""
        self.slept.append(seconds)
        self.advance(seconds)
        await asyncio.sleep(0)
