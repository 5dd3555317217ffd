"""The market of the embedded exchange: starts it, then follows it like any other venue."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.exchange.base import MarketFeed, Sink
from botcore_tui.exchange.binance.backoff import Backoff
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.broker import AccountStamps, BrokerEffect
from botcore_tui.exchange.forwarder import Forwarder
from botcore_tui.exchange.lingering import read_trace, remove_trace, write_trace
from botcore_tui.exchange.running import RunningExchange, attached, started
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.event import FeedDown, MarketReset, RequestSnapshot
from botcore_tui.model.snapshot import FeedState

logger = logging.getLogger(__name__)

_STARTING: Final = ("connecting", "embedded exchange: starting")
"""Status and detail of its row among the feeds."""

FeedMaker = Callable[[Ready, Receiver], AbstractAsyncContextManager[MarketFeed]]
"""Makes the feed for the addresses of an exchange that is ready; closed when that has ended."""


class LaunchSettings(Struct, frozen=True, kw_only=True):
    """How the exchange is started, and started again."""

    command: Sequence[str]
    trace: Path | None = None
    """File by which the next program finds an exchange that lingers; None: it does not."""
    is_fresh: bool = False
    """Whether one that lingers is ended, and not followed."""
    backoff_base_seconds: float = 1.0
    backoff_cap_seconds: float = 60.0
    backoff_jitter_pct: float = 25.0
    stable_seconds: float = 60.0
    """An exchange that lived this long makes the next wait a first one again."""
    ready_seconds: float = 30.0
    """Longest wait for an exchange to be ready."""


class DemoFeed:
    """A ``MarketFeed`` on an exchange of its own, in a child process.

    An exchange that dies is told and started again after a pause, like a venue that was away. One
    that was left behind by a program that was killed is followed instead of a new one. Where what
    it follows is a ``Broker``, it is one as well.

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
        self._forwarder = Forwarder(clock, "the embedded exchange is not running")
        self._symbols: tuple[str, ...] = ()
        self._status = _STARTING
        self._deaths = 0
        self._is_fresh = settings.is_fresh

    async def run(self, sink: Sink) -> None:
        """Start the exchange and deliver its market until cancelled."""
        self._forwarder.begin(sink)
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
        self._forwarder.request_snapshot(request)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row a stream; one for the exchange while there is none."""
        feed = self._forwarder.feed
        if feed is not None:
            return feed.states(now_ns)
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

    def stamps(self) -> AccountStamps:
        """When the account's figures were confirmed."""
        return self._forwarder.stamps()

    def perform(self, effect: BrokerEffect) -> None:
        """Pass it on; without an exchange it fails, and a row waits for the next one's ledger."""
        self._forwarder.perform(effect)

    def open_market(self) -> None:
        """Pass it on."""
        self._forwarder.open_market()

    def counters(self) -> tuple[int, int]:
        """Unreadable frames, frames of unknown types."""
        return self.receiver.decode_errors, sum(self.receiver.unknown.values())

    # --- one exchange -------------------------------------------------------------------------

    async def _live(self, sink: Sink) -> str:
        """Follow an exchange, one that was left behind or a new one; why it ended."""
        try:
            exchange = await self._exchange()
        except OSError as error:
            return f"cannot be started: {error.strerror}"
        is_defect = True
        try:
            make = await asyncio.to_thread(self._load)
            ready = await exchange.ready(self._settings.ready_seconds)
            if ready is not None:
                self._leave_trace(ready)
                await self._follow(ready, make, sink, exchange)
            is_defect = False
        except asyncio.CancelledError:
            is_defect = False
            raise
        finally:
            self._forwarder.leave()
            # A defect of ours is no reason to lose an account: the next try finds it again.
            if self._settings.trace is None or not is_defect:
                await exchange.finish()
                self._forget_trace()
        return exchange.end

    async def _exchange(self) -> RunningExchange:
        trace = self._settings.trace
        found = read_trace(trace) if trace is not None else None
        if found is not None:
            exchange = await attached(found.ready)
            is_wanted = found.command == tuple(self._settings.command) and not self._is_fresh
            if exchange is not None and is_wanted:
                logger.info("embedded exchange was left behind and is followed again")
                return exchange
            if exchange is not None:
                why = "a new one is wanted" if self._is_fresh else "it was set up otherwise"
                logger.warning("embedded exchange that was left behind is ended: %s", why)
                await exchange.finish()
        self._is_fresh = False
        with self.starting():
            return started(self._settings.command, lingers=trace is not None)

    def _leave_trace(self, ready: Ready) -> None:
        if self._settings.trace is None:
            return
        try:
            write_trace(self._settings.trace, self._settings.command, ready)
        except OSError as error:
            told = "embedded exchange would not be found again after a crash: %s"
            logger.warning(told, error.strerror)

    def _forget_trace(self) -> None:
        if self._settings.trace is not None:
            remove_trace(self._settings.trace)

    async def _follow(
        self, ready: Ready, make: FeedMaker, sink: Sink, exchange: RunningExchange
    ) -> None:
        logger.info(
            "embedded exchange is ready: %s, pid %d, seed %d", ready.rest, ready.pid, ready.seed
        )
        if self._symbols:  # the one before is gone with all that was known of its market
            self.receiver.start_again()
            sink.deliver(MarketReset("embedded exchange started again", self._clock.now_ms()), 0)
        self._symbols = ready.symbols
        async with make(ready, self.receiver) as feed, asyncio.TaskGroup() as group:
            following = group.create_task(feed.run(sink))
            self._forwarder.enter(feed)
            await exchange.ended()
            following.cancel()
