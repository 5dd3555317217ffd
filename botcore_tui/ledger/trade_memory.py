"""What the ledger knows of the newest executions of each symbol, and who asked for them."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from sqlalchemy import Connection, RowMapping, func, select

from botcore_tui.ledger.tables import FILLS, INTENTS
from botcore_tui.model.ledger import IntentRow, KnownTrade
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, Purpose

_UNPROVEN: Final = 200
"""Newest trades of a symbol, among which some may be missing that no stream told."""

_WISHES: Final = frozenset({Purpose.ENTRY.value, Purpose.EXIT.value})


def newest_trades(connection: Connection, account: str) -> Iterator[KnownTrade]:
    """How far it has the trades of each symbol that an account has traded."""
    table = FILLS.c
    for symbol in _symbols(connection, account):
        query = (
            select(table.trade_id)
            .where(table.account == account, table.symbol == symbol)
            .order_by(table.trade_id.desc())
            .limit(_UNPROVEN)
        )
        newest = sorted(connection.execute(query).scalars())
        # That it has the newest one proves nothing of those before it: they are compared anew, and
        # where these are all that it has, so is what the venue has from before the first of them.
        is_all = len(newest) < _UNPROVEN
        yield KnownTrade(symbol, 0 if is_all else newest[0] - 1, tuple(newest))


def newest_entries(connection: Connection, account: str) -> Iterator[IntentRow]:
    """See ``Recollection``; none where it is further back than the trades looked at."""
    table = FILLS.c
    for symbol in _symbols(connection, account):
        query = (
            select(table.client_order_id, table.purpose)
            .where(table.account == account, table.symbol == symbol)
            .order_by(table.trade_id.desc())
            .limit(_UNPROVEN)
        )
        orders = {row[0]: None for row in connection.execute(query) if row[1] in _WISHES}
        asked = intents_of(connection, account, orders)
        entered: set[str] = set()
        exits: set[tuple[str, Side]] = set()
        for intent in (asked[name] for name in orders if name in asked):
            request = intent.request
            if request.purpose is Purpose.EXIT:
                exits.add((request.actor, request.side))
            elif request.actor not in entered:
                entered.add(request.actor)
                # Who closes what another holds on the other side wants out of nothing.
                if (request.actor, request.side.opposite) not in exits:
                    yield intent


def intents_of(
    connection: Connection, account: str, client_order_ids: Iterable[str]
) -> dict[str, IntentRow]:
    """The intents of these orders, as far as there are any, by client order id."""
    table = INTENTS.c
    query = select(INTENTS).where(
        table.account == account, table.client_order_id.in_(client_order_ids)
    )
    found = map(intent_of, connection.execute(query).mappings())
    return {intent.request.client_order_id: intent for intent in found}


def intent_of(row: RowMapping) -> IntentRow:
    """The row that an intent was recorded as."""
    names = OrderRequest.__struct_fields__
    request = msgspec.convert({name: row[name] for name in names}, OrderRequest)
    return IntentRow(
        request=request,
        stop_price=row["stop_price"],
        target_price=row["target_price"],
        trail_pct=row["trail_pct"],
    )


def _symbols(connection: Connection, account: str) -> Iterator[str]:
    # From symbol to symbol along the index: a million executions are of a few symbols.
    table = FILLS.c
    after = ""
    while True:
        following = select(func.min(table.symbol)).where(
            table.account == account, table.symbol > after
        )
        symbol = connection.execute(following).scalar()
        if symbol is None:
            return
        yield symbol
        after = symbol
