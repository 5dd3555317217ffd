"""A trade counts once, whoever tells it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from market_builders import SYMBOL
from order_builders import a_fill

from botcore_tui.core.trade_ids import Novelty, TradeIds
from botcore_tui.model.market import Side


@given(st.lists(st.integers(1, 30)), st.integers(0, 31))
def test_sum_after_a_trade_is_that_of_unique_later_ones(ids: list[int], after: int) -> None:
    trades = TradeIds()
    for trade_id in ids:
        trades.add(a_fill(trade_id, quantity=str(trade_id)))
    assert trades.sum_after(SYMBOL, after) == sum({one for one in ids if one > after})


def test_repeated_trade_is_seen() -> None:
    trades = TradeIds()
    assert trades.add(a_fill(5)) is Novelty.NEW
    assert trades.add(a_fill(5)) is Novelty.SEEN
    assert trades.add(a_fill(5, symbol="OTHER")) is Novelty.NEW


def test_sold_quantity_counts_down() -> None:
    trades = TradeIds()
    trades.add(a_fill(5, side=Side.SELL, quantity="2"))
    assert trades.sum_after(SYMBOL, 0) == Decimal(-2)


def test_trade_of_an_earlier_session_changes_no_sum() -> None:
    trades = TradeIds()
    assert not trades.has_start(SYMBOL)
    trades.recall(SYMBOL, 7)
    assert trades.has_start(SYMBOL)
    assert trades.add(a_fill(6)) is Novelty.RECORDED
    assert trades.add(a_fill(6)) is Novelty.SEEN
    assert trades.add(a_fill(8)) is Novelty.NEW
    assert trades.sum_after(SYMBOL, 0) == 1


def test_trade_missing_among_the_last_of_an_earlier_session_is_new() -> None:
    trades = TradeIds()
    trades.recall(SYMBOL, 4, (5, 8))
    assert [trades.add(a_fill(trade_id)) for trade_id in (4, 5, 6, 8)] == [
        Novelty.RECORDED,
        Novelty.RECORDED,
        Novelty.NEW,
        Novelty.RECORDED,
    ]
    assert trades.sum_after(SYMBOL, 0) == 1


def test_history_changes_no_sum() -> None:
    trades = TradeIds()
    assert trades.add(a_fill(6), is_history=True) is Novelty.RECORDED
    assert trades.sum_after(SYMBOL, 0) == 0


def test_start_keeps_what_was_recalled() -> None:
    trades = TradeIds()
    trades.start(SYMBOL)
    assert trades.has_start(SYMBOL)
    trades.recall(SYMBOL, 7)
    trades.start(SYMBOL)
    assert trades.add(a_fill(7)) is Novelty.RECORDED


def test_trade_below_those_kept_counts_as_seen() -> None:
    trades = TradeIds(keep=2)
    for trade_id in (3, 1, 2):
        assert trades.add(a_fill(trade_id)) is Novelty.NEW
    assert trades.add(a_fill(1)) is Novelty.SEEN
    assert trades.sum_after(SYMBOL, 0) == 2


def test_trade_is_known_once_it_was_told_whenever_that_was() -> None:
    trades = TradeIds(keep=2)
    assert not trades.is_known(SYMBOL, 5)
    trades.recall(SYMBOL, 3, (5,))
    assert [each for each in range(1, 12) if trades.is_known(SYMBOL, each)] == [1, 2, 3, 5]
    for trade_id in (8, 9, 11):
        trades.add(a_fill(trade_id))
    assert [each for each in range(6, 13) if trades.is_known(SYMBOL, each)] == [6, 7, 8, 9, 11]
