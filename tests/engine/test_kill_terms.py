"""What a kill makes of what it finds."""

from decimal import Decimal

import pytest
from kill_stage import BTC, a_bid, a_stop, an_algo, held
from msgspec.structs import replace
from order_builders import an_order_report, maybe
from session_stage import the_rules

from botcore_tui.engine.kill_terms import (
    KillScope,
    exits,
    is_entry,
    is_entry_algo,
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


@pytest.mark.requirement("K2")
def test_order_that_only_reduces_is_no_entry() -> None:
    assert is_entry(a_bid("a"))
    assert not is_entry(a_bid("a", reduce_only=True))
    assert not is_entry(an_order_report(close_position=True))


@pytest.mark.requirement("K2")
@pytest.mark.parametrize(
    ("quantity", "side", "is_entry_then"),
    [
        ("1", Side.SELL, False),  # protects a long position of 1
        ("2", Side.SELL, True),  # would turn it
        ("1", Side.BUY, True),  # adds to it
    ],
)
def test_foreign_stop_is_protection_as_far_as_it_cannot_turn_the_position(
    quantity: str, side: Side, is_entry_then: bool
) -> None:
    order = an_algo("foreign", quantity=quantity, side=side)
    assert is_entry_algo(order, {BTC: Decimal(1)}) is is_entry_then
    assert is_entry_algo(order, {})
    assert is_entry_algo(replace(order, type="TAKE_PROFIT_MARKET"), {BTC: Decimal(1)})
    assert not is_entry_algo(replace(order, reduce_only=True), {})
    assert not is_entry_algo(a_stop("s"), {})


def test_protection_covers_all_of_it_on_the_losing_side() -> None:
    sell = an_algo("s", quantity="2", side=Side.SELL)
    assert is_protected(held("2"), [sell])
    assert is_protected(held("2"), [a_stop("s")])
    assert not is_protected(held("3"), [sell])
    assert not is_protected(held("-2"), [sell])
    assert not is_protected(held("2", "ETHUSDT"), [sell])
    assert not is_protected(held("2"), [replace(sell, type="TAKE_PROFIT_MARKET")])


@pytest.mark.requirement("A06")
@pytest.mark.parametrize(
    ("name", "trigger", "liquidation", "is_protected_then"),
    [
        ("web-1", "80", None, True),
        ("web-1", "1", None, False),
        ("web-1", "90", "95", False),
        ("bc-r1-1-s", "1", None, True),  # where a plan or a person wants it
        ("bk-1-1", "1", None, True),
    ],
)
def test_stop_of_others_far_away_protects_nothing(
    name: str, trigger: str, liquidation: str | None, *, is_protected_then: bool
) -> None:
    stop = replace(a_stop(name), trigger_price=Decimal(trigger))
    position = replace(held("2"), liquidation_price=maybe(liquidation))
    assert is_protected(position, [stop]) is is_protected_then


def test_trailing_order_is_no_stop_that_protects() -> None:
    trail = replace(a_stop("bc-r1-1-r"), type="TRAILING_STOP_MARKET", trigger_price=Decimal(0))
    assert not is_protected(held("2"), [trail])


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
