"""A halt that outlasts the program."""

from pathlib import Path

import pytest
from engine_fakes import SETTINGS, SYMBOL, ScriptedFeed
from engine_stage import for_ever, is_halted
from trading_stage import PLACE, Stage
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.model.event import (
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
