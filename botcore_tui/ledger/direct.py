"""Statements straight to the driver, on the connection of SQLAlchemy."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from botcore_tui.ledger.encoding import Stored

BEGIN: Final = "BEGIN IMMEDIATE"
"""Of a writer in SQLite: it waits for its turn here, and not in the middle."""

_encode: Final = msgspec.json.Encoder().encode


class Direct:
    """Runs statements that SQLAlchemy made once; its own execution costs more than the disk.

    Lives as long as the connection does.
    """

    def __init__(self, connection: Connection) -> None:
        self._dialect = connection.dialect
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._driver = connection.connection
        self._cursor = connection.connection.cursor()
        self._error: type[Exception] = connection.dialect.loaded_dbapi.Error

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """One of our own; SQLAlchemy must have none open.

        Raises:
            SQLAlchemyError: It may be committed nevertheless, if that is what failed.
        """
        if self._is_sqlite:  # PostgreSQL's driver begins by itself
            self.run(BEGIN, [{}])
        try:
            yield
            try:
                self._driver.commit()
            except self._error as error:
                raise self._translated("COMMIT", error) from error
        except BaseException:  # an interrupt must not leave it open either
            # What cannot even be taken back ends with its connection.
            with contextlib.suppress(self._error):
                self._driver.rollback()
            raise

    def run_alone(self, statement: str, row: Mapping[str, Stored]) -> int:
        """Run one statement as a transaction; how many rows of the table it changed.

        Raises:
            SQLAlchemyError: It may be committed nevertheless.
        """
        if self._is_sqlite:  # a statement outside of a transaction is one
            return self.run(statement, [row])
        with self.transaction():
            return self.run(statement, [row])

    def run(self, statement: str, rows: Sequence[Mapping[str, Stored]]) -> int:
        """Run a statement for each row; how many rows of the table it changed.

        Raises:
            SQLAlchemyError: As SQLAlchemy itself would raise.
        """
        try:
            if len(rows) == 1:
                self._cursor.execute(statement, rows[0])
            else:
                self._cursor.executemany(statement, rows)
        except self._error as error:
            raise self._translated(statement, error) from error
        return self._cursor.rowcount

    def find(
        self, statement: str, values: Mapping[str, Stored], many: Sequence[Stored] = ()
    ) -> Sequence[Sequence[Any]]:
        """What a query finds.

        Args:
            statement: See ``Statements``.
            values: Of its parameters.
            many: Of its parameter of that name, which is a list.

        Raises:
            SQLAlchemyError: As SQLAlchemy itself would raise.
        """
        listed = _encode(many).decode() if self._is_sqlite else list(many)
        try:
            self._cursor.execute(statement, {**values, "many": listed})
            return self._cursor.fetchall()
        except self._error as error:
            raise self._translated(statement, error) from error

    def _translated(self, statement: str, error: Exception) -> Exception:
        return DBAPIError.instance(statement, None, error, self._error, dialect=self._dialect)
