"""What goes into the core and what comes out: Event, Command, Effect."""

from enum import StrEnum

from msgspec import Struct

from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import MarketEvent


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


class MarketReset(Struct, frozen=True):
    """The market data starts again from nothing (a replay was moved back); trading state stays."""

    reason: str
    time_ms: int


# --- commands: wishes of a person ------------------------------------------------------------


class Halt(Struct, frozen=True):
    """Stop trading now. Idempotent, never refused, never asked about."""

    actor: str
    reason: str
    time_ms: int


class Resume(Struct, frozen=True):
    """One step back towards trading: HALTED to REDUCING, REDUCING to ACTIVE."""

    actor: str
    reason: str
    time_ms: int


Command = Halt | Resume
Event = MarketEvent | Tick | FeedDown | SnapshotFailed | InstrumentUpdate | MarketReset | Command


# --- effects: what the shell must do ---------------------------------------------------------


class Severity(StrEnum):
    """How much a record matters to a reader."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARN"
    ERROR = "ERROR"
    CRITICAL = "CRIT"


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
    """The trading state moved."""

    state: TradingState
    previous: TradingState
    actor: str
    reason: str
    time_ms: int


Effect = RequestSnapshot | Record | StateChanged
