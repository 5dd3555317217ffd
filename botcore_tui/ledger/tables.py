"""Tables of the ledger.

Most are append-only and chained: within an account each row has the next ``sequence``, whichever
table it is in, and a hash over its own content and the row before. A few hold the present state
for quick look-ups; they follow from the chained ones and are overwritten.
"""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from sqlalchemy import BigInteger, Index, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from botcore_tui.ledger.columns import (
    CLUSTERED,
    Chained,
    amount,
    integer,
    maybe_amount,
    maybe_words,
    table_of,
    words,
)
from botcore_tui.ledger.risk_tables import CALLS, RISK


class RunRecord(Chained, table=True):
    """A session: when it began, with which program and configuration (G2)."""

    __tablename__ = "runs"
    __table_args__ = (UniqueConstraint("run_id"), CLUSTERED)

    environment: str = words()
    started_ms: int = integer()
    version: str = words()
    config_hash: str = words()
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    """Filled in later, hence not part of the hash; the audit row of the end is chained."""


class IntentRecord(Chained, table=True):
    """An order that was about to be sent."""

    __tablename__ = "intents"
    __table_args__ = (UniqueConstraint("account", "client_order_id"), CLUSTERED)

    client_order_id: str = words()
    symbol: str = words()
    side: str = words()
    type: str = words()
    purpose: str = words()
    quantity: Decimal = amount()
    price: Decimal | None = maybe_amount()
    trigger_price: Decimal | None = maybe_amount()
    callback_pct: Decimal | None = maybe_amount()
    time_in_force: str | None = maybe_words()
    reduce_only: bool = False
    close_position: bool = False
    entry_id: str = words()
    actor: str = words()
    reason: str = words()
    created_ms: int = integer()
    stop_price: Decimal | None = maybe_amount()
    target_price: Decimal | None = maybe_amount()
    trail_pct: Decimal | None = maybe_amount()


class OrderEventRecord(Chained, table=True):
    """An order changed its state."""

    __tablename__ = "order_events"
    __table_args__ = (Index("ix_order_events_order", "account", "client_order_id"), CLUSTERED)

    client_order_id: str = words()
    symbol: str = words()
    state: str = words()
    previous: str | None = maybe_words()
    order_id: int = integer()
    algo_id: int = integer()
    filled_quantity: Decimal = amount()
    source: str | None = maybe_words()
    code: int = integer()
    reason: str = words()
    time_ms: int = integer()


class FillRecord(Chained, table=True):
    """An execution, once."""

    __tablename__ = "fills"
    __table_args__ = (
        UniqueConstraint("account", "symbol", "trade_id"),
        Index("ix_fills_time", "account", "time_ms"),
        CLUSTERED,
    )

    symbol: str = words()
    trade_id: int = integer()
    order_id: int = integer()
    client_order_id: str = words()
    side: str = words()
    price: Decimal = amount()
    quantity: Decimal = amount()
    fee: Decimal = amount()
    fee_asset: str = words()
    realized_pnl: Decimal = amount()
    is_maker: bool = False
    source: str = words()
    purpose: str | None = maybe_words()
    tag: str = words()
    time_ms: int = integer()


class PositionEventRecord(Chained, table=True):
    """A position changed."""

    __tablename__ = "position_events"
    __table_args__ = (CLUSTERED,)

    symbol: str = words()
    quantity: Decimal = amount()
    entry_price: Decimal = amount()
    realized_pnl: Decimal = amount()
    fees: Decimal = amount()
    funding: Decimal = amount()
    tag: str = words()
    reason: str = words()
    time_ms: int = integer()


class EquityRecord(Chained, table=True):
    """What the account was worth."""

    __tablename__ = "equity"
    __table_args__ = (Index("ix_equity_time", "account", "time_ms"), CLUSTERED)

    wallet: Decimal = amount()
    unrealized: Decimal = amount()
    time_ms: int = integer()


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
        CLUSTERED,
    )

    symbol: str = words()
    asset: str = words()
    amount: Decimal = amount()
    transaction_id: int = integer()
    source: str = words()
    time_ms: int = integer()


class TransferRecord(Chained, table=True):
    """Money that came or went by other than trading."""

    __tablename__ = "transfers"
    __table_args__ = (Index("ix_transfers_time", "account", "time_ms"), CLUSTERED)

    asset: str = words()
    amount: Decimal = amount()
    reason: str = words()
    time_ms: int = integer()


class CommandRecord(Chained, table=True):
    """A wish, and what became of it."""

    __tablename__ = "commands"
    __table_args__ = (CLUSTERED,)

    command_id: str = words()
    command: str = words()
    actor: str = words()
    arguments: str = words()
    reason: str = words()
    is_accepted: bool = False
    code: str = words()
    text: str = words()
    time_ms: int = integer()


