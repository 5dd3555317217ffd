"""Leaves out what the ledger has already: the same reaches us by several ways."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, select

from botcore_tui.ledger.amounts import exact
from botcore_tui.ledger.encoding import Line, Stored
from botcore_tui.ledger.tables import FILLS, FUNDING, INTENTS

_SAME_FUNDING_MS = 60_000
"""The stream tells funding without its number; within so long the same amount is the same."""

Numbered = tuple[str, Line]
"""A line and its run."""
_Trade = tuple[str, int]
_NAME: Final = "client_order_id"


def without_doubles(
    connection: Connection, account: str, lines: Sequence[Numbered]
) -> Sequence[Numbered]:
    """Those lines that say something new, in their order."""
    fills = [line for _, line in lines if line.table == "fills"]
    funding = [line for _, line in lines if line.table == "funding"]
    intents = [
        str(line.values[_NAME])
        for run_id, line in lines
        # What this run itself asks for is new; a look at the table would delay every order.
        if line.table == "intents" and not str(line.values[_NAME]).startswith(f"bc-{run_id}-")
    ]
    if not (fills or funding or intents):
        return lines
    known = _Known(
        _known_trades(connection, account, fills) if fills else set(),
        [known for line in funding for known in _known_payments(connection, account, line)],
        _known_orders(connection, account, intents) if intents else set(),
    )
    return [line for line in lines if known.is_new(line[1])]


class _Known(Struct):
    trades: set[_Trade]
    payments: list[Mapping[str, Stored]]
    orders: set[str]

    def is_new(self, line: Line) -> bool:
        match line.table:
            case "fills":
                is_new = (trade := _trade(line)) not in self.trades
                self.trades.add(trade)
            case "funding":
                is_new = not any(_is_same_payment(line.values, other) for other in self.payments)
                if is_new:
                    self.payments.append(line.values)
            case "intents":
                # An order that is found at the venue and not remembered may be an old one.
                is_new = (name := str(line.values[_NAME])) not in self.orders
                self.orders.add(name)
            case _:
                is_new = True
        return is_new


def _trade(line: Line) -> _Trade:
    return str(line.values["symbol"]), _number(line.values["trade_id"])


def _known_trades(connection: Connection, account: str, fills: Sequence[Line]) -> set[_Trade]:
    ids: dict[str, list[int]] = {}
    for symbol, trade_id in map(_trade, fills):
        ids.setdefault(symbol, []).append(trade_id)
    known: set[_Trade] = set()
    for symbol, trade_ids in ids.items():
        query = select(FILLS.c.trade_id).where(
            FILLS.c.account == account,
            FILLS.c.symbol == symbol,
            FILLS.c.trade_id.in_(trade_ids),
        )
        known |= {(symbol, trade_id) for trade_id in connection.execute(query).scalars()}
    return known


def _known_orders(connection: Connection, account: str, names: Sequence[str]) -> set[str]:
    query = select(INTENTS.c.client_order_id).where(
        INTENTS.c.account == account, INTENTS.c.client_order_id.in_(names)
    )
    return set(connection.execute(query).scalars())


def _known_payments(
    connection: Connection, account: str, line: Line
) -> Iterator[Mapping[str, Stored]]:
    time_ms = _number(line.values["time_ms"])
    table = FUNDING.c
    names = (table.symbol, table.asset, table.amount, table.transaction_id, table.time_ms)
    query = select(*names).where(
        table.account == account,
        table.time_ms.between(time_ms - _SAME_FUNDING_MS, time_ms + _SAME_FUNDING_MS),
    )
    for row in connection.execute(query).mappings():
        yield {**row, "amount": exact(row["amount"])}


def _is_same_payment(one: Mapping[str, Stored], other: Mapping[str, Stored]) -> bool:
    numbers = {_number(one["transaction_id"]), _number(other["transaction_id"])} - {0}
    apart_ms = abs(_number(one["time_ms"]) - _number(other["time_ms"]))
    return (
        all(one[name] == other[name] for name in ("symbol", "asset", "amount"))
        and apart_ms <= _SAME_FUNDING_MS
        and len(numbers) < 2
    )


def _number(value: Stored) -> int:
    assert isinstance(value, int)
    return value
