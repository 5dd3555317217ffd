"""Lists as text and as JSON: state in word and sign, source, age, next step."""

import json

import pytest
from check_views import a_check, a_list, a_signature, a_trade

from botcore_tui.cli.checks_text import checks_json, checks_text, journal_json, journal_text
from botcore_tui.model.check import CheckState, Period


@pytest.mark.requirement("R58")
def test_every_state_is_told_by_word_and_sign_with_all_that_belongs_to_it() -> None:
    listed = a_list(
        a_check(),
        a_check(CheckState.FAILED, details=("one", "two"), age_ms=None),
        a_check(CheckState.NOT_KNOWN),
        a_check(CheckState.LOOK),
    )
    lines = checks_text(listed).splitlines()
    assert lines[0] == (
        "daily checks, testnet:3f9c0a12, 2023-11-14 22:13:20 UTC:"
        " 1 OK, 1 LOOK, 1 FAILED, 1 NOT KNOWN"
    )
    assert lines[1] == "✓ OK        R59 P&L of the day: +0.40 % (+20.00 USDT)"
    assert lines[2] == "            limit -2.5 % to +5 %; from ledger, 61 s old"
    assert lines[3].startswith("✗ FAILED    R59")
    assert lines[4:8] == [
        "            limit -2.5 % to +5 %; from ledger",
        "            - one",
        "            - two",
        "            > botcore checks trades",
    ]
    assert lines[8].startswith("? NOT KNOWN R59")
    assert lines[11].startswith("! LOOK      R59")
    assert lines[-1] == "never signed: botcore checks sign daily --reason TEXT"


@pytest.mark.requirement("R75")
def test_who_signed_is_told() -> None:
    listed = a_list(signed=a_signature(), account="", period=Period.WEEKLY)
    head, *_, last = checks_text(listed).splitlines()
    assert head.startswith("weekly checks, no account of testnet yet, ")
    assert last == "last signed 2023-11-14 21:13:20 UTC by ada: all read (5 OK)"


def test_json_has_the_same() -> None:
    told = checks_json(a_list(a_check(CheckState.LOOK), signed=a_signature()))
    again = json.loads(json.dumps(told))
    assert (again["period"], again["state"], again["account"]) == (
        "daily",
        "LOOK",
        "testnet:3f9c0a12",
    )
    assert again["checks"][0]["state"] == "LOOK"
    assert again["signed"]["actor"] == "ada"
    assert again["limits"] == {"risk.risk_pct": "2"}
    assert checks_json(a_list())["signed"] is None


@pytest.mark.requirement("R63")
def test_the_journal_says_what_was_noted_and_how_to_note_the_rest() -> None:
    head, first, second = journal_text([a_trade(12, note="late"), a_trade(7)], 7).splitlines()
    assert head == "2 trades in 7 days, 1 not reviewed"
    assert "late (ada)" in first
    assert "NOT REVIEWED: botcore checks review 7 --reason NOTE" in second
    assert journal_text([], 3) == "no trade ended flat in 3 days"
    (told,) = journal_json([a_trade()])
    assert (told["number"], told["net"], told["note"]) == (12, "2.5", "")
