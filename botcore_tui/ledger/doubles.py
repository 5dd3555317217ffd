"""Leaves out what the ledger has already: the same reaches us by several ways."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.encoding import Line, Stored
from botcore_tui.ledger.statements import PAYMENT, Statements

_SAME_FUNDING_MS = 60_000
"""The stream tells funding without its number; within so long the same amount is the same."""

Numbered = tuple[str, Line]
"""A line and its run."""
_Trade = tuple[str, int]
_NAME: Final = "client_order_id"


def without_doubles(
    direct: Direct,
    statements: Statements,
    account: str,
    lines: Sequence[Numbered],
    live_run: str = "",
) -> Sequence[Numbered]:
    """Those lines that say something new, in their order.

    What the live run itself asks for is new: a look at the table would delay every order.
    """
    if not live_run:
        lines = _without_counted(direct, statements, account, lines)
    fills = [line for _, line in lines if line.table == "fills"]
    funding = [line for _, line in lines if line.table == "funding"]
    intents = [
        str(line.values[_NAME])
        for _, line in lines
        if line.table == "intents" and not (live_run and _is_of(live_run, line))
    ]
    if not (fills or funding or intents):
        return lines
    known = _Known(set(), [], set())
    if fills:
        known.trades = _known_trades(direct, statements, account, fills)
    for line in funding:
        known.payments += _known_payments(direct, statements, account, line)
    if intents:
        found = direct.find(statements.intended, {"account": account}, intents)
        known.orders = {name for (name,) in found}
    return [line for line in lines if known.is_new(line[1])]


def _without_counted(
    direct: Direct, statements: Statements, account: str, lines: Sequence[Numbered]
) -> Sequence[Numbered]:
    """Without what a run kept elsewhere, not knowing that the tables had it: sums are of these."""
    have: dict[tuple[object, ...], int] = {}
    new: list[Numbered] = []
    for run_id, line in lines:
        if line.table in statements.counted:
            key = run_id, line.table, *line.values.values()
            if key not in have:
                values = {**line.values, "account": account, "run_id": run_id}
                ((have[key],),) = direct.find(statements.counted[line.table], values)
            if have[key]:
                have[key] -= 1
                continue
        new.append((run_id, line))
    return new


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


def _is_of(run_id: str, line: Line) -> bool:
    return str(line.values[_NAME]).startswith(f"bc-{run_id}-")


def _trade(line: Line) -> _Trade:
    return str(line.values["symbol"]), _number(line.values["trade_id"])


def _known_trades(
    direct: Direct, statements: Statements, account: str, fills: Sequence[Line]
) -> set[_Trade]:
    ids: dict[str, list[int]] = {}
    for symbol, trade_id in map(_trade, fills):
        ids.setdefault(symbol, []).append(trade_id)
    known: set[_Trade] = set()
    for symbol, trade_ids in ids.items():
        values = {"account": account, "symbol": symbol}
        known |= {(symbol, found) for (found,) in direct.find(statements.trades, values, trade_ids)}
    return known


def _known_payments(
    direct: Direct, statements: Statements, account: str, line: Line
) -> Iterator[Mapping[str, Stored]]:
    time_ms = _number(line.values["time_ms"])
    values: dict[str, Stored] = {
        "account": account,
        "from_ms": time_ms - _SAME_FUNDING_MS,
        "to_ms": time_ms + _SAME_FUNDING_MS,
    }
    for found in direct.find(statements.payments, values):
        yield dict(zip(PAYMENT, found, strict=True))


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
