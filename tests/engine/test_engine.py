"""The engine in virtual time: pictures, ticks, heartbeat, latency, back-pressure."""

import asyncio
import os
import signal
import subprocess
import sys
from itertools import pairwise

import pytest
from engine_fakes import SETTINGS, SYMBOL, ScriptedFeed, a_trade, an_engine, run_to_end
from engine_stage import Stage, ticks
from msgspec.structs import replace
from virtual_time import VirtualTime

from botcore_tui.clock import SystemClock
from botcore_tui.engine.engine import Engine
from botcore_tui.exchange.base import Sink
from botcore_tui.model.event import (
    Effect,
    Halt,
    MarketReset,
    TradingState,
)
from botcore_tui.model.market import Trade
from botcore_tui.model.snapshot import FeedState, View

SECOND = 1_000_000_000

# --- pictures ----------------------------------------------------------------------------------


def test_no_picture_is_made_while_nobody_looks(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            await time.sleep(60)
            assert self.engine.look(View()) is None
            await time.sleep(0.2)
            picture = self.engine.look(View())
            assert picture is not None
            assert picture.sequence <= 2
            await time.sleep(60)
            last = self.engine.look(View())
            assert last is not None
            assert last.sequence <= 13  # those of the second after the last look
            await time.sleep(0.15)
            fresh = self.engine.look(View())
            assert fresh is not None
            assert fresh.sequence == last.sequence + 1
            assert time.monotonic_ns() - fresh.published_ns < SECOND / 10

    Script(time).run()


@pytest.mark.requirement("F17")
def test_pictures_are_made_at_most_ten_times_a_second_however_often_they_are_asked_for(
    time: VirtualTime,
) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            await self.look_for(10, each=0.001)

    stage = Script(time)
    stage.run()

    assert 90 <= len(stage.pictures) <= 100
    assert stage.pictures[-1].sequence <= 100


def test_picture_shows_what_its_view_asks_for(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            sink.deliver(a_trade(1), 0)
            self.engine.look(View(interval_ms=5_000, grouping=10, trades=1))
            await time.sleep(0.2)
            picture = self.engine.look(View())
            assert picture is not None
            assert picture.interval_ms == 5_000
            assert picture.symbol == SYMBOL
            assert picture.label == "SYNTHETIC"
            assert [row.trade_id for row in picture.trades] == [1]
            assert picture.replay is None

    Script(time).run()


def test_picture_has_the_rows_of_the_feed_and_of_what_else_there_is(time: VirtualTime) -> None:
    row = FeedState("btcusdt@trade", "live", 1, 0.0, 1, 1.0, "-", 0)

    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            self.engine.look(View())
            await time.sleep(0.2)
            picture = self.engine.look(View())
            assert picture is not None
            assert [feed.name for feed in picture.feeds] == ["btcusdt@trade", "recording"]
            assert (picture.health.decode_errors, picture.health.unknown_events) == (3, 4)

    stage = Script(time)
    stage.feed.rows = (row,)
    stage.engine.more_feeds = lambda: (replace(row, name="recording"),)
    stage.run()


@pytest.mark.requirement("F17")
def test_change_of_the_trading_state_is_in_the_picture_at_once(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            self.engine.look(View())
            await time.sleep(0.15)
            before = time.monotonic_ns()
            self.engine.halt("F12", "by hand")
            for _ in range(10):
                await asyncio.sleep(0)  # a turn of the loop; no time passes
            picture = self.engine.look(View())
            assert picture is not None
            assert time.monotonic_ns() == before
            assert picture.state is TradingState.HALTED
            assert picture.halt is not None
            assert (picture.halt.actor, picture.halt.reason) == ("F12", "by hand")

    Script(time).run()


@pytest.mark.requirement("F17")
def test_screen_that_never_looks_costs_nothing_and_holds_nothing_up(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            for number in range(1, 2_001):
                await sink.room()
                sink.deliver(a_trade(number), time.monotonic_ns())
                await time.sleep(0.01)

    stage = Script(time, capacity=4)
    stage.run()

    assert len(stage.observed.of(Trade)) == 2_000
    assert stage.engine.look(View()) is None


# --- time and health ---------------------------------------------------------------------------


@pytest.mark.requirement("R54")
def test_heart_beats_on_while_nobody_looks(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            await time.sleep(100)
            self.engine.look(View())
            await time.sleep(0.15)
            picture = self.engine.look(View())
            assert picture is not None
            assert time.monotonic_ns() - picture.heartbeat_ns <= SECOND / 10

    Script(time).run()


def test_engine_makes_four_ticks_a_second_where_the_feed_has_no_time(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            await time.sleep(2.1)

    stage = Script(time, owns_time=False)
    stage.run()

    seen = ticks(stage.observed)
    assert len(seen) == 9
    assert {after - before for before, after in pairwise(seen)} == {250}


def test_engine_makes_no_ticks_where_the_feed_has_its_own_time(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            await time.sleep(5)

    stage = Script(time)
    stage.run()

    assert ticks(stage.observed) == []


@pytest.mark.requirement("R36")
def test_latency_is_from_reception_to_state_updated_and_data_age_from_the_last_frame(
    time: VirtualTime,
) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            received = time.monotonic_ns()
            time.jump(0.02)  # the loop was busy meanwhile
            sink.deliver(a_trade(1), received)
            sink.deliver(a_trade(2), 0)  # without a time there is nothing to measure
            self.engine.look(View())
            await time.sleep(0.15)
            picture = self.engine.look(View())
            assert picture is not None
            assert picture.last_data_ns == received
            assert picture.health.latency.count == 1
            assert picture.health.latency.max_us >= 20_000
            assert picture.health.events == len(self.observed.events)

    Script(time, owns_time=False).run()


def test_data_played_without_a_time_is_as_old_as_its_processing_and_no_command_renews_it(
    time: VirtualTime,
) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            await time.sleep(1)
            sink.deliver(a_trade(1), 0)
            delivered = time.monotonic_ns()
            await time.sleep(1)
            self.engine.halt("F12", "by hand")
            self.engine.look(View())
            await time.sleep(0.2)
            picture = self.engine.look(View())
            assert picture is not None
            assert picture.last_data_ns == delivered

    Script(time).run()


# --- back-pressure -----------------------------------------------------------------------------


@pytest.mark.parametrize("capacity", [1, 8, 300])
@pytest.mark.requirement("R37")
def test_full_inbox_stops_the_feed_and_everything_is_processed_in_order(
    time: VirtualTime, capacity: int
) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            for number in range(1, 3_001):
                await sink.room()
                sink.deliver(a_trade(number), 0)
            self.engine.look(View())
            await time.sleep(0.2)
            picture = self.engine.look(View())
            assert picture is not None
            assert picture.health.inbox_peak == capacity
            assert (picture.health.inbox, picture.health.inbox_capacity) == (0, capacity)

    stage = Script(time, capacity=capacity)
    stage.run()

    numbers = [trade.trade_id for trade in stage.observed.events if isinstance(trade, Trade)]
    assert numbers == list(range(1, 3_001))


def test_feed_that_ends_is_finished_only_after_its_last_event_was_processed(
    time: VirtualTime,
) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            for number in range(1, 2_001):
                sink.deliver(a_trade(number), 0)

    stage = Script(time)
    stage.engine.start()
    assert stage.engine.finished.wait(30)

    assert len(stage.observed.of(Trade)) == 2_000
    assert stage.engine.stop()


def test_halt_overtakes_everything_that_waits(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            for number in range(1, 2_001):
                sink.deliver(a_trade(number), 0)
            self.engine.halt("F12", "by hand")

    stage = Script(time)
    stage.run()

    assert [isinstance(event, Halt) for event in stage.observed.events].index(True) == 0


def test_halt_comes_between_two_frames_of_a_burst(time: VirtualTime) -> None:
    states: list[TradingState] = []

    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            sink.deliver(a_trade(1), 0)
            self.engine.halt("F12", "by hand")
            sink.deliver(a_trade(2), 0)  # in the same turn of the loop
            states.append(self.engine.status().state)

    Script(time).run()

    assert states == [TradingState.HALTED]


def test_event_that_is_being_processed_is_ended_before_a_halt_is_taken(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            def performed(_effect: Effect) -> None:
                if told:
                    return
                self.engine.halt("F12", "by hand")
                sink.deliver(a_trade(2), 0)
                told.append(self.engine.status().state)

            told = list[TradingState]()
            self.engine._processor._perform = performed
            sink.deliver(MarketReset("begins anew", 0), 0)
            await time.sleep(0.1)
            assert told == [TradingState.ACTIVE]
            assert self.engine.status().state is TradingState.HALTED

    Script(time).run()


_INHERITED = """
import os
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
print(cores)
"""


def _inherited_by_a_child(engine: Engine) -> str:
    with engine.child_process():
        # A signal that came while the mask is open would be for a thread that cannot take it.
        assert signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        return subprocess.check_output([sys.executable, "-S", "-c", _INHERITED], text=True)


def test_child_process_has_not_the_core_of_the_engine_whose_signals_stay_blocked() -> None:
    told: list[str] = []

    async def script(_sink: Sink) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # as in the program
        told.append(_inherited_by_a_child(engine))

    feed = ScriptedFeed(script)
    engine = an_engine(feed, SystemClock(), settings=replace(SETTINGS, pins_cores=True))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
    run_to_end(engine, feed)
    assert told == [f"{cores}\n"]
