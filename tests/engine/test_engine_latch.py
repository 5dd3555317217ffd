"""A halt that outlasts the program."""

import asyncio
from pathlib import Path

import pytest
from engine_fakes import SETTINGS, SYMBOL, ScriptedFeed, run_to_end
from engine_stage import for_ever, is_halted
from trading_stage import PLACE, Stage
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.exchange.base import Sink
from botcore_tui.model.event import (
    Effect,
    Event,
    Halt,
    Tick,
    TradingState,
)
from botcore_tui.model.snapshot import HaltInfo, View

# --- the latch ---------------------------------------------------------------------------------


@pytest.fixture
def latch(tmp_path: Path) -> HaltLatch:
    return HaltLatch(tmp_path / "halted", "demo")


@pytest.mark.requirement("F14")
def test_halt_is_kept_over_a_restart_until_a_person_resumes(
    time: VirtualTime, latch: HaltLatch
) -> None:
    before = Engine(Trader((SYMBOL,)), ScriptedFeed(for_ever), time, SETTINGS, latch=latch)
    before.halt("anna", "enough")  # never started: a program that dies at once
    before.stop()
    kept = latch.read()
    assert kept == HaltInfo("anna", "enough", time.now_ms())

    class Play(Stage):
        async def script(self) -> None:
            assert self.engine.status().halt == kept
            self.mark("100")
            self.engine.send(PLACE)
            await settle()
            self.engine.resume("anna", "looked at it")
            await settle()
            assert self.engine.status().state is TradingState.REDUCING

    stage = Play(time, latch=latch)
    assert is_halted(stage.engine)  # before its first event
    stage.run()

    (answer,) = stage.answers
    assert not answer.is_accepted
    assert stage.account.sent == []
    assert latch.read() is None


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    ("account", "latched"), [("demo:1", ["A05"]), ("demo:2", []), ("", ["A05"])]
)
@pytest.mark.parametrize("state", [TradingState.ACTIVE, TradingState.HALTED])
def test_trip_in_the_file_is_latched_for_its_account_in_whatever_state_it_begins(
    time: VirtualTime, latch: HaltLatch, account: str, latched: list[str], state: TradingState
) -> None:
    """Real money and another environment begin HALTED; the ledger does not know the trip."""
    latch.set(HaltInfo("breaker", "A05 equity was unknown for 30 s", 1, account))

    class Play(Stage):
        async def script(self) -> None:
            assert self.engine._trader.desk is not None
            assert list(self.engine._trader.desk.state.breakers.latched) == latched
            assert self.engine.status().halt == latch.read()

    stage = Play(time, latch=latch)
    stage.engine._trader.standing.state = state
    stage.run()


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    ("account", "latched"), [("demo:1", ["A05"]), ("demo:2", []), ("", ["A05"])]
)
def test_trip_beside_the_halt_of_a_person_is_latched_too(
    time: VirtualTime, latch: HaltLatch, account: str, latched: list[str]
) -> None:
    latch.set(HaltInfo("anna", "enough", 1))
    latch.set(HaltInfo("breaker", "A05 equity was unknown for 30 s", 2, account))
    kept = latch.read()

    class Play(Stage):
        async def script(self) -> None:
            assert self.engine._trader.desk is not None
            assert list(self.engine._trader.desk.state.breakers.latched) == latched
            assert self.engine.status().halt == latch.read() == kept

    Play(time, latch=latch).run()


@pytest.mark.requirement("F14")
def test_trip_outlasts_a_resume_of_another_account(time: VirtualTime, latch: HaltLatch) -> None:
    latch.set(HaltInfo("breaker", "A05 equity was unknown for 30 s", 2, "demo:1"))
    latch.account = "demo:2"
    latch.clear()
    assert not latch.path.exists()
    latch.account = "demo:1"

    class Play(Stage):
        async def script(self) -> None:
            assert self.engine._trader.desk is not None
            assert list(self.engine._trader.desk.state.breakers.latched) == ["A05"]
            await settle()
            assert latch.path.exists()

    Play(time, latch=latch).run()


@pytest.mark.requirement("K1")
def test_halt_whose_effects_are_lost_by_a_defect_is_kept(
    time: VirtualTime, latch: HaltLatch
) -> None:
    class Halting(Trader):
        def process(self, event: Event) -> list[Effect]:
            effects = super().process(event)
            if isinstance(event, Tick):  # as a breaker that trips, and a defect after that
                self.standing.on_halt(Halt("breaker", "A01", event.time_ms))
                raise ZeroDivisionError("by nothing")
            return effects

    async def script(_sink: Sink) -> None:
        await time.sleep(1)

    feed = ScriptedFeed(script, owns_time=False)
    run_to_end(Engine(Halting((SYMBOL,)), feed, time, SETTINGS, latch=latch), feed)

    kept = latch.read()
    assert kept is not None
    assert (kept.actor, kept.reason) == ("engine", "processing Tick failed: by nothing")


