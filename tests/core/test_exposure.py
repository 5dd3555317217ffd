"""What can raise a position, and what protects one: one answer for all that ask."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from order_builders import a_position_report, an_algo_report, an_order_report, maybe

from botcore_tui.core.exposure import OpenOrder, only_lowers, protects, raising
from botcore_tui.core.guard import Scene
from botcore_tui.model.account import PositionReport
from botcore_tui.model.market import Side
from botcore_tui.model.order import AlgoReport, AlgoStatus

BTC = "BTCUSDT"
LONG = {BTC: Decimal(1)}


def plain(
    name: str = "web-1", *, quantity: str = "1", side: Side = Side.SELL, word: str = "STOP_MARKET"
) -> AlgoReport:
    """A conditional order that the venue does not hold to lowering."""
    return an_algo_report(
        client_order_id=name, quantity=quantity, side=side, word=word, close_position=False
    )


def closing(name: str = "web-1", **fields: object) -> AlgoReport:
    """A stop that can only lower a long position of 2."""
    stop = replace(plain(name, quantity="2"), reduce_only=True)
    return replace(stop, **fields)


def held(quantity: str = "2", liquidation: str | None = None) -> PositionReport:
    position = a_position_report(quantity=quantity, mark="100")
    return replace(position, liquidation_price=maybe(liquidation))


def names(orders: list[OpenOrder], bare: dict[str, Decimal] | None) -> list[str]:
    return [order.client_order_id for order in raising(orders, bare)]


@pytest.mark.requirement("K2")
def test_what_the_venue_holds_to_lowering_raises_nothing() -> None:
    lowering: list[OpenOrder] = [
        an_order_report(client_order_id="book", reduce_only=True),
        an_order_report(client_order_id="whole", close_position=True),
        closing(),
        an_algo_report(client_order_id="close"),
    ]
    assert all(map(only_lowers, lowering))
    assert names([*lowering, an_order_report(client_order_id="bid")], LONG) == ["bid"]
    assert names([*lowering, plain()], {}) == ["web-1"]


@pytest.mark.requirement("K2")
@pytest.mark.parametrize(
    ("quantity", "side", "word", "is_entry"),
    [
        ("1", Side.SELL, "STOP_MARKET", False),
        ("1", Side.SELL, "TRAILING_STOP_MARKET", False),
        ("2", Side.SELL, "STOP_MARKET", True),  # would turn the position
        ("1", Side.BUY, "STOP_MARKET", True),  # adds to it
        ("1", Side.SELL, "TAKE_PROFIT_MARKET", True),  # opens another once this one is closed
        ("1", Side.SELL, "STOP", True),  # may rest in the book for ever
    ],
)
def test_only_a_stop_that_is_all_a_position_has_is_spared(
    quantity: str, side: Side, word: str, *, is_entry: bool
) -> None:
    order = plain(quantity=quantity, side=side, word=word)
    assert (names([order], LONG) == ["web-1"]) is is_entry
    # Beside one that closes the position it would open the opposite one.
    assert names([order], {}) == ["web-1"]


@pytest.mark.requirement("K2")
def test_stops_that_are_spared_are_together_no_larger_than_the_position() -> None:
    orders = [plain("a", quantity="0.6"), plain("b", quantity="0.6"), plain("c", quantity="0.4")]
    assert names([*orders], LONG) == ["b"]


@pytest.mark.requirement("K2")
def test_no_stop_is_touched_while_it_is_unknown_what_is_held() -> None:
    profit = plain("profit", word="TAKE_PROFIT_MARKET")
    assert names([plain(), profit, an_order_report(client_order_id="bid")], None) == [
        "profit",
        "bid",
    ]


@pytest.mark.requirement("P22")
@pytest.mark.parametrize(
    ("stop", "quantity", "protects_then"),
    [
        (closing(), "2", True),
        (closing(quantity=Decimal("1.9")), "2", False),
        (closing(reduce_only=False), "2", False),  # opens a short where the long is gone
        (closing(), "-2", False),
        (closing(side=Side.BUY), "-2", True),
        (closing(type="TAKE_PROFIT_MARKET"), "2", False),
        (closing(type="TRAILING_STOP_MARKET", trigger_price=Decimal(0)), "2", False),
        (closing(status=AlgoStatus.TRIGGERED), "2", False),
        (an_algo_report(client_order_id="web-1"), "2", True),
    ],
)
def test_a_stop_protects_that_waits_for_all_of_it_and_can_only_lower(
    stop: AlgoReport, quantity: str, *, protects_then: bool
) -> None:
    assert protects(stop, held(quantity)) is protects_then
    scene = Scene(Decimal(quantity), Decimal(100), Decimal(100), None, 0)
    assert protects(stop, scene) is protects_then


@pytest.mark.requirement("A06")
@pytest.mark.parametrize(
    ("name", "trigger", "liquidation", "protects_then"),
    [
        ("web-1", "80", None, True),
        ("web-1", "1", None, False),
        ("web-1", "90", "95", False),
        ("bc-r1-1-s", "1", None, True),  # where a plan or a person wants it
        ("bk-1-1", "1", None, True),
    ],
)
def test_stop_of_others_far_away_protects_nothing(
    name: str, trigger: str, liquidation: str | None, *, protects_then: bool
) -> None:
    stop = closing(name, trigger_price=Decimal(trigger))
    assert protects(stop, held(liquidation=liquidation)) is protects_then
