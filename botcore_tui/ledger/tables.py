"""Tables of the ledger.

Most are append-only and chained: within an account each row has the next ``sequence``, whichever
table it is in, and a hash over its own content and the row before. A few hold the present state
for quick look-ups; they follow from the chained ones and are overwritten.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, Index, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from botcore_tui.ledger.amounts import Amount

_CLUSTERED: Final = {"sqlite_with_rowid": False}
"""SQLite keeps the rows of such a table in the order of its key, without a second tree."""


def _integer(*, default: int = 0) -> Any:  # noqa: ANN401 - as Field itself, for its checkers
    return Field(default=default, sa_type=BigInteger)


def _amount() -> Any:  # noqa: ANN401
    return Field(sa_type=Amount)


def _maybe_amount() -> Any:  # noqa: ANN401
    return Field(default=None, sa_type=Amount)


def _text() -> Any:  # noqa: ANN401
    return Field(default="", sa_type=Text)


def _maybe_text() -> Any:  # noqa: ANN401
    return Field(default=None, sa_type=Text)


class Chained(SQLModel):
    """What every row of the chain has."""

    account: str = Field(primary_key=True, sa_type=Text)
    sequence: int = Field(primary_key=True, sa_type=BigInteger)
    run_id: str = _text()
    previous_hash: str = _text()
    hash: str = _text()


class RunRecord(Chained, table=True):
    """A session: when it began, with which program and configuration (G2)."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("run_id"), _CLUSTERED)

    environment: str = _text()
    started_ms: int = _integer()
    version: str = _text()
    config_hash: str = _text()
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    """Filled in later, hence not part of the hash; the audit row of the end is chained."""


class IntentRecord(Chained, table=True):
    """An order that was about to be sent."""

    __tablename__ = "intents"
    __table_args__ = (UniqueConstraint("account", "client_order_id"), _CLUSTERED)

    client_order_id: str = _text()
    symbol: str = _text()
    side: str = _text()
    type: str = _text()
    purpose: str = _text()
    quantity: Decimal = _amount()
    price: Decimal | None = _maybe_amount()
    trigger_price: Decimal | None = _maybe_amount()
    callback_pct: Decimal | None = _maybe_amount()
    time_in_force: str | None = _maybe_text()
    reduce_only: bool = False
    close_position: bool = False
    entry_id: str = _text()
    actor: str = _text()
    reason: str = _text()
    created_ms: int = _integer()
    stop_price: Decimal | None = _maybe_amount()
    target_price: Decimal | None = _maybe_amount()
    trail_pct: Decimal | None = _maybe_amount()


class OrderEventRecord(Chained, table=True):
    """An order changed its state."""

    __tablename__ = "order_events"
    __table_args__ = (Index("ix_order_events_order", "account", "client_order_id"), _CLUSTERED)

    client_order_id: str = _text()
    symbol: str = _text()
    state: str = _text()
    previous: str | None = _maybe_text()
    order_id: int = _integer()
    algo_id: int = _integer()
    filled_quantity: Decimal = _amount()
    source: str | None = _maybe_text()
    code: int = _integer()
    reason: str = _text()
    time_ms: int = _integer()


class FillRecord(Chained, table=True):
    """An execution, once."""

    __tablename__ = "fills"
    __table_args__ = (
        UniqueConstraint("account", "symbol", "trade_id"),
        Index("ix_fills_time", "account", "time_ms"),
        _CLUSTERED,
    )

    symbol: str = _text()
    trade_id: int = _integer()
    order_id: int = _integer()
    client_order_id: str = _text()
    side: str = _text()
    price: Decimal = _amount()
    quantity: Decimal = _amount()
    fee: Decimal = _amount()
    fee_asset: str = _text()
    realized_pnl: Decimal = _amount()
    is_maker: bool = False
    source: str = _text()
    purpose: str | None = _maybe_text()
    tag: str = _text()
    time_ms: int = _integer()


class PositionEventRecord(Chained, table=True):
    """A position changed."""

    __tablename__ = "position_events"
    __table_args__ = (_CLUSTERED,)

    symbol: str = _text()
    quantity: Decimal = _amount()
    entry_price: Decimal = _amount()
    realized_pnl: Decimal = _amount()
    fees: Decimal = _amount()
    funding: Decimal = _amount()
    tag: str = _text()
    reason: str = _text()
    time_ms: int = _integer()


class EquityRecord(Chained, table=True):
    """What the account was worth."""

    __tablename__ = "equity"
    __table_args__ = (Index("ix_equity_time", "account", "time_ms"), _CLUSTERED)

    wallet: Decimal = _amount()
    unrealized: Decimal = _amount()
    time_ms: int = _integer()


class FundingRecord(Chained, table=True):
    """Funding paid or received."""

    __tablename__ = "funding"
    __table_args__ = (
        Index("ix_funding_time", "account", "time_ms"),
        Index(
            "ux_funding_transaction",
            "account",
            "symbol",
            "asset",
            "transaction_id",
            unique=True,
            sqlite_where=text("transaction_id <> 0"),
            postgresql_where=text("transaction_id <> 0"),
        ),
        _CLUSTERED,
    )

    symbol: str = _text()
    asset: str = _text()
    amount: Decimal = _amount()
    transaction_id: int = _integer()
    source: str = _text()
    time_ms: int = _integer()


class TransferRecord(Chained, table=True):
    """Money that came or went by other than trading."""

    __tablename__ = "transfers"
    __table_args__ = (Index("ix_transfers_time", "account", "time_ms"), _CLUSTERED)

    asset: str = _text()
    amount: Decimal = _amount()
    reason: str = _text()
    time_ms: int = _integer()


