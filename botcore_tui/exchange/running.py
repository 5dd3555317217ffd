"""An embedded exchange whose changes can be awaited, whether it is our child or was found."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Protocol

from botcore_tui.exchange.lingering import AttachedExchange
from botcore_tui.exchange.sim.child import EmbeddedExchange
from botcore_tui.exchange.sim.ready import Ready


class Exchange(Protocol):
    """A child, or an exchange that was found."""

    ready: Ready | None
    end: str

    def stop(self) -> None:
        """Let it end."""


class RunningExchange:
    """An exchange, seen from an event loop.

    Attributes:
        exchange: Set by whoever makes this.
    """

    def __init__(self) -> None:
        self.exchange: Exchange | None = None
        self._problem = ""
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @property
    def end(self) -> str:
        """How it ended, or why it was ended by us; empty while it runs."""
        return self._problem or self._held.end

    async def ready(self, seconds: float) -> Ready | None:
        """Its addresses; None if it ends first, or is not ready in that time."""
        exchange = self._held
        try:
            async with asyncio.timeout(seconds):
                while not (exchange.ready or exchange.end):
                    await self._changed()
        except TimeoutError:
            self._problem = f"not ready within {seconds:g} s"
            return None
        return None if exchange.end else exchange.ready

    async def ended(self) -> None:
        """Return when it has ended."""
        while not self._held.end:
            await self._changed()

    async def finish(self) -> None:
        """End it, and return when it has."""
        self._held.stop()
        await self.ended()

    def tell(self) -> None:
        """Something has changed; from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
            self._loop.call_soon_threadsafe(self._news.set)

    @property
    def _held(self) -> Exchange:
        assert self.exchange is not None
        return self.exchange

    async def _changed(self) -> None:
        await self._news.wait()
        self._news.clear()


def started(command: Sequence[str], *, lingers: bool) -> RunningExchange:
    """Start an exchange as a child.

    Raises:
        OSError: It cannot be started.
    """
    running = RunningExchange()
    child = EmbeddedExchange(command, running.tell, lingers=lingers)
    running.exchange = child
    child.start()
    return running


async def attached(ready: Ready) -> RunningExchange | None:
    """Take over an exchange that lingers; None if it is gone."""
    running = RunningExchange()
    tell: Callable[[], None] = running.tell
    found = await asyncio.to_thread(AttachedExchange.attach, ready, tell)
    if found is None:
        return None
    running.exchange = found
    return running
