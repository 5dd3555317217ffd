"""Bars of every interval, of what was traded and of what was before."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples

from botcore_tui.exchange.binance.wire import INTERVALS
from botcore_tui.exchange.sim.bars import Bar, Bars, Era
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.history import Activity, made_up
from botcore_tui.exchange.sim.intervals import following, opening
from botcore_tui.exchange.sim.prints import TradePrint

_MINUTE = 60_000
_START = 1_723_161_255_000
"""15 seconds after a minute."""
_OPEN = _START // _MINUTE * _MINUTE


def a_print(ticks: int, lots: int, time_ms: int, *, first: int = 1, last: int = 0) -> TradePrint:
    return TradePrint(
        last or first, 1, first, last or first, ticks, lots, is_sell=False, time_ms=time_ms
    )


def bars_with_past(seed: int = 1) -> Bars:
    past = made_up(
        SeededDice(seed),
        end_ms=_OPEN,
        ticks=616_597,
        next_trade_id=5_000_000_000,
        activity=Activity(70_000, 3_000),
    )
    return Bars(_START, 616_597, 5_000_000_000, past)


@cache
def shared_past() -> Bars:
    """For tests that only look at it."""
    return bars_with_past()


def bars_alone() -> Bars:
    return Bars(_START, 100, 1, iter(()))


def merged(parts: list[Bar]) -> Bar:
    return Bar(
        open_ms=parts[0].open_ms,
        end_ms=parts[-1].end_ms,
        open=parts[0].open,
        high=max(part.high for part in parts),
        low=min(part.low for part in parts),
        close=parts[-1].close,
        lots=sum(part.lots for part in parts),
        quote=sum(part.quote for part in parts),
        buy_lots=sum(part.buy_lots for part in parts),
        buy_quote=sum(part.buy_quote for part in parts),
        trades=sum(part.trades for part in parts),
        first_id=parts[0].first_id,
    )


def assert_sound(bar: Bar) -> None:
    assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
    assert 0 <= bar.buy_lots <= bar.lots
    assert bar.low * bar.lots <= bar.quote <= bar.high * bar.lots
    assert bar.low * bar.buy_lots <= bar.buy_quote <= bar.high * bar.buy_lots
    assert bar.buy_quote <= bar.quote


# --- what is traded ----------------------------------------------------------------------------


def test_bar_holds_what_was_traded_in_its_minute() -> None:
    bars = bars_alone()
    bars.add(a_print(105, 2, _START, first=1))
    bars.add(TradePrint(3, 2, 2, 3, 99, 4, is_sell=True, time_ms=_START + 1))
    bars.add(a_print(101, 1, _START + 2, first=4))
    assert bars.current("1m", _START + 5) == Bar(
        open_ms=_OPEN,
        end_ms=_OPEN + _MINUTE,
        open=105,
        high=105,
        low=99,
        close=101,
        lots=7,
        quote=105 * 2 + 99 * 4 + 101,
        buy_lots=3,
        buy_quote=105 * 2 + 101,
        trades=4,
        first_id=1,
    )


def test_minute_without_trades_stands_at_the_last_price() -> None:
    bars = bars_alone()
    bars.add(a_print(105, 2, _START, first=1, last=3))
    now = _OPEN + 3 * _MINUTE + 1
    first, second, third, last = bars.klines("1m", now_ms=now, start_ms=_OPEN)
    assert (first.trades, first.close, first.last_id) == (3, 105, 3)
    assert {(bar.open, bar.high, bar.low, bar.close) for bar in (second, third, last)} == {
        (105, 105, 105, 105)
    }
    assert (third.lots, third.trades, third.first_id, third.last_id) == (0, 0, 4, 3)
    bars.add(a_print(90, 1, now, first=7))
    now_open = bars.current("1m", now)
    assert (now_open.open, now_open.high, now_open.first_id) == (90, 90, 7)


def test_closed_bar_is_the_one_before_the_open_one() -> None:
    bars = bars_alone()
    assert bars.closed("1m", _START) is None
    bars.add(a_print(105, 2, _START))
    closed = bars.closed("1m", _OPEN + _MINUTE)
    assert closed is not None
    assert (closed.open_ms, closed.close) == (_OPEN, 105)


def test_returned_bar_does_not_change_any_more() -> None:
    bars = bars_alone()
    bars.add(a_print(105, 2, _START))
    before = bars.current("1m", _START)
    hour = bars.current("1h", _START)
    bars.add(a_print(110, 2, _START + 1))
    assert (before.close, hour.close) == (105, 105)


@settings(max_examples=examples(12), deadline=None)
@given(
    trades=st.lists(
        st.tuples(st.integers(1, 90_000), st.integers(90, 110), st.integers(1, 9)), max_size=80
    ),
    interval=st.sampled_from(["3m", "5m", "15m", "30m", "1h", "2h"]),
)
def test_longer_bars_consist_of_their_minutes(
    trades: list[tuple[int, int, int]], interval: str
) -> None:
    bars = bars_with_past()
    now, number = _START, 5_000_000_000
    for wait_ms, ticks, lots in trades:
        now += wait_ms
        bars.add(a_print(ticks, lots, now, first=number))
        number += 1
    for long in bars.klines(interval, now_ms=now, limit=2):
        minutes = bars.klines(
            "1m", now_ms=now, start_ms=long.open_ms, end_ms=long.end_ms - 1, limit=1_500
        )
        expected = merged(minutes)
        expected.end_ms = long.end_ms
        assert long == expected
        assert_sound(long)


# --- which bars --------------------------------------------------------------------------------


def opens(bars: Bars, interval: str = "1m", **wanted: int) -> list[int]:
    now = _OPEN + 10 * _MINUTE
    found = bars.klines(interval, now_ms=now, **wanted)
    return [(bar.open_ms - _OPEN) // _MINUTE for bar in found]


def test_without_times_the_latest_bars_come_the_open_one_last() -> None:
    assert opens(bars_with_past(), limit=3) == [8, 9, 10]


def test_times_bound_when_bars_opened() -> None:
    bars = bars_with_past()
    assert opens(bars, start_ms=_OPEN + 7 * _MINUTE) == [7, 8, 9, 10]
    assert opens(bars, start_ms=_OPEN + 7 * _MINUTE + 1) == [8, 9, 10]
    assert opens(bars, start_ms=_OPEN + 3 * _MINUTE, limit=2) == [3, 4]
    assert opens(bars, end_ms=_OPEN + 4 * _MINUTE, limit=2) == [3, 4]
    assert opens(bars, end_ms=_OPEN + 5 * _MINUTE - 1, limit=2) == [3, 4]
    assert opens(bars, start_ms=_OPEN, end_ms=_OPEN + _MINUTE) == [0, 1]
    assert opens(bars, start_ms=_OPEN + 11 * _MINUTE) == []
    assert opens(bars, start_ms=_OPEN + 2 * _MINUTE, end_ms=_OPEN) == []
    assert opens(bars, end_ms=_OPEN + 99 * _MINUTE, limit=2) == [9, 10]


def test_bars_begin_where_there_is_everything_for_them() -> None:
    assert opens(bars_alone(), limit=99) == list(range(11))
    assert bars_alone().klines("1h", now_ms=_OPEN + 2 * _MINUTE) == []
    long_ago = bars_with_past().klines("1m", now_ms=_START, start_ms=0, limit=1)
    assert _OPEN - long_ago[0].open_ms > 7 * 1_440 * _MINUTE


# --- the past ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("interval", [name for name in INTERVALS if name not in {"3d", "1w"}])
def test_there_are_1500_bars_before_the_beginning(interval: str) -> None:
    bars = shared_past().klines(interval, now_ms=_START, limit=1_500)
    assert len(bars) == 1_500
    assert bars[-1].close == 616_597
    assert bars[-1].open_ms == opening(interval, _START)
    for before, after in pairwise(bars):
        assert before.end_ms == after.open_ms
        assert before.close == after.open
        assert before.last_id + 1 == after.first_id
    for bar in bars:
        assert_sound(bar)
        assert bar.end_ms == following(interval, bar.open_ms)


@pytest.mark.parametrize("interval", ["3d", "1w", "1M"])
def test_the_longest_bars_reach_back_for_years(interval: str) -> None:
    bars = shared_past().klines(interval, now_ms=_START, limit=1_500)
    assert bars[0].open_ms < _START - 4 * 365 * 86_400_000
    assert all(before.end_ms == after.open_ms for before, after in pairwise(bars))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("1m", "3m"),
        ("1m", "1h"),
        ("5m", "15m"),
        ("15m", "1h"),
        ("30m", "2h"),
        ("1h", "4h"),
        ("2h", "6h"),
        ("4h", "8h"),
        ("4h", "12h"),
        ("12h", "1d"),
        ("1d", "3d"),
        ("1d", "1w"),
        ("1d", "1M"),
    ],
)
def test_intervals_agree_with_each_other(short: str, long: str) -> None:
    bars = shared_past()
    parts = {bar.open_ms: bar for bar in bars.klines(short, now_ms=_START, limit=1_500)}
    checked = 0
    for whole in bars.klines(long, now_ms=_START, limit=1_500)[:-1]:
        times = range(whole.open_ms, whole.end_ms, INTERVALS[short])
        if times[0] in parts:
            assert whole == merged([parts[time] for time in times])
            checked += 1
    assert checked >= 24


@pytest.mark.slow
def test_past_does_not_depend_on_the_order_of_questions() -> None:
    def answers(*intervals: str) -> dict[str, list[Bar]]:
        bars = bars_with_past()
        return {name: bars.klines(name, now_ms=_START, limit=1_500) for name in intervals}

    assert answers("4h", "1m") == answers("1m", "4h")
    assert bars_with_past(2).klines("1m", now_ms=_START) != answers("1m")["1m"][-500:]


def test_past_is_made_up_as_far_as_it_is_asked_for() -> None:
    made: list[int] = []

    def watched() -> Iterator[Era]:
        for days in (1, 2, 3):
            made.append(days)
            midnight = _OPEN // 86_400_000 * 86_400_000
            end = _OPEN if days == 1 else midnight - (days - 1) * 86_400_000
            era = Era(_MINUTE, midnight - days * 86_400_000)
            for number in range((end - era.first_ms) // _MINUTE):
                era.append(Bar(0, 0, 5, 5, 5, 5, 1, 5, 0, 0, 1, number))
            yield era

    bars = Bars(_START, 5, 1, watched())
    bars.add(a_print(5, 1, _START))
    assert made == []
    bars.klines("1m", now_ms=_START, limit=100)
    assert made == [1]
    bars.klines("1m", now_ms=_START, start_ms=_OPEN - 3 * 86_400_000, limit=1)
    assert made == [1, 2, 3]


def test_day_is_the_last_24_hours() -> None:
    bars = bars_with_past()
    bars.add(a_print(999_999, 5, _START, first=5_000_000_000))
    day = bars.day(_START)
    assert (day.high, day.close, day.last_id) == (999_999, 999_999, 5_000_000_000)
    assert day.end_ms - day.open_ms == 86_400_000
    minutes = bars.klines("1m", now_ms=_START, limit=1_440)
    assert day == merged(minutes)
    later = bars.day(_START + 86_400_000)
    assert (later.high, later.lots, later.trades) == (999_999, 0, 0)
