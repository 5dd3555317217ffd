"""Equity and transfers of an account in the order of their time."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, UnaryExpression, or_, select

from botcore_tui.ledger.tables import EQUITY, TRANSFERS
from botcore_tui.model.account import TRANSFER_PARTS
from botcore_tui.model.account import TRANSFERS as WORDS


def money(
    connection: Connection,
    transfers: Iterable[ColumnElement[bool]],
    equities: Iterable[ColumnElement[bool]],
    *order: ColumnElement[Any] | UnaryExpression[Any],
) -> Iterator[tuple[int, Decimal, bool]]:
    """When, how much, whether it is equity; a transfer comes before the equity that has it in it.

    Transfers after the last equity are left out: no equity shows them.

    Args:
        connection: Of a reader.
        transfers: Which of them.
        equities: Which.
        order: Of equities.
    """
    transfer, equity = TRANSFERS.c, EQUITY.c
    asked = select(transfer.time_ms, transfer.amount).where(*transfers, is_capital())
    # Transfers are few: one that was learned of late must be put where it belongs.
    waiting = sorted((tuple(row) for row in connection.execute(asked)), reverse=True)
    query = select(equity.time_ms, equity.wallet, equity.unrealized).where(*equities)
    for row in streamed(connection, query.order_by(*order)):
        while waiting and waiting[-1][0] <= row.time_ms:
            yield (*waiting.pop(), False)
        yield row.time_ms, row.wallet + row.unrealized, True


def is_capital() -> ColumnElement[bool]:
    """Of the table of transfers: what is no cost or gain beside those of fills."""
    reason = TRANSFERS.c.reason
    return or_(reason.in_(WORDS), *(reason.contains(part) for part in TRANSFER_PARTS))


def streamed(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    """Row by row: there may be more than fit into memory."""
    with connection.execute(query, execution_options={"yield_per": 1_000}) as result:
        yield from result
