"""Which state of an order may follow which."""

from decimal import Decimal

import pytest
from order_builders import NOW_MS, STOP_ID, a_request, a_stop_request, an_order_report
from recollection_builders import an_intent

from botcore_tui.core.inquiry import Need
from botcore_tui.core.order_life import AFTER, AFTER_PRESUMED, OF_ALGO, Order, state_told
from botcore_tui.model.event import Cancel, Query
from botcore_tui.model.order import AlgoStatus, OrderRequest, OrderState, VenueStatus


def an_order(
    request: OrderRequest | None = None,
    *,
    state: OrderState = OrderState.OPEN,
    told: str = "0",
    seen: str = "0",
) -> Order:
    order = Order(an_intent(request), state=state, time_ms=NOW_MS)
    order.told_quantity, order.fills_quantity = Decimal(told), Decimal(seen)
    return order


def test_every_state_says_what_may_follow() -> None:
    assert AFTER.keys() == set(OrderState)
    assert all(state not in after for state, after in AFTER.items())


def test_no_way_leads_back() -> None:
    """Legal transitions have no circle, so the order of the venue's words does not matter."""
    rank: dict[OrderState, int] = {}

    def longest(state: OrderState) -> int:
        if state not in rank:
            rank[state] = 1 + max((longest(after) for after in AFTER[state]), default=0)
        return rank[state]

    assert max(map(longest, OrderState)) == rank[OrderState.PLANNED]


def test_only_a_concluded_end_can_be_overruled() -> None:
    for state in OrderState:
        order = an_order(state=state)
        if not state.is_terminal:
            continue
        assert not order.can_become(OrderState.OPEN)
        if state in AFTER_PRESUMED:
            order.is_presumed = True
            assert order.can_become(OrderState.OPEN)
            assert order.can_become(OrderState.FILLED)


@pytest.mark.parametrize("state", [OrderState.CANCELED, OrderState.EXPIRED])
def test_ended_order_can_still_turn_out_filled(state: OrderState) -> None:
    assert an_order(state=state).can_become(OrderState.FILLED)
    assert not an_order(state=state).can_become(OrderState.PARTLY_FILLED)


def test_filled_quantity_is_the_greater_of_told_and_seen() -> None:
    order = an_order(told="0.4", seen="0.1")
    assert order.filled_quantity == Decimal("0.4")
    assert order.misses_fills
    assert order.remaining == Decimal("0.6")
    order = an_order(told="0.4", seen="1.5")
    assert order.filled_quantity == Decimal("1.5")
    assert not order.misses_fills
    assert order.remaining == 0


def test_order_knows_what_it_is_for() -> None:
    assert an_order().is_entry
    assert not an_order(a_stop_request()).is_entry


def test_copy_is_refused_after_the_longest_window_if_none_is_known() -> None:
    order = an_order()
    assert order.refused_from_ms == NOW_MS + 60_000
    order.expires_ms = NOW_MS + 5
    assert order.refused_from_ms == NOW_MS + 5


def test_conditional_order_is_asked_for_at_its_service_until_its_number_is_known() -> None:
    order = an_order(a_stop_request())
    assert order.query() == Query(client_order_id=STOP_ID, symbol="BTCUSDT", is_algo=True)
    assert order.cancel() == Cancel(client_order_id=STOP_ID, symbol="BTCUSDT", is_algo=True)
    order.state = OrderState.TRIGGERED
    assert order.query().is_algo
    assert not order.cancel().is_algo
    order.order_id = 7
    assert order.query() == Query(
        client_order_id=STOP_ID, symbol="BTCUSDT", is_algo=False, order_id=7
    )


def test_need_is_the_most_pressing_one() -> None:
    assert an_order(state=OrderState.PLANNED).need() is None
    assert an_order(state=OrderState.UNKNOWN).need() is Need.EXISTENCE
    assert an_order(state=OrderState.FILLED, told="1").need() is Need.FILLS
    assert an_order(state=OrderState.CANCELED).need() is None
    assert an_order().need() is None
    doubted = an_order()
    doubted.is_doubted = True
    assert doubted.need() is Need.STATE
    assert an_order(a_stop_request(), state=OrderState.TRIGGERED).need() is Need.OUTCOME
    stop = an_order(a_stop_request())
    assert stop.need() is Need.SIGHT
    stop.is_verified = True
    assert stop.need() is None


def test_every_word_of_the_venue_is_a_state() -> None:
    order = an_order()
    for status in VenueStatus:
        assert state_told(order, an_order_report(status=status)) in AFTER[OrderState.UNKNOWN]
    assert OF_ALGO.keys() == set(AlgoStatus)


def test_new_order_of_the_book_means_what_it_was_before() -> None:
    report = an_order_report(status=VenueStatus.NEW)
    assert state_told(an_order(a_request()), report) is OrderState.OPEN
    assert state_told(an_order(a_stop_request()), report) is OrderState.TRIGGERED
    part = an_order_report(status=VenueStatus.NEW, filled_quantity="0.1")
    assert state_told(an_order(a_request()), part) is OrderState.PARTLY_FILLED
