"""The feed that starts an exchange of its own: while it starts, while it lives, when it dies."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from fake_exchange import a_command
from waiting import Changing, SteppedClock

from botcore_tui.exchange.base import MarketFeed, Sink
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.demo import DemoFeed, FeedMaker, LaunchSettings, _Child
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.event import Event, FeedDown, MarketReset, RequestSnapshot
from botcore_tui.model.snapshot import FeedState

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


class Demo(Changing):
    """A running demo feed, what it delivered, and the feeds that it made."""

    def __init__(self, settings: LaunchSettings) -> None:
        super().__init__()
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
        def make(ready: Ready, receiver: Receiver) -> MarketFeed:
            self.feeds.append(FakeFeed(ready, receiver))
            self.changed()
            return self.feeds[-1]

        return make


def settings(
    *command: str, ready_seconds: float = 30.0, stable_seconds: float = 60.0
) -> LaunchSettings:
    return LaunchSettings(
        command=command or a_command(),
        backoff_jitter_pct=0.0,
        ready_seconds=ready_seconds,
        stable_seconds=stable_seconds,
    )


@asynccontextmanager
async def a_demo(of: LaunchSettings | None = None) -> AsyncIterator[Demo]:
    demo = Demo(of or settings())
    demo.start()
    try:
        yield demo
    finally:
        await demo.stop()


async def test_before_it_is_ready_one_row_says_that_the_exchange_starts() -> None:
    async with a_demo(settings(*a_command("silent"))) as demo:
        await asyncio.sleep(0)
        (row,) = demo.feed.states(0)
        assert (row.name, row.status) == ("exchange", "connecting")
        assert row.detail == "embedded exchange: starting"
        assert demo.feed.counters() == (0, 0)
        demo.feed.request_snapshot(REQUEST)
        assert demo.events == []


async def test_its_market_is_followed_at_the_addresses_of_the_ready_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO"):
        async with a_demo() as demo:
            feed = await demo.until_followed()
    assert feed.ready.rest == "http://127.0.0.1:1"
    assert feed.receiver is demo.feed.receiver
    assert demo.events == []
    (message,) = caplog.messages
    assert message == (
        f"embedded exchange is ready: http://127.0.0.1:1, pid {feed.ready.pid}, seed 7"
    )


async def test_rows_and_requests_are_those_of_the_market() -> None:
    async with a_demo() as demo:
        feed = await demo.until_followed()
        assert [(row.name, row.status) for row in demo.feed.states(5)] == [
            ("btcusdt@depth", "live")
        ]
        demo.feed.request_snapshot(REQUEST)
        assert feed.requests == [REQUEST]


async def test_cancelling_ends_the_exchange() -> None:
    async with a_demo() as demo:
        pid = (await demo.until_followed()).ready.pid
    assert demo.task is not None
    assert demo.task.cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_cancelling_before_it_is_ready_ends_the_exchange_too() -> None:
    async with a_demo(settings(*a_command("silent"))) as demo:
        await asyncio.sleep(0)
    assert demo.task is not None
    assert demo.task.cancelled()


@pytest.mark.requirement("R03", "R13")
async def test_an_exchange_that_is_killed_is_told_and_started_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with a_demo() as demo:
        first = await demo.until_followed()
        demo.feed.receiver._book_symbols.add("GONEUSDT")
        os.kill(first.ready.pid, signal.SIGKILL)
        await demo.until(lambda: demo.events)
        assert demo.events == [
            FeedDown(("BTCUSDT",), "embedded exchange: killed by SIGKILL", demo.clock.now_ms())
        ]
        assert first.has_ended.is_set()
        text = "embedded exchange: killed by SIGKILL; starting again in 1.0 s"
        assert demo.row == ("down", text)
        assert demo.feed.states(0)[0].reconnects == 1
        (error,) = [record for record in caplog.records if record.levelname == "ERROR"]
        assert error.getMessage() == text
        await demo.clock.pass_pause(1.0)
        second = await demo.until_followed(2)
        assert second.ready.pid != first.ready.pid
        assert second.receiver is first.receiver
        assert isinstance(demo.events[-1], MarketReset)
        assert second.receiver._book_symbols == set()


async def test_pauses_grow_while_it_dies_and_start_anew_once_it_has_lived() -> None:
    async with a_demo(settings(*a_command("dying", words="no room"))) as demo:
        for seconds in (1.0, 2.0, 4.0):
            await demo.clock.until(lambda: demo.row[0] == "down")
            assert demo.row[1].startswith(
                "embedded exchange: left with exit code 7: no room; starting again in "
            )
            await demo.clock.pass_pause(seconds)
        assert demo.events == []
    async with a_demo() as demo:
        for exchanges in (1, 2):
            feed = await demo.until_followed(exchanges)
            await demo.clock.run(60.0)
            os.kill(feed.ready.pid, signal.SIGKILL)
            await demo.clock.pass_pause(1.0)


async def test_an_exchange_that_is_not_ready_in_time_is_ended() -> None:
    async with a_demo(settings(*a_command("silent"), ready_seconds=0.01)) as demo:
        await demo.clock.until(lambda: demo.row[0] == "down")
        assert demo.row[1] == "embedded exchange: not ready within 0.01 s; starting again in 1.0 s"


async def test_a_program_that_is_not_there_is_told() -> None:
    async with a_demo(settings("/no/such/program")) as demo:
        await demo.clock.until(lambda: demo.row[0] == "down")
        assert demo.row[1].startswith("embedded exchange: cannot be started: No such file")


async def test_the_child_is_started_inside_what_frees_it_of_our_threads() -> None:
    story: list[str] = []

    @contextmanager
    def starting() -> Iterator[None]:
        story.append("in")
        yield
        story.append("out")

    demo = Demo(settings())
    demo.feed.starting = starting
    demo.start()
    await demo.until_followed()
    await demo.stop()
    assert story == ["in", "out"]


async def test_news_of_a_child_that_comes_after_the_loop_is_of_no_harm() -> None:
    told: list[Callable[[], None]] = []

    async def leave() -> None:
        told.append(_Child(a_command())._tell)

    await asyncio.to_thread(lambda: asyncio.run(leave()))
    told[0]()
