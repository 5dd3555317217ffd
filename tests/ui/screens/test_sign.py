"""What a person sees before signing."""

import pytest
from check_views import a_check, a_list, a_trade

from botcore_tui.model.check import CheckState, Period
from botcore_tui.ui.screens.sign import LIMITS_WORD, NOTE_WORD, note_dialog, sign_dialog


@pytest.mark.requirement("R75")
def test_all_that_is_not_ok_is_shown_before_it_is_signed() -> None:
    bad = a_check(CheckState.FAILED, value="-4.00 %\x1b")
    dialog = sign_dialog(a_list(a_check(), bad))
    assert dialog.word == "daily"
    assert dialog.lines[0] == "TESTNET: daily checks: 1 OK, 1 FAILED"
    assert dialog.lines[1] == r"✗ FAILED R59 P&L of the day: -4.00 %\x1b"
    many = sign_dialog(a_list(*[a_check(CheckState.LOOK)] * 9))
    assert "and 3 more" in many.lines


@pytest.mark.requirement("R66")
def test_changed_limits_are_confirmed_by_a_word_of_their_own() -> None:
    changes = ("risk.risk_pct: 1.5 -> 2",)
    weekly = sign_dialog(a_list(period=Period.WEEKLY, changes=changes))
    assert weekly.word == LIMITS_WORD
    assert "  risk.risk_pct: 1.5 -> 2" in weekly.lines
    assert sign_dialog(a_list(changes=changes)).word == "daily"


@pytest.mark.requirement("R63")
def test_a_trade_is_shown_before_it_is_reviewed() -> None:
    dialog = note_dialog(a_trade(12, net="-2.5"))
    assert dialog.word == NOTE_WORD
    assert dialog.lines == (
        "BTCUSDT, ended flat 11-13 22:13Z: -2.50 USDT",
        "fees 0.50, funding 0.00",
    )
    assert note_dialog(a_trade(note="late")).lines[-1] == "noted before by ada: late"
