"""The highest of the last while: never too low, whatever is asked when."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.core.rolling import Buckets, Window

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
values = st.lists(
    st.tuples(st.integers(0, 20 * MINUTE_MS), st.integers(900, 1100)), min_size=1, max_size=60
)


def test_window_without_a_value_knows_nothing() -> None:
    assert Window(HOUR_MS).high(0) is None


def test_value_counts_until_its_minute_has_left_the_window() -> None:
    buckets, window = Buckets(), Window(HOUR_MS)
    for time_ms, value in ((0, 5), (30_000, 3), (MINUTE_MS, 2), (MINUTE_MS + 1, 4)):
        window.see(buckets.see(Decimal(value), time_ms))
    assert window.high(HOUR_MS) == 5
    assert window.high(HOUR_MS + 30_000) == 5
    assert window.high(HOUR_MS + 30_001) == 4
    assert window.high(HOUR_MS + MINUTE_MS + 2) is None


def test_buckets_of_more_than_a_day_ago_are_forgotten() -> None:
    buckets = Buckets()
    buckets.see(Decimal(1), 0)
    buckets.see(Decimal(2), 24 * HOUR_MS)
    assert [one.high for one in buckets] == [1, 2]
    buckets.see(Decimal(3), 25 * HOUR_MS)
    assert [one.high for one in buckets] == [2, 3]


def test_what_was_before_a_new_beginning_does_not_count() -> None:
    buckets, window = Buckets(), Window(HOUR_MS)
    window.see(buckets.see(Decimal(5), 0))
    buckets.cut()
    window.from_ms = 10
    window.rebuild(buckets)
    assert window.high(10) is None
    window.see(buckets.see(Decimal(3), 10))
    assert window.high(10) == 3


@pytest.mark.requirement("A03")
@given(steps=values)
def test_highest_is_never_below_the_true_one_and_at_most_a_minute_older(
    steps: list[tuple[int, int]],
) -> None:
    buckets, window = Buckets(), Window(HOUR_MS)
    seen: list[tuple[int, int]] = []
    now = 0
    for wait_ms, value in steps:
        now += wait_ms
        seen.append((now, value))
        window.see(buckets.see(Decimal(value), now))
        true = max(one for at_ms, one in seen if at_ms >= now - HOUR_MS)
        older = max(one for at_ms, one in seen if at_ms >= now - HOUR_MS - MINUTE_MS)
        high = window.high(now)
        assert high is not None
        assert true <= high <= older
