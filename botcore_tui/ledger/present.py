"""Present states of orders and positions, overwritten as rows of the chain arrive."""

from collections.abc import Mapping, Sequence
from typing import Final

from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.encoding import Stored
from botcore_tui.ledger.statements import Statements
from botcore_tui.ledger.tables import ORDERS, POSITIONS
from botcore_tui.model.order import OrderState

Row = Mapping[str, Stored]

_OPEN: Final = frozenset(str(state.value) for state in OrderState if not state.is_terminal)
_ORDER_COLUMNS: Final = tuple(
    column.name for column in ORDERS.columns if column.name not in ("is_open", "sent_ms")
)
_POSITION_COLUMNS: Final = tuple(
    column.name for column in POSITIONS.columns if column.name != "opened_ms"
)


def keep_present(
    direct: Direct, statements: Statements, account: str, tables: Mapping[str, Sequence[Row]]
) -> None:
    """Follow new rows of an account's chain, given by table, oldest first."""
    if intents := tables.get("intents"):
        direct.run(statements.plan, [_planned(row) for row in intents])
    if events := tables.get("order_events"):
        direct.run(statements.change, [_changed(row) for row in events])
    if events := tables.get("position_events"):
        direct.run(statements.hold, _positions(direct, statements, account, events))


def _positions(
    direct: Direct, statements: Statements, account: str, events: Sequence[Row]
) -> list[dict[str, Stored]]:
    symbols = list({event["symbol"] for event in events})
    found = direct.find(statements.held, {"account": account}, symbols)
    opened = {symbol: (_side(quantity), opened_ms) for symbol, quantity, opened_ms in found}
    rows: list[dict[str, Stored]] = []
    for event in events:
        symbol, time_ms = str(event["symbol"]), event["time_ms"]
        assert isinstance(time_ms, int)
        before = opened.get(symbol, (0, 0))
        opened[symbol] = age_after(*before, str(event["quantity"]), time_ms)
        since = opened[symbol][1]
        rows.append({**{name: event[name] for name in _POSITION_COLUMNS}, "opened_ms": since})
    return rows


def age_after(side: int, opened_ms: int, quantity: str, time_ms: int) -> tuple[int, int]:
    """Side of a position, and when it was opened, after it became so much at that time."""
    now = _side(quantity)
    if now != side:
        opened_ms = time_ms if now else 0
    return now, opened_ms


def _planned(intent: Row) -> dict[str, Stored]:
    return {
        "account": intent["account"],
        "client_order_id": intent["client_order_id"],
        "sequence": intent["sequence"],
        "symbol": intent["symbol"],
        "state": OrderState.PLANNED.value,
        "is_open": True,
        "order_id": 0,
        "algo_id": 0,
        "filled_quantity": "0",
        "source": None,
        "code": 0,
        "reason": "",
        "sent_ms": 0,
        "time_ms": intent["created_ms"],
    }


def _changed(event: Row) -> dict[str, Stored]:
    is_sent = event["state"] == OrderState.IN_FLIGHT.value
    shared = {name: event[name] for name in _ORDER_COLUMNS}
    return {
        **shared,
        "is_open": event["state"] in _OPEN,
        "sent_ms": event["time_ms"] if is_sent else 0,
    }


def _side(quantity: str) -> int:
    if quantity == "0":
        return 0
    return -1 if quantity.startswith("-") else 1
