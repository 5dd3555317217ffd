"""What the ledger remembers of an account when a session begins."""

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from operator import itemgetter
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Engine, RowMapping, Table, func, not_, select

from botcore_tui.ledger.encoding import funding_of, row_of
from botcore_tui.ledger.migrate import check_version
from botcore_tui.ledger.money import is_capital
from botcore_tui.ledger.risk_memory import risk_memory
from botcore_tui.ledger.store import reading_engine, shown
from botcore_tui.ledger.tables import (
    AUDIT,
    COMMANDS,
    EQUITY,
    FILLS,
    FUNDING,
    INTENTS,
    ORDERS,
    POSITIONS,
    PROTECTION,
    RUNS,
    TRANSFERS,
)
from botcore_tui.ledger.trade_memory import intent_of, intents_of, newest_entries, newest_trades
from botcore_tui.model.instrument import SETTLEMENT_ASSET, settles_in
from botcore_tui.model.ledger import (
    INCOME_READ,
    FundingRow,
    IntentRow,
    OpenOrder,
    OpenPosition,
    PositionRow,
    Recollection,
    TransferRow,
)
from botcore_tui.model.order import OrderState, Purpose

_DAY_MS: Final = 86_400_000
_RECV_WINDOW_MS: Final = 5_000
_PAYMENTS_MS: Final = 3 * _DAY_MS
"""So long before the last that was seen of the account may be what was not."""
_CLOCKS_MS: Final = 3_600_000
"""What two clocks may be apart: what is asked for must all be remembered."""
_RETAINED_MS: Final = 85 * _DAY_MS
"""The venue's history has three months."""
_CANCEL: Final = "CancelOrder"
"""Name of the command by which a person cancels an order."""
_PAGE: Final = 200
"""Rows that are fetched at once of those that are looked through backwards."""


def recall(
    ledger: str | Engine,
    account: str,
    now_ms: int,
    *,
    run_id: str = "",
    recv_window_ms: int = _RECV_WINDOW_MS,
) -> Recollection:
    """Read what is known of an account; quick, however long the ledger is.

    Args:
        ledger: Its URL, or an engine that reads it.
        account: Environment and key.
        now_ms: Decides what today is (UTC); no copy of an order was signed after it.
        run_id: Of the session that begins.
        recv_window_ms: How long after its signature the venue takes an order.

    Raises:
        UnavailableError: There is no such ledger, or its tables are not ours.
    """
    engine = reading_engine(ledger) if isinstance(ledger, str) else ledger
    name = shown(ledger) if isinstance(ledger, str) else str(engine.url)
    day_ms = now_ms - now_ms % _DAY_MS
    try:
        with engine.connect() as connection, connection.begin():
            check_version(connection, name)
            today = _Today(connection, account, day_ms)
            seen_ms = _seen_ms(connection, account, now_ms)
            payments_ms = max((seen_ms or now_ms) - _PAYMENTS_MS, now_ms - _RETAINED_MS)
            return Recollection(
                account=account,
                run_id=run_id,
                orders=tuple(_open_orders(connection, account, now_ms, recv_window_ms)),
                positions=tuple(_open_positions(connection, account)),
                trades=tuple(newest_trades(connection, account)),
                entries=tuple(newest_entries(connection, account)),
                funding=tuple(_funding(connection, account, payments_ms - _CLOCKS_MS)),
                transfers=tuple(_transfers(connection, account, payments_ms - _CLOCKS_MS)),
                payments_ms=payments_ms if seen_ms else 0,
                since_ms=_first_start(connection, account),
                day_start_equity=today.first_equity(),
                realized_today=today.realized(),
                fees_today=today.fees(),
                funding_today=today.funding(),
                transfers_today=today.transfers(),
                unprotected_ms_today=today.unprotected_ms(),
                risk=risk_memory(connection, account, now_ms, SETTLEMENT_ASSET),
                time_ms=now_ms,
            )
    finally:
        if isinstance(ledger, str):
            engine.dispose()


