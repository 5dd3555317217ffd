"""Orders are found by name and number, and memory has bounds."""

from decimal import Decimal

import pytest
from market_builders import SYMBOL
from order_builders import NOW_MS, a_request, a_stop_request
from recollection_builders import an_intent

from botcore_tui.core.order_index import Counts, OrderIndex
from botcore_tui.core.order_life import Order
from botcore_tui.core.working import Working
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState


def an_order(name: str = "bc-r1-1-e", *, symbol: str = SYMBOL, after_ms: int = 0) -> Order:
    request = a_request(client_order_id=name, symbol=symbol, created_ms=NOW_MS + after_ms)
    return Order(an_intent(request), state=OrderState.OPEN, time_ms=NOW_MS)


def ended(index: OrderIndex, name: str, *, number: int = 0) -> Order:
    order = an_order(name)
    index.add(order)
    if number:
        index.learn_number(order, number)
    order.state = OrderState.CANCELED
    index.settle(order)
    return order


def test_order_is_found_by_name_and_by_number() -> None:
    index = OrderIndex()
    order = an_order()
    index.add(order)
    assert index.find(SYMBOL, "bc-r1-1-e", 0) is order
    assert index.find(SYMBOL, "", 7) is None
    index.learn_number(order, 7)
    assert index.find(SYMBOL, "", 7) is order
    assert index.find("OTHER", "", 7) is None
    assert index.is_used("bc-r1-1-e")
    assert not index.is_used("bc-r1-2-e")


def test_open_orders_come_oldest_first_and_by_symbol() -> None:
    index = OrderIndex()
    late, early = an_order("bc-r1-2-e", after_ms=5), an_order("bc-r1-1-e", symbol="OTHER")
    index.add(late)
    index.add(early)
    assert index.open() == [early, late]
    assert index.open("OTHER") == [early]
    assert index.earliest_ms(SYMBOL) == NOW_MS + 5
    assert index.earliest_ms("NONE") is None


def test_only_living_entries_of_a_side_count_as_exposure() -> None:
    index = OrderIndex()
    index.add(an_order())
    ended(index, "bc-r1-3-e")
    index.add(Order(an_intent(a_stop_request(quantity="1")), time_ms=NOW_MS))
    working = Working(index.unsorted(), (), index.unseen())
    assert working.exposure(SYMBOL, Side.BUY) == 1
    assert working.exposure(SYMBOL, Side.SELL) == 0


def test_ended_order_lives_on_while_fills_are_missing() -> None:
    index = OrderIndex()
    order = ended(index, "bc-r1-1-e")
    assert index.live() == []
    order.told_quantity = Decimal(1)
    index.settle(order)
    assert index.live() == [order]
    assert index.misses_fills(SYMBOL)
    assert not index.misses_fills("OTHER")
    assert not index.misses_exits(SYMBOL)
    assert index.open() == []
    order.fills_quantity = Decimal(1)
    index.settle(order)
    assert index.live() == []


def test_exits_whose_fills_are_missing_are_told_apart() -> None:
    index = OrderIndex()
    stop = Order(an_intent(a_stop_request()), state=OrderState.TRIGGERED, time_ms=NOW_MS)
    index.add(stop)
    assert not index.misses_exits(SYMBOL)
    stop.told_quantity = Decimal(1)
    assert index.misses_exits(SYMBOL)
    assert not index.misses_exits("OTHER")


def test_order_that_comes_back_is_not_among_the_ended() -> None:
    index = OrderIndex()
    order = ended(index, "bc-r1-1-e")
    order.state = OrderState.OPEN
    index.settle(order)
    assert index.recent(5) == []
    assert index.open() == [order]


def test_oldest_ended_orders_leave_only_their_names() -> None:
    index = OrderIndex(keep_ended=2, keep_ids=1)
    orders = [ended(index, f"bc-r1-{number}-e", number=number) for number in (1, 2, 3)]
    assert index.recent(5) == [orders[2], orders[1]]
    assert index.recent(1) == [orders[2]]
    assert index.of("bc-r1-1-e") is None
    assert index.find(SYMBOL, "", 1) is None
    assert index.is_used("bc-r1-1-e")
    ended(index, "bc-r1-4-e")
    assert not index.is_used("bc-r1-1-e")
    assert index.is_used("bc-r1-2-e")


def test_orders_that_miss_fills_are_never_dropped() -> None:
    index = OrderIndex(keep_ended=1)
    for name in ("bc-r1-1-e", "bc-r1-2-e"):
        order = an_order(name)
        index.add(order)
        order.state, order.told_quantity = OrderState.CANCELED, Decimal(1)
        index.settle(order)
    assert len(index.recent(5)) == 2


@pytest.mark.requirement("A11")
def test_counts_balance_as_orders_move() -> None:
    counts = Counts()
    assert counts.is_balanced
    for state in OrderState:
        counts.add(state)
    assert (counts.sent, counts.in_flight, counts.unknown) == (11, 2, 1)
    assert (counts.rejected, counts.not_placed, counts.acknowledged) == (1, 1, 6)
    counts.move(OrderState.UNKNOWN, OrderState.FILLED)
    assert (counts.unknown, counts.acknowledged) == (0, 7)
    assert counts.is_balanced
    counts.move(OrderState.UNKNOWN, OrderState.FILLED)
    assert not counts.is_balanced
