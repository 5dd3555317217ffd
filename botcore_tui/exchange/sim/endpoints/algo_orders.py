"""Conditional orders: placed, asked for, cancelled; they cannot be changed.

Source: Binance USD-M futures REST, "New Algo Order" and the pages around it (2026-05).
"""

from typing import Final

from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, Security, by_symbol
from botcore_tui.exchange.sim.endpoints.order_queries import is_visible
from botcore_tui.exchange.sim.endpoints.spans import DAY_MS, QUARTER_MS, Span
from botcore_tui.exchange.sim.endpoints.tickets import algo_ticket
from botcore_tui.exchange.sim.order_views import (
    View,
    algo_cancelled,
    algo_placed,
    algo_queried,
)
from botcore_tui.exchange.sim.orders import AlgoOrder, AlgoStatus
from botcore_tui.exchange.sim.refusals import RefusalError

_WEEK_DAYS: Final = 7
_FORGOTTEN_MS: Final = 3 * DAY_MS
_ENDED: Final = frozenset({AlgoStatus.CANCELED, AlgoStatus.EXPIRED, AlgoStatus.REJECTED})
_RESPONSES: Final = frozenset({"ACK", "RESULT"})
_NO_ID: Final = "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!"


def place(call: Call) -> View:
    """``POST algoOrder``."""
    contract = call.contract()
    ticket = algo_ticket(contract, call.parameters)
    if call.parameters.text("newOrderRespType", "ACK") not in _RESPONSES:
        raise RefusalError(-1136)
    return algo_placed(call.venue.algo_desk.place(contract.symbol, ticket))


def get(call: Call) -> View:
    """``GET algoOrder``."""
    algo = _find(call)
    if algo is None or not _is_kept(algo, call.now_ms):
        raise RefusalError(-2013)
    symbol, created = algo.contract.symbol, algo.created_ms
    if not is_visible(call, symbol, created, "GET /fapi/v1/algoOrder"):
        raise RefusalError(-2013)
    return algo_queried(algo)


def cancel(call: Call) -> View:
    """``DELETE algoOrder``."""
    algo = _find(call)
    if algo is None:
        raise RefusalError(-2011)
    return algo_cancelled(call.venue.algo_desk.cancel(algo))


def cancel_all(call: Call) -> View:
    """``DELETE algoOpenOrders``; orders that were triggered stay."""
    call.venue.algo_desk.cancel_all(call.contract().symbol)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def list_open(call: Call) -> list[View]:
    """``GET openAlgoOrders``."""
    kind = call.parameters.text("algoType", "CONDITIONAL")
    if kind != "CONDITIONAL":
        raise RefusalError(-1130, "algoType")
    market = call.optional_market()
    number = call.parameters.integer("algoId")
    algos = call.venue.floor.algos.open("" if market is None else market.contract.symbol)
    return [algo_queried(algo) for algo in algos if number is None or algo.algo_id == number]


def list_all(call: Call) -> list[View]:
    """``GET allAlgoOrders``."""
    symbol = call.contract().symbol
    from_id = call.parameters.integer("algoId")
    limit = call.parameters.limit(500, 1_000)
    span = Span.read(call.parameters, _WEEK_DAYS, call.now_ms)
    algos = [
        algo
        for algo in call.venue.floor.algos
        if algo.contract.symbol == symbol and _is_kept(algo, call.now_ms)
    ]
    if from_id is not None:
        found = [algo for algo in algos if algo.algo_id >= from_id][:limit]
    else:
        found = span.select(algos, _created, limit)
    return [algo_queried(algo) for algo in found]


def _find(call: Call) -> AlgoOrder | None:
    number = call.parameters.integer("algoId")
    if number is not None:
        return call.venue.algo(number) if number else None
    name = call.parameters.text("clientAlgoId")
    if not name:
        raise RefusalError(-1102, message=_NO_ID)
    return call.venue.algo(client_id=name)


def _is_kept(algo: AlgoOrder, now_ms: int) -> bool:
    age = now_ms - algo.created_ms
    return age <= _FORGOTTEN_MS or (algo.status not in _ENDED and age <= QUARTER_MS)


def _created(algo: AlgoOrder) -> int:
    return algo.created_ms


_SIGNED: Final = Security.SIGNED

ENDPOINTS: Final = (
    Endpoint("POST", "/fapi/v1/algoOrder", place, 0, _SIGNED, (1, 1)),
    Endpoint("GET", "/fapi/v1/algoOrder", get, 1, _SIGNED),
    Endpoint("DELETE", "/fapi/v1/algoOrder", cancel, 1, _SIGNED),
    Endpoint("DELETE", "/fapi/v1/algoOpenOrders", cancel_all, 1, _SIGNED),
    Endpoint("GET", "/fapi/v1/openAlgoOrders", list_open, by_symbol(1, 40), _SIGNED),
    Endpoint("GET", "/fapi/v1/allAlgoOrders", list_all, 5, _SIGNED),
)
