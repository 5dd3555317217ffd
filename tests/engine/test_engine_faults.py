"""An engine in which something fails: trading stops, is told of, and the market goes on."""

import logging
from collections.abc import Iterator

import pytest
from engine_fakes import (
    SETTINGS,
    SYMBOL,
    WAIT_SECONDS,
    FailingTrader,
    Observed,
    ScriptedFeed,
    a_book,
    a_delta,
    a_trade,
    an_engine,
    run_to_end,
)
from engine_stage import a_picture, for_ever
from msgspec.structs import replace
from virtual_time import VirtualTime

from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.exchange.base import Sink
from botcore_tui.model.event import (
    Effect,
    Event,
    FeedDown,
    Halt,
    RequestSnapshot,
    TradingState,
)
from botcore_tui.model.market import Trade
from botcore_tui.model.snapshot import View

SECOND = 1_000_000_000

# --- failures ----------------------------------------------------------------------------------


@pytest.mark.requirement("R52")
@pytest.mark.requirement("F16")
def test_exception_in_the_trader_halts_is_told_and_market_data_go_on(
    time: VirtualTime, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(sink: Sink) -> None:
        for number in range(10, 20):
            sink.deliver(a_trade(number), 0)
        await time.sleep(0.5)
        sink.deliver(a_trade(20), 0)
        picture = await a_picture(engine, time)
        assert picture.state is TradingState.HALTED
        assert picture.halt is not None
        assert picture.halt.actor == "engine"
        assert picture.halt.reason == "processing Trade failed: thirteen is not a number"
        assert picture.health.faults == ("trader: ValueError: thirteen is not a number",)
        assert [row.trade_id for row in picture.trades][:7] == [20, 19, 18, 17, 16, 15, 14]

    feed = ScriptedFeed(script)
    engine = an_engine(feed, time, trader=FailingTrader((SYMBOL,)))
    run_to_end(engine, feed)

    (record,) = [record for record in caplog.records if record.name.endswith("engine.processor")][
        :1
    ]
    assert record.getMessage() == "processing Trade failed"
    assert record.exc_info is not None


@pytest.mark.requirement("R52")
def test_exception_while_performing_an_effect_halts_and_market_data_go_on(
    time: VirtualTime,
) -> None:
    class Refusing(ScriptedFeed):
        def request_snapshot(self, request: RequestSnapshot) -> None:
            raise OSError("no socket left")

    async def script(sink: Sink) -> None:
        sink.deliver(a_delta(1, 10), 0)
        sink.deliver(a_book(10), 0)
        picture = await a_picture(engine, time)
        assert picture.state is TradingState.HALTED
        assert picture.health.faults == ("trader: OSError: no socket left",)
        assert picture.book.best_bid == 99.0

    feed = Refusing(script)
    engine = an_engine(feed, time)
    run_to_end(engine, feed)


def test_exception_in_the_observer_halts_too(time: VirtualTime) -> None:
    class Nervous(Observed):
        def __call__(self, event: Event, effects: object, trader: Trader) -> None:
            if isinstance(event, Trade):
                raise KeyError(event.trade_id)

    async def script(sink: Sink) -> None:
        sink.deliver(a_trade(1), 0)
        assert (await a_picture(engine, time)).state is TradingState.HALTED

    feed = ScriptedFeed(script)
    engine = an_engine(feed, time, observed=Nervous())
    run_to_end(engine, feed)


def test_halt_that_fails_leaves_the_latch_closed_and_is_not_tried_for_ever(
    time: VirtualTime,
) -> None:
    class Unhaltable(Trader):
        def process(self, event: Event) -> list[Effect]:
            if isinstance(event, Halt):
                raise RuntimeError("will not")  # noqa: TRY004 - not about the type
            return super().process(event)

    async def script(sink: Sink) -> None:
        engine.halt("F12", "by hand")
        picture = await a_picture(engine, time)
        assert picture.health.faults == ("trader: RuntimeError: will not",)
        assert engine.is_halted

    feed = ScriptedFeed(script)
    engine = an_engine(feed, time, trader=Unhaltable((SYMBOL,)))
    run_to_end(engine, feed)


@pytest.mark.requirement("A14")
@pytest.mark.requirement("R52")
def test_feed_that_dies_halts_empties_the_books_and_is_started_again(time: VirtualTime) -> None:
    async def dies(sink: Sink) -> None:
        sink.deliver(a_delta(1, 10), 0)
        sink.deliver(a_book(10), 0)
        assert (await a_picture(engine, time)).book.best_bid == 99.0
        raise ConnectionError("cable cut")

    async def second(sink: Sink) -> None:
        picture = await a_picture(engine, time)
        assert picture.state is TradingState.HALTED
        assert picture.halt is not None
        assert picture.halt.reason == "feed failed: ConnectionError: cable cut"
        assert picture.health.faults == ("feed: ConnectionError: cable cut",)
        assert picture.book.bids == ()
        assert picture.book.reason == "feed died: cable cut"
        sink.deliver(a_trade(7), 0)
        assert (await a_picture(engine, time)).last_price == 100.0

    feed, observed = ScriptedFeed(dies, second), Observed()
    engine = an_engine(feed, time, observed=observed, ends=False)
    run_to_end(engine, feed)

    assert feed.starts == 2
    assert engine.failure == "cable cut"
    (down,) = observed.of(FeedDown)
    assert isinstance(down, FeedDown)
    assert down.symbols == (SYMBOL,)


def test_feed_that_dies_ends_an_engine_that_ends_with_its_feed(time: VirtualTime) -> None:
    async def dies(_sink: Sink) -> None:
        raise ConnectionError("cable cut")

    engine = an_engine(ScriptedFeed(dies), time)
    engine.start()
    assert engine.finished.wait(WAIT_SECONDS)
    assert engine.stop(WAIT_SECONDS)

    assert engine.failure == "cable cut"
    assert engine.is_halted


@pytest.mark.requirement("A14")
def test_death_of_the_pictures_task_halts_and_it_is_started_again(time: VirtualTime) -> None:
    class Cracked(ScriptedFeed):
        cracks = 1

        def counters(self) -> tuple[int, int]:
            if self.cracks:
                self.cracks -= 1
                raise ZeroDivisionError("no rate")
            return 0, 0

    async def script(_sink: Sink) -> None:
        engine.look(View())
        await time.sleep(1.5)  # the pause before it starts again is a second
        picture = await a_picture(engine, time)
        assert picture.state is TradingState.HALTED
        assert picture.health.faults == ("pictures: ZeroDivisionError: no rate",)

    feed = Cracked(script)
    engine = an_engine(feed, time)
    run_to_end(engine, feed)


def test_defect_of_the_loop_itself_ends_the_engine_with_a_word(
    time: VirtualTime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_milliseconds: float) -> None:
        raise ValueError("no such interval")

    engine = an_engine(ScriptedFeed(for_ever), time)
    monkeypatch.setattr(engine._hygiene, "tune", broken)

    engine.start()

    assert engine.finished.wait(WAIT_SECONDS)
    assert engine.stop(WAIT_SECONDS)
    assert "the engine ended" in caplog.text


# --- the log -----------------------------------------------------------------------------------


@pytest.fixture
def ring() -> Iterator[LogRing]:
    ring = LogRing()
    root = logging.getLogger("botcore_tui")
    level = root.level
    root.setLevel(logging.INFO)
    root.addHandler(ring)
    yield ring
    root.removeHandler(ring)
    root.setLevel(level)


def test_records_of_the_trader_are_in_the_log_with_their_code_and_time(
    time: VirtualTime, ring: LogRing
) -> None:
    async def script(sink: Sink) -> None:
        sink.deliver(a_delta(1, 10), 0)
        sink.deliver(a_book(10), 0)
        engine.halt("F12", "by hand")
        picture = await a_picture(engine, time)
        assert picture.log_end == len(engine.log_since(0))

    feed = ScriptedFeed(script)
    engine = Engine(Trader(), feed, time, replace(SETTINGS, ends_with_feed=True), log=ring)
    run_to_end(engine, feed)

    lines = {line.source: line for line in engine.log_since(0)}
    assert lines["book.live"].text == "BTCUSDT book is live at update 10"
    assert lines["state.halted"].text == "ACTIVE -> HALTED by F12: by hand"
    assert lines["state.halted"].severity == "CRIT"
    assert lines["state.halted"].time_ms == 1_700_000_000_000
    assert engine.log_since(ring.end) == ()
