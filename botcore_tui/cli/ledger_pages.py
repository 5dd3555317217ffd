"""The ledger for the cockpit's browser: a page at a time, each read anew."""

from collections.abc import Callable

from botcore_tui.ledger.reader import LedgerReader

Page = tuple[tuple[str, ...], list[tuple[str, ...]]]


class LedgerPages:
    """Reads the ledger of the account that is traded; every call in whatever thread.

    Args:
        url: Of the ledger.
        account: Tells whose rows are shown; empty: those of the newest run.
    """

    def __init__(self, url: str, account: Callable[[], str]) -> None:
        self._url = url
        self._account = account

    def tables(self) -> tuple[str, ...]:
        """Names of the tables.

        Raises:
            UnavailableError: There is no ledger yet, or it cannot be read.
        """
        with LedgerReader(self._url, self._account()) as reader:
            return reader.tables()

    def page(self, table: str, limit: int, before: int | None) -> Page:
        """Rows of a table, newest first, as text.

        Args:
            table: One of ``tables``.
            limit: Most rows to give.
            before: Only rows with a smaller sequence number; None: from the newest on.

        Raises:
            UnavailableError: See ``tables``.
        """
        with LedgerReader(self._url, self._account()) as reader:
            found = reader.page(table, limit, before)
        rows = [tuple("" if cell is None else str(cell) for cell in row) for row in found.rows]
        return found.columns, rows
