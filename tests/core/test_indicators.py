"""Indicators that grow by a bar equal the formula over all bars."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from builders import a_bar
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from botcore_tui.core.indicators import Atr, Ema
from botcore_tui.model.market import Bar

EQUAL = 1e-9
"""Share of the highest price that the two ways of adding up may differ by."""

prices = st.floats(1e-6, 1e6)


def ema_of(closes: Sequence[float], period: int) -> float | None:
    """By the book: mean of the first ones, then k x close + (1 - k) x before."""
    if len(closes) < period:
        return None
    value = math.fsum(closes[:period]) / period
    for close in closes[period:]:
        value = close * 2 / (period + 1) + value * (period - 1) / (period + 1)
    return value


def atr_of(bars: Sequence[Bar], period: int) -> float | None:
    """By the book: mean of the first true ranges, then ((n - 1) x before + range) / n."""
    ranges = [
        max(bar.high - bar.low, abs(bar.high - before.close), abs(bar.low - before.close))
        for before, bar in pairwise(bars)
    ]
    if len(ranges) < period:
        return None
    value = math.fsum(ranges[:period]) / period
    for true_range in ranges[period:]:
        value = ((period - 1) * value + true_range) / period
    return value


@st.composite
def bars_of(draw: st.DrawFn) -> list[Bar]:
    """Bars with jumps between them."""
    bars = []
    for index in range(draw(st.integers(0, 40))):
        low, close, high = sorted(draw(st.tuples(prices, prices, prices)))
        bars.append(a_bar(index * 60_000, open=low, high=high, low=low, close=close))
    return bars


@given(closes=st.lists(prices, max_size=60), period=st.integers(1, 12))
def test_average_grown_bar_by_bar_equals_the_formula_after_each(
    closes: list[float], period: int
) -> None:
    ema = Ema(period)
    for count, close in enumerate(closes, 1):
        so_far = closes[:count]
        assert ema.add(close) == pytest.approx(ema_of(so_far, period), abs=EQUAL * max(so_far))
    assert ema.value is None or len(closes) >= period


@given(bars=bars_of(), period=st.integers(1, 8))
def test_range_grown_bar_by_bar_equals_the_formula_after_each(bars: list[Bar], period: int) -> None:
    atr = Atr(period)
    for count, bar in enumerate(bars, 1):
        so_far = bars[:count]
        highest = max(bar.high for bar in so_far)
        assert atr.add(bar) == pytest.approx(atr_of(so_far, period), abs=EQUAL * highest)
    assert atr.value is None or len(bars) > period


def test_average_follows_a_worked_example() -> None:
    ema = Ema(3)
    values = [ema.add(close) for close in (1.0, 2.0, 3.0, 5.0, 5.0)]
    assert values == [None, None, 2.0, 3.5, 4.25]


def test_range_follows_a_worked_example() -> None:
    atr = Atr(2)
    bars = (
        a_bar(0, high=12.0, low=10.0, close=11.0),
        a_bar(60_000, high=13.0, low=11.0, close=12.0),
        a_bar(120_000, high=18.0, low=16.0, close=17.0),  # a gap: the range reaches down to 12
        a_bar(180_000, high=17.0, low=16.0, close=16.5),
    )
    assert [atr.add(bar) for bar in bars] == [None, None, 4.0, 2.5]


@given(close=prices, period=st.integers(1, 250))
def test_average_of_a_market_that_stands_still_is_its_price_to_the_last_bit(
    close: float, period: int
) -> None:
    ema = Ema(period)
    for _ in range(period + 5):
        ema.add(close)
    assert ema.value == close


@pytest.mark.parametrize("period", [0, -3])
def test_period_below_one_bar_is_refused(period: int) -> None:
    with pytest.raises(ValueError, match=f"period is {period}"):
        Ema(period)
    with pytest.raises(ValueError, match=f"period is {period}"):
        Atr(period)


@pytest.mark.requirement("F16")
@pytest.mark.parametrize("price", [math.nan, math.inf, -math.inf])
def test_price_that_is_no_number_is_refused_and_leaves_no_trace(price: float) -> None:
    ema, atr = Ema(2), Atr(1)
    for bar in (a_bar(high=5.0, low=3.0, close=4.0), a_bar(high=6.0, low=4.0, close=5.0)):
        ema.add(bar.close)
        atr.add(bar)
    with pytest.raises(ValueError, match="close is"):
        ema.add(price)
    for name in ("high", "low", "close"):
        with pytest.raises(ValueError, match=f"{name} is"):
            atr.add(replace(a_bar(), **{name: price}))
    assert ema.add(6.0) == pytest.approx(5.5)
    assert atr.add(a_bar(high=6.0, low=4.0, close=5.0)) == 2.0