class CommandRecord(Chained, table=True):
    """A wish, and what became of it."""

    __tablename__ = "commands"
    __table_args__ = (_CLUSTERED,)

    command_id: str = _text()
    command: str = _text()
    actor: str = _text()
    arguments: str = _text()
    reason: str = _text()
    is_accepted: bool = False
    code: str = _text()
    text: str = _text()
    time_ms: int = _integer()


class _Note(Chained):
    code: str = _text()
    severity: str = _text()
    text: str = _text()
    symbol: str = _text()
    client_order_id: str = _text()
    time_ms: int = _integer()


class AuditRecord(_Note, table=True):
    """Whatever else must be found again."""

    __tablename__ = "audit"
    __table_args__ = (_CLUSTERED,)


class BreakerEventRecord(_Note, table=True):
    """Trading states and circuit breakers: audit rows whose code says so."""

    __tablename__ = "breaker_events"
    __table_args__ = (_CLUSTERED,)


class ProtectionRecord(Chained, table=True):
    """A span without a verified stop."""

    __tablename__ = "protection"
    __table_args__ = (Index("ix_protection_time", "account", "to_ms"), _CLUSTERED)

    symbol: str = _text()
    from_ms: int = _integer()
    to_ms: int = _integer()
    notional_seconds: Decimal = _amount()
    reason: str = _text()
    time_ms: int = _integer()


class OrderRecord(SQLModel, table=True):
    """The present state of an order."""

    __tablename__ = "orders"
    __table_args__ = (
        Index(
            "ix_orders_open",
            "account",
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        _CLUSTERED,
    )

    account: str = Field(primary_key=True, sa_type=Text)
    client_order_id: str = Field(primary_key=True, sa_type=Text)
    sequence: int = _integer()
    """Of the row of the chain that it follows from."""
    symbol: str = _text()
    state: str = _text()
    is_open: bool = True
    order_id: int = _integer()
    algo_id: int = _integer()
    filled_quantity: Decimal = _amount()
    source: str | None = _maybe_text()
    code: int = _integer()
    reason: str = _text()
    sent_ms: int = _integer()
    """When its bytes began to leave; 0 if that is not recorded."""
    time_ms: int = _integer()


class PositionRecord(SQLModel, table=True):
    """The present state of a position."""

    __tablename__ = "positions"
    __table_args__ = (_CLUSTERED,)

    account: str = Field(primary_key=True, sa_type=Text)
    symbol: str = Field(primary_key=True, sa_type=Text)
    sequence: int = _integer()
    """Of the row of the chain that it follows from."""
    quantity: Decimal = _amount()
    entry_price: Decimal = _amount()
    realized_pnl: Decimal = _amount()
    fees: Decimal = _amount()
    funding: Decimal = _amount()
    tag: str = _text()
    reason: str = _text()
    opened_ms: int = _integer()
    """When it last left zero; 0 while flat."""
    time_ms: int = _integer()


class HeadRecord(SQLModel, table=True):
    """The end of an account's chain: without it, rows cut off the end would not be missed."""

    __tablename__ = "heads"
    __table_args__ = (_CLUSTERED,)

    account: str = Field(primary_key=True, sa_type=Text)
    sequence: int = _integer()
    """Of the last row, hence the number of all rows."""
    hash: str = _text()


class LeaseRecord(SQLModel, table=True):
    """Who may write for an account."""

    __tablename__ = "lease"
    __table_args__ = (_CLUSTERED,)

    account: str = Field(primary_key=True, sa_type=Text)
    token: str = _text()
    host: str = _text()
    pid: int = _integer()
    born: str = _text()
    """When that process began, as its system counts; tells it from a later one of that number."""
    refreshed_ms: int = _integer()


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


RUNS: Final = _table(RunRecord)
INTENTS: Final = _table(IntentRecord)
ORDER_EVENTS: Final = _table(OrderEventRecord)
FILLS: Final = _table(FillRecord)
POSITION_EVENTS: Final = _table(PositionEventRecord)
EQUITY: Final = _table(EquityRecord)
FUNDING: Final = _table(FundingRecord)
TRANSFERS: Final = _table(TransferRecord)
COMMANDS: Final = _table(CommandRecord)
AUDIT: Final = _table(AuditRecord)
BREAKER_EVENTS: Final = _table(BreakerEventRecord)
PROTECTION: Final = _table(ProtectionRecord)
ORDERS: Final = _table(OrderRecord)
POSITIONS: Final = _table(PositionRecord)
HEADS: Final = _table(HeadRecord)
LEASE: Final = _table(LeaseRecord)

CHAINED: Final[Mapping[str, Table]] = MappingProxyType(
    {
        str(table.name): table
        for table in (
            RUNS,
            INTENTS,
            ORDER_EVENTS,
            FILLS,
            POSITION_EVENTS,
            EQUITY,
            FUNDING,
            TRANSFERS,
            COMMANDS,
            AUDIT,
            BREAKER_EVENTS,
            PROTECTION,
        )
    }
)
"""Append-only tables under one chain for each account."""
PRESENT: Final[Mapping[str, Table]] = MappingProxyType(
    {str(table.name): table for table in (ORDERS, POSITIONS)}
)
"""Tables of present states, which follow from the chained ones."""
UNHASHED: Final = frozenset({"previous_hash", "hash", "ended_ms"})
"""Columns that are not part of a row's hash, the previous hash aside, which goes in front."""
