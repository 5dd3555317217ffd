"""A demo feed on quick stand-ins for the exchange and for its market, and what it delivered."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fake_exchange import a_command
from waiting import Changing, SteppedClock

from botcore_tui.exchange.base import MarketFeed, Sink
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.broker import AccountStamps, BrokerEffect
from botcore_tui.exchange.demo import DemoFeed, FeedMaker, LaunchSettings
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.event import Append, Event, Reconcile, RequestSnapshot, Severity
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.snapshot import FeedState

RECONCILE = Reconcile(reason="start")
ROW = Append(AuditRow(code="state.halted", severity=Severity.INFO, text="", time_ms=1))
REQUEST = RequestSnapshot("BTCUSDT", 0, "needed", 0)


class FakeFeed:
    """Follows the market of one exchange, and remembers what it was asked."""

    owns_time = False

    def __init__(self, ready: Ready, receiver: Receiver) -> None:
        self.ready = ready
        self.receiver = receiver
        self.requests: list[RequestSnapshot] = []
        self.is_running = asyncio.Event()
        self.has_ended = asyncio.Event()

    async def run(self, sink: Sink) -> None:
        """Run until cancelled."""
        self.is_running.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.has_ended.set()

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Remember."""
        self.requests.append(request)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One stream."""
        return (FeedState("btcusdt@depth", "live", now_ns, None, 1, 1.0, "-", 0),)

    def counters(self) -> tuple[int, int]:
        """None."""
        return 0, 0


class FakeBroker(FakeFeed):
    """A feed with an account."""

    def __init__(self, ready: Ready, receiver: Receiver) -> None:
        super().__init__(ready, receiver)
        self.performed: list[BrokerEffect] = []
        self.is_open = False

    def perform(self, effect: BrokerEffect) -> None:
        """Remember."""
        self.performed.append(effect)

    def open_market(self) -> None:
        """Remember."""
        self.is_open = True

    def stamps(self) -> AccountStamps:
        """Some."""
        return AccountStamps(reconciled_ns=5)


class Heard:
    """A sink."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def deliver(self, event: Event, received_ns: int) -> None:
        """Remember."""
        self.events.append(event)

    async def room(self) -> None:
        """There is."""


class Demo(Changing):
    """A running demo feed, what it delivered, and the feeds that it made."""

    def __init__(self, settings: LaunchSettings, kind: type[FakeFeed] = FakeFeed) -> None:
        super().__init__()
        self.kind = kind
        self.closed = 0
        self.clock = SteppedClock()
        self.events: list[Event] = []
        self.feeds: list[FakeFeed] = []
        self.feed = DemoFeed(settings, self._load, self.clock, random.Random(7))
        self.task: asyncio.Task[None] | None = None

    def deliver(self, event: Event, received_ns: int) -> None:
        """Remember."""
        self.events.append(event)
        self.changed()

    async def room(self) -> None:
        """There always is."""

    def start(self) -> None:
        """Run it."""
        self.task = asyncio.create_task(self.feed.run(self))

    async def stop(self) -> None:
        """Cancel it."""
        assert self.task is not None
        self.task.cancel()
        await asyncio.wait([self.task])

    async def until_followed(self, exchanges: int = 1) -> FakeFeed:
        """The feed of so many exchanges later, once it runs."""
        await self.until(lambda: len(self.feeds) >= exchanges)
        feed = self.feeds[-1]
        await feed.is_running.wait()
        return feed

    @property
    def row(self) -> tuple[str, str]:
        """Status and detail of the exchange's row."""
        (state,) = self.feed.states(0)
        return state.status, state.detail

    def _load(self) -> FeedMaker:
        @asynccontextmanager
        async def make(ready: Ready, receiver: Receiver) -> AsyncIterator[MarketFeed]:
            self.feeds.append(self.kind(ready, receiver))
            self.changed()
            try:
                yield self.feeds[-1]
            finally:
                self.closed += 1

        return make


def settings(
    *command: str,
    ready_seconds: float = 30.0,
    stable_seconds: float = 60.0,
    trace: Path | None = None,
    is_fresh: bool = False,
) -> LaunchSettings:
    return LaunchSettings(
        command=command or a_command(),
        trace=trace,
        is_fresh=is_fresh,
        backoff_jitter_pct=0.0,
        ready_seconds=ready_seconds,
        stable_seconds=stable_seconds,
    )


@asynccontextmanager
async def a_demo(
    of: LaunchSettings | None = None, kind: type[FakeFeed] = FakeFeed
) -> AsyncIterator[Demo]:
    demo = Demo(of or settings(), kind)
    demo.start()
    try:
        yield demo
    finally:
        await demo.stop()
