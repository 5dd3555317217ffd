"""The reference strategy wants to be on the side of the faster average."""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal

import pytest
from builders import SYMBOL, a_bar
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from botcore_tui.core.indicators import Atr, Ema
from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar
from botcore_tui.strategies.ema_cross import EmaCross, Params

SMALL = Params(fast=2, slow=4)

closes_of = st.lists(st.integers(1, 400).map(lambda quarters: quarters / 4), max_size=40)


def minutes(closes: Iterable[float], *, symbol: str = SYMBOL) -> list[Bar]:
    """Bars of one unit up and down around each close, one a minute."""
    return [
        replace(a_bar(index * 60_000, high=close + 1, low=close - 1, close=close), symbol=symbol)
        for index, close in enumerate(closes)
    ]


def wishes(strategy: EmaCross, bars: Sequence[Bar]) -> list[Signal | None]:
    return [strategy.on_bar(bar) for bar in bars]


def test_rising_market_is_wanted_long_with_the_numbers_in_the_reason() -> None:
    signal = EmaCross(SMALL).warm(SYMBOL, minutes([10, 11, 12, 13, 14.25]))
    assert signal is not None
    assert signal.confidence == pytest.approx(0.5 + 0.5 * (13.666667 - 12.6) / 2.0625, abs=1e-6)
    assert signal == Signal(
        strategy="ema_cross",
        symbol=SYMBOL,
        target=Decimal(1),
        confidence=signal.confidence,
        reason="EMA2 13.66667 above EMA4 12.6 on 1m",
        time_ms=300_000,
    )


def test_falling_market_is_wanted_short() -> None:
    signal = EmaCross(SMALL).warm(SYMBOL, minutes([14, 13, 12, 11, 10]))
    assert signal is not None
    assert signal.target == Decimal(-1)
    assert signal.reason == "EMA2 10.5 below EMA4 11.5 on 1m"


def test_market_that_turns_turns_the_target() -> None:
    strategy = EmaCross(SMALL)
    strategy.warm(SYMBOL, minutes([10, 11, 12, 13, 14]))
    later = minutes([10, 11, 12, 13, 14, 15, 9, 3, 2])[5:]
    targets = [signal and signal.target for signal in wishes(strategy, later)]
    assert targets == [1, -1, -1, -1]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_history_of_no_more_bars_than_the_slow_average_brings_no_wish(count: int) -> None:
    strategy = EmaCross(SMALL)
    bars = minutes([10, 11, 12, 13, 14])
    assert strategy.warm(SYMBOL, bars[:count]) is None
    later = wishes(strategy, bars[count:])
    assert [signal is not None for signal in later] == [False] * (4 - count) + [True]


def test_market_that_stands_still_brings_no_wish() -> None:
    assert EmaCross(Params()).warm(SYMBOL, minutes([61_659.7] * 60)) is None


def test_confidence_is_full_from_a_distance_of_one_range_on() -> None:
    closes = [10.0, 10.0, 10.0, 10.0, 10.0, 40.0]
    signal = EmaCross(SMALL).warm(SYMBOL, minutes(closes))
    assert signal is not None
    assert signal.confidence == pytest.approx(0.5 + 0.5 * (30 - 22) / 9.25)
    far = EmaCross(Params(fast=1, slow=4)).warm(SYMBOL, minutes(closes))
    assert far is not None
    assert far.confidence == 1.0


def test_distance_without_any_range_is_full_confidence() -> None:
    # No market makes such bars: each has only the price that the one before it closed at.
    bars = [replace(bar, high=bar.close - 1, low=bar.close - 1) for bar in minutes(range(10, 15))]
    signal = EmaCross(SMALL).warm(SYMBOL, bars)
    assert signal is not None
    assert signal.confidence == 1.0


def test_history_begins_anew() -> None:
    strategy = EmaCross(SMALL)
    strategy.warm(SYMBOL, minutes([14, 13, 12, 11, 10]))
    assert strategy.warm(SYMBOL, []) is None
    assert strategy.on_bar(minutes([10])[0]) is None


