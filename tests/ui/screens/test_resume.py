"""What the resume dialog says, and when it offers nothing."""

import pytest
from account_builders import an_account
from builders import a_halt, a_snapshot
from risk_views import GAUGES, HALTED_BY_BREAKER, a_phase, a_risk, an_obstacle, limited

from botcore_tui.model.event import TradingState
from botcore_tui.ui.screens.resume import RESUME_WORD, resume_blocks, resume_dialog


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(
    ("state", "step", "meaning"),
    [
        (
            TradingState.HALTED,
            "DEMO: HALTED → REDUCING",
            "only orders that lower a position pass, as before; the next step lets all pass",
        ),
        (TradingState.REDUCING, "DEMO: REDUCING → ACTIVE", "all orders will be allowed"),
    ],
)
def test_question_names_the_step_and_asks_for_the_word(
    state: TradingState, step: str, meaning: str
) -> None:
    dialog = resume_dialog(a_snapshot(state=state))
    assert dialog is not None
    assert dialog.lines[:2] == (step, f"From then on {meaning}.")
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


@pytest.mark.requirement("K7")
def test_latched_breaker_is_named_instead_of_a_step_that_would_be_refused() -> None:
    dialog = resume_dialog(HALTED_BY_BREAKER)
    assert dialog is not None
    assert dialog.word == ""
    assert dialog.lines[1:4] == (
        "Not now:",
        "✗ A01 daily loss is latched: b, then r resets it",
        "✗ A16 dead-man is latched: b, then r resets it",
    )


@pytest.mark.requirement("K7")
def test_preflight_that_has_not_passed_blocks_the_step_to_active_only() -> None:
    risk = a_risk(gauges=tuple(GAUGES), phase=a_phase(trouble="outside the band\x1b"))
    account = an_account(trouble="not reconciled\x1b", risk=risk)
    snapshot = a_snapshot(state=TradingState.REDUCING, account=account)
    assert resume_blocks(snapshot) == [
        r"not reconciled\x1b: w says how to clear it",
        "A03-1h loss in 1 h is at REDUCE: only time or b clears it",
        r"phase: outside the band\x1b",
    ]
    dialog = resume_dialog(snapshot)
    assert dialog is not None
    assert dialog.word == ""
    assert resume_blocks(a_snapshot(state=TradingState.HALTED, account=account)) == []


def test_limits_that_are_not_used_much_block_nothing() -> None:
    risk = a_risk(gauges=tuple(GAUGES[:2]), phase=a_phase())
    assert resume_blocks(limited(risk, state=TradingState.REDUCING)) == []


def test_control_that_keeps_denying_entries_is_mentioned_on_the_way_to_active() -> None:
    risk = a_risk(obstacles=(an_obstacle(),))
    dialog = resume_dialog(limited(risk, state=TradingState.REDUCING))
    assert dialog is not None
    assert dialog.word == RESUME_WORD
    assert any("Entries stay denied by P09" in line for line in dialog.lines)
    first_step = resume_dialog(limited(risk, state=TradingState.HALTED))
    assert first_step is not None
    assert not any("P09" in line for line in first_step.lines)
