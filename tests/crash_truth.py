"""What must be true once a killed program has recovered: the venue, the ledger and it agree."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Final

from sim_process import Sim

from botcore_tui.ledger.store import default_url
from botcore_tui.ledger.verify import verify

_LIMIT: Final = 1_000
_OPEN: Final = frozenset({"open", "partly filled", "triggered"})
_SAME: Final[Mapping[str, frozenset[str]]] = {
    "open": frozenset({"NEW"}),
    "partly filled": frozenset({"PARTIALLY_FILLED"}),
    "triggered": frozenset({"TRIGGERING", "TRIGGERED"}),
    "filled": frozenset({"FILLED", "FINISHED"}),
    "canceled": frozenset({"CANCELED"}),
    "expired": frozenset({"EXPIRED"}),
}
"""State in the ledger, and status at the venue; of the states that are not here it has no order."""

_GUARDS: Final = ["STOP_MARKET", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"]

Row = dict[str, object]


class Truth:
    """The venue itself, asked past the program, and the ledger as it is on the disk.

    Args:
        sim: The venue.
        home: State directory of the program.
        symbol: That is traded.
        quantity: Of one entry: more is never meant to be held.
    """

    def __init__(self, sim: Sim, home: Path, symbol: str, quantity: Decimal) -> None:
        self._symbol, self._quantity = symbol, quantity
        self.url = default_url(home, "testnet")
        self.orders = _rows(sim, "/fapi/v1/allOrders", symbol=symbol, limit=_LIMIT)
        self.algos = _rows(sim, "/fapi/v1/allAlgoOrders", symbol=symbol, limit=_LIMIT)
        self.trades = _rows(sim, "/fapi/v1/userTrades", symbol=symbol, limit=_LIMIT)
        positions = _rows(sim, "/fapi/v3/positionRisk")
        self.held = sum((Decimal(str(row["positionAmt"])) for row in positions), Decimal(0))
        path = self.url.partition("///")[2]
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as ledger:
            ledger.row_factory = sqlite3.Row
            self.intents = _table(ledger, "intents")
            self.states = _table(ledger, "orders")
            self.fills = _table(ledger, "fills")
            self.positions = _table(ledger, "positions")

    @property
    def open_ids(self) -> set[str]:
        """Of all orders that are open at the venue, by its own account."""
        book = {
            str(row["clientOrderId"])
            for row in self.orders
            if row["status"] in {"NEW", "PARTIALLY_FILLED"}
        }
        return book | {str(row["clientAlgoId"]) for row in self.algos if row["algoStatus"] == "NEW"}

    def problems(self) -> Iterator[str]:
        """Everything that is not as it must be."""
        yield from self._duplicates()
        yield from self._unprotected()
        yield from self._states()
        yield from self._executions()
        verdict = verify(self.url)
        if not verdict.is_intact:
            yield f"ledger: {verdict.breaks}"

    def _duplicates(self) -> Iterator[str]:
        ids = Counter(str(row["clientOrderId"]) for row in self.orders)
        ids += Counter(str(row["clientAlgoId"]) for row in self.algos)
        for client_order_id, count in ids.items():
            if count > 1:
                yield f"duplicate: {client_order_id} is at the venue {count} times"
        recorded = {str(row["client_order_id"]) for row in self.intents}
        for client_order_id in set(ids) - recorded:
            yield f"orphan: {client_order_id} is at the venue and in no intent"
        entries = [each for each in self.open_ids if each.endswith("-e")]
        if len(entries) > 1:
            yield f"duplicate: {entries} are open"
        if self.held not in {Decimal(0), self._quantity}:
            yield f"duplicate: {self.held} is held"

    def _unprotected(self) -> Iterator[str]:
        waiting = [row for row in self.algos if row["algoStatus"] == "NEW"]
        types = sorted(str(row["orderType"]) for row in waiting)
        if types != (_GUARDS if self.held else []):
            yield f"{self.held} is guarded by {types}"
        for stop in waiting:
            covers = stop["closePosition"] is True or Decimal(str(stop["quantity"])) == self.held
            if stop["side"] != "SELL" or not covers:
                yield f"an order that does not close the position: {stop}"

    def _states(self) -> Iterator[str]:
        status = {str(row["clientOrderId"]): str(row["status"]) for row in self.orders}
        for row in self.algos:
            status.setdefault(str(row["clientAlgoId"]), str(row["algoStatus"]))
        for order in self.states:
            state, told = str(order["state"]), status.get(str(order["client_order_id"]), "")
            if told not in _SAME.get(state, frozenset({""})):
                yield f"{order['client_order_id']} is {state}, at the venue {told or 'absent'}"
            elif state not in _SAME and state not in {"rejected", "not placed"}:
                yield f"{order['client_order_id']} is still {state}"

    def _executions(self) -> Iterator[str]:
        venue = {
            (row["id"], *_exact(row["qty"], row["price"], row["commission"], row["realizedPnl"]))
            for row in self.trades
        }
        names = ("quantity", "price", "fee", "realized_pnl")
        ledger = {(row["trade_id"], *_exact(*(row[name] for name in names))) for row in self.fills}
        if venue != ledger:
            yield f"fills missing here: {venue - ledger}; missing there: {ledger - venue}"
        known = sum((Decimal(str(row["quantity"])) for row in self.positions), Decimal(0))
        if known != self.held:
            yield f"position in the ledger: {known}, at the venue: {self.held}"


def _exact(*amounts: object) -> list[Decimal]:
    return [Decimal(str(amount)).normalize() for amount in amounts]


def _rows(sim: Sim, path: str, **parameters: object) -> list[Row]:
    reply = sim.ask_signed("GET", path, **parameters)
    assert isinstance(reply, list)
    return reply


def _table(ledger: sqlite3.Connection, name: str) -> list[Row]:
    return [dict(row) for row in ledger.execute(f"SELECT * FROM {name}")]
