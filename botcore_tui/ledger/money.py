"""Equity and transfers of an account in the order of their time."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, UnaryExpression, or_, select

from botcore_tui.core.anchors import CLOCKS_MS, NEAR
from botcore_tui.ledger.tables import EQUITY, TRANSFERS
from botcore_tui.model.account import TRANSFER_PARTS
from botcore_tui.model.account import TRANSFERS as WORDS

_Transfer = tuple[int, Decimal]


class _Equity(Struct):
    time_ms: int
    amount: Decimal
    jump: Decimal | None
    """By so much the wallet is another than before, transfers that were found in it left out."""
    came: list[_Transfer]
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
            waiting = _left(waiting, until_ms, ahead)
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


def _left(waiting: Sequence[_Transfer], until_ms: int, ahead: Iterable[_Equity]) -> list[_Transfer]:
    """Place those up to then; what is left to be placed."""
    left: list[_Transfer] = []
    for index, one in enumerate(waiting):
        if one[0] > until_ms or not _is_placed(one, ahead, waiting[index + 1 :]):
            left.append(one)
    return left


def _is_placed(transfer: _Transfer, ahead: Iterable[_Equity], others: Iterable[_Transfer]) -> bool:
    """Put it before the first equity that is not older, unless only another wallet shows it.

    An equity of before the wallet was told has it not in it: it would look lost, or won. What
    others changed at their own times is no trace of this one.
    """
    time_ms, amount = transfer
    rows = list(ahead)
    jumps = [row.jump for row in rows]
    for other_ms, other in others:
        index = _at(rows, other_ms)
        jump = jumps[index] if index < len(rows) else None
        if jump is not None:
            jumps[index] = jump - other
    traces = [
        (abs(jump - amount), index)
        for index, jump in enumerate(jumps)
        if jump is not None and _shows(jump, amount)
    ]
    place = _at(rows, time_ms)
    is_first = place < len(rows) and jumps[place] is None
    if not is_first and place not in (index for _, index in traces):
        place = min(traces, default=(amount, place))[1]
    if place == len(rows):
        return False
    row = rows[place]
    row.came.append(transfer)
    if row.jump is not None:
        row.jump -= amount
    return True


def _at(rows: Sequence[_Equity], time_ms: int) -> int:
    """The first that is not older; behind the last: all are."""
    return next((index for index, row in enumerate(rows) if row.time_ms >= time_ms), len(rows))


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
