"""Open orders are summed in one pass, just as the register tells them one by one."""

from decimal import Decimal

import pytest
from desk_stage import Stage, buy
from market_builders import SYMBOL
from order_builders import a_request, a_stop_request
from recollection_builders import an_intent

from botcore_tui.core.order_life import Order
from botcore_tui.core.working import Working
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType, Purpose


def an_order(request: OrderRequest) -> Order:
    return Order(an_intent(request), time_ms=0)


def test_sums_are_those_of_the_register() -> None:
    stage = Stage().begin()
    stage.tell(buy("2"))
    stage.tell(buy("0.5", price="98"))
    stage.tell(buy("0.25", price="97"))
    state = stage.desk.state
    working = Working(state.register.unsorted())
    assert working.exposed(state.portfolio.holdings()) == {SYMBOL}
    assert state.working().exposed(state.portfolio.holdings()) == {SYMBOL}
    for side in Side:
        assert working.exposure(SYMBOL, side) == state.register.exposure(SYMBOL, side)
    found = working.gross([SYMBOL], state.portfolio.quantity, state.mark)
    assert found == state.gross_notional() == Decimal(275)


@pytest.mark.requirement("P05")
@pytest.mark.requirement("P17")
def test_book_and_conditional_orders_are_counted_apart() -> None:
    stop = Order(an_intent(a_stop_request()), time_ms=0)
    market = an_order(a_request(client_order_id="m", order_type=OrderType.MARKET))
    reducing = an_order(
        a_request(client_order_id="r", side=Side.SELL, purpose=Purpose.EXIT, price="104")
    )
    priceless = an_order(a_request(client_order_id="p", price=None))
    elsewhere = an_order(
        a_request(client_order_id="e", symbol="ETHUSDT", side=Side.SELL, price="9")
    )
    working = Working([stop, market, reducing, priceless, elsewhere])
    assert (working.conditional, working.in_book(SYMBOL), working.in_book("ETHUSDT")) == (1, 3, 1)
    assert working.prices(SYMBOL, Side.SELL) == (Decimal(104),)
    assert working.prices(SYMBOL, Side.BUY) == ()
    assert working.exposure(SYMBOL, Side.BUY) == 2
    assert working.exposure(SYMBOL, Side.SELL) == 0
    assert working.exposed([]) == {SYMBOL, "ETHUSDT"}


def test_worst_case_is_unknown_without_a_mark_and_that_of_the_larger_side() -> None:
    orders = [
        an_order(a_request(client_order_id="b", quantity="3")),
        an_order(a_request(client_order_id="s", side=Side.SELL, quantity="4")),
    ]
    orders[0].told_quantity = Decimal("0.5")
    orders[0].fills_quantity = Decimal(0)
    assert Working(orders).exposure(SYMBOL, Side.BUY) == 3  # it is in no position yet
    orders[0].fills_quantity = Decimal("0.5")
    assert Working(orders).exposure(SYMBOL, Side.BUY) == Decimal("2.5")
    orders[0].fills_quantity = Decimal(0)
    orders[0].told_quantity = Decimal(0)
    working = Working(orders)
    assert working.gross([SYMBOL], lambda _: Decimal(2), lambda _: None) is None
    assert working.gross([SYMBOL], lambda _: Decimal(2), lambda _: Decimal(10)) == 50
    assert working.gross([SYMBOL], lambda _: Decimal(-2), lambda _: Decimal(10)) == 60
