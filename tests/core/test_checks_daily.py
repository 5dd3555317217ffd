"""The checks of a day: what is not known is never OK."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from builders import NOW_MS
from check_views import sums
from hypothesis import given
from hypothesis import strategies as st
from risk_views import a_gauge

from botcore_tui.core.checks import DAY_MS, Delivery, OrderCount, Sums
from botcore_tui.core.checks_daily import (
    Day,
    Duty,
    Observed,
    breaker_checks,
    error_checks,
    is_overdue,
    pnl_check,
    refusals_check,
    review_check,
    uptime_check,
)
from botcore_tui.model.check import CheckState

OK, LOOK, FAILED, NOT_KNOWN = CheckState
SEEN = Observed("engine", 250)
HOUR_MS = 3_600_000


# --- breakers -----------------------------------------------------------------------------------


@pytest.mark.requirement("R58")
@pytest.mark.parametrize(
    ("used", "state"),
    [
        ("0", OK),
        ("2.5", OK),
        ("2.51", LOOK),
        ("4", LOOK),
        ("4.01", FAILED),
        ("5", FAILED),
        ("9", FAILED),
    ],
)
def test_a_breaker_with_less_than_a_fifth_left_fails(used: str, state: CheckState) -> None:
    gauge = a_gauge(used_pct=Decimal(used))
    (check,) = breaker_checks([gauge], (), SEEN)
    assert check.state is state
    assert bool(check.remedy) is (state is not OK)
    assert (check.source, check.age_ms) == ("engine", 250)
    assert f"{Decimal(used):.2f} % lost (62.00 USDT)" in check.value
    assert check.limit == "5 % (250.00 USDT), at least 20 % of it left"


@pytest.mark.requirement("R58")
def test_a_latched_breaker_fails_whatever_is_left() -> None:
    check, other = breaker_checks([a_gauge(is_latched=True)], ("A01", "A13"), SEEN)
    assert (check.state, other.state) == (FAILED, FAILED)
    assert check.value.startswith("TRIPPED, latched; 1.24 % lost")
    assert "reset-breaker A13" in other.remedy
    blind = a_gauge(is_latched=True, used_pct=None, used_amount=None)
    (check,) = breaker_checks([blind], ("A01",), SEEN)
    assert check.value == "TRIPPED, latched; equity is not known"


@pytest.mark.requirement("R58")
def test_a_breaker_that_cannot_be_told_is_not_known() -> None:
    unknown = a_gauge(used_pct=None, used_amount=None, limit_amount=None)
    (check,) = breaker_checks([unknown], (), SEEN)
    assert (check.state, check.value) == (NOT_KNOWN, "equity is not known")
    assert check.limit == "5 %, at least 20 % of it left"
    (nothing,) = breaker_checks([], (), SEEN)
    assert nothing.state is NOT_KNOWN


# --- profit and loss ----------------------------------------------------------------------------


def a_day(start: str | None = "1000", equity: str | None = "1004") -> Day:
    return Day(
        start=None if start is None else Decimal(start),
        equity=None if equity is None else Decimal(equity),
        loss_pct=Decimal("2.5"),
        gain_pct=Decimal(5),
    )


@pytest.mark.requirement("R59")
@pytest.mark.parametrize(
    ("equity", "state"),
    [("1000", OK), ("975", OK), ("974.9", FAILED), ("1050", OK), ("1050.1", LOOK)],
)
def test_a_day_outside_the_band_is_told(equity: str, state: CheckState) -> None:
    check = pnl_check(a_day(equity=equity), SEEN)
    assert check.state is state
    assert check.limit == "-2.5 % to +5 % (-25.00 to +50.00 USDT)"
    assert bool(check.remedy) is (state is not OK)


@pytest.mark.requirement("R59")
@pytest.mark.parametrize(
    "day", [a_day(start=None), a_day(equity=None), a_day(start="0"), a_day(start="-1")]
)
def test_a_day_without_equity_is_not_known(day: Day) -> None:
    check = pnl_check(day, SEEN)
    assert (check.state, check.limit) == (NOT_KNOWN, "-2.5 % to +5 %")


# --- requests and orders ------------------------------------------------------------------------


@pytest.mark.requirement("R60")
def test_refusals_for_a_broken_limit_fail() -> None:
    fine = refusals_check([sums()], NOW_MS)
    assert (fine.state, fine.value, fine.age_ms) == (OK, "0", 60_000)
    for broken in (sums("klines", limited=2), sums("klines", banned=1)):
        check = refusals_check([sums(), broken], NOW_MS)
        assert check.state is FAILED
        assert check.value.endswith(": klines")
    unknown = refusals_check([], NOW_MS)
    assert (unknown.state, unknown.age_ms) == (NOT_KNOWN, None)


@pytest.mark.requirement("R62")
@pytest.mark.parametrize(("failed", "state"), [(0, OK), (9, OK), (10, FAILED), (11, FAILED)])
def test_an_error_rate_of_a_percent_fails(failed: int, state: CheckState) -> None:
    total = sums(attempts=1_000, failed=failed)
    of_calls, of_orders = error_checks([total], OrderCount(1_000, failed), NOW_MS)
    assert (of_calls.state, of_orders.state) == (state, state)
    assert of_calls.value == f"{failed} of 1,000, {failed / 10:.2f} %"


@pytest.mark.requirement("R62")
def test_without_a_record_errors_are_not_known_and_a_day_without_orders_has_none() -> None:
    of_calls, of_orders = error_checks([], None, NOW_MS)
    assert (of_calls.state, of_orders.state) == (NOT_KNOWN, NOT_KNOWN)
    _, of_orders = error_checks([sums()], OrderCount(0, 0), NOW_MS)
    assert (of_orders.state, of_orders.value) == (OK, "0 of 0")


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(0, 500)), min_size=1))
def test_no_error_is_lost_among_endpoints(counts: list[tuple[int, int]]) -> None:
    calls: Sequence[Sums] = [
        sums(str(index), attempts=sent, failed=min(sent, failed))
        for index, (sent, failed) in enumerate(counts)
    ]
    check, _ = error_checks(calls, None, NOW_MS)
    failed, sent = sum(each.failed for each in calls), sum(each.attempts for each in calls)
    assert (check.state is OK) == (100 * failed < sent)


# --- streams ------------------------------------------------------------------------------------


@pytest.mark.requirement("R61")
def test_the_worst_stream_decides() -> None:
    good = Delivery("public", 100_000, 99_500, NOW_MS - 1_000)
    check = uptime_check([good, Delivery("idle", 0, 0, NOW_MS)], NOW_MS)
    assert (check.state, check.age_ms) == (OK, 1_000)
    assert check.value == "99.50 % of 0.03 h, the worst of 1: public"
    poor = Delivery("user data", 100_000, 99_000, NOW_MS)
    check = uptime_check([good, poor], NOW_MS)
    assert (check.state, check.details) == (FAILED, ("user data: 99.00 %",))


@pytest.mark.requirement("R61")
@pytest.mark.parametrize("streams", [[], [Delivery("public", 0, 0, NOW_MS)]])
def test_streams_without_a_record_are_not_known(streams: Sequence[Delivery]) -> None:
    assert uptime_check(streams, NOW_MS).state is NOT_KNOWN


# --- the review ---------------------------------------------------------------------------------


def a_duty(signed_ms: int | None, begun_ms: int | None = NOW_MS - 9 * DAY_MS) -> Duty:
    return Duty(due_ms=NOW_MS - HOUR_MS, signed_ms=signed_ms, begun_ms=begun_ms)


@pytest.mark.requirement("R75")
@pytest.mark.parametrize(
    ("duty", "state", "value"),
    [
        (a_duty(NOW_MS - 60_000), OK, "signed"),
        (a_duty(NOW_MS - HOUR_MS), OK, "signed"),
        (a_duty(NOW_MS - 2 * HOUR_MS), LOOK, "not signed since it was due at 21:13 UTC"),
        (a_duty(None), LOOK, "never signed, due since 21:13 UTC"),
        (a_duty(None, begun_ms=NOW_MS - 60_000), OK, "first due at 21:13 UTC"),
        (a_duty(None, begun_ms=None), NOT_KNOWN, "there was no session yet"),
    ],
)
def test_a_review_that_is_due_is_asked_for(duty: Duty, state: CheckState, value: str) -> None:
    check = review_check(duty, NOW_MS)
    assert (check.state, check.value) == (state, value)
    assert is_overdue(duty) is (state is LOOK)
    assert ("sign daily" in check.remedy) is (state is LOOK)
