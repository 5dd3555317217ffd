"""Bars are what a naive recomputation from all trades says; a closed one never changes."""

from collections.abc import Iterable

import pytest
from builders import a_bar
from hypothesis import given
from hypothesis import strategies as st
from market_builders import SYMBOL, a_trade
from msgspec.structs import replace

from botcore_tui.core import bars as module
from botcore_tui.core.bars import MINUTE_MS, SECOND_MS, BarSeries, fold
from botcore_tui.model.market import Bar, Trade


def naive_bars(trades: Iterable[Trade], interval_ms: int) -> list[Bar]:
    """Bars of trades in order of time; all but the last are closed."""
    groups: dict[int, list[Trade]] = {}
    for trade in trades:
        groups.setdefault(trade.time_ms // interval_ms * interval_ms, []).append(trade)
    return [
        Bar(
            symbol=SYMBOL,
            interval_ms=interval_ms,
            open_time_ms=start,
            open=group[0].price,
            high=max(trade.price for trade in group),
            low=min(trade.price for trade in group),
            close=group[-1].price,
            volume=sum(trade.quantity for trade in group),
            trades=len(group),
            is_closed=start != max(groups),
        )
        for start, group in groups.items()
    ]


def a_series(*trades: Trade, interval_ms: int = SECOND_MS) -> BarSeries:
    series = BarSeries(SYMBOL, interval_ms)
    for trade in trades:
        series.add(trade)
    return series


def a_minute(number: int, *, close: float = 7.0, is_closed: bool = True) -> Bar:
    """The venue's minute so many minutes after the epoch."""
    bar = a_bar(number * MINUTE_MS, open=5.0, high=9.0, low=4.0, close=close, volume=3.0)
    return bar if is_closed else replace(bar, is_closed=False)


def starts_of(bars: Iterable[Bar]) -> list[int]:
    """Where bars begin, in their own intervals."""
    return [bar.open_time_ms // bar.interval_ms for bar in bars]


# Quarters add up without a rounding error in any order.
sequences = st.lists(
    st.tuples(st.integers(0, 2_500), st.integers(1, 40), st.integers(1, 40)), max_size=60
)


def trades_of(sequence: list[tuple[int, int, int]]) -> list[Trade]:
    trades: list[Trade] = []
    time_ms = 999_000
    for pause_ms, price, quantity in sequence:
        time_ms += pause_ms
        trades.append(
            a_trade(len(trades) + 1, price=price / 4, quantity=quantity / 4, time_ms=time_ms)
        )
    return trades


@given(sequences)
def test_bars_equal_the_naive_recomputation(sequence: list[tuple[int, int, int]]) -> None:
    trades = trades_of(sequence)
    assert a_series(*trades).last(1_000) == naive_bars(trades, SECOND_MS)


@given(sequences, st.sampled_from([1_000, 5_000, 15_000, 60_000]))
def test_folded_seconds_equal_bars_built_from_the_trades(
    sequence: list[tuple[int, int, int]], interval_ms: int
) -> None:
    trades = trades_of(sequence)
    folded = fold(a_series(*trades).last(1_000), interval_ms)
    assert folded == naive_bars(trades, interval_ms)


# --- one series --------------------------------------------------------------------------------


def test_series_without_trades_has_no_bars() -> None:
    assert BarSeries(SYMBOL, SECOND_MS).last(10) == []


def test_seconds_without_a_trade_have_no_bar() -> None:
    series = a_series(a_trade(1, time_ms=1_500), a_trade(2, time_ms=9_000))
    assert starts_of(series.last(10)) == [1, 9]


def test_last_bar_grows_and_all_others_are_closed() -> None:
    series = a_series(a_trade(1, time_ms=1_000), a_trade(2, time_ms=2_000))
    assert [bar.is_closed for bar in series.last(10)] == [True, False]


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, [3]), (2, [2, 3]), (9, [1, 2, 3])])
def test_newest_bars_come_oldest_first(count: int, expected: list[int]) -> None:
    series = a_series(*[a_trade(number, time_ms=number * 1_000) for number in (1, 2, 3)])
    assert starts_of(series.last(count)) == expected


