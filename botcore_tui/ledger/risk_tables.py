"""Tables of what limits trading: anchors, trips, resets, overrides, phases and their evidence."""

from decimal import Decimal
from typing import Final

from sqlalchemy import Index

from botcore_tui.ledger.columns import (
    CLUSTERED,
    Chained,
    amount,
    integer,
    maybe_amount,
    table_of,
    words,
)


class AnchorRecord(Chained, table=True):
    """What losses are measured from, from then on."""

    __tablename__ = "anchors"
    __table_args__ = (Index("ix_anchors_kind", "account", "kind", "sequence"), CLUSTERED)

    kind: str = words()
    equity: Decimal = amount()
    actor: str = words()
    reason: str = words()
    time_ms: int = integer()


class TripRecord(Chained, table=True):
    """A breaker tripped."""

    __tablename__ = "trips"
    __table_args__ = (CLUSTERED,)

    code: str = words()
    observed: Decimal | None = maybe_amount()
    limit: Decimal = amount()
    amount: Decimal | None = maybe_amount()
    limit_amount: Decimal | None = maybe_amount()
    action: str = words()
    text: str = words()
    time_ms: int = integer()


class ResetRecord(Chained, table=True):
    """A person reset a breaker."""

    __tablename__ = "resets"
    __table_args__ = (CLUSTERED,)

    code: str = words()
    is_rebased: bool = False
    actor: str = words()
    reason: str = words()
    time_ms: int = integer()


class OverrideRecord(Chained, table=True):
    """A limit was relaxed for a while, or is no longer."""

    __tablename__ = "overrides"
    __table_args__ = (CLUSTERED,)

    limit: str = words()
    value: Decimal = amount()
    normal: Decimal = amount()
    actor: str = words()
    reason: str = words()
    until_ms: int = integer()
    time_ms: int = integer()


class StrategyRecord(Chained, table=True):
    """A strategy was disabled or enabled."""

    __tablename__ = "strategies"
    __table_args__ = (CLUSTERED,)

    strategy: str = words()
    is_enabled: bool = False
    code: str = words()
    actor: str = words()
    reason: str = words()
    time_ms: int = integer()


class PhaseRecord(Chained, table=True):
    """A deployment phase began."""

    __tablename__ = "phases"
    __table_args__ = (CLUSTERED,)

    phase: str = words()
    previous: str = words()
    actor: str = words()
    reason: str = words()
    evidence: str = words()
    equity: Decimal | None = maybe_amount()
    time_ms: int = integer()


class DrillRecord(Chained, table=True):
    """A rehearsal."""

    __tablename__ = "drills"
    __table_args__ = (CLUSTERED,)

    drill: str = words()
    is_passed: bool = False
    timings: str = words()
    text: str = words()
    version: str = words()
    config_hash: str = words()
    time_ms: int = integer()


class StreamRecord(Chained, table=True):
    """How long a stream delivered."""

    __tablename__ = "streams"
    __table_args__ = (CLUSTERED,)

    name: str = words()
    span_ms: int = integer()
    up_ms: int = integer()
    time_ms: int = integer()


class CallRecord(Chained, table=True):
    """What became of the requests for one endpoint."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_time", "account", "time_ms"), CLUSTERED)

    endpoint: str = words()
    attempts: int = integer()
    repeated: int = integer()
    saved: int = integer()
    given_up: int = integer()
    failed: int = integer()
    limited: int = integer()
    banned: int = integer()
    span_ms: int = integer()
    time_ms: int = integer()


ANCHORS: Final = table_of(AnchorRecord)
TRIPS: Final = table_of(TripRecord)
RESETS: Final = table_of(ResetRecord)
OVERRIDES: Final = table_of(OverrideRecord)
STRATEGIES: Final = table_of(StrategyRecord)
PHASES: Final = table_of(PhaseRecord)
DRILLS: Final = table_of(DrillRecord)
STREAMS: Final = table_of(StreamRecord)
CALLS: Final = table_of(CallRecord)

RISK: Final = (ANCHORS, TRIPS, RESETS, OVERRIDES, STRATEGIES, PHASES, DRILLS, STREAMS)
"""In the order in which they are shown."""