def test_bar_that_was_there_before_is_left_out() -> None:
    bars = minutes([10, 11, 12, 13, 14, 9])
    strategy, twice = EmaCross(SMALL), EmaCross(SMALL)
    strategy.warm(SYMBOL, bars[:5])
    twice.warm(SYMBOL, bars[:5])
    assert wishes(twice, [bars[4], bars[2], bars[4]]) == [None, None, None]
    assert twice.on_bar(bars[5]) == strategy.on_bar(bars[5])


def test_symbols_do_not_mix() -> None:
    strategy = EmaCross(SMALL)
    rising, falling = minutes([10, 11, 12, 13, 14]), minutes([9, 8, 7, 6, 5], symbol="ETHUSDT")
    for up, down in zip(rising, falling, strict=True):
        strategy.on_bar(up)
        strategy.on_bar(down)
    assert strategy.on_bar(minutes([0] * 5 + [15])[5]) is not None
    last = strategy.on_bar(minutes([0] * 5 + [4], symbol="ETHUSDT")[5])
    assert last is not None
    assert (last.symbol, last.target) == ("ETHUSDT", Decimal(-1))


@pytest.mark.requirement("F16")
def test_bar_with_a_number_that_is_none_is_refused_whole() -> None:
    strategy, spared = EmaCross(SMALL), EmaCross(SMALL)
    bars = minutes([10, 11, 12, 13, 14, 15])
    strategy.warm(SYMBOL, bars[:5])
    spared.warm(SYMBOL, bars[:5])
    with pytest.raises(ValueError, match="close is nan"):
        strategy.on_bar(replace(bars[5], close=math.nan))
    assert strategy.on_bar(bars[5]) == spared.on_bar(bars[5])


@given(closes=closes_of, cut=st.integers(0, 40))
def test_history_and_bars_one_by_one_lead_to_the_same_wish(closes: list[float], cut: int) -> None:
    bars = minutes(closes)
    grown, warmed, mixed = EmaCross(SMALL), EmaCross(SMALL), EmaCross(SMALL)
    one_by_one = [None, *wishes(grown, bars)]
    assert warmed.warm(SYMBOL, bars) == one_by_one[-1]
    assert mixed.warm(SYMBOL, bars[:cut]) == one_by_one[min(cut, len(bars))]
    assert wishes(mixed, bars[cut:]) == one_by_one[cut + 1 :]


@given(closes=closes_of)
def test_target_is_the_sign_of_the_distance_and_confidence_a_share(closes: list[float]) -> None:
    strategy, fast, slow, reach = EmaCross(SMALL), Ema(2), Ema(4), Atr(4)
    for bar in minutes(closes):
        signal = strategy.on_bar(bar)
        reach.add(bar)
        before, after = fast.add(bar.close), slow.add(bar.close)
        if before is None or after is None or reach.value is None or before == after:
            assert signal is None
        else:
            assert signal is not None
            assert signal.target == (1 if before > after else -1)
            assert 0.5 <= signal.confidence <= 1.0
            assert signal.time_ms == bar.open_time_ms + 60_000


@pytest.mark.parametrize(
    ("interval", "length"), [("1m", 60_000), ("5m", 300_000), ("15m", 900_000), ("1h", 3_600_000)]
)
def test_interval_decides_the_length_of_the_bars(
    interval: Literal["1m", "5m", "15m", "1h"], length: int
) -> None:
    strategy = EmaCross(Params(interval=interval))
    assert strategy.interval_ms == length


@pytest.mark.parametrize(("fast", "slow"), [(0, 5), (5, 5), (21, 9)])
def test_fast_average_must_be_the_faster_one(fast: int, slow: int) -> None:
    with pytest.raises(ValueError, match=f"fast is {fast} and slow is {slow}"):
        Params(fast=fast, slow=slow)


def test_price_is_written_without_an_exponent() -> None:
    low = EmaCross(SMALL).warm(
        SYMBOL,
        [replace(bar, high=1e-3, low=1e-6) for bar in minutes([1e-5, 1e-5, 1e-5, 1e-5, 2e-5])],
    )
    assert low is not None
    assert low.reason == "EMA2 0.00001666667 above EMA4 0.000014 on 1m"
