"""The checks of a week and of a month."""

from decimal import Decimal

import pytest
from builders import NOW_MS
from check_views import a_trade, sums
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from botcore_tui.core.checks import DAY_MS
from botcore_tui.core.checks_later import (
    Earned,
    changes_of,
    drill_check,
    journal_check,
    key_checks,
    limits_check,
    performance_check,
    retry_check,
)
from botcore_tui.model.account import KeyRights
from botcore_tui.model.check import CheckState

OK, LOOK, FAILED, NOT_KNOWN = CheckState


@pytest.mark.requirement("R63")
def test_trades_that_nobody_reviewed_are_counted_and_named() -> None:
    check = journal_check([a_trade(1, note="fine"), a_trade(2, net="-3")], NOW_MS)
    assert (check.state, check.value) == (LOOK, "1 of 2 of 7 days")
    assert check.details == ("2 BTCUSDT -3.00 USDT, 1.0 days ago",)
    assert journal_check([a_trade(note="fine")], NOW_MS).state is OK
    none = journal_check([], NOW_MS)
    assert (none.state, none.value) == (OK, "0 of 0 of 7 days")
    unknown = journal_check(None, NOW_MS)
    assert (unknown.state, unknown.value) == (NOT_KNOWN, "no session is on record")
    assert unknown.remedy
    many = journal_check([a_trade(number) for number in range(20)], NOW_MS)
    assert (len(many.details), many.details[-1]) == (13, "and 8 more")


@pytest.mark.requirement("R64")
@pytest.mark.requirement("R42")
@pytest.mark.parametrize(
    ("now", "then", "state"),
    [
        (0, 0, OK),
        (1, 0, OK),
        (2, 0, LOOK),
        (4, 2, OK),
        (5, 2, LOOK),
        (20, 15, OK),
        (21, 21, FAILED),
    ],
)
def test_repetitions_are_held_beside_the_week_before(
    now: int, then: int, state: CheckState
) -> None:
    check = retry_check([sums(repeated=now)], [sums(repeated=then)], NOW_MS)
    assert check.state is state
    assert check.value == f"{now:.2f} % of 7 days; {then:.2f} % the week before"
    if now:
        assert (
            f"depth: 100 sent, {now} repeated ({now:.2f} %, was {then:.2f} %)" in check.details[0]
        )


@pytest.mark.requirement("R64")
def test_one_endpoint_that_is_repeated_too_often_fails_among_many() -> None:
    calls = [sums("time", attempts=9_000), sums(repeated=30)]
    check = retry_check(calls, [], NOW_MS)
    assert check.state is FAILED
    assert check.details == (
        "depth: 100 sent, 30 repeated (30.00 %, was -), 0 saved, 0 given up, 0 failed",
    )


@pytest.mark.requirement("R64")
def test_retries_without_a_record_are_not_known() -> None:
    assert retry_check([], [sums()], NOW_MS).state is NOT_KNOWN
    check = retry_check([sums(attempts=0)], [], NOW_MS)
    assert (check.state, "no record the week before" in check.value) == (NOT_KNOWN, True)


@pytest.mark.requirement("R65")
@pytest.mark.parametrize(("days", "state"), [(None, LOOK), (0, OK), (7, OK), (8, LOOK), (40, LOOK)])
def test_an_old_drill_is_told(days: int | None, state: CheckState) -> None:
    check = drill_check(None if days is None else NOW_MS - days * DAY_MS, NOW_MS)
    assert check.state is state
    assert check.value == ("none passed yet" if days is None else f"passed {days}.0 days ago")


LIMITS = (("risk.risk_pct", "2"), ("risk.max_positions", "3"))


