"""Orders with our prefix that nobody remembers are taken over as the venue tells them."""

from decimal import Decimal

import pytest
from order_builders import NOW_MS, a_fill, an_algo_report, an_order_report
from order_stage import Stage

from botcore_tui.core.adoption import adopted
from botcore_tui.core.order_moves import Step
from botcore_tui.model.event import Append
from botcore_tui.model.ledger import OrderRow
from botcore_tui.model.order import (
    AlgoStatus,
    OrderReport,
    OrderState,
    OrderType,
    Purpose,
    Source,
    VenueStatus,
)


def test_limit_order_is_taken_over() -> None:
    report = an_order_report(
        client_order_id="bc-old-1-x", status=VenueStatus.PARTIALLY_FILLED, filled_quantity="0.2"
    )
    order = adopted(report, NOW_MS + 9)
    request = order.request
    assert (request.type, request.price, request.quantity) == (
        OrderType.LIMIT,
        Decimal(100),
        Decimal(1),
    )
    assert request.purpose is Purpose.EXIT
    assert order.state is OrderState.PARTLY_FILLED
    assert order.filled_quantity == Decimal("0.2")
    assert order.created_ms == NOW_MS


@pytest.mark.requirement("F03", "F14")
def test_end_of_an_order_that_is_taken_over_is_recorded_with_all_that_it_executed() -> None:
    stage = Stage()
    ended = an_order_report(
        client_order_id="bc-old-1-x",
        order_id=77,
        status=VenueStatus.FILLED,
        filled_quantity="1",
        source=Source.QUERY,
    )
    told = stage.process(ended)
    # A crash before its executions are in the ledger must leave an order that is asked about.
    assert recorded(told) == []

    executed = stage.process(a_fill(1, client_order_id="bc-old-1-x", order_id=77, quantity="1"))

    assert [(row.state, row.filled_quantity) for row in recorded(executed)] == [
        (OrderState.FILLED, Decimal(1))
    ]


def recorded(step: Step) -> list[OrderRow]:
    """Rows of orders for the ledger."""
    rows = [effect.row for effect in step.effects if isinstance(effect, Append)]
    return [row for row in rows if isinstance(row, OrderRow)]


def test_order_without_a_price_is_a_market_order() -> None:
    order = adopted(an_order_report(price="0", time_ms=0), NOW_MS)
    assert order.request.type is OrderType.MARKET
    assert order.request.price is None
    assert order.created_ms == NOW_MS


def test_conditional_order_is_taken_over() -> None:
    order = adopted(an_algo_report(status=AlgoStatus.TRIGGERED), NOW_MS)
    assert order.request.type is OrderType.STOP_MARKET
    assert order.request.trigger_price == 90
    assert order.request.close_position
    assert order.state is OrderState.TRIGGERED


def test_conditional_order_of_another_type_counts_as_a_stop() -> None:
    order = adopted(an_algo_report(word="STOP", trigger_price="0"), NOW_MS)
    assert order.request.type is OrderType.STOP_MARKET
    assert order.request.trigger_price is None


@pytest.mark.parametrize(
    ("report", "purpose"),
    [
        (an_order_report(client_order_id="bc-odd"), Purpose.ENTRY),
        (an_order_report(client_order_id="bc-odd", reduce_only=True), Purpose.EXIT),
        (an_order_report(client_order_id="bc-odd", close_position=True), Purpose.EXIT),
    ],
)
def test_order_that_does_not_say_what_for_is_an_entry_unless_it_reduces(
    report: OrderReport, purpose: Purpose
) -> None:
    assert adopted(report, NOW_MS).request.purpose is purpose
