"""Whether a ledger is as it was written: its chains, and the states that follow from them."""

from msgspec import Struct
from sqlalchemy import Connection, Engine, and_, exists, func, not_, or_, select

from botcore_tui.ledger.chain import EMPTY, Break, Head, accounts, first_break, head_of
from botcore_tui.ledger.intake import waiting
from botcore_tui.ledger.migrate import check_version
from botcore_tui.ledger.store import reading_engine, shown
from botcore_tui.ledger.tables import INTENTS, ORDER_EVENTS, ORDERS, POSITION_EVENTS, POSITIONS
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
        UnavailableError: There is no such ledger, or its tables are not ours.
    """
    engine = reading_engine(ledger) if isinstance(ledger, str) else ledger
    try:
        # One transaction: what is written meanwhile is not seen, heads fit their rows.
        with engine.connect() as connection, connection.begin():
            check_version(connection, shown(ledger) if isinstance(ledger, str) else str(engine.url))
            return _verdict(connection)
    finally:
        if isinstance(ledger, str):
            engine.dispose()


def _verdict(connection: Connection) -> Verdict:
    heads: dict[str, Head] = {}
    breaks: list[Break] = []
    for account in accounts(connection):
        heads[account] = head_of(connection, account) or EMPTY
        checks = (first_break, _false_order, _forgotten_order, _false_position)
        found = (check(connection, account) for check in checks)
        breaks += [item for item in found if item is not None]
    return Verdict(heads, tuple(breaks), waiting(connection))


def _false_order(connection: Connection, account: str) -> Break | None:
    """An order whose present state is not that of its last row in the chain."""
    order, event, intent = ORDERS.c, ORDER_EVENTS.c, INTENTS.c
    of_order = and_(event.account == account, event.client_order_id == order.client_order_id)
    names = ("sequence", "symbol", "state", "filled_quantity", "reason", "code", "time_ms")
    is_as_told = exists().where(of_order, *(event[name] == order[name] for name in names))
    is_newest = order.sequence == (
        select(func.max(event.sequence)).where(of_order).scalar_subquery()
    )
    is_only_planned = and_(
        order.state == OrderState.PLANNED.value,
        exists().where(intent.account == account, intent.sequence == order.sequence),
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
    if row is None:
        return None
    what = f"the state of {row.client_order_id} does not follow from the chain: edited"
    return Break(account, ORDERS.name, row.sequence, what)


def _forgotten_order(connection: Connection, account: str) -> Break | None:
    """An intent without a present state."""
    order, intent = ORDERS.c, INTENTS.c
    is_there = exists().where(
        order.account == account, order.client_order_id == intent.client_order_id
    )
    query = select(intent.sequence, intent.client_order_id).where(
        intent.account == account, not_(is_there)
    )
    row = connection.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    return Break(account, ORDERS.name, row.sequence, f"{row.client_order_id} is missing")


def _false_position(connection: Connection, account: str) -> Break | None:
    """A symbol whose present position is not that of its last row in the chain."""
    event, position = POSITION_EVENTS.c, POSITIONS.c
    newest = (
        select(event.symbol, func.max(event.sequence).label("sequence"))
        .where(event.account == account)
        .group_by(event.symbol)
        .subquery()
    )
    names = ("sequence", "quantity", "entry_price", "realized_pnl", "fees", "funding", "time_ms")
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
    if row is None:
        return None
    what = f"the position of {row.symbol} does not follow from the chain: edited or removed"
    return Break(account, POSITIONS.name, row.sequence, what)