def _open_orders(
    connection: Connection, account: str, now_ms: int, recv_window_ms: int
) -> Iterator[OpenOrder]:
    present = ORDERS.c
    # Found by the index alone, and put in order here: asked for their order, databases would walk
    # through every intent there ever was.
    is_open = select(present.client_order_id).where(present.account == account, present.is_open)
    query = (
        select(
            INTENTS,
            present.state,
            present.order_id,
            present.algo_id,
            present.filled_quantity,
            present.sent_ms,
        )
        .join(
            INTENTS,
            (INTENTS.c.account == present.account)
            & (INTENTS.c.client_order_id == present.client_order_id),
        )
        .where(present.account == account, present.client_order_id.in_(is_open))
    )
    rows = connection.execute(query).mappings().all()
    for row in sorted(rows, key=itemgetter("sequence")):
        # Whether it was sent after all is not recorded: then a copy may be as young as our death.
        signed_ms = row["sent_ms"] or now_ms
        yield OpenOrder(
            intent=intent_of(row),
            state=OrderState(row["state"]),
            order_id=row["order_id"],
            algo_id=row["algo_id"],
            filled_quantity=row["filled_quantity"],
            expires_ms=max(signed_ms, row["created_ms"]) + recv_window_ms,
        )


def _open_positions(connection: Connection, account: str) -> Iterator[OpenPosition]:
    table = POSITIONS.c
    query = select(POSITIONS).where(table.account == account, table.opened_ms != 0)
    for row in connection.execute(query.order_by(table.symbol)).mappings():
        yield OpenPosition(
            row=row_of(row, PositionRow),
            opened_ms=row["opened_ms"],
            plan=_plan(connection, account, row["symbol"], row["opened_ms"]),
        )


def _plan(connection: Connection, account: str, symbol: str, opened_ms: int) -> IntentRow | None:
    """The newest entry that was filled into a position: where its stop belongs."""
    # Backwards from the newest execution, whose number is the highest: a database would rather
    # look at everything since the position was opened.
    table = FILLS.c
    query = (
        select(table.client_order_id, table.purpose, table.time_ms)
        .where(table.account == account, table.symbol == symbol)
        .order_by(table.trade_id.desc())
    )
    with connection.execute(query, execution_options={"yield_per": _PAGE}) as fills:
        for client_order_id, purpose, time_ms in fills:
            if time_ms < opened_ms:
                return None
            if purpose == Purpose.ENTRY.value:
                plan = intents_of(connection, account, [client_order_id]).get(client_order_id)
                if plan is not None:
                    return _still_wanted(connection, account, plan)
    return None


class _Canceled(msgspec.Struct):
    """Of the arguments of a command that cancels what is needed here."""

    client_order_id: str = ""


def _still_wanted(connection: Connection, account: str, plan: IntentRow) -> IntentRow:
    """A plan without the target or trail that a person has cancelled since."""
    since_ms = plan.request.created_ms
    if plan.target_price is None and plan.trail_pct is None:
        return plan
    table, intents = COMMANDS.c, INTENTS.c
    # Backwards, as above.
    query = (
        select(table.command, table.arguments, table.is_accepted, table.time_ms)
        .where(table.account == account)
        .order_by(table.sequence.desc())
    )
    with connection.execute(query, execution_options={"yield_per": _PAGE}) as commands:
        names = []
        for command, arguments, is_accepted, time_ms in commands:
            if time_ms < since_ms:
                break
            if command == _CANCEL and is_accepted:
                # What cannot be read names nothing: then the plan stays as it was.
                with contextlib.suppress(msgspec.MsgspecError):
                    names.append(msgspec.json.decode(arguments, type=_Canceled).client_order_id)
    canceled = select(intents.purpose).where(
        intents.account == account,
        intents.client_order_id.in_(names),
        intents.symbol == plan.request.symbol,
        intents.created_ms >= since_ms,
    )
    for purpose in connection.execute(canceled).scalars() if names else ():
        if purpose == Purpose.TARGET.value:
            plan = replace(plan, target_price=None)
        elif purpose == Purpose.TRAIL.value:
            plan = replace(plan, trail_pct=None)
    return plan


def _funding(connection: Connection, account: str, since_ms: int) -> Iterator[FundingRow]:
    for row in _since(connection, FUNDING, account, since_ms):
        yield funding_of(row)


def _transfers(connection: Connection, account: str, since_ms: int) -> Iterator[TransferRow]:
    for row in _since(connection, TRANSFERS, account, since_ms):
        yield row_of(row, TransferRow)


