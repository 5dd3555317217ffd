"""What limits trading, how far each limit is used, and how to clear what stands in the way."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

from botcore_tui.model.ledger import OverrideRow, TripRow

MOVED: Final = "a transfer moved it"
"""Reason of an anchor's row that is of the same moment as the one before it."""


class Tier(StrEnum):
    """How far a limit is used (A04)."""

    CLEAR = "clear"
    """Below half of it."""
    WARN = "warn"
    """From 50 % of the limit on: positions are not added to."""
    REDUCE = "reduce"
    """From 80 % on: only reducing orders."""
    TRIPPED = "TRIPPED"
    """At the limit, or latched since: halted."""
    UNKNOWN = "unknown"
    """It cannot be told; never more permissive than the tier before."""


class Gauge(Struct, frozen=True, kw_only=True):
    """One limit that is watched all the time."""

    code: str
    """A01, A02, A03-1h, A03-24h ..."""
    name: str
    """For people: daily loss."""
    used_pct: Decimal | None
    """Positive is lost, in percent of ``base``; zero while nothing is lost; None: unknown."""
    limit_pct: Decimal
    used_amount: Decimal | None
    """The same in quote units."""
    limit_amount: Decimal | None
    """Of ``base``; None while that is unknown."""
    left_amount: Decimal | None
    """What may still be lost before it trips; never negative."""
    base: Decimal | None
    """What the percents are of, quote units."""
    base_text: str
    """What that is: equity at 00:00 UTC, high-water mark ..."""
    tier: Tier
    is_latched: bool
    """It tripped, and nobody has reset it by name."""


class DeadManView(Struct, frozen=True, kw_only=True):
    """The venue cancels the entries of a symbol at a time unless told otherwise before."""

    symbol: str
    until_ms: int
    """When it would, by the engine's clock; 0: not armed."""
    missed: int
    """Refreshes in a row that the venue did not confirm."""
    reason: str
    """Why the last one failed; empty if it did not."""


class Obstacle(Struct, frozen=True, kw_only=True):
    """One control of the gate, as an entry would meet it now."""

    code: str
    name: str
    is_passed: bool
    value: str
    """What is seen, with its unit."""
    limit: str
    age_ms: int | None
    """Of what is seen; None where that has no age."""
    remedy: str
    """How to clear it; empty if it is passed."""


class KillStage(StrEnum):
    """How far a halt has come."""

    NONE = ""
    CANCELLING = "cancelling entries"
    FLATTENING = "flattening"
    VERIFYING = "asking the venue"
    CONFIRMED = "confirmed"
    """By a question that was asked after the last request."""
    TROUBLE = "NOT CONFIRMED"


class KillView(Struct, frozen=True, kw_only=True):
    """A halt and what came of it; numbers are the venue's, never what was asked for."""

    stage: KillStage
    text: str
    """One line, such as: 12 of 12 entries cancelled, 0 open, 1 position kept with its stop."""
    began_ms: int
    confirmed_ms: int
    """0 before."""
    cancelled: int
    to_cancel: int
    open_entries: int
    positions: int


class PhaseView(Struct, frozen=True, kw_only=True):
    """The deployment phase in force, and what it allows at most."""

    phase: str
    since_ms: int
    capital: Decimal | None
    """What the band is compared with: equity at the phase's begin, and transfers since."""
    band_low: Decimal
    band_high: Decimal | None
    """None: no upper end."""
    is_in_band: bool | None
    """None: not known, or it does not apply here."""
    daily_loss_pct: Decimal
    drawdown_pct: Decimal
    max_positions: int
    max_leverage: Decimal
    risk_pct: Decimal
    trouble: str
    """Why it does not let new risk through; empty if it does."""


class LimitsView(Struct, frozen=True, kw_only=True):
    """Limits in force: the tighter of configuration and phase, and what is relaxed for a while."""

    daily_loss_pct: Decimal
    drawdown_pct: Decimal
    max_positions: int
    max_leverage: Decimal
    risk_pct: Decimal


class RiskView(Struct, frozen=True, kw_only=True):
    """Everything that limits trading, at one instant."""

    equity: Decimal | None
    equity_age_ms: int | None
    """Since it was true, by the oldest mark in it; None if it never was known."""
    day_start_equity: Decimal | None
    high_water: Decimal | None
    gauges: tuple[Gauge, ...]
    trips: tuple[TripRow, ...]
    """Newest first, some twenty."""
    latched: tuple[str, ...]
    """Codes of breakers that wait for a reset."""
    dead_men: tuple[DeadManView, ...]
    """Of each symbol with resting entries."""
    obstacles: tuple[Obstacle, ...]
    """The gate's controls in their order, for an entry into ``asked``."""
    asked: str
    """Contract that the controls are asked about; empty where none is followed."""
    kill: KillView
    phase: PhaseView | None
    """None where none is in force."""
    limits: LimitsView
    overrides: tuple[OverrideRow, ...]
    """Limits that are relaxed for a while."""
    disabled: tuple[str, ...]
    """Strategies that wait to be enabled by name, each with the reason."""
