"""The market of the embedded exchange: starts it, then follows it like any other venue."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.exchange.base import MarketFeed, Sink
from botcore_tui.exchange.binance.backoff import Backoff
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.sim.child import EmbeddedExchange
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.event import FeedDown, MarketReset, RequestSnapshot
from botcore_tui.model.snapshot import FeedState

logger = logging.getLogger(__name__)

_STARTING: Final = ("connecting", "embedded exchange: starting")
"""Status and detail of its row among the feeds."""

FeedMaker = Callable[[Ready, Receiver], MarketFeed]
"""Makes the feed for the addresses of an exchange that is ready."""


class LaunchSettings(Struct, frozen=True, kw_only=True):
    """How the exchange is started, and started again."""

    command: Sequence[str]
    backoff_base_seconds: float = 1.0
    backoff_cap_seconds: float = 60.0
    backoff_jitter_pct: float = 25.0
    stable_seconds: float = 60.0
    """An exchange that lived this long makes the next wait a first one again."""
    ready_seconds: float = 30.0
    """Longest wait for an exchange to be ready."""


class DemoFeed:
    """A ``MarketFeed`` on an exchange of its own, in a child process.

    An exchange that dies is told and started again after a pause, like a venue that was away.

    Args:
        settings: See there.
        load: Brings what makes the feed; called in a thread while the exchange starts, since
            the imports it takes would hold up the engine.
        clock: All pauses go through it.
        rng: Jitter.

    Attributes:
        receiver: Of every exchange in turn.
        starting: The child is started inside this: cores and signals of the calling thread are
            not meant for it.
    """

    owns_time = False

    def __init__(
        self,
        settings: LaunchSettings,
        load: Callable[[], FeedMaker],
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self.receiver = Receiver()
        self.starting: Callable[[], AbstractContextManager[None]] = nullcontext
        self._settings = settings
        self._load = load
        self._clock = clock
        self._backoff = Backoff(
            settings.backoff_base_seconds,
            cap=settings.backoff_cap_seconds,
            jitter_pct=settings.backoff_jitter_pct,
            rng=rng,
        )
        self._feed: MarketFeed | None = None
        self._symbols: tuple[str, ...] = ()
        self._status = _STARTING
        self._deaths = 0

    async def run(self, sink: Sink) -> None:
        """Start the exchange and deliver its market until cancelled."""
        self.receiver.deliver = sink.deliver
        while True:
            self._status = _STARTING
            started_ns = self._clock.monotonic_ns()
            end = await self._live(sink)
            if self._clock.monotonic_ns() - started_ns >= self._settings.stable_seconds * 1e9:
                self._backoff.reset()
            pause = self._backoff.failed()
            self._deaths += 1
            text = f"embedded exchange: {end}; starting again in {pause:.1f} s"
            self._status = ("down", text)
            logger.error("%s", text)
            if self._symbols:
                reason = f"embedded exchange: {end}"
                sink.deliver(FeedDown(self._symbols, reason, self._clock.now_ms()), 0)
            await self._clock.sleep(pause)

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Fetch a snapshot; without an exchange the request is void, as the books were told."""
        if self._feed is not None:
            self._feed.request_snapshot(request)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row a stream; one for the exchange while there is none."""
        if self._feed is not None:
            return self._feed.states(now_ns)
        status, detail = self._status
        row = FeedState(
            name="exchange",
            status=status,
            last_frame_ns=0,
            lag_ms=None,
            frames=0,
            frames_per_second=0.0,
            sequence="-",
            reconnects=self._deaths,
            detail=detail,
        )
        return (row,)

    def counters(self) -> tuple[int, int]:
        """Unreadable frames, frames of unknown types."""
        return self.receiver.decode_errors, sum(self.receiver.unknown.values())

    # --- one exchange -------------------------------------------------------------------------

    async def _live(self, sink: Sink) -> str:
        """Start an exchange and follow it; why it ended."""
        child = _Child(self._settings.command)
        try:
            with self.starting():
                child.exchange.start()
        except OSError as error:
            return f"cannot be started: {error.strerror}"
        try:
            make = await asyncio.to_thread(self._load)
            ready = await child.ready(self._settings.ready_seconds)
            if ready is not None:
                await self._follow(ready, make, sink, child)
        finally:
            self._feed = None
            child.exchange.stop()
            await child.end()
        return child.problem or child.exchange.end

    async def _follow(self, ready: Ready, make: FeedMaker, sink: Sink, child: "_Child") -> None:
        logger.info(
            "embedded exchange is ready: %s, pid %d, seed %d", ready.rest, ready.pid, ready.seed
        )
        if self._symbols:  # the one before is gone with all that was known of its market
            self.receiver.start_again()
            sink.deliver(MarketReset("embedded exchange started again", self._clock.now_ms()), 0)
        self._symbols = ready.symbols
        self._feed = make(ready, self.receiver)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(self._feed.run(sink))
            await child.end()
            following.cancel()


class _Child:
    """An exchange whose changes can be awaited."""

    def __init__(self, command: Sequence[str]) -> None:
        self.exchange = EmbeddedExchange(command, self._tell)
        self.problem = ""
        """Why it is ended by us; empty if it is not."""
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def ready(self, seconds: float) -> Ready | None:
        """Its addresses; None if it ends first, or is not ready in that time."""
        try:
            async with asyncio.timeout(seconds):
                while not (self.exchange.ready or self.exchange.end):
                    await self._changed()
        except TimeoutError:
            self.problem = f"not ready within {seconds:g} s"
        return None if self.exchange.end else self.exchange.ready

    async def end(self) -> None:
        """Return when it has ended."""
        while not self.exchange.end:
            await self._changed()

    async def _changed(self) -> None:
        await self._news.wait()
        self._news.clear()

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
            self._loop.call_soon_threadsafe(self._news.set)
