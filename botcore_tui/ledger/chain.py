"""The chain: each row carries a hash over its own content and over the row before it.

Whoever edits, removes, adds or reorders a row afterwards breaks it, unless every later hash and
the head are written anew; a head noted elsewhere (``verify`` names it) shows that, too.
"""

import hashlib
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from heapq import merge
from operator import itemgetter
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import Boolean, Connection, Table, bindparam, select, text

from botcore_tui.ledger.encoding import Stored
from botcore_tui.ledger.tables import CHAINED, HEADS, UNHASHED

_encode: Final = msgspec.json.Encoder().encode
_HASHED: Final[Mapping[str, tuple[str, ...]]] = {
    name: tuple(sorted(str(column.name) for column in table.columns if column.name not in UNHASHED))
    for name, table in CHAINED.items()
}
_BEHIND_ALL: Final = 2**63 - 1
"""Where a row is looked at whose number is none."""
_KINDS: Final = frozenset({str, int, bool, type(None)})
_BOOLEANS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(column.name for column in table.columns if isinstance(column.type, Boolean))
    for name, table in CHAINED.items()
}


class Head(Struct, frozen=True):
    """The end of an account's chain."""

    sequence: int
    """Of the last row, which is the number of rows; 0 of an empty chain."""
    hash: str


EMPTY: Final = Head(0, "0" * 64)


class Break(Struct, frozen=True):
    """The first place where a chain does not hold."""

    account: str
    table: str
    sequence: int
    what: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.account}: {self.table}, row {self.sequence}: {self.what}"


def link(table: str, row: Mapping[str, Stored], previous_hash: str) -> str:
    """The hash of a row.

    Args:
        table: Its name.
        row: Its columns, with account and sequence. Those that hold nothing may be left out: a
            column that is added later leaves the hashes of earlier rows as they are.
        previous_hash: Of the row before.
    """
    content = [(name, row[name]) for name in _HASHED[table] if row.get(name) is not None]
    return hashlib.sha256(previous_hash.encode() + _encode((table, content))).hexdigest()


def head_of(connection: Connection, account: str) -> Head | None:
    """The recorded end of an account's chain; None if nothing is."""
    query = HEADS.select().where(HEADS.c.account == account)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    # SQLite takes anything by hand into any column; what is no number is the end of nothing.
    sequence = row.sequence if isinstance(row.sequence, int) else 0
    return Head(sequence, str(row.hash))


def accounts(connection: Connection) -> list[str]:
    """Every account that has a head or a row, in order."""
    found: set[str] = set()
    for table in (HEADS, *CHAINED.values()):
        found |= accounts_in(connection, table)
    return sorted(found)


def accounts_in(connection: Connection, table: Table) -> set[str]:
    """Those that have a row in a table; of what is no text, put there by hand, how it looks."""
    return set(map(str, connection.execute(select(table.c.account).distinct()).scalars()))


def first_break(connection: Connection, account: str) -> Break | None:
    """Follow an account's chain from its first row to its head; None if it holds."""
    end = EMPTY
    with ExitStack() as stack:
        tables = [_rows_of(connection, table, account) for table in CHAINED.values()]
        rows = [stack.enter_context(closing(table)) for table in tables]
        for sequence, table, row in merge(*rows, key=itemgetter(0)):
            if problem := _problem(table, row, end):
                place = end.sequence + 1 if sequence == _BEHIND_ALL else sequence
                return Break(account, table, place, problem)
            end = Head(sequence, str(row["hash"]))
    head = head_of(connection, account)
    if head is None:
        return Break(account, HEADS.name, end.sequence, "the head of the chain is missing")
    if head.sequence > end.sequence:
        lost = head.sequence - end.sequence
        return Break(account, HEADS.name, head.sequence, f"the last {lost} rows are missing")
    if head != end:
        return Break(account, HEADS.name, head.sequence, "the head is not that of the last row")
    return None


def _problem(table: str, row: Mapping[str, Stored], end: Head) -> str:
    # As JSON, bytes look like a text: "SELL" and three bytes that nobody can read have one hash.
    if not _KINDS.issuperset(map(type, row.values())):
        return "holds what is neither text nor a whole number: edited"
    sequence = row["sequence"]
    if not isinstance(sequence, int):
        return "its number is none: edited"
    if sequence != end.sequence + 1:
        if sequence == end.sequence:
            return "there are two rows of this number"
        return f"rows {end.sequence + 1} to {sequence - 1} are missing"
    if row["previous_hash"] != end.hash:
        return "does not follow the row before: one of the two was edited, moved or replaced"
    if link(table, row, end.hash) != row["hash"]:
        return "its content is not what its hash was taken of: edited"
    return ""


def _rows_of(
    connection: Connection, table: Table, account: str
) -> Generator[tuple[int, str, dict[str, Stored]], None, None]:
    # As text, not as a Core statement: the bytes count, not the decimals that they stand for.
    names = [column.name for column in table.columns]
    # Some are words of SQL, such as limit.
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = text(
        f"SELECT {quoted} FROM {table.name}"  # noqa: S608 - names of our own
        " WHERE account = :account ORDER BY sequence"
    ).bindparams(bindparam("account", account))
    booleans = _BOOLEANS[table.name]
    with connection.execute(statement, execution_options={"yield_per": 1_000}) as result:
        for found in result:
            row = dict(zip(names, found, strict=True))
            for name in booleans:
                # SQLite has none and gives 0 or 1; anything else there was put there by hand.
                if row[name] in (0, 1):
                    row[name] = bool(row[name])
            sequence = row["sequence"]
            yield sequence if isinstance(sequence, int) else _BEHIND_ALL, str(table.name), row
