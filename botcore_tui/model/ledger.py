"""Rows of the ledger as values: what was decided, and what came back.

Who writes them adds the run, a running number and the hash that chains each row to the one before.
"""

from decimal import Decimal

from msgspec import Struct

from botcore_tui.model.order import Fill, OrderRequest, OrderState, Purpose, Source
from botcore_tui.model.severity import Severity


class IntentRow(Struct, frozen=True, tag="intent"):
    """An order that is about to be sent; durable before a byte leaves.

    Also one of ours that the venue shows and nobody remembers; the ledger takes each once.
    """

    request: OrderRequest
    stop_price: Decimal | None
    """Of an entry: where its stop will be; with it the plan survives a crash."""
    target_price: Decimal | None
    trail_pct: Decimal | None


class OrderRow(Struct, frozen=True, kw_only=True, tag="order"):
    """An order changed its state."""

    client_order_id: str
    symbol: str
    state: OrderState
    previous: OrderState | None
    order_id: int = 0
    algo_id: int = 0
    filled_quantity: Decimal = Decimal(0)
    source: Source | None = None
    code: int = 0
    reason: str = ""
    time_ms: int


class FillRow(Struct, frozen=True, kw_only=True, tag="fill"):
    """An execution, once."""

    fill: Fill
    client_order_id: str
    """Empty for an order that is not ours."""
    purpose: Purpose | None
    tag: str = ""
    """Empty for our own while running; ``late`` learned in a reconciliation; ``foreign``."""


class PositionRow(Struct, frozen=True, kw_only=True, tag="position"):
    """A position after a change."""

    symbol: str
    quantity: Decimal
    entry_price: Decimal
    realized_pnl: Decimal
    """Of this trade, from flat to flat, without fees and funding."""
    fees: Decimal
    funding: Decimal
    tag: str = ""
    """Empty: from our fills; ``adopted``: the venue said so."""
    reason: str = ""
    time_ms: int


class EquityRow(Struct, frozen=True, kw_only=True, tag="equity"):
    """What the account was worth."""

    wallet: Decimal
    unrealized: Decimal
    time_ms: int


class FundingRow(Struct, frozen=True, kw_only=True, tag="funding"):
    """Funding paid (negative) or received."""

    symbol: str
    asset: str
    amount: Decimal
    transaction_id: int = 0
    """0 if learned from the stream, which does not tell it."""
    source: Source
    time_ms: int


class TransferRow(Struct, frozen=True, kw_only=True, tag="transfer"):
    """Money that came or went by other than trading."""

    asset: str
    amount: Decimal
    reason: str
    time_ms: int


class CommandRow(Struct, frozen=True, kw_only=True, tag="command"):
    """A person's or a strategy's wish, and what became of it."""

    command_id: str
    command: str
    """Its name: place, close, cancel, halt, resume, signal ..."""
    actor: str
    arguments: str
    """JSON."""
    reason: str
    is_accepted: bool
    code: str
    """Stable code of the refusal; empty if accepted."""
    text: str
    time_ms: int


class AuditRow(Struct, frozen=True, kw_only=True, tag="audit"):
    """Whatever else must be found again: states, adoptions, foreign orders, breakers, alarms."""

    code: str
    """Stable, dotted."""
    severity: Severity
    text: str
    symbol: str = ""
    client_order_id: str = ""
    time_ms: int


class ProtectionRow(Struct, frozen=True, kw_only=True, tag="protection"):
    """A span of time in which a position had no verified stop at the venue."""

    symbol: str
    from_ms: int
    to_ms: int
    notional_seconds: Decimal
    """Quote units x seconds."""
    reason: str
    """What ended it: verified, flat ..."""
    time_ms: int


LedgerRow = (
    IntentRow
    | OrderRow
    | FillRow
    | PositionRow
    | EquityRow
    | FundingRow
    | TransferRow
    | CommandRow
    | AuditRow
    | ProtectionRow
)


class OpenOrder(Struct, frozen=True, kw_only=True):
    """An order of an earlier run whose end is not recorded."""

    intent: IntentRow
    state: OrderState
    order_id: int
    algo_id: int
    filled_quantity: Decimal
    expires_ms: int
    """When a copy still on its way would be refused: created + recvWindow, at the least."""


class KnownTrade(Struct, frozen=True):
    """How far the ledger has the trades of a symbol."""

    symbol: str
    trade_id: int
    """It is taken to have all up to this one."""
    later: tuple[int, ...] = ()
    """Those after it that it has, in their order; others between them may be missing."""


class OpenPosition(Struct, frozen=True, kw_only=True):
    """A position as the ledger last had it."""

    row: PositionRow
    opened_ms: int
    """When it last left zero."""
    plan: IntentRow | None = None
    """The newest entry that was filled into it: where its stop belongs."""


class Recollection(Struct, frozen=True, kw_only=True):
    """What the ledger knows of the account; a hint, the venue's word is the truth.

    The first event of every session with a venue: whatever was known of an account before is void.
    """

    account: str
    """Environment and key, such as ``testnet:3f9c0a12``; money and orders of two never mix."""
    run_id: str
    """Of this session; part of every client order id. 1 to 12 of ``0-9a-z``."""
    orders: tuple[OpenOrder, ...] = ()
    positions: tuple[OpenPosition, ...] = ()
    trades: tuple[KnownTrade, ...] = ()
    day_start_equity: Decimal | None = None
    """First valid equity of this UTC day."""
    realized_today: Decimal = Decimal(0)
    fees_today: Decimal = Decimal(0)
    funding_today: Decimal = Decimal(0)
    transfers_today: Decimal = Decimal(0)
    """Since that equity: what came before it is in it."""
    unprotected_ms_today: int = 0
    funding: tuple[FundingRow, ...] = ()
    """Of the last three days, in their order, so that none of it is booked again."""
    transfers: tuple[TransferRow, ...] = ()
    """Likewise."""
    since_ms: int = 0
    """When the account's first session began: executions after it are to be recorded. 0: now."""
    time_ms: int = 0
