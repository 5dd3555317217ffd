"""Looks into a ledger page by page; cannot write, and holds up nobody who does."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final, Self

import msgspec
from msgspec import Struct
from sqlalchemy import Boolean, ColumnElement, Connection, Select, Table, select
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.amounts import exact
from botcore_tui.ledger.encoding import funding_of, row_of
from botcore_tui.ledger.intake import waiting
from botcore_tui.ledger.migrate import check_version
from botcore_tui.ledger.pnl import PnlLine, by_day, by_position, by_run
from botcore_tui.ledger.risk_history import newest_of_risk
from botcore_tui.ledger.session import trouble
from botcore_tui.ledger.store import reading_engine, shown
from botcore_tui.ledger.tables import CHAINED, FILLS, FUNDING, INTENTS, ORDERS, RUNS, TRANSFERS
from botcore_tui.model.ledger import FundingRow, TransferRow
from botcore_tui.model.order import Fill

_ORDERS: Final = "orders"
_UNSHOWN: Final = frozenset({"account", "previous_hash", "hash"})
_PNL: Final = {"day": by_day, "run": by_run, "position": by_position}

Cell = str | int | bool | None
"""Amounts are exact text."""


class Page(Struct, frozen=True):
    """Rows of a table, newest first."""

    columns: tuple[str, ...]
    """The first is the sequence."""
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def before(self) -> int | None:
        """Where the next page begins; None if there is nothing to ask for."""
        return int(self.rows[-1][0] or 0) if self.rows else None


def newest_account(connection: Connection, environment: str = "") -> str:
    """The account of the newest run; empty if there was none.

    Args:
        connection: Of a reader.
        environment: Only runs in it count; empty for all.
    """
    table = RUNS.c
    query = select(table.account).order_by(table.started_ms.desc(), table.sequence.desc())
    if environment:
        query = query.where(table.environment == environment)
    return connection.execute(query.limit(1)).scalar() or ""


class LedgerReader:
    """Reads one account's rows.

    Args:
        url: Of the ledger.
        account: Whose rows; empty for that of the newest run.

    Raises:
        UnavailableError: There is no such ledger or account, or the tables are not ours; and, as
            all its methods that read, the ledger is damaged.
    """

    def __init__(self, url: str, account: str = "") -> None:
        self._name = shown(url)
        self._engine = reading_engine(url)
        try:
            self._connection = self._engine.connect()
            with self._connection.begin():
                check_version(self._connection, self._name)
                self.account = account or newest_account(self._connection)
        except SQLAlchemyError as error:
            raise self._unreadable(error) from error

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        self._engine.dispose()

    def tables(self) -> tuple[str, ...]:
        """Names that ``page`` takes; ``orders`` are intents with what became of them."""
        return (_ORDERS, *CHAINED)

    def page(self, table: str, limit: int, before_sequence: int | None = None) -> Page:
        """Rows of a table, newest first.

        Args:
            table: One of ``tables()``.
            limit: Rows, at most.
            before_sequence: Only rows older than this one; None: from the newest on.
        """
        query, order = _query(table, is_full=False)
        query = query.where(order.table.c.account == self.account)
        if before_sequence is not None:
            query = query.where(order < before_sequence)
        query = query.order_by(order.desc()).limit(limit)
        with self._reading():
            result = self._connection.execute(query)
            return Page(tuple(result.keys()), tuple(tuple(map(_cell, row)) for row in result))

    def waiting(self) -> dict[str, int]:
        """Rows of each account that are not in their tables yet: no other method tells them."""
        with self._reading():
            return waiting(self._connection)

    def risk(self, limit: int) -> Page:
        """What limited trading, newest first: trips, resets, overrides, phases and the like.

        Args:
            limit: Rows, at most.
        """
        with self._reading():
            return Page(
                ("sequence", "time_ms", "table", "what"),
                newest_of_risk(self._connection, self.account, limit),
            )

    def everything(self, table: str) -> Generator[dict[str, Cell], None, None]:
        """All rows of a table, oldest first, with their hashes."""
        query, order = _query(table, is_full=True)
        query = query.where(order.table.c.account == self.account).order_by(order)
        streaming = {"yield_per": 1_000}
        with (
            self._reading(),
            self._connection.execute(query, execution_options=streaming) as result,
        ):
            for row in result.mappings():
                yield {name: _cell(value) for name, value in row.items()}

    def columns(self, table: str) -> dict[str, type]:
        """Names and kinds of what ``everything`` tells: str, int or bool."""
        query, _ = _query(table, is_full=True)
        return {
            column.name: bool
            if isinstance(column.type, Boolean)
            else column.type.python_type
            if column.type.python_type is int
            else str
            for column in query.selected_columns
        }

    def pnl(self, by: str) -> list[PnlLine]:
        """Profit and loss by ``day``, ``run`` or ``position``; see there."""
        with self._reading():
            return _PNL[by](self._connection, self.account)

    def fills(self, start_ms: int, end_ms: int) -> list[Fill]:
        """Executions of a span of time, both ends included, oldest first."""
        names = Fill.__struct_fields__
        rows = self._span(FILLS, start_ms, end_ms)
        return [msgspec.convert({name: row[name] for name in names}, Fill) for row in rows]

    def funding(self, start_ms: int, end_ms: int) -> list[FundingRow]:
        """Funding of a span of time, both ends included, oldest first."""
        return [funding_of(row) for row in self._span(FUNDING, start_ms, end_ms)]

    def transfers(self, start_ms: int, end_ms: int) -> list[TransferRow]:
        """Transfers of a span of time, both ends included, oldest first."""
        return [row_of(row, TransferRow) for row in self._span(TRANSFERS, start_ms, end_ms)]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """A transaction of which whoever asks hears in one line what went wrong."""
        try:
            with self._connection.begin():
                yield
        except SQLAlchemyError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: SQLAlchemyError) -> UnavailableError:
        return UnavailableError(f"ledger {self._name} cannot be read: {trouble(error)}")

    def _span(self, table: Table, start_ms: int, end_ms: int) -> Iterator[Mapping[str, Any]]:
        query = select(table).where(
            table.c.account == self.account, table.c.time_ms.between(start_ms, end_ms)
        )
        query = query.order_by(table.c.time_ms, table.c.sequence)
        with self._reading():
            yield from map(dict, self._connection.execute(query).mappings())


def _query(table: str, *, is_full: bool) -> tuple[Select[Any], Any]:
    if table == _ORDERS:
        return _orders(), INTENTS.c.sequence
    chained = CHAINED[table]
    columns = [column for column in chained.columns if is_full or column.name not in _UNSHOWN]
    return select(*columns), chained.c.sequence


def _orders() -> Select[Any]:
    intent, order = INTENTS.c, ORDERS.c
    asked: tuple[ColumnElement[Any], ...] = (
        intent.sequence,
        intent.run_id,
        intent.client_order_id,
        intent.symbol,
        intent.side,
        intent.type,
        intent.purpose,
        intent.quantity,
        intent.price,
        intent.trigger_price,
        order.state,
        order.filled_quantity,
        order.order_id,
        order.algo_id,
        order.reason,
        intent.actor,
        intent.created_ms,
        order.time_ms,
    )
    same = (order.account == intent.account) & (order.client_order_id == intent.client_order_id)
    return select(*asked).select_from(INTENTS.outerjoin(ORDERS, same))


def _cell(value: Decimal | Cell) -> Cell:
    return exact(value) if isinstance(value, Decimal) else value
