"""Orders, conditional orders and trades of the account as the venue's replies show them.

Source: Binance USD-M futures REST, pages of trade (2026-05), and the models of its SDK 18.0.1: what
POST, PUT and DELETE answer has no ``avgPrice``, ``cumQuote`` and ``cumBase`` since 2026-07-15.
"""

from typing import Final

from botcore_tui.exchange.sim.money import money_text, scaled_text
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    Amendment,
    Fill,
    Order,
    OrderType,
    Status,
    TimeInForce,
)
from botcore_tui.model.market import Side

View = dict[str, object]
"""What becomes a JSON object."""

_ATONCE: Final = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_NO_PRICE: Final = "0.00000"


def placed(order: Order, *, is_final: bool) -> View:
    """What ``POST order`` answers.

    Args:
        order: Just taken.
        is_final: Show what became of it at once (``newOrderRespType`` RESULT); else only that it
            was taken. Of an order that may rest the venue never shows more than that.
    """
    view = _changed(order)
    if not (is_final and (order.type is OrderType.MARKET or order.time_in_force in _ATONCE)):
        view["status"] = Status.NEW
        view["executedQty"] = view["cumQty"] = order.contract.quantity_text(0)
        view["updateTime"] = order.created_ms
    return view


def checked(order: Order) -> View:
    """What ``POST order/test`` answers; that one still has the averages."""
    view = placed(order, is_final=False)
    view["cumQuote"] = "0"
    view["avgPrice"] = _NO_PRICE
    return view


def cancelled(order: Order) -> View:
    """What ``DELETE order`` answers."""
    return _changed(order)


def amended(order: Order, modify_id: int | None) -> View:
    """What ``PUT order`` answers; ``modify_id`` is what the client gave, if anything."""
    view = _changed(order)
    view["pair"] = order.contract.symbol
    if modify_id is not None:
        view["modifyId"] = modify_id
    return view


def queried(order: Order, algo: AlgoOrder | None = None) -> View:
    """What ``GET order`` and its like answer.

    Args:
        order: Asked for.
        algo: The trailing stop that became it; its distance is shown.
    """
    contract = order.contract
    view = _changed(order)
    view["avgPrice"] = contract.average_text(order.quote, order.executed)
    view["cumQuote"] = contract.worth_text(order.quote)
    # Both since 2026-08-05; what the contract is not margined in is "0".
    view["cumBase"] = "0"
    view["pair"] = contract.symbol
    view["time"] = order.created_ms
    if algo is not None:
        view["activatePrice"] = contract.price_text(algo.ticket.activate_ticks)
        view["priceRate"] = callback_text(algo.ticket.callback)
    return view


def forced(order: Order) -> View:
    """A row of ``GET forceOrders``."""
    contract = order.contract
    return {
        "orderId": order.order_id,
        "symbol": contract.symbol,
        "pair": contract.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": contract.price_text(order.ticks),
        "avgPrice": contract.average_text(order.quote, order.executed),
        "origQty": contract.quantity_text(order.lots),
        "executedQty": contract.quantity_text(order.executed),
        "cumQuote": contract.worth_text(order.quote),
        "cumBase": "0",
        "timeInForce": order.time_in_force,
        "type": _shown_type(order.type),
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side,
        "positionSide": "BOTH",
        "stopPrice": "0",
        "workingType": order.working_type,
        "origType": _shown_type(order.original_type),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
    }


def _changed(order: Order) -> View:
    contract = order.contract
    executed = contract.quantity_text(order.executed)
    return {
        "orderId": order.order_id,
        "symbol": contract.symbol,
        "status": order.status,
        "clientOrderId": order.client_id,
        "price": contract.price_text(order.ticks),
        "origQty": contract.quantity_text(order.lots),
        "executedQty": executed,
        "cumQty": executed,
        "timeInForce": order.time_in_force,
        "type": _shown_type(order.type),
        "reduceOnly": order.reduce_only,
        "closePosition": order.close_position,
        "side": order.side,
        "positionSide": "BOTH",
        "stopPrice": contract.price_text(order.trigger_ticks),
        "workingType": order.working_type,
        "priceProtect": order.price_protect,
        "origType": _shown_type(order.original_type),
        "priceMatch": "NONE",
        "selfTradePreventionMode": order.self_trade,
        "goodTillDate": order.good_till_ms,
        "updateTime": order.updated_ms,
    }


def _shown_type(kind: OrderType) -> str:
    # LIQUIDATION is a word of the user's stream only; forceOrders shows LIMIT.
    return OrderType.LIMIT if kind is OrderType.LIQUIDATION else kind


