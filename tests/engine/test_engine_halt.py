"""Starting, stopping, and halting from any thread whatever the loop is doing."""

import gc
import sys
import threading

import pytest
from engine_fakes import (
    SETTINGS,
    WAIT_SECONDS,
    Observed,
    ScriptedFeed,
    a_trade,
    an_engine,
    run_to_end,
)
from engine_stage import a_picture, for_ever, is_halted
from msgspec.structs import replace
from virtual_time import VirtualTime

from botcore_tui.clock import SystemClock
from botcore_tui.engine import hygiene
from botcore_tui.engine.port import Pause
from botcore_tui.exchange.base import Sink
from botcore_tui.model.event import (
    Halt,
    Resume,
    StateChanged,
    TradingState,
)
from botcore_tui.model.snapshot import View

SECOND = 1_000_000_000

# --- life --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("uses_uvloop", [True, False])
def test_stopped_engine_leaves_no_thread_and_nothing_open(*, uses_uvloop: bool) -> None:
    before = set(threading.enumerate())
    feed = ScriptedFeed(for_ever)
    settings = replace(SETTINGS, uses_uvloop=uses_uvloop, pins_cores=True)
    engine = an_engine(feed, SystemClock(), settings=settings)

    engine.start()
    assert set(threading.enumerate()) - before
    assert engine.stop(WAIT_SECONDS)

    assert not engine.is_alive
    assert engine.finished.is_set()
    assert set(threading.enumerate()) == before
    del engine
    gc.collect()  # an unclosed loop or socket warns here, and a warning fails the test


def test_engine_that_was_never_started_can_be_asked_and_stopped() -> None:
    engine = an_engine(ScriptedFeed(for_ever), SystemClock())

    assert engine.look(View()) is None
    engine.play(Pause())
    engine.resume("console", "too early")
    assert engine.stop()
    assert not is_halted(engine)
    engine.halt("F12", "by hand")
    assert is_halted(engine)


def test_wishes_after_the_end_are_taken_and_harmless(time: VirtualTime) -> None:
    engine = an_engine(ScriptedFeed(for_ever), time)
    engine.start()
    assert engine.stop(WAIT_SECONDS)

    engine.halt("F12", "by hand")
    engine.resume("F9", "go on")
    engine.look(View())

    assert is_halted(engine)


def test_call_into_a_loop_that_has_just_ended_is_left_out(time: VirtualTime) -> None:
    engine = an_engine(ScriptedFeed(for_ever), time)
    ended = time.loop()
    ended.close()
    engine._loop = ended  # what a caller sees who asked a moment before the end

    engine.halt("F12", "by hand")

    assert is_halted(engine)


def test_uvloop_is_used_where_it_is_wanted_and_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for wanted, installed, module in (
        (True, True, "uvloop"),
        (False, True, "asyncio"),
        (True, False, "asyncio"),
    ):
        with monkeypatch.context() as patch:
            if not installed:
                patch.setitem(sys.modules, "uvloop", None)
            loop = hygiene.loop_factory(uses_uvloop=wanted)()
            loop.close()
            assert type(loop).__module__.startswith(module)


def test_stop_says_so_where_the_loop_is_stuck(time: VirtualTime) -> None:
    stuck, release = threading.Event(), threading.Event()

    async def blocks(_sink: Sink) -> None:
        stuck.set()
        assert release.wait(WAIT_SECONDS)

    engine = an_engine(ScriptedFeed(blocks), time)
    engine.start()
    assert stuck.wait(WAIT_SECONDS)

    assert not engine.stop(0.01)
    release.set()
    assert engine.stop(WAIT_SECONDS)


# --- halt --------------------------------------------------------------------------------------


@pytest.mark.requirement("F17")
def test_halt_is_in_force_at_once_even_while_the_loop_is_blocked_and_then_confirmed(
    time: VirtualTime,
) -> None:
    blocked, release = threading.Event(), threading.Event()

    async def blocks(_sink: Sink) -> None:
        await a_picture(engine, time)
        blocked.set()
        assert release.wait(WAIT_SECONDS)
        await for_ever(_sink)

    observed = Observed()
    engine = an_engine(ScriptedFeed(blocks), time, observed=observed)
    engine.start()
    assert blocked.wait(WAIT_SECONDS)
    assert not is_halted(engine)

    engine.halt("F12", "by hand")

    assert is_halted(engine)
    picture = engine.look(View())
    assert picture is not None
    assert picture.state is TradingState.ACTIVE
    release.set()
    observed.wait_for(Halt)
    picture = engine.look(View())
    assert picture is not None
    assert picture.state is TradingState.HALTED
    assert engine.stop(WAIT_SECONDS)


def test_thousand_halts_change_the_state_once(time: VirtualTime) -> None:
    observed = Observed()
    engine = an_engine(ScriptedFeed(for_ever), time, observed=observed)
    engine.start()

    for number in range(1_000):
        engine.halt("F12", f"press {number}")
        assert is_halted(engine)
    observed.wait_for(Halt, 1_000)

    changes = [effect for effect in observed.effects if isinstance(effect, StateChanged)]
    assert [(change.state, change.reason) for change in changes] == [
        (TradingState.HALTED, "press 0")
    ]
    assert engine.stop(WAIT_SECONDS)


def test_halts_of_many_threads_never_leave_a_latch_that_cannot_be_opened(
    time: VirtualTime,
) -> None:
    observed = Observed()
    engine = an_engine(ScriptedFeed(for_ever), time, observed=observed)
    engine.start()

    def press() -> None:
        for _ in range(500):
            engine.halt("signal", "USR1")

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    observed.wait_for(Halt, 3_000)
    assert is_halted(engine)
    engine.resume("F9", "checked")
    observed.wait_for(Resume)

    assert not is_halted(engine)
    assert engine.stop(WAIT_SECONDS)


def test_resume_goes_back_one_step_at_a_time(time: VirtualTime) -> None:
    async def script(_sink: Sink) -> None:
        engine.halt("F12", "by hand")
        assert (await a_picture(engine, time)).state is TradingState.HALTED
        engine.resume("F9", "checked")
        picture = await a_picture(engine, time)
        assert (picture.state, picture.halt) == (TradingState.REDUCING, None)
        assert not is_halted(engine)
        engine.resume("F9", "checked")
        assert (await a_picture(engine, time)).state is TradingState.ACTIVE
        engine.resume("F9", "once too often")
        assert (await a_picture(engine, time)).state is TradingState.ACTIVE

    feed = ScriptedFeed(script)
    engine = an_engine(feed, time)
    run_to_end(engine, feed)


def test_halt_asked_for_before_the_start_is_the_first_thing_done(time: VirtualTime) -> None:
    async def script(sink: Sink) -> None:
        sink.deliver(a_trade(1), 0)
        await time.sleep(1)

    observed = Observed()
    feed = ScriptedFeed(script)
    engine = an_engine(feed, time, observed=observed)
    engine.halt("config", "starts halted")
    run_to_end(engine, feed)

    assert isinstance(observed.events[0], Halt)
