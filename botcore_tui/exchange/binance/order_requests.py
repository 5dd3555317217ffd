"""What we ask for, in the venue's words; pure.

Source: Binance USD-M futures REST, "New Order", "New Algo Order" and the pages beside them
(2026-05): conditional orders have had a service of their own since 2025-12-09.
"""

from collections.abc import Mapping
from decimal import Decimal

from botcore_tui.exchange.base import OrderError
from botcore_tui.model.event import Cancel, Query
from botcore_tui.model.order import OrderRequest, OrderType, Outcome

Parameters = Mapping[str, str | int]


def placing(request: OrderRequest) -> tuple[str, Parameters]:
    """Endpoint and parameters that place an order.

    Raises:
        OrderError: It lacks something that the venue must be told, so it is not sent.
    """
    if request.is_algo:
        return "POST algoOrder", _conditional(request)
    parameters = _common(request)
    parameters["newClientOrderId"] = request.client_order_id
    parameters["quantity"] = _number("quantity", request.quantity)
    if request.type is OrderType.LIMIT:
        parameters["price"] = _number("price", request.price)
        if request.time_in_force is None:
            raise _lacks("time in force")
        parameters["timeInForce"] = request.time_in_force.value
    # What became of it at once, where it does not rest.
    parameters["newOrderRespType"] = "RESULT"
    if request.reduce_only:
        parameters["reduceOnly"] = "true"
    return "POST order", parameters


def cancelling(cancel: Cancel) -> tuple[str, Parameters]:
    """Endpoint and parameters that cancel an order."""
    name = "clientAlgoId" if cancel.is_algo else "origClientOrderId"
    parameters = {"symbol": cancel.symbol, name: cancel.client_order_id}
    return "DELETE algoOrder" if cancel.is_algo else "DELETE order", parameters


def asking(query: Query) -> tuple[str, Parameters]:
    """Endpoint and parameters that ask for one order; by our id, else by the venue's number."""
    parameters: dict[str, str | int] = {"symbol": query.symbol}
    if query.is_algo:
        parameters["clientAlgoId"] = query.client_order_id
        return "algoOrder", parameters
    if query.client_order_id:
        parameters["origClientOrderId"] = query.client_order_id
    else:
        parameters["orderId"] = query.order_id
    return "order", parameters


def _conditional(request: OrderRequest) -> Parameters:
    parameters = _common(request)
    parameters["algoType"] = "CONDITIONAL"
    parameters["clientAlgoId"] = request.client_order_id
    # The venue's default is the last price, which one odd trade can move.
    if request.type is OrderType.STOP_MARKET:
        parameters["workingType"] = "MARK_PRICE"
    if request.type is OrderType.TRAILING_STOP_MARKET:
        parameters["callbackRate"] = _number("callback", request.callback_pct)
        if request.trigger_price is not None:
            parameters["activatePrice"] = _number("trigger price", request.trigger_price)
    else:
        parameters["triggerPrice"] = _number("trigger price", request.trigger_price)
    if request.close_position:
        parameters["closePosition"] = "true"  # Neither a quantity nor reduceOnly may stand beside.
        return parameters
    parameters["quantity"] = _number("quantity", request.quantity)
    if request.reduce_only:
        parameters["reduceOnly"] = "true"
    return parameters


def _common(request: OrderRequest) -> dict[str, str | int]:
    return {
        "symbol": request.symbol,
        "side": request.side.value,
        "type": request.type.value,
    }


def _number(name: str, value: Decimal | None) -> str:
    if value is None:
        raise _lacks(name)
    if not value.is_finite() or value <= 0:
        raise OrderError(Outcome.REJECTED, 0, f"not sent: {name} {value} is not above zero")
    return f"{value:f}"


def _lacks(name: str) -> OrderError:
    return OrderError(Outcome.REJECTED, 0, f"not sent: it has no {name}")