def test_halt_by_the_engine_itself_is_kept(time: VirtualTime, latch: HaltLatch) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.engine.on_death("submit", ZeroDivisionError("by nothing"))
            await settle()

    Play(time, latch=latch).run()

    kept = latch.read()
    assert kept is not None
    assert (kept.actor, kept.reason) == ("engine", "submit failed: ZeroDivisionError: by nothing")


def test_latch_that_cannot_be_written_is_a_fault_and_halts_all_the_same(
    time: VirtualTime, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("no directory")

    class Play(Stage):
        async def script(self) -> None:
            (tmp_path / "state").write_text("no directory")
            self.engine.look(View())
            self.engine.halt("anna", "enough")
            assert self.engine._latch is not None
            assert self.engine._latch.settle(30)
            await self.time.sleep(0.3)
            snapshot = self.engine.look(View())
            assert snapshot is not None
            assert any("cannot be written" in fault for fault in snapshot.health.faults)

    latch = HaltLatch(tmp_path / "state" / "halted", "demo")
    (tmp_path / "state").unlink()
    stage = Play(time, latch=latch)
    stage.run()

    assert is_halted(stage.engine)


@pytest.mark.requirement("K1")
@pytest.mark.requirement("F13")
def test_halt_outlasts_the_program_once_the_disk_has_room_again(
    time: VirtualTime, tmp_path: Path
) -> None:
    place = tmp_path / "state"
    latch = HaltLatch(place / "halted", "demo")

    class Play(Stage):
        async def script(self) -> None:
            place.write_text("no directory")
            self.engine.halt("anna", "enough")
            assert self.engine._latch is not None
            assert self.engine._latch.settle(30)
            await self.time.sleep(6)
            place.unlink()
            await self.time.sleep(6)
            assert self.engine._latch.settle(30)

    Play(time, latch=latch).run()

    kept = latch.read()
    assert kept is not None
    assert (kept.actor, kept.reason) == ("anna", "enough")


# --- a halt by another program -----------------------------------------------------------------


@pytest.mark.requirement("K6")
def test_halt_file_of_another_program_halts_at_once_and_in_name_by_the_next_tick(
    time: VirtualTime, latch: HaltLatch
) -> None:
    class Play(Stage):
        async def script(self) -> None:
            assert not is_halted(self.engine)
            latch.renew(HaltInfo("carl", "botcore halt", 7))
            assert is_halted(self.engine)  # nothing passes between the file and the tick
            assert self.engine.status().state is TradingState.ACTIVE
            await time.sleep(0.3)
            assert self.engine.status().state is TradingState.HALTED
            assert self.engine.status().halt == HaltInfo("carl", "botcore halt", 7)

    Play(time, latch=latch).run()
    assert latch.read() == HaltInfo("carl", "botcore halt", 7)


@pytest.mark.requirement("K7")
def test_resumed_trading_is_not_halted_again_by_the_file_that_goes(
    time: VirtualTime, latch: HaltLatch
) -> None:
    class Play(Stage):
        async def script(self) -> None:
            latch.renew(HaltInfo("carl", "botcore halt", 7))
            await time.sleep(0.3)
            self.engine.resume("anna", "looked at it")
            await time.sleep(1)
            assert self.engine.status().state is TradingState.REDUCING
            assert not self.engine.is_halted

    Play(time, latch=latch).run()
    assert latch.read() is None


@pytest.mark.requirement("K7")
def test_trading_is_halted_again_where_the_halt_file_cannot_be_removed(
    time: VirtualTime, latch: HaltLatch
) -> None:
    """Every other program, and the next start, takes it for halted; and it is told."""
    latch.path.mkdir()

    class Play(Stage):
        async def script(self) -> None:
            assert self.engine._latch is not None
            self.engine.look(View())
            self.engine.resume("anna", "looked at it")
            await settle()
            assert self.engine._latch.settle(30)
            assert is_halted(self.engine)
            await time.sleep(0.5)
            assert self.engine.status().state is TradingState.HALTED
            snapshot = self.engine.look(View())
            assert snapshot is not None
            assert any("cannot be removed" in fault for fault in snapshot.health.faults)

    Play(time, latch=latch).run()


@pytest.mark.requirement("K1")
def test_damaged_halt_file_that_appears_halts(time: VirtualTime, latch: HaltLatch) -> None:
    class Play(Stage):
        async def script(self) -> None:
            latch.path.write_text("{")
            await time.sleep(0.3)
            assert self.engine.status().state is TradingState.HALTED

    Play(time, latch=latch).run()


def test_halt_that_is_called_is_unheard_until_the_loop_takes_it_up(time: VirtualTime) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.note()
            self.engine.halt("anna", "enough")
            self.note()
            await settle()
            self.note()

        def note(self) -> None:
            halt = self.engine.unheard_halt
            heard.append("" if halt is None else halt.actor)

    heard: list[str] = []
    Play(time).run()
    assert heard == ["", "anna", ""]


def test_halt_is_taken_up_in_the_next_turn_of_the_loop(time: VirtualTime) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.engine.halt("anna", "enough")
            await asyncio.sleep(0)  # the next turn
            states.append(self.engine.status().state)

    states: list[TradingState] = []
    Play(time).run()
    assert states == [TradingState.HALTED]
