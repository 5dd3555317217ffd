"""Rows that come into the ledger only after a later run has decided about the same thing.

Of limits the newest row counts, by its place in the ledger. What a program could not write, since
another one had its account, comes in at its next start: behind what was decided meanwhile, and it
would take that back.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection, Select, select

from botcore_tui.ledger.risk_memory import STATES
from botcore_tui.ledger.risk_tables import ANCHORS, OVERRIDES, PHASES, STRATEGIES, TRIPS
from botcore_tui.ledger.spill import Entry
from botcore_tui.ledger.tables import BREAKER_EVENTS, RUNS
from botcore_tui.model.ledger import (
    AnchorRow,
    AuditRow,
    LedgerRow,
    OverrideRow,
    PhaseRow,
    ResetRow,
    StrategyRow,
)
from botcore_tui.model.severity import Severity

_SUPERSEDED: Final = "ledger.superseded"
_LONGEST_TEXT: Final = 2_000


def settled(connection: Connection, account: str, entries: Iterable[Entry]) -> Iterator[Entry]:
    """The same, with a note in the place of each that a later run has overtaken.

    Args:
        connection: Reads what is there.
        account: Of the entries.
        entries: As they were set aside.
    """
    for entry in entries:
        row = entry.row
        if not _is_superseded(connection, account, entry.run_id, row):
            yield entry
            continue
        text = f"a later run has decided on it: {row!r}"[:_LONGEST_TEXT]
        note = AuditRow(
            code=_SUPERSEDED,
            severity=Severity.WARNING,
            text=text,
            time_ms=getattr(row, "time_ms", 0),
        )
        yield Entry(entry.run_id, note)


def _is_superseded(connection: Connection, account: str, run_id: str, row: LedgerRow) -> bool:
    match row:
        case AnchorRow():
            table, same = ANCHORS, ANCHORS.c.kind == row.kind
        case ResetRow():  # a trip is let go of by the resets behind it
            table, same = TRIPS, TRIPS.c.code == row.code
        case StrategyRow():
            table, same = STRATEGIES, STRATEGIES.c.strategy == row.strategy
        case PhaseRow():
            table, same = PHASES, PHASES.c.account == account
        case OverrideRow():
            table, same = OVERRIDES, OVERRIDES.c.limit == row.limit
        case AuditRow() if row.code in STATES:
            table, same = BREAKER_EVENTS, BREAKER_EVENTS.c.code.in_(STATES)
        case _:
            return False
    is_later = table.c.run_id.in_(_later_runs(account, run_id))
    # A mark that is higher, too: money may have been withdrawn since, or it was rebased by name.
    query = select(table.c.sequence).where(table.c.account == account, same, is_later)
    return connection.execute(query.limit(1)).first() is not None


def _later_runs(account: str, run_id: str) -> Select[tuple[str]]:
    own = select(RUNS.c.sequence).where(RUNS.c.account == account, RUNS.c.run_id == run_id)
    begun_later = RUNS.c.sequence > own.scalar_subquery()
    return select(RUNS.c.run_id).where(RUNS.c.account == account, begun_later)
