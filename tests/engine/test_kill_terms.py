"""What a kill makes of what it finds."""

from decimal import Decimal

import pytest
from kill_stage import BTC, a_bid, a_stop, an_algo, held
from msgspec.structs import replace
from session_stage import the_rules

from botcore_tui.engine.kill_terms import (
    KillScope,
    Picture,
    exits,
    is_protected,
    near_stop,
)
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, Purpose


@pytest.mark.requirement("K5")
def test_scope_names_contracts_or_says_everything() -> None:
    with pytest.raises(ValueError, match="name one, or say everything"):
        KillScope.of()
    assert KillScope.of(BTC).covers(BTC)
    assert not KillScope.of(BTC).covers("ETHUSDT")
    assert KillScope.everything().covers("ETHUSDT")
    assert str(KillScope.of(BTC, "ETHUSDT")) == "BTCUSDT, ETHUSDT"
    assert str(KillScope.everything()) == "all contracts"


def test_protection_is_a_stop_of_the_same_contract() -> None:
    assert is_protected(held("2"), [a_stop("s")])
    assert not is_protected(held("-2"), [a_stop("s")])
    assert not is_protected(held("2", "ETHUSDT"), [a_stop("s")])
    assert not is_protected(held("2"), [an_algo("s", quantity="2", side=Side.SELL)])


@pytest.mark.requirement("K2")
def test_entries_are_what_can_raise_by_all_that_is_listed() -> None:
    plain = an_algo("plain", side=Side.SELL)
    profit = replace(plain, client_order_id="profit", type="TAKE_PROFIT_MARKET")
    orders, algo_orders = (a_bid("bid"), a_bid("x", reduce_only=True)), (plain, profit)
    listed = Picture(orders, algo_orders, (held("1"),))
    assert [each.client_order_id for each in listed.entries()] == ["bid", "profit"]
    covered = replace(listed, algo_orders=(*algo_orders, a_stop("s")))
    assert [each.client_order_id for each in covered.entries()] == ["bid", "plain", "profit"]
    unknown = replace(listed, positions=None)
    assert [each.client_order_id for each in unknown.entries()] == ["bid", "profit"]
    assert Picture(None, None, ()).entries() == []


@pytest.mark.requirement("K3")
def test_large_position_is_cut_by_the_largest_market_order() -> None:
    rules = replace(the_rules(), market_max_quantity=Decimal("2.0005"))
    pieces = exits(held("-5"), rules, "bk-1")
    assert [each.quantity for each in pieces] == [Decimal(2), Decimal(2), Decimal(1)]
    assert [each.client_order_id for each in pieces] == ["bk-1-1", "bk-1-2", "bk-1-3"]
    assert {(each.side, each.type, each.purpose, each.reduce_only) for each in pieces} == {
        (Side.BUY, OrderType.MARKET, Purpose.EXIT, True)
    }
    (whole,) = exits(held("5"), None, "bk-2")
    assert (whole.side, whole.quantity) == (Side.SELL, Decimal(5))


@pytest.mark.requirement("K3")
@pytest.mark.parametrize(
    ("quantity", "pieces"), [("1.005", ["1"]), ("4.505", ["2", "2", "0.5"]), ("0.005", ["0.005"])]
)
def test_position_that_is_no_multiple_of_a_new_step_is_cut_to_it(
    quantity: str, pieces: list[str]
) -> None:
    """In one piece all of it would be refused (-1111), and nothing closed."""
    rules = replace(the_rules(), market_step=Decimal("0.01"), market_max_quantity=Decimal(2))
    assert [each.quantity for each in exits(held(quantity), rules, "k")] == [*map(Decimal, pieces)]


def test_absurdly_large_position_is_cut_into_so_many_orders_and_no_more() -> None:
    rules = replace(the_rules(), market_max_quantity=Decimal("0.001"))
    assert len(exits(held("5"), rules, "bk-1")) == 50


@pytest.mark.requirement("K3")
def test_stop_of_last_resort_is_beside_the_mark_on_the_losing_side() -> None:
    rules = the_rules()
    sell = near_stop(held("5"), rules, "bk-1", closes=True)
    buy = near_stop(held("-5"), rules, "bk-2", closes=False)
    assert sell is not None
    assert buy is not None
    assert (sell.side, sell.trigger_price) == (Side.SELL, Decimal("99.9"))
    assert (sell.close_position, sell.reduce_only, sell.quantity) == (True, False, Decimal(0))
    assert (buy.side, buy.trigger_price) == (Side.BUY, Decimal("100.1"))
    assert (buy.close_position, buy.reduce_only, buy.quantity) == (False, True, Decimal(5))
    unruled = near_stop(held("5"), None, "bk-3", closes=True)
    assert unruled is not None
    assert unruled.trigger_price == Decimal("99.95")
    assert near_stop(held("5", mark=None), rules, "bk-4", closes=True) is None
