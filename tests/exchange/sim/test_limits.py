import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.sim.limits import (
    MINUTE_MS,
    TEN_SECONDS_MS,
    Limits,
    Quotas,
    Window,
    banned,
    too_heavy,
)
from botcore_tui.exchange.sim.refusals import RefusalError

NOON_MS = 1_723_161_600_000
HERE, THERE = "127.0.0.1", "10.0.0.1"
HOUR_MS = 3_600_000


def refusal(limits: Limits, weight: int, now_ms: int, remote: str = HERE) -> RefusalError | None:
    try:
        limits.spend(remote, weight, now_ms)
    except RefusalError as error:
        return error
    return None


def flood(limits: Limits, now_ms: int) -> RefusalError:
    """Ask until the address is banned."""
    for _ in range(100):
        error = refusal(limits, 3_000, now_ms)
        if error is not None and error.status == 418:
            return error
    raise AssertionError("never banned")


def test_a_window_starts_anew_with_the_wall_clocks_minute() -> None:
    window = Window(MINUTE_MS)
    assert window.add(5, NOON_MS + 59_999) == 5
    assert window.add(5, NOON_MS + 60_000) == 5
    assert window.add(0, NOON_MS + 119_999) == 5


@pytest.mark.parametrize(("after_ms", "seconds"), [(0, 60), (1, 60), (1_000, 59), (59_999, 1)])
def test_seconds_left_are_rounded_up(after_ms: int, seconds: int) -> None:
    assert Window(MINUTE_MS).seconds_left(NOON_MS + after_ms) == seconds


def test_weight_is_refused_beyond_the_quota_until_the_minute_is_over() -> None:
    limits = Limits(Quotas())
    assert refusal(limits, 2_400, NOON_MS) is None
    error = refusal(limits, 1, NOON_MS + 45_500)
    assert error is not None
    assert (error.code, error.status, error.retry_after_seconds) == (-1003, 429, 15)
    assert "IP(127.0.0.1) is 2400 requests per minute" in error.message
    assert limits.used_weight(HERE, NOON_MS + 45_500) == 2_401
    assert refusal(limits, 1, NOON_MS + MINUTE_MS) is None


def test_each_address_has_its_own_weight() -> None:
    limits = Limits(Quotas())
    refusal(limits, 2_400, NOON_MS)
    assert refusal(limits, 2_400, NOON_MS, THERE) is None


def test_what_costs_nothing_passes_after_the_weight_is_used_up() -> None:
    limits = Limits(Quotas())
    refusal(limits, 2_401, NOON_MS)
    assert refusal(limits, 0, NOON_MS) is None


def test_who_goes_on_is_banned_twice_as_long_each_time_up_to_three_days() -> None:
    limits = Limits(Quotas())
    now_ms, durations = NOON_MS, []
    for _ in range(14):
        error = flood(limits, now_ms)
        durations.append(error.retry_after_seconds)
        now_ms += error.retry_after_seconds * 1_000
    assert durations[:3] == [120, 240, 480]
    assert durations[-2:] == [259_200, 259_200]


def test_a_ban_holds_for_everything_until_it_is_over() -> None:
    limits = Limits(Quotas())
    until_ms = NOON_MS + 120_000
    assert f"banned until {until_ms}" in flood(limits, NOON_MS).message
    with pytest.raises(RefusalError) as error:
        limits.check_ban(HERE, until_ms - 1)
    assert (error.value.status, error.value.retry_after_seconds) == (418, 1)
    limits.check_ban(HERE, until_ms)
    limits.check_ban(THERE, NOON_MS)
    assert refusal(limits, 1, until_ms) is None


def test_few_refusals_a_minute_are_forgiven() -> None:
    limits = Limits(Quotas())
    for minute in range(10):
        for _ in range(20):
            error = refusal(limits, 3_000, NOON_MS + minute * MINUTE_MS)
            assert error is not None
            assert error.status == 429


def test_orders_are_counted_in_ten_seconds_and_in_a_minute() -> None:
    limits = Limits(Quotas(orders_10s=3, orders_1m=5))
    for _ in range(3):
        limits.spend_orders(1, 1, NOON_MS)
    with pytest.raises(RefusalError, match="limit is 3 orders per 10 SECOND") as error:
        limits.spend_orders(1, 1, NOON_MS + 2_000)
    assert (error.value.status, error.value.retry_after_seconds) == (429, 8)
    limits.spend_orders(1, 1, NOON_MS + TEN_SECONDS_MS)
    with pytest.raises(RefusalError, match="limit is 5 orders per MINUTE") as error:
        limits.spend_orders(1, 1, NOON_MS + TEN_SECONDS_MS)
    assert error.value.retry_after_seconds == 50
    assert limits.used_orders(NOON_MS + TEN_SECONDS_MS) == (2, 6)
    limits.spend_orders(1, 1, NOON_MS + MINUTE_MS)


def test_a_batch_counts_more_in_ten_seconds_than_in_a_minute() -> None:
    limits = Limits(Quotas())
    limits.spend_orders(5, 1, NOON_MS)
    assert limits.used_orders(NOON_MS) == (5, 1)


def test_funding_rates_have_a_limit_of_their_own() -> None:
    limits = Limits(Quotas())
    for _ in range(500):
        limits.spend_funding(HERE, NOON_MS)
    with pytest.raises(RefusalError, match="500 requests per 5 minutes") as error:
        limits.spend_funding(HERE, NOON_MS + 60_000)
    assert error.value.retry_after_seconds == 240
    limits.spend_funding(THERE, NOON_MS)
    limits.spend_funding(HERE, NOON_MS + 300_000)


def test_weight_of_others_counts() -> None:
    limits = Limits(Quotas())
    limits.add_weight(HERE, 2_400, NOON_MS)
    assert refusal(limits, 1, NOON_MS) is not None


def test_refusals_can_be_made_without_a_cause() -> None:
    assert too_heavy(HERE, 2_400, 13).retry_after_seconds == 13
    assert banned(HERE, NOON_MS + 1_500, NOON_MS).retry_after_seconds == 2


@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 70_000)), max_size=60))
def test_no_minute_lets_more_weight_pass_than_its_quota(steps: list[tuple[int, int]]) -> None:
    limits = Limits(Quotas())
    now_ms, passed = NOON_MS, dict[int, int]()
    for weight, later_ms in steps:
        now_ms += later_ms
        if refusal(limits, weight, now_ms) is None:
            minute = now_ms // MINUTE_MS
            passed[minute] = passed.get(minute, 0) + weight
    assert all(weight <= 2_400 for weight in passed.values())
