"""What all checks share: the gravest state, what a signature keeps, numbers as text."""

import json
from decimal import Decimal

from check_views import a_check, a_list
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.core.checks import (
    about_text,
    age_of,
    age_text,
    plain,
    seen_of,
    share,
    signed_summary,
    source_text,
    summary_of,
    worst,
)
from botcore_tui.model.check import CheckState, Period

OK, LOOK, FAILED, NOT_KNOWN = CheckState


def test_the_gravest_state_counts() -> None:
    assert worst([]) is OK
    assert worst([OK, LOOK]) is LOOK
    assert worst([NOT_KNOWN, LOOK]) is NOT_KNOWN
    assert worst([FAILED, NOT_KNOWN, OK]) is FAILED


@given(st.lists(st.sampled_from(list(CheckState)), min_size=1))
def test_a_list_is_ok_only_if_all_of_it_is(states: list[CheckState]) -> None:
    assert (worst(states) is OK) == all(state is OK for state in states)
    counted = summary_of(a_check(state) for state in states)
    assert sum(int(part.split()[0]) for part in counted.split(", ")) == len(states)


def test_a_signature_keeps_states_values_and_limits() -> None:
    seen = json.loads(seen_of(a_list(a_check(LOOK))))
    (check,) = seen["checks"]
    assert (check["code"], check["state"]) == ("R59", "LOOK")
    assert check["value"].startswith("+0.40 %")
    assert seen["limits"] == {"risk.risk_pct": "2"}


def test_numbers_as_text() -> None:
    assert [plain(Decimal(text)) for text in ("1.50", "100", "2.0", "0.1")] == [
        "1.5",
        "100",
        "2",
        "0.1",
    ]
    assert [share(1, 4), share(1, 0)] == [Decimal(25), Decimal(0)]
    assert (age_of(5, 9), age_of(9, 5)) == (4, 0)


def test_ages_in_words() -> None:
    ages = (None, 0, 1_999, 2_000, 119_999, 120_000, 7_200_000, 3 * 86_400_000)
    assert [age_text(age) for age in ages] == [
        "",
        "now",
        "now",
        "2 s old",
        "119 s old",
        "2 min old",
        "2 h old",
        "3 days old",
    ]


def test_a_weekly_signature_names_the_limits_that_it_confirms() -> None:
    changes = ("risk.risk_pct: 1 -> 2",)
    weekly = a_list(period=Period.WEEKLY, changes=changes)
    assert signed_summary(weekly) == "1 OK; limits changed: risk.risk_pct: 1 -> 2"
    assert signed_summary(a_list(changes=changes)) == "1 OK"


def test_a_check_in_two_lines() -> None:
    check = a_check()
    assert about_text(check) == "R59 P&L of the day: +0.40 % (+20.00 USDT)"
    assert source_text(check) == "limit -2.5 % to +5 %; from ledger, 61 s old"
    assert source_text(check, 60_000) == "limit -2.5 % to +5 %; from ledger, 2 min old"
    ageless = source_text(a_check(age_ms=None), 60_000)
    assert ageless == "limit -2.5 % to +5 %; from ledger"
