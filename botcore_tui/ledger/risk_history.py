"""What limited trading, from all its tables in one order, a line each."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, Row, Table, select

from botcore_tui.ledger.amounts import exact
from botcore_tui.ledger.risk_tables import RISK, STREAMS

_PLACE: Final = frozenset(
    {"account", "sequence", "run_id", "previous_hash", "hash", "time_ms", "evidence", "timings"}
)

Line = tuple[int, int, str, str]
"""Sequence, time, table, and what the row says."""


def newest_of_risk(connection: Connection, account: str, limit: int) -> tuple[Line, ...]:
    """The newest rows, newest first; how long streams delivered is left out.

    Args:
        connection: Of a reader.
        account: Whose.
        limit: Rows, at most.
    """
    found: list[Line] = []
    for table in RISK:
        if table is not STREAMS:
            found += _newest(connection, table, account, limit)
    found.sort(reverse=True)
    return tuple(found[:limit])


def _newest(connection: Connection, table: Table, account: str, limit: int) -> Iterator[Line]:
    query = select(table).where(table.c.account == account)
    query = query.order_by(table.c.sequence.desc()).limit(limit)
    names = [column.name for column in table.columns if column.name not in _PLACE]
    for row in connection.execute(query):
        yield row.sequence, row.time_ms, str(table.name), _words(row, names)


def _words(row: Row[tuple[object, ...]], names: list[str]) -> str:
    said = ((name, getattr(row, name)) for name in names)
    return ", ".join(f"{name} {_word(value)}" for name, value in said if value not in (None, ""))


def _word(value: object) -> str:
    match value:
        case Decimal():
            return exact(value)
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
