"""A past that never was."""

from itertools import pairwise
from math import log
from statistics import pstdev

import pytest

from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.history import Activity, made_up, small_order, usual_activity

_MIDNIGHT = 1_723_161_600_000
_END = _MIDNIGHT + 3_600_000


def test_eras_join_without_gap_and_end_at_the_price() -> None:
    eras = list(
        made_up(
            SeededDice(1),
            end_ms=_END,
            ticks=10_000,
            next_trade_id=5_000_000_000,
            activity=Activity(1_000, 100),
        )
    )
    assert eras[0].end_ms == _END
    assert eras[0].closes[-1] == 10_000
    for newer, older in pairwise(eras):
        assert older.end_ms == newer.first_ms
        assert older.closes[-1] == newer.opens[0]
        assert older.first_ids[-1] + older.trades[-1] == newer.first_ids[0]
        assert older.length_ms % newer.length_ms == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_past_stays_possible_for_years(seed: int) -> None:
    activity = Activity(70_000, 3_000)
    eras = list(
        made_up(
            SeededDice(seed),
            end_ms=_END,
            ticks=616_597,
            next_trade_id=5_000_000_000,
            activity=activity,
        )
    )
    assert min(min(era.first_ids) for era in eras) > 0
    assert min(min(era.trades) for era in eras) > 0
    assert min(min(era.lows) for era in eras) > 0
    assert all(0.3 * 616_597 <= close <= 3 * 616_597 for era in eras for close in era.closes)


def test_usual_minute_of_the_past_is_like_one_of_the_present() -> None:
    activity = Activity(70_000, 3_000)
    day = next(
        made_up(
            SeededDice(1),
            end_ms=_END,
            ticks=616_597,
            next_trade_id=5_000_000_000,
            activity=activity,
        )
    )
    assert sum(day.lots) / len(day.lots) == pytest.approx(activity.lots, rel=0.6)
    assert sum(day.trades) / len(day.trades) == pytest.approx(activity.trades, rel=0.6)
    moves = [log(close / start) for start, close in zip(day.opens, day.closes, strict=True)]
    assert 2e-4 < pstdev(moves) < 9e-4


def test_small_orders_are_worth_the_same_in_every_contract() -> None:
    for symbol in ("BTCUSDT", "DOGEUSDT", "SOLUSDT"):
        terms = contract(symbol)
        worth = terms.notional(terms.first_price, small_order(terms)) / 10**8
        assert 200 <= worth <= 300
    busy, calm = usual_activity(contract("BTCUSDT"), 2.0), usual_activity(contract("BTCUSDT"))
    assert busy.lots == pytest.approx(2 * calm.lots, abs=2)
    assert busy.trades == pytest.approx(2 * calm.trades, abs=2)