def _since(
    connection: Connection, table: Table, account: str, since_ms: int
) -> Iterator[RowMapping]:
    query = select(table).where(table.c.account == account, table.c.time_ms >= since_ms)
    yield from connection.execute(query.order_by(table.c.sequence)).mappings()


def _seen_ms(connection: Connection, account: str, now_ms: int) -> int:
    """When payments were last asked for; else when equity was recorded; 0 if it never was.

    Equity goes on where the history of payments does not come.
    """
    audit = AUDIT.c
    read = select(audit.time_ms).where(
        audit.account == account, audit.code == INCOME_READ, audit.time_ms <= now_ms
    )
    read_ms = connection.execute(read.order_by(audit.sequence.desc()).limit(1)).scalar()
    if read_ms:
        return int(read_ms)
    table = EQUITY.c
    query = select(func.max(table.time_ms)).where(table.account == account, table.time_ms <= now_ms)
    return connection.execute(query).scalar() or 0


def _first_start(connection: Connection, account: str) -> int:
    query = select(func.min(RUNS.c.started_ms)).where(RUNS.c.account == account)
    return connection.execute(query).scalar() or 0


class _Today:
    """Sums of one UTC day, exact: databases would add binary fractions."""

    def __init__(self, connection: Connection, account: str, day_ms: int) -> None:
        self._connection, self._account, self._day_ms = connection, account, day_ms

        table = EQUITY.c
        query = select(table.wallet, table.unrealized, table.time_ms)
        query = query.where(*self._of_today(EQUITY)).order_by(table.time_ms, table.sequence)
        self._first = connection.execute(query.limit(1)).one_or_none()

    def first_equity(self) -> Decimal | None:
        return None if self._first is None else self._first.wallet + self._first.unrealized

    def realized(self) -> Decimal:
        query = select(FILLS.c.symbol, FILLS.c.realized_pnl).where(*self._of_today(FILLS))
        rows = self._connection.execute(query)
        return sum(
            (row.realized_pnl for row in rows if settles_in(row.symbol, SETTLEMENT_ASSET)),
            Decimal(0),
        )

    def fees(self) -> Decimal:
        # Fees in another asset, as BNB, are no quote units and take nothing from the wallet of it.
        query = select(FILLS.c.fee).where(
            *self._of_today(FILLS), FILLS.c.fee_asset == SETTLEMENT_ASSET
        )
        paid = sum(self._connection.execute(query).scalars(), Decimal(0))
        others = select(TRANSFERS.c.amount).where(
            *self._of_today(TRANSFERS), TRANSFERS.c.asset == SETTLEMENT_ASSET, not_(is_capital())
        )
        return paid - sum(self._connection.execute(others).scalars(), Decimal(0))

    def funding(self) -> Decimal:
        query = select(FUNDING.c.amount).where(
            *self._of_today(FUNDING), FUNDING.c.asset == SETTLEMENT_ASSET
        )
        return sum(self._connection.execute(query).scalars(), Decimal(0))

    def transfers(self) -> Decimal:
        if self._first is None:
            return Decimal(0)
        # One learned of afterwards may be older than the day's first equity, and is in it.
        table, first_ms = TRANSFERS.c, self._first.time_ms
        query = select(table.amount).where(
            *self._of_today(TRANSFERS),
            table.asset == SETTLEMENT_ASSET,
            table.time_ms >= first_ms,
            is_capital(),
        )
        return sum(self._connection.execute(query).scalars(), Decimal(0))

    def unprotected_ms(self) -> int:
        table, end_ms = PROTECTION.c, self._day_ms + _DAY_MS
        query = select(table.from_ms, table.to_ms).where(
            table.account == self._account, table.to_ms > self._day_ms, table.from_ms < end_ms
        )
        return sum(
            min(row.to_ms, end_ms) - max(row.from_ms, self._day_ms)
            for row in self._connection.execute(query)
        )

    def _of_today(self, table: Table) -> tuple[ColumnElement[bool], ...]:
        return (
            table.c.account == self._account,
            table.c.time_ms >= self._day_ms,
            table.c.time_ms < self._day_ms + _DAY_MS,
        )
