"""What the resume dialog says."""

import pytest
from builders import a_halt, a_snapshot

from botcore_tui.model.event import TradingState
from botcore_tui.ui.screens.resume import RESUME_WORD, resume_dialog


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(
    ("state", "step"),
    [
        (TradingState.HALTED, "DEMO: HALTED → REDUCING"),
        (TradingState.REDUCING, "DEMO: REDUCING → ACTIVE"),
    ],
)
def test_question_names_the_step_and_asks_for_the_word(state: TradingState, step: str) -> None:
    dialog = resume_dialog(a_snapshot(state=state))
    assert dialog is not None
    assert dialog.lines[0] == step
    assert dialog.word == RESUME_WORD == "resume"


def test_there_is_no_question_when_active() -> None:
    assert resume_dialog(a_snapshot(state=TradingState.ACTIVE)) is None


def test_terminal_codes_in_the_reason_are_written_out() -> None:
    halt = a_halt("venue\x1b[2J", reason="a\nb")
    dialog = resume_dialog(a_snapshot(state=TradingState.HALTED, halt=halt))
    assert dialog is not None
    assert all(line.isprintable() for line in dialog.lines)
    assert any("22:13:20Z" in line for line in dialog.lines)


def test_trading_that_is_off_is_mentioned() -> None:
    states = {"state": TradingState.HALTED}
    off = resume_dialog(a_snapshot(**states, trading_enabled=False))
    on = resume_dialog(a_snapshot(**states, trading_enabled=True))
    assert off is not None
    assert on is not None
    assert len(off.lines) == len(on.lines) + 1
