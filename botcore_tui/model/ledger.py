"""Rows of the ledger as values: what was decided, and what came back.

Who writes them adds the run, a running number and the hash that chains each row to the one before.
"""

from decimal import Decimal
from typing import Final

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

    @property
    def equity(self) -> Decimal:
        """All of it."""
        return self.wallet + self.unrealized


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
    """Money that came or went by other than executions and funding: capital, a cost, a gain."""

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


INCOME_READ: Final = "income.read"
"""Code of the row which says that all payments before it are booked."""


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


class AnchorRow(Struct, frozen=True, kw_only=True, tag="anchor"):
    """What losses are measured from, from now on."""

    kind: str
    """``day``: equity at the first valid moment of a UTC day; ``high_water``: the highest equity,
    raised by a new one; both are moved by transfers, so that the newest row is as of now.
    ``rolling-1h``, ``rolling-24h``: losses of that window count from here on, by name."""
    equity: Decimal
    actor: str = ""
    """Who set it by name; empty: it follows from events."""
    reason: str
    time_ms: int


class TripRow(Struct, frozen=True, kw_only=True, tag="trip"):
    """A breaker tripped: it is latched until a person resets it by name."""

    code: str
    """A01, A02, A03-1h, A03-24h, A05, A13, A14, A16 ..."""
    observed: Decimal | None
    """Percent for losses; None where it is unknown."""
    limit: Decimal
    amount: Decimal | None
    """Lost, quote units."""
    limit_amount: Decimal | None
    action: str
    """hold, flatten"""
    text: str
    time_ms: int


class ResetRow(Struct, frozen=True, kw_only=True, tag="reset"):
    """A person reset a breaker."""

    code: str
    is_rebased: bool
    """Whether losses count anew from that moment."""
    actor: str
    reason: str
    time_ms: int


class OverrideRow(Struct, frozen=True, kw_only=True, tag="override"):
    """A limit is relaxed for a while (P24), or no longer: then ``until_ms`` is ``time_ms``."""

    limit: str
    """Key of the configuration: risk.max_leverage ..."""
    value: Decimal
    normal: Decimal
    actor: str
    reason: str
    until_ms: int
    time_ms: int


class StrategyRow(Struct, frozen=True, kw_only=True, tag="strategy"):
    """A strategy was disabled (P19, A15), or enabled again by name."""

    strategy: str
    is_enabled: bool
    code: str
    actor: str
    reason: str
    time_ms: int


class PhaseRow(Struct, frozen=True, kw_only=True, tag="phase"):
    """The gate row of a deployment phase: without it no limit rises."""

    phase: str
    previous: str
    actor: str
    reason: str
    evidence: str
    """JSON: what was shown, what was needed."""
    equity: Decimal | None
    """At that moment: the capital that the phase's band is compared with; None: not known yet."""
    time_ms: int


class DrillRow(Struct, frozen=True, kw_only=True, tag="drill"):
    """A rehearsal on the embedded exchange (K8)."""

    drill: str
    """halt, breaker, dead-man, disconnect, crash"""
    is_passed: bool
    timings: str
    """JSON: milliseconds by name."""
    text: str
    version: str
    config_hash: str
    time_ms: int


class StreamRow(Struct, frozen=True, kw_only=True, tag="stream"):
    """How long a stream delivered, of a span of time."""

    name: str
    span_ms: int
    up_ms: int
    """Stale time counts as down."""
    time_ms: int
    """End of the span."""


class CallRow(Struct, frozen=True, kw_only=True, tag="calls"):
    """What became of the requests for one endpoint since the row before."""

    endpoint: str
    attempts: int
    """Requests sent, repetitions included; the other numbers are of these or of their calls."""
    repeated: int
    """Sent again because the one before brought nothing."""
    saved: int
    """Calls that were answered only after a repetition."""
    given_up: int
    """Calls that failed for good."""
    failed: int
    """Attempts without a reply, refused for a limit (403, 418, 429), or lost at the venue (5xx)."""
    limited: int
    """Refused with 429: too many requests."""
    banned: int
    """Refused with 418: the address is banned."""
    span_ms: int
    time_ms: int
    """End of the span."""


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
    | AnchorRow
    | TripRow
    | ResetRow
    | OverrideRow
    | StrategyRow
    | PhaseRow
    | DrillRow
    | StreamRow
    | CallRow
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


class RiskMemory(Struct, frozen=True, kw_only=True):
    """What the ledger knows of limits: a restart makes nothing more permissive."""

    day: AnchorRow | None = None
    """Of this UTC day; None: it was not recorded."""
    day_from_ms: int = 0
    """When that was seen, or set by name; transfers have moved it since."""
    was_active_today: bool = False
    """There was an execution, or a position at its start, before that: it cannot be guessed."""
    high_water: AnchorRow | None = None
    highs: tuple[AnchorRow, ...] = ()
    """The newest, and those of the last days with the one before them; none of before a rebase."""
    rolling: tuple[AnchorRow, ...] = ()
    """Of the kinds ``rolling-1h`` and ``rolling-24h`` the newest."""
    equity: tuple[EquityRow, ...] = ()
    """Of the last 24 hours, oldest first, about one a minute; transfers are in it as they came."""
    latched: tuple[TripRow, ...] = ()
    """Not reset, oldest first."""
    trips: tuple[TripRow, ...] = ()
    """The newest twenty, newest first."""
    overrides: tuple[OverrideRow, ...] = ()
    """Of those that still hold, the newest of each limit."""
    disabled: tuple[StrategyRow, ...] = ()
    """The newest of each strategy, where it says disabled."""
    reduced: str = ""
    """How trading came to be less than ACTIVE, if it still was when the last session ended."""
    is_flattening: bool = False
    """A person wanted all positions closed: neither confirmed nor followed by a resume."""
    phase: PhaseRow | None = None
    """The newest; None: no gate was passed."""
    phase_transfers: Decimal = Decimal(0)
    """Net, since that row: with its equity they are the capital."""


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
    entries: tuple[IntentRow, ...] = ()
    """Of each symbol and actor the newest that was filled, unless they wanted out of it since."""
    day_start_equity: Decimal | None = None
    """First valid equity of this UTC day."""
    realized_today: Decimal = Decimal(0)
    fees_today: Decimal = Decimal(0)
    funding_today: Decimal = Decimal(0)
    transfers_today: Decimal = Decimal(0)
    """Since that equity: what came before it is in it."""
    unprotected_ms_today: int = 0
    funding: tuple[FundingRow, ...] = ()
    """Since ``payments_ms`` and somewhat before, in order: none of it is booked again."""
    transfers: tuple[TransferRow, ...] = ()
    """Likewise."""
    risk: RiskMemory = RiskMemory()
    payments_ms: int = 0
    """From when on the income history may have what nobody has seen. 0: three days ago."""
    since_ms: int = 0
    """When the account's first session began: executions after it are to be recorded. 0: now."""
    time_ms: int = 0
