"""Opening times of bars, against the calendar of the standard library."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.binance.wire import INTERVALS
from botcore_tui.exchange.sim.intervals import following, is_interval, opening

_TIMES = st.integers(0, 4_102_444_799_999)


def date(time_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=time_ms)


@given(time_ms=_TIMES, interval=st.sampled_from([*INTERVALS, "1M"]))
def test_every_time_belongs_to_exactly_one_bar(time_ms: int, interval: str) -> None:
    start = opening(interval, time_ms)
    end = following(interval, start)
    assert start <= time_ms < end
    assert opening(interval, start) == start
    assert opening(interval, end) == end
    assert opening(interval, end - 1) == start


@given(time_ms=_TIMES)
def test_weeks_begin_on_monday_and_months_on_their_first(time_ms: int) -> None:
    week = date(opening("1w", time_ms))
    assert (week.weekday(), week.hour, week.minute) == (0, 0, 0)
    month = date(opening("1M", time_ms))
    now = date(time_ms)
    assert month == datetime(now.year, now.month, 1, tzinfo=UTC)


@pytest.mark.parametrize(("interval", "known"), [("1m", True), ("1M", True), ("1s", False)])
def test_intervals_of_the_venue_are_known(interval: str, known: bool) -> None:
    assert is_interval(interval) is known