def amendment(change: Amendment) -> View:
    """A row of ``GET orderAmendment``."""
    order = change.order
    contract = order.contract
    return {
        "amendmentId": change.amendment_id,
        "symbol": contract.symbol,
        "pair": contract.symbol,
        "orderId": order.order_id,
        "clientOrderId": order.client_id,
        "time": change.time_ms,
        "amendment": {
            "price": {
                "before": contract.price_text(change.ticks_before),
                "after": contract.price_text(change.ticks),
            },
            "origQty": {
                "before": contract.quantity_text(change.lots_before),
                "after": contract.quantity_text(change.lots),
            },
            "count": change.number,
        },
    }


def traded(fill: Fill) -> View:
    """A row of ``GET userTrades``."""
    order = fill.order
    contract = order.contract
    quantity = contract.quantity_text(fill.lots)
    return {
        "symbol": contract.symbol,
        "pair": contract.symbol,
        "id": fill.trade_id,
        "orderId": order.order_id,
        "side": order.side,
        "price": contract.price_text(fill.ticks),
        "qty": quantity,
        "realizedPnl": money_text(fill.realized),
        "quoteQty": contract.worth_text(contract.notional(fill.ticks, fill.lots)),
        "baseQty": quantity,
        "commission": money_text(fill.fee),
        "commissionAsset": "USDT",
        "marginAsset": "USDT",
        "time": fill.time_ms,
        "positionSide": "BOTH",
        "maker": fill.is_maker,
        "buyer": order.side is Side.BUY,
    }


# --- conditional orders -------------------------------------------------------------------------


def algo_placed(algo: AlgoOrder) -> View:
    """What ``POST algoOrder`` answers."""
    view = _algo(algo)
    ticket, contract = algo.ticket, algo.contract
    is_trailing = ticket.type is OrderType.TRAILING_STOP_MARKET
    activate = contract.price_text(ticket.activate_ticks) if ticket.activate_ticks else ""
    view["activatePrice"] = activate
    view["callbackRate"] = callback_text(ticket.callback) if is_trailing else ""
    return view


def algo_queried(algo: AlgoOrder) -> View:
    """What ``GET algoOrder``, ``openAlgoOrders`` and ``allAlgoOrders`` answer."""
    view = algo_placed(algo)
    contract, order = algo.contract, algo.order
    none = contract.price_text(0)
    view["actualOrderId"] = "" if order is None else str(order.order_id)
    view["actualPrice"] = (
        _NO_PRICE if order is None else contract.average_text(order.quote, order.executed)
    )
    view["actualType"] = "" if order is None else order.type
    view["actualQty"] = contract.quantity_text(0 if order is None else order.executed)
    view["tpTriggerPrice"] = view["tpPrice"] = none
    view["slTriggerPrice"] = view["slPrice"] = none
    view["tpOrderType"] = ""
    return view


def algo_cancelled(algo: AlgoOrder) -> View:
    """What ``DELETE algoOrder`` answers."""
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "code": "200",
        "msg": "success",
    }


def callback_text(callback: int) -> str:
    """A trailing distance in percent; one decimal at least, such as ``5.0``."""
    # Binance, "Event: Order Update": "cr":"5.0"; replies that clients logged: "priceRate":"1.0".
    text = scaled_text(callback, 6).rstrip("0")
    return text + "0" if text.endswith(".") else text


def _algo(algo: AlgoOrder) -> View:
    ticket, contract = algo.ticket, algo.contract
    return {
        "algoId": algo.algo_id,
        "clientAlgoId": algo.client_id,
        "algoType": "CONDITIONAL",
        "orderType": ticket.type,
        "symbol": contract.symbol,
        "side": ticket.side,
        "positionSide": "BOTH",
        "timeInForce": ticket.time_in_force,
        "quantity": contract.quantity_text(ticket.lots),
        "algoStatus": algo.status,
        "triggerPrice": contract.price_text(ticket.trigger_ticks),
        "price": contract.price_text(ticket.ticks),
        "icebergQuantity": None,
        "selfTradePreventionMode": ticket.self_trade,
        "workingType": ticket.working_type,
        "priceMatch": "NONE",
        "closePosition": ticket.close_position,
        "priceProtect": ticket.price_protect,
        "reduceOnly": ticket.reduce_only,
        "createTime": algo.created_ms,
        "updateTime": algo.updated_ms,
        "triggerTime": algo.triggered_ms,
        "goodTillDate": ticket.good_till_ms,
    }
