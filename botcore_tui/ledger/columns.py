"""Columns and keys that the ledger's tables are made of."""

from typing import Any, Final

from sqlalchemy import BigInteger, Table, Text
from sqlmodel import Field, SQLModel

from botcore_tui.ledger.amounts import Amount

CLUSTERED: Final = {"sqlite_with_rowid": False}
"""SQLite keeps the rows of such a table in the order of its key, without a second tree."""


def integer(*, default: int = 0) -> Any:  # noqa: ANN401 - as Field itself, for its checkers
    """A whole number."""
    return Field(default=default, sa_type=BigInteger)


def amount() -> Any:  # noqa: ANN401 - as Field itself
    """An exact decimal."""
    return Field(sa_type=Amount)


def maybe_amount() -> Any:  # noqa: ANN401 - as Field itself
    """An exact decimal, or nothing."""
    return Field(default=None, sa_type=Amount)


def words() -> Any:  # noqa: ANN401 - as Field itself
    """Text."""
    return Field(default="", sa_type=Text)


def maybe_words() -> Any:  # noqa: ANN401 - as Field itself
    """Text, or nothing."""
    return Field(default=None, sa_type=Text)


class Chained(SQLModel):
    """What every row of the chain has."""

    account: str = Field(primary_key=True, sa_type=Text)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    run_id: str = words()
    previous_hash: str = words()
    hash: str = words()


def table_of(model: type[SQLModel]) -> Table:
    """The table of a record."""
    return SQLModel.metadata.tables[str(model.__tablename__)]
