"""Orders: placed, changed, cancelled, alone and in batches.

Source: Binance USD-M futures REST, pages of trade (2026-05), and its SDK 18.0.1.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from msgspec import DecodeError, Raw
from msgspec.json import Decoder

from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, Security
from botcore_tui.exchange.sim.endpoints.tickets import amendment, order_ticket
from botcore_tui.exchange.sim.order_views import View, amended, cancelled, checked, placed
from botcore_tui.exchange.sim.orders import Order
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError

_RESPONSES: Final = {"ACK": False, "RESULT": True}
_MOST_PLACED: Final = 5
_MOST_CANCELLED: Final = 10
_NO_ID: Final = "Param '{}' or '{}' must be sent, but both were empty/null!"
_NOT_REDUCE_ONLY: Final = "The original order is not a reduce-only order."
_items: Final = Decoder(list[dict[str, Raw]])
_numbers: Final = Decoder(list[int])
_names: Final = Decoder(list[str])
_text: Final = Decoder(str)

Item = TypeVar("Item", int, str)


def place(call: Call) -> View:
    """``POST order``."""
    contract = call.contract()
    ticket = order_ticket(contract, call.parameters)
    is_final = _is_final(call.parameters)
    return placed(call.venue.desk.place(contract.symbol, ticket), is_final=is_final)


def check(call: Call) -> View:
    """``POST order/test``: everything but the order."""
    contract = call.contract()
    ticket = order_ticket(contract, call.parameters)
    _is_final(call.parameters)
    call.venue.desk.test(contract.symbol, ticket)
    order = Order.of(ticket, contract, order_id=0, client_id=ticket.client_id, now_ms=call.now_ms)
    return checked(order)


def modify(call: Call) -> View:
    """``PUT order``."""
    contract = call.contract()
    parameters = call.parameters
    side, lots, ticks = amendment(contract, parameters)
    modify_id = parameters.integer("modifyId")
    order = find(call, contract)
    if order is None:
        raise RefusalError(-2013)
    if side is not order.side:
        raise RefusalError(-1117)
    if parameters.flag("reduceOnly") and not order.reduce_only:
        raise RefusalError(-5047, message=_NOT_REDUCE_ONLY)
    return amended(call.venue.desk.amend(order, lots, ticks), modify_id)


def cancel(call: Call) -> View:
    """``DELETE order``."""
    return _cancel(call, find(call, call.contract()))


def cancel_all(call: Call) -> View:
    """``DELETE allOpenOrders``; conditional orders stay."""
    call.venue.desk.cancel_all(call.contract().symbol)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def count_down(call: Call) -> View:
    """``POST countdownCancelAll``."""
    symbol = call.contract().symbol
    countdown_ms = call.parameters.required_integer("countdownTime")
    if countdown_ms < 0:
        raise RefusalError(-1130, "countdownTime")
    call.venue.desk.count_down(symbol, countdown_ms)
    return {"symbol": symbol, "countdownTime": str(countdown_ms)}


def place_batch(call: Call) -> list[View]:
    """``POST batchOrders``; answers in the order of the request."""
    return _each(call, place)


def modify_batch(call: Call) -> list[View]:
    """``PUT batchOrders``."""
    return _each(call, modify)


def cancel_batch(call: Call) -> list[View]:
    """``DELETE batchOrders``."""
    symbol = call.contract().symbol
    venue = call.venue
    numbers = _listed(call.parameters, "orderIdList", _numbers)
    names = [] if numbers else _listed(call.parameters, "origClientOrderIdList", _names)
    if not numbers and not names:
        raise RefusalError(-1102, message=_NO_ID.format("orderIdList", "origClientOrderIdList"))
    if len(numbers) + len(names) > _MOST_CANCELLED:
        raise RefusalError(-4032)
    found = [venue.order(symbol, number) for number in numbers]
    found += [venue.order(symbol, client_id=name) for name in names]
    return [_or_refusal(partial(_cancel, call, order)) for order in found]


def find(call: Call, contract: Contract) -> Order | None:
    """The order that ``orderId``, else ``origClientOrderId`` names; None if there is none.

    Raises:
        RefusalError: -1102, neither was sent.
    """
    number = call.parameters.integer("orderId")
    if number is not None:
        # 0 is no order's number; to the venue object it means that none was given.
        return call.venue.order(contract.symbol, number) if number else None
    name = call.parameters.text("origClientOrderId")
    if not name:
        raise RefusalError(-1102, message=_NO_ID.format("origClientOrderId", "orderId"))
    return call.venue.order(contract.symbol, client_id=name)


def _cancel(call: Call, order: Order | None) -> View:
    if order is None:
        raise RefusalError(-2011)
    return cancelled(call.venue.desk.cancel(order))


def _is_final(parameters: Parameters) -> bool:
    is_final = _RESPONSES.get(parameters.text("newOrderRespType", "ACK"))
    if is_final is None:
        raise RefusalError(-1136)
    return is_final


def _each(call: Call, do: Callable[[Call], View]) -> list[View]:
    try:
        items = _items.decode(call.parameters.required("batchOrders"))
    except DecodeError as error:
        raise RefusalError(-1130, "batchOrders") from error
    if not 1 <= len(items) <= _MOST_PLACED:
        raise RefusalError(-4082, len(items))
    calls = [call.having(Parameters(dict(_texts(item)))) for item in items]
    return [_or_refusal(partial(do, one)) for one in calls]


def _texts(item: dict[str, Raw]) -> list[tuple[str, str]]:
    # Clients send numbers and booleans as JSON or as strings; both mean what is written there.
    texts: list[tuple[str, str]] = []
    for name, raw in item.items():
        value = bytes(raw)
        if value != b"null":
            texts.append((name, _text.decode(value) if value[:1] == b'"' else value.decode()))
    return texts


def _listed(parameters: Parameters, name: str, decoder: Decoder[list[Item]]) -> list[Item]:
    # ccxt and python-binance write these names in lower case, and the venue takes them.
    text = parameters.text(name) or parameters.text(name.lower())
    if not text:
        return []
    try:
        return decoder.decode(text)
    except DecodeError as error:
        raise RefusalError(-1130, name) from error


def _or_refusal(do: Callable[[], View]) -> View:
    try:
        return do()
    except RefusalError as refusal:
        return {"code": refusal.code, "msg": refusal.message}


_ONE: Final = (1, 1)
_BATCH: Final = (5, 1)
_SIGNED: Final = Security.SIGNED

ENDPOINTS: Final = (
    Endpoint("POST", "/fapi/v1/order", place, 0, _SIGNED, _ONE),
    Endpoint("PUT", "/fapi/v1/order", modify, 0, _SIGNED, _ONE),
    Endpoint("DELETE", "/fapi/v1/order", cancel, 1, _SIGNED),
    Endpoint("POST", "/fapi/v1/order/test", check, 0, _SIGNED, _ONE),
    Endpoint("POST", "/fapi/v1/batchOrders", place_batch, 5, _SIGNED, _BATCH),
    Endpoint("PUT", "/fapi/v1/batchOrders", modify_batch, 5, _SIGNED, _BATCH),
    Endpoint("DELETE", "/fapi/v1/batchOrders", cancel_batch, 1, _SIGNED),
    Endpoint("DELETE", "/fapi/v1/allOpenOrders", cancel_all, 1, _SIGNED),
    Endpoint("POST", "/fapi/v1/countdownCancelAll", count_down, 10, _SIGNED),
)
