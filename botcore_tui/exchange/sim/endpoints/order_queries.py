"""Questions about orders and trades of the account.

Source: Binance USD-M futures REST, pages of trade (2026-05); ``allOrders`` without a symbol since
2026-08-25, trades of three months since 2026-08-26.
"""

from typing import Final

from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, Security, by_symbol
from botcore_tui.exchange.sim.endpoints.orders import find
from botcore_tui.exchange.sim.endpoints.spans import DAY_MS, QUARTER_MS, Span
from botcore_tui.exchange.sim.order_views import View, amendment, forced, queried, traded
from botcore_tui.exchange.sim.orders import Fill, Order, OrderType, Status
from botcore_tui.exchange.sim.refusals import RefusalError

_WEEK_DAYS: Final = 7
_FORGOTTEN_MS: Final = 3 * DAY_MS
_ENDED: Final = frozenset({Status.CANCELED, Status.EXPIRED, Status.EXPIRED_IN_MATCH})
_AUTO_CLOSE: Final = {"LIQUIDATION": "autoclose-", "ADL": "adl_autoclose"}


def get(call: Call) -> View:
    """``GET order``."""
    contract = call.contract()
    order = find(call, contract)
    if order is None or not is_kept(order, call.now_ms) or not _is_visible(call, order):
        raise RefusalError(-2013)
    return _view(call, order)


def get_open(call: Call) -> View:
    """``GET openOrder``."""
    order = find(call, call.contract())
    if order is None or not order.is_open or not _is_visible(call, order):
        raise RefusalError(-2013)
    return _view(call, order)


def list_open(call: Call) -> list[View]:
    """``GET openOrders``."""
    market = call.optional_market()
    symbol = "" if market is None else market.contract.symbol
    return [_view(call, order) for order in call.venue.floor.orders.open(symbol)]


def list_all(call: Call) -> list[View]:
    """``GET allOrders``."""
    market = call.optional_market()
    from_id = call.parameters.integer("orderId")
    limit = call.parameters.limit(500, 1_000)
    span = Span.read(call.parameters, _WEEK_DAYS, call.now_ms)
    orders = [
        order
        for order in call.venue.floor.orders
        if (market is None or order.contract.symbol == market.contract.symbol)
        and is_kept(order, call.now_ms)
    ]
    if from_id is not None:
        found = [order for order in orders if order.order_id >= from_id][:limit]
    else:
        found = span.select(orders, _created, limit)
    return [_view(call, order) for order in found]


def trades(call: Call) -> list[View]:
    """``GET userTrades``."""
    symbol = call.contract().symbol
    parameters = call.parameters
    order_id, from_id = parameters.integer("orderId"), parameters.integer("fromId")
    limit = parameters.limit(500, 1_000)
    if from_id is not None and (parameters.has("startTime") or parameters.has("endTime")):
        raise RefusalError(-1128)
    span = Span.read(parameters, _WEEK_DAYS, call.now_ms)
    fills = [
        fill
        for fill in call.venue.floor.account.fills
        if fill.order.contract.symbol == symbol
        and (order_id is None or fill.order.order_id == order_id)
    ]
    if from_id is not None:
        oldest = call.now_ms - QUARTER_MS
        found = [fill for fill in fills if fill.trade_id >= from_id and fill.time_ms >= oldest]
        return [traded(fill) for fill in found[:limit]]
    return [traded(fill) for fill in span.select(fills, _traded_ms, limit)]


def amendments(call: Call) -> list[View]:
    """``GET orderAmendment``, newest first."""
    contract = call.contract()
    limit = call.parameters.limit(50, 100)
    start, end = call.parameters.span()
    order = find(call, contract)
    if order is None:
        raise RefusalError(-2013)
    found = [
        change
        for change in reversed(call.venue.desk.amendments)
        if change.order is order
        and (start is None or change.time_ms >= start)
        and (end is None or change.time_ms <= end)
    ]
    return [amendment(change) for change in found[:limit]]


def force_orders(call: Call) -> list[View]:
    """``GET forceOrders``: what the venue closed for the account."""
    market = call.optional_market()
    limit = call.parameters.limit(50, 100)
    kind = call.parameters.text("autoCloseType")
    if kind and kind not in _AUTO_CLOSE:
        raise RefusalError(-1130, "autoCloseType")
    beginnings = (_AUTO_CLOSE[kind],) if kind else tuple(_AUTO_CLOSE.values())
    span = Span.read(call.parameters, _WEEK_DAYS, call.now_ms)
    orders = [
        order
        for order in call.venue.floor.orders
        if order.client_id.startswith(beginnings)
        and (market is None or order.contract.symbol == market.contract.symbol)
    ]
    return [forced(order) for order in span.select(orders, _created, limit)]


def is_kept(order: Order, now_ms: int) -> bool:
    """Whether the venue still tells of an order (Query Order: three days, ninety days)."""
    age = now_ms - order.created_ms
    if age > QUARTER_MS:
        return False
    return age <= _FORGOTTEN_MS or order.status not in _ENDED or order.executed > 0


def _view(call: Call, order: Order) -> View:
    is_trailing = order.original_type is OrderType.TRAILING_STOP_MARKET
    return queried(order, call.venue.floor.algos.get(order.algo_id) if is_trailing else None)


def _is_visible(call: Call, order: Order) -> bool:
    return is_visible(call, order.contract.symbol, order.created_ms, "GET /fapi/v1/order")


def is_visible(call: Call, symbol: str, created_ms: int, endpoint: str) -> bool:
    """Whether queries already see something; not for a while where that fault is armed."""
    fault = call.backend.faults.take("not-visible", symbol=symbol, endpoint=endpoint)
    return fault is None or call.now_ms - created_ms >= fault.amount("ms")


def _created(order: Order) -> int:
    return order.created_ms


def _traded_ms(fill: Fill) -> int:
    return fill.time_ms


_SIGNED: Final = Security.SIGNED

ENDPOINTS: Final = (
    Endpoint("GET", "/fapi/v1/order", get, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/openOrder", get_open, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/openOrders", list_open, by_symbol(1, 40), _SIGNED),
    Endpoint("GET", "/fapi/v1/allOrders", list_all, 5, _SIGNED),
    Endpoint("GET", "/fapi/v1/userTrades", trades, 5, _SIGNED),
    Endpoint("GET", "/fapi/v1/orderAmendment", amendments, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/forceOrders", force_orders, by_symbol(20, 50), _SIGNED),
)
