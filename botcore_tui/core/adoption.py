"""Orders with our prefix that nobody here remembers: of another run, or lost with the ledger."""

from typing import Final

from botcore_tui.core.client_ids import purpose_of
from botcore_tui.core.order_life import OF_ALGO, Order, state_told
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.order import AlgoReport, OrderReport, OrderRequest, OrderType, Purpose

_ALGO_TYPES: Final = {each.value: each for each in OrderType if each.is_conditional}


def adopted(report: OrderReport | AlgoReport, time_ms: int) -> Order:
    """An order as far as the venue's word on it tells."""
    if isinstance(report, AlgoReport):
        order = _order(_algo_request(report), time_ms)
        order.state = OF_ALGO[report.status]
    else:
        order = _order(_book_request(report), time_ms)
        order.state = state_told(order, report)
        # Before it is recorded: its end is, once its executions are.
        order.told_quantity = report.filled_quantity
    return order


def _order(request: OrderRequest, time_ms: int) -> Order:
    intent = IntentRow(request=request, stop_price=None, target_price=None, trail_pct=None)
    order = Order(intent, time_ms=time_ms)
    order.created_ms = request.created_ms or time_ms
    return order


def _book_request(report: OrderReport) -> OrderRequest:
    # What was a conditional order once is one of the book by now.
    is_limit = report.price > 0
    return OrderRequest(
        client_order_id=report.client_order_id,
        symbol=report.symbol,
        side=report.side,
        type=OrderType.LIMIT if is_limit else OrderType.MARKET,
        purpose=_purpose(report),
        quantity=report.quantity,
        price=report.price if is_limit else None,
        reduce_only=report.reduce_only,
        close_position=report.close_position,
        reason="adopted",
        created_ms=report.time_ms,
    )


def _algo_request(report: AlgoReport) -> OrderRequest:
    return OrderRequest(
        client_order_id=report.client_order_id,
        symbol=report.symbol,
        side=report.side,
        type=_ALGO_TYPES.get(report.type, OrderType.STOP_MARKET),
        purpose=_purpose(report),
        quantity=report.quantity,
        trigger_price=report.trigger_price if report.trigger_price > 0 else None,
        reduce_only=report.reduce_only,
        close_position=report.close_position,
        reason="adopted",
        created_ms=report.time_ms,
    )


def _purpose(report: OrderReport | AlgoReport) -> Purpose:
    purpose = purpose_of(report.client_order_id)
    if purpose is not None:
        return purpose
    # What is not known to reduce counts as exposure.
    is_reducing = report.reduce_only or report.close_position
    return Purpose.EXIT if is_reducing else Purpose.ENTRY
