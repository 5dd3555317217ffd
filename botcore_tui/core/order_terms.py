"""Quantity and price of an order, which others can change at the venue under our hands."""

from botcore_tui.core.notes import note
from botcore_tui.core.order_life import Order
from botcore_tui.core.order_moves import Step
from botcore_tui.model.order import OrderReport, OrderType
from botcore_tui.model.severity import Severity


def learn_terms(order: Order, report: OrderReport, time_ms: int, step: Step) -> None:
    """Take over what the venue says now; an older word that comes late counts for nothing.

    We never amend an order: whoever did is told of, since its exposure is another.
    """
    request = order.request
    if request.is_algo or report.time_ms < order.told_ms or not report.quantity:
        return
    order.told_ms = report.time_ms
    price = report.price if request.type is OrderType.LIMIT else request.price
    if (report.quantity, price) == (order.quantity, order.price):
        return
    was, is_now = _terms(order), f"{report.quantity} at {report.price}"
    order.quantity, order.price = report.quantity, price
    step.touch(order)
    step.effects += note(
        Severity.WARNING,
        "order.amended",
        f"{request.symbol}: order {order.client_order_id} was changed at the venue:"
        f" {was} -> {is_now}",
        time_ms=time_ms,
        symbol=request.symbol,
        client_order_id=order.client_order_id,
    )


def _terms(order: Order) -> str:
    return f"{order.quantity} at {order.price or 'market'}"
