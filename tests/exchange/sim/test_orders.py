"""Orders: what is left of one, and whether it can still trade."""

import pytest
from ledgers import BTC, a_fill
from msgspec.structs import replace

from botcore_tui.exchange.sim.orders import (
    CONDITIONAL,
    AlgoOrder,
    AlgoStatus,
    AlgoTicket,
    Order,
    OrderType,
    SelfTrade,
    Status,
    Ticket,
    TimeInForce,
)
from botcore_tui.model.market import Side


def an_order(**changes: object) -> Order:
    return replace(a_fill(lots=10).order, **changes)


def an_algo(status: AlgoStatus) -> AlgoOrder:
    ticket = AlgoTicket(side=Side.SELL, type=OrderType.STOP_MARKET, lots=10, trigger_ticks=1)
    return AlgoOrder(
        algo_id=1,
        client_id="a",
        contract=BTC,
        ticket=ticket,
        created_ms=0,
        updated_ms=0,
        status=status,
    )


def test_a_new_order_is_what_was_asked_for() -> None:
    ticket = Ticket(
        side=Side.SELL,
        type=OrderType.LIMIT,
        lots=10,
        ticks=7,
        time_in_force=TimeInForce.GTD,
        client_id="asked",
        reduce_only=True,
        self_trade=SelfTrade.NONE,
        good_till_ms=99,
    )
    order = Order.of(ticket, BTC, order_id=5, client_id="given", now_ms=3)
    names = set(Ticket.__struct_fields__) - {"client_id"}
    assert {name: getattr(order, name) for name in names} == {
        name: getattr(ticket, name) for name in names
    }
    assert (order.order_id, order.client_id, order.contract) == (5, "given", BTC)
    assert (order.original_type, order.created_ms, order.updated_ms) == (OrderType.LIMIT, 3, 3)


def test_remaining_is_what_was_not_executed() -> None:
    assert an_order().remaining == 10
    assert an_order(executed=4).remaining == 6


@pytest.mark.parametrize("status", Status)
def test_order_is_open_until_something_final_happens(status: Status) -> None:
    is_open = status in {Status.NEW, Status.PARTIALLY_FILLED}
    assert an_order(status=status).is_open is is_open


@pytest.mark.parametrize("status", AlgoStatus)
def test_conditional_order_is_open_until_it_triggers(status: AlgoStatus) -> None:
    assert an_algo(status).is_open is (status is AlgoStatus.NEW)


def test_types_that_wait_for_a_price_are_conditional() -> None:
    at_once = {OrderType.LIMIT, OrderType.MARKET, OrderType.LIQUIDATION}
    assert at_once | CONDITIONAL == set(OrderType)
    assert not at_once & CONDITIONAL
