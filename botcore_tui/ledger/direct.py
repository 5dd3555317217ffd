"""Statements straight to the driver, on the connection and in the transaction of SQLAlchemy."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from botcore_tui.ledger.encoding import Stored


class Direct:
    """Runs statements that SQLAlchemy made once; its own execution costs more than the disk.

    Attributes:
        connection: In a transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._cursor = connection.connection.cursor()
        self._error: type[Exception] = connection.dialect.loaded_dbapi.Error

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
            raise DBAPIError.instance(
                statement, None, error, self._error, dialect=self.connection.dialect
            ) from error
        return self._cursor.rowcount
