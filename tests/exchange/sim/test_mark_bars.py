"""Bars of prices that nobody trades at."""

from collections.abc import Callable

import pytest

from botcore_tui.exchange.sim.bars import Bars
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.history import Activity, made_up
from botcore_tui.exchange.sim.mark_bars import Kind, MarkBars, PastPremium, PriceBar
from botcore_tui.exchange.sim.marks import Mark

_MINUTE = 60_000
_START = 1_723_161_255_000
_OPEN = _START // _MINUTE * _MINUTE
_ATOMS = 10**7
_TICKS = 616_597


def mark_bars() -> MarkBars:
    past = made_up(
        SeededDice(1),
        end_ms=_OPEN,
        ticks=_TICKS,
        next_trade_id=5_000_000_000,
        activity=Activity(70_000, 3_000),
    )
    bars = Bars(_START, _TICKS, 5_000_000_000, past)
    return MarkBars(_START, bars, PastPremium(_START, SeededDice(2)), _ATOMS)


def with_seconds(seconds: int, price: Callable[[int], int]) -> MarkBars:
    bars = mark_bars()
    for second in range(seconds):
        mark = Mark(price(second), 1_000_000, 0)
        bars.add(mark, _START + 1_000 * second)
    return bars


def test_minute_holds_the_values_of_its_seconds() -> None:
    bars = with_seconds(105, lambda second: 1_000_000 + (second % 30) * 100)
    now = _START + 104_000

    def last(kind: Kind) -> PriceBar:
        return bars.klines(kind, "1m", now_ms=now, limit=1)[0]

    # The market began 15 seconds into a minute: this one has seconds 45 to 104.
    span = (_OPEN + _MINUTE, _OPEN + 2 * _MINUTE)
    assert last(Kind.MARK) == PriceBar(*span, 1_001_500, 1_002_900, 1_000_000, 1_001_400, 60)
    assert last(Kind.INDEX) == PriceBar(*span, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 60)
    assert last(Kind.PREMIUM) == PriceBar(*span, 150_000, 290_000, 0, 140_000, 60)


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(("short", "long"), [("1m", "5m"), ("1h", "4h")])
def test_intervals_agree_with_each_other(kind: Kind, short: str, long: str) -> None:
    bars = with_seconds(120, lambda second: 6_165_970_000_000 + second * 10**7)
    now = _START + 119_000
    parts = bars.klines(kind, short, now_ms=now, limit=1_500)
    checked = 0
    for whole in bars.klines(kind, long, now_ms=now, limit=400):
        inside = [bar for bar in parts if whole.open_ms <= bar.open_ms < whole.end_ms]
        if not inside or inside[0].open_ms != whole.open_ms:
            continue
        checked += 1
        assert whole.open == inside[0].open
        assert whole.close == inside[-1].close
        assert whole.high == max(bar.high for bar in inside)
        assert whole.low == min(bar.low for bar in inside)
        assert whole.count == sum(bar.count for bar in inside)
    assert checked > 20


def test_past_mark_is_that_of_the_trades_and_the_index_near_it() -> None:
    bars = mark_bars()
    bars.add(Mark(_TICKS * _ATOMS, _TICKS * _ATOMS, 0), _START)
    marks = bars.klines(Kind.MARK, "1m", now_ms=_START, limit=500)
    indices = bars.klines(Kind.INDEX, "1m", now_ms=_START, limit=500)
    premiums = bars.klines(Kind.PREMIUM, "1m", now_ms=_START, limit=500)
    assert len(marks) == len(indices) == len(premiums) == 500
    assert marks[-2].close == _TICKS * _ATOMS
    assert abs(premiums[-2].close) < 1_000
    for mark, index, premium in zip(marks, indices, premiums, strict=True):
        assert index.low <= min(index.open, index.close)
        assert index.high >= max(index.open, index.close)
        assert premium.low <= min(premium.open, premium.close)
        assert mark.open / index.open - 1 == pytest.approx(premium.open / 1e8, abs=1e-7)
        assert abs(premium.open) < 100_000


def test_average_premium_is_that_of_the_time_between() -> None:
    premium = PastPremium(_START, SeededDice(2))
    values = [premium.at(_START - hour * 3_600_000) for hour in range(1, 9)]
    average = premium.average(_START - 8 * 3_600_000, _START)
    assert average == pytest.approx(sum(values) / 8, abs=1e-4)
    assert premium.at(_START) == 0
