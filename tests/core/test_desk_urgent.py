"""What the desk does not leave to the next tick."""

import pytest
from desk_stage import Script, Stage, a_minute, audits, buy
from msgspec.structs import replace

from botcore_tui.model.event import TradingState
from botcore_tui.model.order import Purpose

MINUTE_MS = 60_000


def flying() -> tuple[Stage, Script]:
    """A strategy that has seen a minute and wants nothing."""
    script = Script()
    stage = Stage(strategy=script).begin()
    stage.tell(a_minute(0))
    stage.wait(250)
    return stage, script


def test_bar_that_has_just_closed_is_decided_on_at_once() -> None:
    stage, script = flying()
    bar = a_minute(1)
    while stage.time_ms < bar.open_time_ms + MINUTE_MS:
        stage.wait(250)
    script.target = "1"
    stage.tell(replace(bar, is_closed=False))
    assert stage.sent(Purpose.ENTRY) == []
    stage.tell(bar)
    assert len(stage.sent(Purpose.ENTRY)) == 1


def test_history_that_comes_late_waits_for_the_tick() -> None:
    stage, script = flying()
    stage.wait(3 * MINUTE_MS)
    script.target = "1"
    stage.tell(a_minute(1))
    assert stage.sent(Purpose.ENTRY) == []
    stage.wait(250)
    assert len(stage.sent(Purpose.ENTRY)) == 1


@pytest.mark.parametrize("code", [-1022, -2008, -2014, -2015, -2017])
def test_refused_key_halts(code: int) -> None:
    stage = Stage().begin()
    stage.venue.answers.append(f"refuse {code}")
    effects = stage.tell(buy())
    assert stage.trader.state is TradingState.HALTED
    assert "state.halted" in audits(effects)
