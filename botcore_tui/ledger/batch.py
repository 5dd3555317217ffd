"""Writes a batch of rows in one transaction: chained, without doubles, present states kept."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, insert

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.chain import EMPTY, Head, head_of, link
from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.doubles import Numbered, without_doubles
from botcore_tui.ledger.encoding import Stored
from botcore_tui.ledger.present import keep_present
from botcore_tui.ledger.statements import statements_for
from botcore_tui.ledger.tables import CHAINED, HEADS

_BLANK: Final[dict[str, dict[str, Stored]]] = {
    name: dict.fromkeys(column.name for column in table.columns) for name, table in CHAINED.items()
}


class Written(Struct, frozen=True):
    """What a batch did."""

    head: Head
    """Of the chain, once the transaction is committed."""
    doubles: int
    """Executions and funding that the ledger had already."""


class BatchWriter:
    """Writes for one account; keeps no state of its own.

    Args:
        database: ``sqlite`` or ``postgresql``.
        account: The one that everything is written for.
    """

    def __init__(self, database: str, account: str) -> None:
        self._account = account
        self._statements = statements_for(database)

    def begin(self, connection: Connection) -> Head:
        """The head of the account's chain, made if there is none."""
        head = head_of(connection, self._account)
        if head is None:
            head = EMPTY
            connection.execute(
                insert(HEADS).values(account=self._account, sequence=head.sequence, hash=head.hash)
            )
        return head

    def write(
        self, direct: Direct, head: Head, lines: Sequence[Numbered], live_run: str = ""
    ) -> Written:
        """Write lines inside the caller's transaction.

        Args:
            direct: In a transaction.
            head: Of the chain, as last committed.
            lines: With their runs, oldest first.
            live_run: Whose intents cannot be in the ledger already.

        Raises:
            UnavailableError: Another program has added to the chain.
        """
        new = without_doubles(direct, self._statements, self._account, lines, live_run)
        if new:
            tables, end = self._chained(head, new)
            for name, rows in tables.items():
                direct.run(self._statements.inserts[name], rows)
            keep_present(direct, self._statements, self._account, tables)
            self._move_head(direct, head, end)
            head = end
        return Written(head, len(lines) - len(new))

    def _chained(
        self, head: Head, lines: Sequence[Numbered]
    ) -> tuple[dict[str, list[dict[str, Stored]]], Head]:
        tables: dict[str, list[dict[str, Stored]]] = {}
        sequence, previous = head.sequence, head.hash
        for run_id, line in lines:
            sequence += 1
            row = {**_BLANK[line.table], **line.values}
            row["account"], row["sequence"], row["run_id"] = self._account, sequence, run_id
            row["previous_hash"] = previous
            row["hash"] = previous = link(line.table, row, previous)
            tables.setdefault(line.table, []).append(row)
        return tables, Head(sequence, previous)

    def _move_head(self, direct: Direct, head: Head, end: Head) -> None:
        values: dict[str, Stored] = {
            "of": self._account,
            "old_sequence": head.sequence,
            "old_hash": head.hash,
            "new_sequence": end.sequence,
            "new_hash": end.hash,
        }
        if direct.run(self._statements.advance, [values]) != 1:
            raise UnavailableError(f"another program writes the ledger of {self._account}")