def test_trade_of_a_closed_bar_changes_nothing() -> None:
    series = a_series(a_trade(1, time_ms=1_000), a_trade(2, time_ms=2_000))
    before = series.last(10)
    series.add(a_trade(3, price=500.0, time_ms=1_999))
    assert series.last(10) == before


def test_trades_within_the_growing_bar_count_in_any_order() -> None:
    series = a_series(a_trade(1, price=10.0, time_ms=1_900), a_trade(2, price=12.0, time_ms=1_100))
    (bar,) = series.last(10)
    assert (bar.open, bar.high, bar.low, bar.close, bar.trades) == (10.0, 12.0, 10.0, 12.0, 2)


def test_oldest_bars_are_forgotten_when_the_series_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module._KEPT >= 3_600
    monkeypatch.setattr(module, "_KEPT", 3)
    series = BarSeries(SYMBOL, SECOND_MS)
    for number in range(1, 7):
        series.add(a_trade(number, time_ms=number * 1_000))
    assert starts_of(series.last(10)) == [3, 4, 5, 6]


# --- the venue's bars --------------------------------------------------------------------------


def test_bar_of_the_venue_replaces_ours_while_it_grows() -> None:
    series = a_series(a_trade(1, price=6.0, time_ms=MINUTE_MS), interval_ms=MINUTE_MS)
    series.put(a_minute(1, is_closed=False))
    assert series.last(10) == [a_minute(1, is_closed=False)]


def test_bar_of_the_venue_replaces_ours_after_it_closed() -> None:
    series = a_series(
        a_trade(1, time_ms=MINUTE_MS), a_trade(2, time_ms=2 * MINUTE_MS), interval_ms=MINUTE_MS
    )
    series.put(a_minute(1))
    first, second = series.last(10)
    assert first == a_minute(1)
    assert (second.open_time_ms, second.is_closed) == (2 * MINUTE_MS, False)


def test_next_bar_of_the_venue_does_not_close_one_whose_end_was_not_told() -> None:
    series = BarSeries(SYMBOL, MINUTE_MS)
    series.put(a_minute(1, is_closed=False))
    series.put(a_minute(2, is_closed=False))
    assert [bar.is_closed for bar in series.last(10)] == [False, False]
    series.put(a_minute(1, close=9.0))
    assert series.last(10) == [a_minute(1, close=9.0), a_minute(2, is_closed=False)]


def test_bar_that_the_venue_closed_is_closed_before_the_next_one_begins() -> None:
    series = BarSeries(SYMBOL, MINUTE_MS)
    series.put(a_minute(1, is_closed=False))
    series.put(a_minute(1))
    assert series.last(10) == [a_minute(1)]
    series.add(a_trade(1, price=500.0, time_ms=MINUTE_MS + 1))
    assert series.last(10) == [a_minute(1)]
    series.add(a_trade(2, price=500.0, time_ms=2 * MINUTE_MS))
    assert [bar.is_closed for bar in series.last(10)] == [True, False]


def test_bar_that_was_growing_when_sent_never_replaces_one_that_ended() -> None:
    series = BarSeries(SYMBOL, MINUTE_MS)
    series.put(a_minute(1))
    series.put(a_minute(1, close=1.0, is_closed=False))
    assert series.last(10) == [a_minute(1)]
    series.put(a_minute(2, is_closed=False))
    series.put(a_minute(1, close=1.0, is_closed=False))
    assert series.last(10) == [a_minute(1), a_minute(2, is_closed=False)]


def test_history_comes_in_any_order_and_ends_up_sorted() -> None:
    series = BarSeries(SYMBOL, MINUTE_MS)
    for number in (6, 7, 2, 4, 5, 1, 3):
        series.put(a_minute(number))
    assert starts_of(series.last(10)) == [1, 2, 3, 4, 5, 6, 7]


@given(st.lists(st.integers(1, 12), max_size=30))
def test_any_order_of_venue_bars_gives_each_minute_once(numbers: list[int]) -> None:
    series = BarSeries(SYMBOL, MINUTE_MS)
    for number in numbers:
        series.put(a_minute(number))
    assert series.last(100) == [a_minute(number) for number in sorted(set(numbers))]


