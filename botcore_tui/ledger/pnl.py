"""Profit and loss as the ledger has it: by day, by run, by trade from flat to flat; exact."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct, structs
from sqlalchemy import Connection, Row, Table, not_, select

from botcore_tui.ledger.money import is_capital
from botcore_tui.ledger.tables import FILLS, FUNDING, POSITION_EVENTS, TRANSFERS
from botcore_tui.model.instrument import SETTLEMENT_ASSET, settles_in


class PnlLine(Struct, frozen=True, kw_only=True):
    """What was earned in one day, run or trade, in the settlement asset."""

    name: str
    """The day as 2026-01-31; the run's id; of a trade symbol and end."""
    realized: Decimal = Decimal(0)
    """Without fees and funding."""
    fees: Decimal = Decimal(0)
    """Paid is positive; those in another asset are left out. With what the venue charges or gives
    beside its fees for executions, such as for a liquidation."""
    funding: Decimal = Decimal(0)
    """Received is positive."""
    fills: int = 0
    other_fees: int = 0
    """Fills whose fee was taken in another asset, and is not in ``fees``."""

    @property
    def net(self) -> Decimal:
        """What is left."""
        return self.realized - self.fees + self.funding


def by_day(connection: Connection, account: str) -> list[PnlLine]:
    """One line for each UTC day on which something was earned or paid, oldest first."""
    lines: dict[str, PnlLine] = {}
    for row in _rows(connection, FILLS, account):
        _add_fill(lines, day_of(row.time_ms), row)
    for row in _rows(connection, FUNDING, account):
        _add_funding(lines, day_of(row.time_ms), row)
    for row in _others(connection, account):
        _add_other(lines, day_of(row.time_ms), row)
    return [lines[name] for name in sorted(lines)]


def by_run(connection: Connection, account: str) -> list[PnlLine]:
    """One line for each run that recorded a fill or funding, in the order of their first."""
    lines: dict[str, PnlLine] = {}
    for row in _rows(connection, FILLS, account):
        _add_fill(lines, row.run_id, row)
    for row in _rows(connection, FUNDING, account):
        _add_funding(lines, row.run_id, row)
    for row in _others(connection, account):
        _add_other(lines, row.run_id, row)
    return list(lines.values())


def by_position(connection: Connection, account: str) -> list[PnlLine]:
    """One line for each trade that ended flat, oldest first, without its number of fills.

    Those in contracts that settle in another asset are left out.
    """
    table = POSITION_EVENTS.c
    query = (
        select(table.symbol, table.realized_pnl, table.fees, table.funding, table.time_ms)
        .where(table.account == account, table.quantity == Decimal(0))
        .order_by(table.sequence)
    )
    return [
        PnlLine(
            name=f"{row.symbol} {moment_of(row.time_ms)}",
            realized=row.realized_pnl,
            fees=row.fees,
            funding=row.funding,
        )
        for row in connection.execute(query)
        if settles_in(row.symbol, SETTLEMENT_ASSET)
    ]


def day_of(time_ms: int) -> str:
    """The UTC day of a moment, as 2026-01-31."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d")


def moment_of(time_ms: int) -> str:
    """A moment in UTC, to the second."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _rows(connection: Connection, table: Table, account: str) -> Iterator[Row[Any]]:
    query = select(table).where(table.c.account == account).order_by(table.c.sequence)
    with connection.execute(query, execution_options={"yield_per": 1_000}) as result:
        yield from result


def _others(connection: Connection, account: str) -> Iterator[Row[Any]]:
    table = TRANSFERS.c
    query = select(TRANSFERS).where(
        table.account == account, table.asset == SETTLEMENT_ASSET, not_(is_capital())
    )
    yield from connection.execute(query.order_by(table.sequence))


def _add_other(lines: dict[str, PnlLine], name: str, row: Row[Any]) -> None:
    line = lines.get(name) or PnlLine(name=name)
    lines[name] = structs.replace(line, fees=line.fees - row.amount)


def _add_fill(lines: dict[str, PnlLine], name: str, fill: Row[Any]) -> None:
    line = lines.get(name) or PnlLine(name=name)
    is_other = fill.fee_asset != SETTLEMENT_ASSET
    fee = Decimal(0) if is_other else fill.fee
    profit = fill.realized_pnl if settles_in(fill.symbol, SETTLEMENT_ASSET) else Decimal(0)
    lines[name] = structs.replace(
        line,
        realized=line.realized + profit,
        fees=line.fees + fee,
        fills=line.fills + 1,
        other_fees=line.other_fees + (is_other and bool(fill.fee)),
    )


def _add_funding(lines: dict[str, PnlLine], name: str, payment: Row[Any]) -> None:
    line = lines.get(name) or PnlLine(name=name)
    amount = payment.amount if payment.asset == SETTLEMENT_ASSET else Decimal(0)
    lines[name] = structs.replace(line, funding=line.funding + amount)
