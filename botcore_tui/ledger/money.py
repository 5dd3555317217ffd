"""Equity and transfers of an account in the order of their time."""

from collections import deque
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, UnaryExpression, or_, select

from botcore_tui.core.anchors import CLOCKS_MS, NEAR
from botcore_tui.ledger.tables import EQUITY, TRANSFERS
from botcore_tui.model.account import TRANSFER_PARTS
from botcore_tui.model.account import TRANSFERS as WORDS


class _Equity(Struct):
    time_ms: int
    amount: Decimal
    jump: Decimal | None
    """By so much the wallet is another than before, transfers that were found in it left out."""
    came: list[tuple[int, Decimal]]
    """Transfers that are in it, and in none before."""


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
    waiting = sorted((row.time_ms, row.amount) for row in connection.execute(asked))
    query = select(equity.time_ms, equity.wallet, equity.unrealized).where(*equities)
    rows = _equities(streamed(connection, query.order_by(*order)))
    ahead = deque(islice(rows, NEAR))
    while ahead:
        until_ms = ahead[0].time_ms + CLOCKS_MS
        if waiting and waiting[0][0] <= until_ms:
            waiting = [one for one in waiting if one[0] > until_ms or not _is_placed(one, ahead)]
        row = ahead.popleft()
        yield from ((*transfer, False) for transfer in row.came)
        yield row.time_ms, row.amount, True
        ahead.extend(islice(rows, 1))


def _equities(rows: Iterable[Row[Any]]) -> Iterator[_Equity]:
    before: Decimal | None = None
    for row in rows:
        jump = None if before is None else row.wallet - before
        before = row.wallet
        yield _Equity(row.time_ms, row.wallet + row.unrealized, jump, [])


def _is_placed(transfer: tuple[int, Decimal], ahead: Iterable[_Equity]) -> bool:
    """Put it before the first equity that is not older, unless only another wallet shows it.

    An equity of before the wallet was told has it not in it: it would look lost, or won.
    """
    time_ms, amount = transfer
    found = next((row for row in ahead if row.time_ms >= time_ms), None)
    if found is None or (found.jump is not None and not _shows(found.jump, amount)):
        jumps = [(row.jump, row) for row in ahead if row.jump is not None]
        shown = [(abs(jump - amount), row) for jump, row in jumps if _shows(jump, amount)]
        found = min(shown, key=itemgetter(0), default=(None, found))[1]
    if found is None:
        return False
    found.came.append(transfer)
    if found.jump is not None:
        found.jump -= amount
    return True


def _shows(jump: Decimal, amount: Decimal) -> bool:
    """Whether a wallet changed like a transfer, trading aside."""
    return abs(jump - amount) <= abs(amount) / 2


def is_capital() -> ColumnElement[bool]:
    """Of the table of transfers: what is no cost or gain beside those of fills."""
    reason = TRANSFERS.c.reason
    return or_(reason.in_(WORDS), *(reason.contains(part) for part in TRANSFER_PARTS))


def streamed(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    """Row by row: there may be more than fit into memory."""
    with connection.execute(query, execution_options={"yield_per": 1_000}) as result:
        yield from result