@pytest.mark.requirement("R66")
def test_limits_are_held_beside_those_that_were_signed() -> None:
    signed = {"risk.risk_pct": "1.5", "risk.max_positions": "3", "risk.gone": "7"}
    changes = changes_of(LIMITS, signed)
    assert changes == ("risk.risk_pct: 1.5 -> 2", "risk.gone: 7 -> none")
    check = limits_check(changes, NOW_MS - 1, NOW_MS)
    assert (check.state, check.details) == (LOOK, changes)
    assert "--accept-limits" in check.remedy
    assert limits_check((), NOW_MS - 1, NOW_MS).state is OK
    never = limits_check(changes_of(LIMITS, None), None, NOW_MS)
    assert (never.state, never.age_ms) == (LOOK, None)


_SETTINGS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"))


@given(_SETTINGS, _SETTINGS)
def test_limits_differ_exactly_where_a_line_says_so(
    now: dict[str, str], then: dict[str, str]
) -> None:
    named = {line.partition(":")[0] for line in changes_of(tuple(now.items()), then)}
    assert named == {key for key in now | then if now.get(key) != then.get(key)}


EARNED = Earned(
    month="2026-10",
    return_pct=Decimal("4.25"),
    drawdown_pct=Decimal("1.5"),
    sharpe=Decimal("1.23"),
    costs=Decimal("12.5"),
    trades=31,
)


@pytest.mark.requirement("R67")
def test_the_month_is_told_in_a_line() -> None:
    check = performance_check(EARNED)
    assert (check.state, check.remedy) == (OK, "read it: botcore report --month 2026-10")
    assert check.value == (
        "2026-10: return +4.25 %, drawdown 1.50 %, Sharpe 1.23, costs 12.50 USDT, 31 trades"
    )
    assert "Sharpe unknown" in performance_check(replace(EARNED, sharpe=None)).value
    for empty in (replace(EARNED, return_pct=None), replace(EARNED, drawdown_pct=None)):
        assert performance_check(empty).state is NOT_KNOWN


RIGHTS = KeyRights(
    may_trade=True,
    may_withdraw=False,
    may_transfer=False,
    is_ip_bound=True,
    created_ms=NOW_MS - 30 * DAY_MS,
)


@pytest.mark.requirement("R69")
@pytest.mark.parametrize(
    ("rights", "state", "value"),
    [
        (RIGHTS, OK, "may trade, no more, from listed addresses only"),
        (replace(RIGHTS, may_withdraw=True), FAILED, "may WITHDRAW money"),
        (replace(RIGHTS, may_trade=False), FAILED, "may not trade"),
        (replace(RIGHTS, is_ip_bound=False), LOOK, "works from any address"),
        (replace(RIGHTS, may_transfer=True), LOOK, "may move money between wallets"),
        (
            replace(RIGHTS, may_withdraw=True, is_ip_bound=False),
            FAILED,
            "may WITHDRAW money, works from any address",
        ),
        (None, NOT_KNOWN, "the testnet does not tell"),
    ],
)
def test_rights_of_the_key(rights: KeyRights | None, state: CheckState, value: str) -> None:
    check, _ = key_checks(rights, "the testnet does not tell", 90, NOW_MS)
    assert (check.state, check.value) == (state, value)
    assert bool(check.remedy) is (state is not OK)


@pytest.mark.requirement("R69")
@pytest.mark.parametrize(
    ("rights", "state", "value"),
    [
        (RIGHTS, OK, "30 days"),
        (replace(RIGHTS, created_ms=NOW_MS - 90 * DAY_MS), OK, "90 days"),
        (replace(RIGHTS, created_ms=NOW_MS - 91 * DAY_MS), LOOK, "91 days"),
        (replace(RIGHTS, created_ms=0), NOT_KNOWN, "the venue does not tell when it was made"),
        (None, NOT_KNOWN, "nobody asked"),
    ],
)
def test_age_of_the_key(rights: KeyRights | None, state: CheckState, value: str) -> None:
    _, check = key_checks(rights, "nobody asked", 90, NOW_MS)
    assert (check.state, check.value) == (state, value)
