"""Whether a ledger is as it was written: its chains, and the states that follow from them."""

from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from msgspec import Struct
from sqlalchemy import (
    Connection,
    Engine,
    Text,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.exc import SQLAlchemyError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.chain import (
    EMPTY,
    Break,
    Head,
    accounts,
    accounts_in,
    first_break,
    head_of,
)
from botcore_tui.ledger.intake import waiting
from botcore_tui.ledger.migrate import check_version
from botcore_tui.ledger.money import streamed
from botcore_tui.ledger.present import age_after
from botcore_tui.ledger.session import RUN_ENDED, trouble
from botcore_tui.ledger.store import reading_engine, shown
from botcore_tui.ledger.tables import (
    AUDIT,
    INTENTS,
    ORDER_EVENTS,
    ORDERS,
    POSITION_EVENTS,
    POSITIONS,
    RUNS,
)
from botcore_tui.model.order import OrderState


class Verdict(Struct, frozen=True):
    """What was found; noted elsewhere, a head shows later that nothing before it was rewritten."""

    heads: dict[str, Head]
    """Of each account."""
    breaks: tuple[Break, ...]
    """The first one of each account's chain, and of its present states."""
    waiting: dict[str, int]
    """Rows of an account that no chain has yet: see ``intake``."""

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaks

    @property
    def rows(self) -> int:
        """Of all chains."""
        return sum(head.sequence for head in self.heads.values())


def verify(ledger: str | Engine) -> Verdict:
    """Look at every row of a ledger.

    Args:
        ledger: Its URL, or an engine that reads it.

    Raises:
        UnavailableError: There is no such ledger, its tables are not ours, or it is damaged.
    """
    engine = reading_engine(ledger) if isinstance(ledger, str) else ledger
    try:
        # One transaction: what is written meanwhile is not seen, heads fit their rows.
        with engine.connect() as connection, connection.begin():
            check_version(connection, shown(ledger) if isinstance(ledger, str) else str(engine.url))
            return _verdict(connection)
    except SQLAlchemyError as error:
        name = shown(ledger) if isinstance(ledger, str) else str(engine.url)
        raise UnavailableError(f"ledger {name} cannot be read: {trouble(error)}") from error
    finally:
        if isinstance(ledger, str):
            engine.dispose()


def _verdict(connection: Connection) -> Verdict:
    heads: dict[str, Head] = {}
    breaks: list[Break] = []
    known = set(accounts(connection))
    for table in (ORDERS, POSITIONS):  # of a chain that was removed as a whole, these are left
        known |= accounts_in(connection, table)
    for account in sorted(known):
        heads[account] = head_of(connection, account) or EMPTY
        checks = (first_break, _false_end, _false_order, _forgotten_order, _false_position)
        found = (check(connection, account) for check in checks)
        breaks += [item for item in found if item is not None]
    return Verdict(heads, tuple(breaks), waiting(connection))


def _false_end(connection: Connection, account: str) -> Break | None:
    """A run that ended at another time than its last row says, or by its last row did not end.

    It is no part of the hash, and tells the evidence of a phase which runs were killed.
    """
    note, run = AUDIT.c, RUNS.c
    ends = select(note.run_id, note.time_ms).where(note.account == account, note.code == RUN_ENDED)
    told = {row.run_id: row.time_ms for row in connection.execute(ends)}
    query = select(run.sequence, run.run_id, run.ended_ms).where(run.account == account)
    for row in connection.execute(query.order_by(run.sequence)):
        if row.ended_ms != told.get(row.run_id):
            what = f"the end of run {row.run_id} does not follow from the chain: edited"
            return Break(account, RUNS.name, row.sequence, what)
    return None


def _false_order(connection: Connection, account: str) -> Break | None:
    """An order whose present state is not that of its last row in the chain."""
    order, event, intent = ORDERS.c, ORDER_EVENTS.c, INTENTS.c
    of_order = and_(event.account == account, event.client_order_id == order.client_order_id)
    names = ("sequence", "symbol", "state", "filled_quantity", "reason", "code", "time_ms")
    is_as_told = exists().where(
        of_order,
        order.source.is_not_distinct_from(event.source),
        *(event[name] == order[name] for name in names),
    )
    is_newest = order.sequence == (
        select(func.max(event.sequence)).where(of_order).scalar_subquery()
    )
    is_only_planned = and_(
        order.state == OrderState.PLANNED.value,
        order.filled_quantity == Decimal(0),
        order.source.is_(None),
        order.code == 0,
        order.reason == "",
        exists().where(
            intent.account == account,
            intent.sequence == order.sequence,
            intent.client_order_id == order.client_order_id,
            intent.symbol == order.symbol,
            intent.created_ms == order.time_ms,
        ),
        not_(exists().where(of_order)),
    )
    is_open = order.state.not_in([state.value for state in OrderState if state.is_terminal])
    query = select(order.sequence, order.client_order_id).where(
        order.account == account,
        or_(
            not_(or_(and_(is_as_told, is_newest), is_only_planned)),
            order.is_open != is_open,
        ),
    )
    row = connection.execute(query.limit(1)).one_or_none()
    found = (row.sequence, row.client_order_id) if row else _false_number(connection, account)
    if found is None:
        return None
    what = f"the state of {found[1]} does not follow from the chain: edited"
    return Break(account, ORDERS.name, found[0], what)


def _false_number(connection: Connection, account: str) -> tuple[int, str] | None:
    """An order of which the venue's numbers or the time of sending are not the last ones told."""
    order, event = ORDERS.c, ORDER_EVENTS.c
    # Both in the order of their names, side by side: joined, SQLite walks through all events for
    # each order.
    events = select(
        *(event.client_order_id, event.order_id, event.algo_id, event.state, event.time_ms)
    ).where(event.account == account)
    orders = select(
        *(order.client_order_id, order.sequence, order.order_id, order.algo_id, order.sent_ms)
    ).where(order.account == account)
    told = groupby(
        streamed(connection, events.order_by(event.client_order_id, event.sequence)),
        attrgetter("client_order_id"),
    )
    name, rows = next(told, ("", iter(())))
    for present in streamed(connection, orders.order_by(order.client_order_id)):
        order_id = algo_id = sent_ms = 0
        if name == present.client_order_id:
            for row in rows:  # a later one need not repeat them
                order_id, algo_id = row.order_id or order_id, row.algo_id or algo_id
                sent_ms = row.time_ms if row.state == OrderState.IN_FLIGHT.value else sent_ms
            name, rows = next(told, ("", iter(())))
        if (order_id, algo_id, sent_ms) != (present.order_id, present.algo_id, present.sent_ms):
            return present.sequence, present.client_order_id
    return None


def _forgotten_order(connection: Connection, account: str) -> Break | None:
    """An order without a present state: one that we meant to send, or the venue told of."""
    order = ORDERS.c
    for table in (INTENTS.c, ORDER_EVENTS.c):
        is_there = exists().where(
            order.account == account, order.client_order_id == table.client_order_id
        )
        query = select(table.sequence, table.client_order_id).where(
            table.account == account, not_(is_there)
        )
        if row := connection.execute(query.limit(1)).one_or_none():
            return Break(account, ORDERS.name, row.sequence, f"{row.client_order_id} is missing")
    return None


def _false_position(connection: Connection, account: str) -> Break | None:
    """A symbol whose present position is not that of its last row in the chain."""
    event, position = POSITION_EVENTS.c, POSITIONS.c
    newest = (
        select(event.symbol, func.max(event.sequence).label("sequence"))
        .where(event.account == account)
        .group_by(event.symbol)
        .subquery()
    )
    names = (
        *("sequence", "quantity", "entry_price", "realized_pnl", "fees", "funding"),
        *("tag", "reason", "time_ms"),
    )
    last = and_(event.account == account, event.sequence == newest.c.sequence)
    is_as_told = exists().where(
        position.account == account,
        position.symbol == newest.c.symbol,
        *(position[name] == event[name] for name in names),
    )
    query = select(newest.c.symbol, newest.c.sequence).join(POSITION_EVENTS, last)
    row = connection.execute(query.where(not_(is_as_told)).limit(1)).one_or_none()
    known = select(event.symbol).where(event.account == account)
    if row is None:
        stray = select(position.symbol, position.sequence).where(
            position.account == account, position.symbol.not_in(known)
        )
        row = connection.execute(stray.limit(1)).one_or_none()
    found = (row.symbol, row.sequence) if row else _false_age(connection, account)
    if found is None:
        return None
    what = f"the position of {found[0]} does not follow from the chain: edited or removed"
    return Break(account, POSITIONS.name, found[1], what)


def _false_age(connection: Connection, account: str) -> tuple[str, int] | None:
    """A position that was not opened when it says: without an age the next start forgets it."""
    event, position = POSITION_EVENTS.c, POSITIONS.c
    # As it is written: of what is no number, put there by hand, no amount can be made.
    quantity = type_coerce(event.quantity, Text).label("quantity")
    query = select(event.symbol, quantity, event.time_ms).where(event.account == account)
    ages: dict[str, tuple[int, int]] = {}
    for row in streamed(connection, query.order_by(event.sequence)):
        ages[row.symbol] = age_after(*ages.get(row.symbol, (0, 0)), str(row.quantity), row.time_ms)
    found = select(position.symbol, position.sequence, position.opened_ms)
    for symbol, sequence, opened_ms in connection.execute(found.where(position.account == account)):
        if opened_ms != ages.get(symbol, (0, 0))[1]:
            return symbol, sequence
    return None
