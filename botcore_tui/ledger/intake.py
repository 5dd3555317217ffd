"""The intake: rows that an order waits for, on the disk before they are in their tables.

A group with an intent changes five pages of the database, and the hash of each row takes its time.
It is written as it is into a table of its own, which takes one page, with all rows that came before
it, and the order may leave. Soon after, the rows go to their tables and out of the intake, in one
transaction. What a crash leaves there, the next start finds. Rows are chained when they reach
their tables, not before.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, select

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.chain import Head
from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.encoding import Stored, line_of
from botcore_tui.ledger.spill import Entry, Unpacked, pack, unpack
from botcore_tui.ledger.statements import Statements
from botcore_tui.ledger.tables import CHAINED, INTAKE

MOST: Final = 2**63 - 1
"""The highest whole number that a database holds."""

_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(column.name for column in table.columns if not column.nullable)
    for name, table in CHAINED.items()
}


class Content(Struct, frozen=True):
    """A group as the intake has it."""

    number: int
    text: str


class Left(Unpacked, frozen=True):
    """What a run left in the intake."""

    number: int
    """Of the last group; what is in its tables has lower ones than the first."""


_NOTHING: Final = Left([], [], 0)


class Intake:
    """Of one account.

    Args:
        statements: Of the database.
        account: The one that everything is written for.
    """

    def __init__(self, statements: Statements, account: str) -> None:
        self._statements = statements
        self._account = account

    def put(self, direct: Direct, run_id: str, head: Head, groups: Sequence[Content]) -> None:
        """Keep groups in one transaction; those that are there stay as they are.

        Args:
            direct: Not in a transaction.
            run_id: Of this session.
            head: Of the chain, as last committed.
            groups: At least one.

        Raises:
            UnavailableError: Another program has added to the chain: it would miss these.
            SQLAlchemyError: They may be there nevertheless.
        """
        rows: list[dict[str, Stored]] = [
            {
                "account": self._account,
                "run_id": run_id,
                "number": group.number,
                "content": group.text,
                "sequence": head.sequence,
                "hash": head.hash,
            }
            for group in groups
        ]
        if len(rows) == 1 and direct.run_alone(self._statements.arrive, rows[0]):
            return
        with direct.transaction():
            if not direct.find(self._statements.unmoved, rows[0]):
                raise UnavailableError(f"another program writes the ledger of {self._account}")
            direct.run(self._statements.arrive, rows)

    def clear(self, direct: Direct, run_id: str, number: int) -> None:
        """Take out what a run has there, up to a number, inside the caller's transaction."""
        values: dict[str, Stored] = {"account": self._account, "run_id": run_id, "number": number}
        direct.run(self._statements.leave, [values])

    def left(self, connection: Connection) -> dict[str, Left]:
        """What is there, by run, in the order of its coming."""
        query = (
            INTAKE.select()
            .where(INTAKE.c.account == self._account)
            .order_by(INTAKE.c.run_id, INTAKE.c.number)
        )
        found: dict[str, Left] = {}
        for row in connection.execute(query):
            more = unpack(row.content.encode())
            have = found.get(row.run_id, _NOTHING)
            found[row.run_id] = Left(
                have.entries + more.entries, have.damaged + more.damaged, row.number
            )
        return found


def waiting(connection: Connection) -> dict[str, int]:
    """How many rows of each account are not in their tables yet; none are left out."""
    found: dict[str, int] = {}
    for row in connection.execute(select(INTAKE.c.account, INTAKE.c.content)):
        found[row.account] = found.get(row.account, 0) + row.content.count("\n")
    return found


def storable(entries: Sequence[Entry]) -> str | None:
    """A group's content; None if its tables would refuse a row: no order must wait for that."""
    try:
        lines = [line_of(entry.row) for entry in entries]
        content = pack(entries).decode()
    except (TypeError, ValueError, OverflowError):
        return None
    for line in lines:
        needed = _NEEDED[line.table]
        for name, value in line.values.items():
            if value is None:
                if name in needed:
                    return None
            elif type(value) is int and not -MOST <= value <= MOST:
                return None
    return content
