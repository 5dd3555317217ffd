"""What goes into the core and what comes out: Event, Command, Effect."""

from enum import StrEnum

from msgspec import Struct

from botcore_tui.model.account import (
    AccountBound,
    AccountPicture,
    AccountUpdate,
    ClockHealth,
    DeadManFailed,
    DeadManSet,
    EngineLag,
    LedgerHealth,
    LeverageChange,
    ReconcileFailed,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.command import Command, DeskCommand, Halt, OrderCommand, Resume
from botcore_tui.model.instrument import ContractRules, Instrument
from botcore_tui.model.ledger import LedgerRow, Recollection
from botcore_tui.model.market import MarketEvent
from botcore_tui.model.order import (
    AlgoReport,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    OrderRequest,
    OrderSent,
    QueryFailed,
    SubmitFailed,
)
from botcore_tui.model.severity import Severity

__all__ = [
    "AccountEvent",
    "Answer",
    "Append",
    "ArmDeadMan",
    "Cancel",
    "CancelAll",
    "Command",
    "DeskCommand",
    "Effect",
    "Event",
    "FeedDown",
    "Halt",
    "InstrumentUpdate",
    "MarketReset",
    "OpenMarket",
    "OrderCommand",
    "Query",
    "Reconcile",
    "Record",
    "RequestSnapshot",
    "Resume",
    "RulesUpdate",
    "Severity",
    "SnapshotFailed",
    "StateChanged",
    "Submit",
    "Tick",
    "TradingState",
    "VenueEffect",
]


class TradingState(StrEnum):
    """What the engine may do at the venue."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    """Only orders that lower a position."""
    HALTED = "HALTED"
    """Latched; a person resumes."""


# --- events: facts ---------------------------------------------------------------------------


class Tick(Struct, frozen=True, gc=False):
    """Time passed; four a second. Time-outs fire on this and on nothing else."""

    time_ms: int
    """UTC by our clock; in a replay the tape's."""


class FeedDown(Struct, frozen=True):
    """The stream that carries these symbols' deltas was interrupted: nothing joins up any more."""

    symbols: tuple[str, ...]
    reason: str
    time_ms: int


class SnapshotFailed(Struct, frozen=True):
    """A requested book snapshot did not come."""

    symbol: str
    reason: str
    time_ms: int


class InstrumentUpdate(Struct, frozen=True):
    """A contract's steps became known or changed."""

    instrument: Instrument


class RulesUpdate(Struct, frozen=True):
    """The venue's filters for orders of a contract became known or changed."""

    rules: ContractRules
    time_ms: int


class MarketReset(Struct, frozen=True):
    """The market data starts again from nothing (a replay was moved back); trading state stays."""

    reason: str
    time_ms: int


AccountEvent = (
    OrderSent
    | OrderReport
    | AlgoReport
    | Fill
    | SubmitFailed
    | CancelFailed
    | OrderNotFound
    | QueryFailed
    | AccountUpdate
    | LeverageChange
    | UserStreamUp
    | UserStreamDown
    | AccountPicture
    | ReconcileFailed
    | LedgerHealth
    | ClockHealth
    | AccountBound
    | DeadManSet
    | DeadManFailed
    | EngineLag
)
"""What comes back from the venue, and from our own ledger, about the account."""

Event = (
    MarketEvent
    | Tick
    | FeedDown
    | SnapshotFailed
    | InstrumentUpdate
    | RulesUpdate
    | MarketReset
    | AccountEvent
    | Recollection
    | Command
)


# --- effects: what the shell must do ---------------------------------------------------------


class RequestSnapshot(Struct, frozen=True, tag=True):
    """Fetch a book snapshot, after the back-off that belongs to ``attempt``.

    The outcome comes back as ``BookSnapshot`` or ``SnapshotFailed``, always.
    """

    symbol: str
    attempt: int
    """0 for the first try in a row; grows with each that did not lead to a lasting book."""
    reason: str
    time_ms: int


class Record(Struct, frozen=True, tag=True):
    """Something worth a line in the log."""

    severity: Severity
    code: str
    """Stable, dotted: ``book.gap``, ``state.halted``."""
    text: str
    time_ms: int


class StateChanged(Struct, frozen=True, tag=True):
    """The trading state moved; from HALTED to HALTED: a breaker tripped while it was so."""

    state: TradingState
    previous: TradingState
    actor: str
    reason: str
    time_ms: int
    account: str = ""
    """Which one a halt is about; empty: not known, or that of this session."""


class Submit(Struct, frozen=True, tag=True):
    """Place an order, once, whatever happens; its intent was appended just before.

    What raises risk leaves only after its intent is durable and while trading is not halted.
    """

    request: OrderRequest


class Cancel(Struct, frozen=True, kw_only=True, tag=True):
    """Cancel an order at the venue; may be asked again."""

    client_order_id: str
    symbol: str
    is_algo: bool


class Query(Struct, frozen=True, kw_only=True, tag=True):
    """Ask the venue about one order: its state, then its trades.

    The outcome comes back as ``OrderReport`` or ``AlgoReport`` and the ``Fill``s, or as
    ``OrderNotFound`` or ``QueryFailed``.
    """

    client_order_id: str
    """Empty where only the venue's number is known."""
    symbol: str
    is_algo: bool
    order_id: int = 0
    delay_seconds: float = 0.0


class Reconcile(Struct, frozen=True, kw_only=True, tag=True):
    """Ask the venue for the account; comes back as ``AccountPicture`` or ``ReconcileFailed``."""

    reason: str
    symbols: tuple[str, ...] = ()
    """Listings of these only; empty: of the whole account."""


class CancelAll(Struct, frozen=True, kw_only=True, tag=True):
    """Cancel every order of the book in a symbol at once, whoever placed it; never conditional
    ones. What became of each comes back as reports."""

    symbol: str


class ArmDeadMan(Struct, frozen=True, kw_only=True, tag=True):
    """Have the venue cancel the orders of a symbol unless it hears from us again.

    The outcome comes back as ``DeadManSet`` or ``DeadManFailed``.
    """

    symbol: str
    countdown_ms: int
    """0 stops it."""


class Append(Struct, frozen=True, tag=True, omit_defaults=True):
    """Write a row into the ledger."""

    row: LedgerRow
    more: tuple[LedgerRow, ...] = ()
    """Recorded together with it or not at all; filled in by whoever performs effects."""


class Answer(Struct, frozen=True, kw_only=True, tag=True):
    """What became of a command: taken on, or refused and why."""

    command_id: str
    is_accepted: bool
    code: str
    """Stable code of the refusal; empty if accepted."""
    text: str
    limit: str = ""
    """Of a refusal: what it would have to be."""
    observed: str = ""
    """What was seen."""
    remedy: str = ""
    """How to clear it; it is in ``text`` too."""
    client_order_id: str = ""
    """Of the order that carries it out."""
    time_ms: int


class OpenMarket(Struct, frozen=True, tag=True):
    """The account is reconciled and protected: bars may be loaded and strategies start."""

    time_ms: int


VenueEffect = Submit | Cancel | CancelAll | Query | Reconcile | ArmDeadMan
Effect = RequestSnapshot | Record | StateChanged | VenueEffect | Append | Answer | OpenMarket