def test_full_series_heals_what_is_newer_than_its_oldest_bar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_KEPT", 2)
    series = BarSeries(SYMBOL, MINUTE_MS)
    for number in (2, 4, 6):
        series.put(a_minute(number))
    series.put(a_minute(1))
    assert starts_of(series.last(10)) == [2, 4, 6]
    for late in (3, 5):
        series.put(a_minute(late))
    assert starts_of(series.last(10)) == [4, 5, 6]
    series.put(a_minute(4, close=8.0))
    assert series.last(10)[0] == a_minute(4, close=8.0)


@given(st.lists(st.integers(1, 40), max_size=60), st.integers(1, 8))
def test_full_series_keeps_the_newest_minutes_whatever_their_order(
    numbers: list[int], kept: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_KEPT", kept)
        series = BarSeries(SYMBOL, MINUTE_MS)
        for number in numbers:
            series.put(a_minute(number))
    newest = sorted(set(numbers))[-kept - 1 :]
    assert series.last(100) == [a_minute(number) for number in newest]


# --- folding -----------------------------------------------------------------------------------


def test_fold_of_nothing_is_nothing() -> None:
    assert fold([], 60_000) == []


def test_fold_to_the_same_interval_changes_nothing() -> None:
    bars = [a_minute(1), a_minute(2, is_closed=False)]
    assert fold(bars, MINUTE_MS) == bars


def test_fold_joins_open_high_low_close_and_sums() -> None:
    first = a_bar(0, open=5.0, high=8.0, low=4.0, close=7.0, volume=1.5)
    second = a_bar(4 * MINUTE_MS, open=7.0, high=9.0, low=6.0, close=6.5, volume=2.5)
    (bar,) = fold([first, second], 5 * MINUTE_MS)
    assert (bar.open_time_ms, bar.interval_ms) == (0, 5 * MINUTE_MS)
    assert (bar.open, bar.high, bar.low, bar.close) == (5.0, 9.0, 4.0, 6.5)
    assert (bar.volume, bar.trades) == (4.0, 84)
    assert bar.is_closed


def test_intervals_without_any_bar_are_absent_from_a_fold() -> None:
    bars = [a_minute(number) for number in (0, 1, 20, 31)]
    assert starts_of(fold(bars, 5 * MINUTE_MS)) == [0, 4, 6]


@pytest.mark.parametrize(
    ("number", "is_closed", "expected"), [(4, True, True), (4, False, False), (3, True, False)]
)
def test_fold_is_closed_when_its_last_minute_is(
    number: int, is_closed: bool, expected: bool
) -> None:
    for bars in ([a_minute(number, is_closed=is_closed)], [a_minute(2), a_minute(number)]):
        (bar,) = fold([*bars[:-1], replace(bars[-1], is_closed=is_closed)], 5 * MINUTE_MS)
        assert bar.is_closed == expected


STEPS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.integers(0, 5)), min_size=1, max_size=30
)


@given(STEPS)
def test_closed_bars_never_change_unless_the_count_of_changes_moves(
    steps: list[tuple[bool, bool, int]],
) -> None:
    series = BarSeries(SYMBOL, MINUTE_MS)
    for number, (is_trade, is_closed, minute) in enumerate(steps):
        before, changes = [bar for bar in series.last(50) if bar.is_closed], series.changes
        if is_trade:
            series.add(a_trade(number, time_ms=minute * MINUTE_MS + number))
        else:
            bar = a_bar(minute * MINUTE_MS, close=float(number))
            series.put(replace(bar, is_closed=is_closed))
        after = [bar for bar in series.last(50) if bar.is_closed]
        assert after == before or series.changes != changes


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_no_more_of_the_newest_bars_are_given_than_were_asked_for(count: int) -> None:
    series = BarSeries(SYMBOL, MINUTE_MS)
    for minute in range(3):
        series.put(a_bar(minute * MINUTE_MS))
    starts = [bar.open_time_ms // MINUTE_MS for bar in series.last(count)]
    assert starts == [0, 1, 2][max(0, 3 - count) :]