class _Note(Chained):
    code: str = words()
    severity: str = words()
    text: str = words()
    symbol: str = words()
    client_order_id: str = words()
    time_ms: int = integer()


class AuditRecord(_Note, table=True):
    """Whatever else must be found again."""

    __tablename__ = "audit"
    __table_args__ = (CLUSTERED,)


class BreakerEventRecord(_Note, table=True):
    """Trading states and circuit breakers: audit rows whose code says so."""

    __tablename__ = "breaker_events"
    __table_args__ = (CLUSTERED,)


class ProtectionRecord(Chained, table=True):
    """A span without a verified stop."""

    __tablename__ = "protection"
    __table_args__ = (Index("ix_protection_time", "account", "to_ms"), CLUSTERED)

    symbol: str = words()
    from_ms: int = integer()
    to_ms: int = integer()
    notional_seconds: Decimal = amount()
    reason: str = words()
    time_ms: int = integer()


class OrderRecord(SQLModel, table=True):
    """The present state of an order."""

    __tablename__ = "orders"
    __table_args__ = (
        Index(
            "ix_orders_open",
            "account",
            "is_open",
            # As queries spell it: SQLite takes a partial index only where it finds its condition.
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        CLUSTERED,
    )

    account: str = Field(primary_key=True, sa_type=Text)
    client_order_id: str = Field(primary_key=True, sa_type=Text)
    sequence: int = integer()
    """Of the row of the chain that it follows from."""
    symbol: str = words()
    state: str = words()
    is_open: bool = True
    order_id: int = integer()
    algo_id: int = integer()
    filled_quantity: Decimal = amount()
    source: str | None = maybe_words()
    code: int = integer()
    reason: str = words()
    sent_ms: int = integer()
    """When its bytes began to leave; 0 if that is not recorded."""
    time_ms: int = integer()


class PositionRecord(SQLModel, table=True):
    """The present state of a position."""

    __tablename__ = "positions"
    __table_args__ = (CLUSTERED,)

    account: str = Field(primary_key=True, sa_type=Text)
    symbol: str = Field(primary_key=True, sa_type=Text)
    sequence: int = integer()
    """Of the row of the chain that it follows from."""
    quantity: Decimal = amount()
    entry_price: Decimal = amount()
    realized_pnl: Decimal = amount()
    fees: Decimal = amount()
    funding: Decimal = amount()
    tag: str = words()
    reason: str = words()
    opened_ms: int = integer()
    """When it last left zero; 0 while flat."""
    time_ms: int = integer()


class HeadRecord(SQLModel, table=True):
    """The end of an account's chain: without it, rows cut off the end would not be missed."""

    __tablename__ = "heads"
    __table_args__ = (CLUSTERED,)

    account: str = Field(primary_key=True, sa_type=Text)
    sequence: int = integer()
    """Of the last row, hence the number of all rows."""
    hash: str = words()


class IntakeRecord(SQLModel, table=True):
    """Rows that an order waits for, until they are in the tables that they are for."""

    __tablename__ = "intake"
    __table_args__ = (CLUSTERED,)

    account: str = Field(primary_key=True, sa_type=Text)
    run_id: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    """Among those of the run."""
    content: str = words()
    """The rows, as in a file of rows that the database did not take."""


class LeaseRecord(SQLModel, table=True):
    """Who may write for an account."""

    __tablename__ = "lease"
    __table_args__ = (CLUSTERED,)

    account: str = Field(primary_key=True, sa_type=Text)
    token: str = words()
    host: str = words()
    pid: int = integer()
    born: str = words()
    """When that process began, as its system counts; tells it from a later one of that number."""
    refreshed_ms: int = integer()


RUNS: Final = table_of(RunRecord)
INTENTS: Final = table_of(IntentRecord)
ORDER_EVENTS: Final = table_of(OrderEventRecord)
FILLS: Final = table_of(FillRecord)
POSITION_EVENTS: Final = table_of(PositionEventRecord)
EQUITY: Final = table_of(EquityRecord)
FUNDING: Final = table_of(FundingRecord)
TRANSFERS: Final = table_of(TransferRecord)
COMMANDS: Final = table_of(CommandRecord)
AUDIT: Final = table_of(AuditRecord)
BREAKER_EVENTS: Final = table_of(BreakerEventRecord)
PROTECTION: Final = table_of(ProtectionRecord)
ORDERS: Final = table_of(OrderRecord)
POSITIONS: Final = table_of(PositionRecord)
HEADS: Final = table_of(HeadRecord)
INTAKE: Final = table_of(IntakeRecord)
LEASE: Final = table_of(LeaseRecord)

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
            *RISK,
            CALLS,
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
