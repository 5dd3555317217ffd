"""Views of limits with sensible defaults; a test names only what it is about."""

from collections.abc import Sequence
from decimal import Decimal

from account_builders import an_account
from builders import NOW_MS, a_halt, a_snapshot
from msgspec.structs import replace

from botcore_tui.model.event import TradingState
from botcore_tui.model.ledger import OverrideRow, TripRow
from botcore_tui.model.risk import (
    DeadManView,
    Gauge,
    KillStage,
    KillView,
    LimitsView,
    Obstacle,
    PhaseView,
    RiskView,
    Tier,
)
from botcore_tui.model.snapshot import Snapshot

_GAUGE = Gauge(
    code="A01",
    name="daily loss",
    used_pct=Decimal("1.24"),
    limit_pct=Decimal(5),
    used_amount=Decimal("62.00"),
    limit_amount=Decimal("250.00"),
    left_amount=Decimal("188.00"),
    base=Decimal("5000.00"),
    base_text="equity at 00:00 UTC",
    tier=Tier.CLEAR,
    is_latched=False,
)


def a_gauge(**overrides: object) -> Gauge:
    """The daily loss, a quarter of its limit; any field can be given."""
    return replace(_GAUGE, **overrides)


GAUGES: Sequence[Gauge] = (
    _GAUGE,
    a_gauge(
        code="A02",
        name="drawdown",
        used_pct=Decimal("8.10"),
        limit_pct=Decimal(15),
        used_amount=Decimal("429.30"),
        limit_amount=Decimal("795.00"),
        left_amount=Decimal("365.70"),
        base=Decimal("5300.00"),
        base_text="high-water mark",
        tier=Tier.WARN,
    ),
    a_gauge(
        code="A03-1h",
        name="loss in 1 h",
        used_pct=Decimal("1.70"),
        limit_pct=Decimal(2),
        used_amount=Decimal("85.00"),
        limit_amount=Decimal("100.00"),
        left_amount=Decimal("15.00"),
        base_text="equity an hour ago",
        tier=Tier.REDUCE,
    ),
    a_gauge(
        code="A03-24h",
        name="loss in 24 h",
        used_pct=None,
        used_amount=None,
        limit_amount=None,
        left_amount=None,
        base=None,
        base_text="equity a day ago",
        tier=Tier.UNKNOWN,
    ),
)
"""One of each tier but the tripped one."""


def a_trip(code: str = "A01", **overrides: object) -> TripRow:
    """The daily loss tripped just now; any field can be given."""
    trip = TripRow(
        code=code,
        observed=Decimal("5.02"),
        limit=Decimal(5),
        amount=Decimal("251.00"),
        limit_amount=Decimal("250.00"),
        action="hold",
        text="daily loss 5.02 % of 5 %: 251.00 of 250.00 lost since 00:00 UTC",
        time_ms=NOW_MS,
    )
    return replace(trip, **overrides)


def an_obstacle(code: str = "P09", *, is_passed: bool = False, **overrides: object) -> Obstacle:
    """A mark that is too old; any field can be given."""
    obstacle = Obstacle(
        code=code,
        name="reference freshness",
        is_passed=is_passed,
        value="mark 4.2 s old",
        limit="1.5 s",
        age_ms=4_200,
        remedy="" if is_passed else "wait for the stream, or see pane 6",
    )
    return replace(obstacle, **overrides)


OBSTACLES: Sequence[Obstacle] = (
    an_obstacle(
        "P01", name="trading state", value="HALTED", limit="ACTIVE", age_ms=None, remedy="F9"
    ),
    an_obstacle(
        "P02",
        is_passed=True,
        name="environment binding",
        value="demo 1a2b3c4d",
        limit="as confirmed",
        age_ms=None,
    ),
    an_obstacle(),
    an_obstacle(
        "P23", is_passed=True, name="clock", value="12 ms ± 3 ms", limit="500 ms ± 250 ms", age_ms=0
    ),
)
"""Two that deny and two that let pass."""


def a_kill(**overrides: object) -> KillView:
    """Nobody has halted; any field can be given."""
    kill = KillView(
        stage=KillStage.NONE,
        text="",
        began_ms=0,
        confirmed_ms=0,
        cancelled=0,
        to_cancel=0,
        open_entries=0,
        positions=0,
    )
    return replace(kill, **overrides)


def a_phase(**overrides: object) -> PhaseView:
    """The first phase with real money; any field can be given."""
    phase = PhaseView(
        phase="conservative",
        since_ms=NOW_MS - 86_400_000,
        capital=Decimal("742.10"),
        band_low=Decimal(500),
        band_high=Decimal(1_000),
        is_in_band=True,
        daily_loss_pct=Decimal(3),
        drawdown_pct=Decimal(10),
        max_positions=2,
        max_leverage=Decimal(1),
        risk_pct=Decimal("1.5"),
        trouble="",
    )
    return replace(phase, **overrides)


def some_limits(**overrides: object) -> LimitsView:
    """Those of that phase; any field can be given."""
    limits = LimitsView(
        daily_loss_pct=Decimal(3),
        drawdown_pct=Decimal(10),
        max_positions=2,
        max_leverage=Decimal(1),
        risk_pct=Decimal("1.5"),
    )
    return replace(limits, **overrides)


def an_override(**overrides: object) -> OverrideRow:
    """A leverage that is relaxed for 43 minutes more; any field can be given."""
    row = OverrideRow(
        limit="risk.max_leverage",
        value=Decimal(3),
        normal=Decimal(2),
        actor="ann",
        reason="rebalance",
        until_ms=NOW_MS + 43 * 60_000,
        time_ms=NOW_MS - 60_000,
    )
    return replace(row, **overrides)


def a_dead_man(symbol: str = "BTCUSDT", **overrides: object) -> DeadManView:
    """Armed, 92 seconds left; any field can be given."""
    view = DeadManView(symbol=symbol, until_ms=NOW_MS + 92_000, missed=0, reason="")
    return replace(view, **overrides)


def a_risk(**overrides: object) -> RiskView:
    """Nothing in the way; any field can be given."""
    risk = RiskView(
        equity=Decimal("4938.00"),
        equity_age_ms=400,
        day_start_equity=Decimal("5000.00"),
        high_water=Decimal("5300.00"),
        gauges=(_GAUGE,),
        trips=(),
        latched=(),
        dead_men=(),
        obstacles=(),
        asked="BTCUSDT",
        kill=a_kill(),
        phase=None,
        limits=some_limits(),
        overrides=(),
        disabled=(),
    )
    return replace(risk, **overrides)


def limited(risk: RiskView | None = None, **overrides: object) -> Snapshot:
    """A picture of an account with these limits; any other field of it can be given."""
    account = an_account(risk=risk if risk is not None else a_risk())
    return a_snapshot(trading_enabled=True, account=account, **overrides)


TRIPPED = a_risk(
    gauges=(
        a_gauge(
            used_pct=Decimal("5.02"),
            used_amount=Decimal("251.00"),
            left_amount=Decimal(0),
            tier=Tier.TRIPPED,
            is_latched=True,
        ),
        *GAUGES[1:],
    ),
    latched=("A01", "A16"),
    trips=(
        a_trip(),
        a_trip(
            "A16",
            observed=None,
            limit=Decimal(2),
            amount=None,
            limit_amount=None,
            text="two refreshes of BTCUSDT were missed: timeout",
            time_ms=NOW_MS - 3_600_000,
        ),
        a_trip(time_ms=NOW_MS - 86_400_000, text="daily loss 5.10 % of 5 %"),
    ),
    dead_men=(a_dead_man(), a_dead_man("ETHUSDT", missed=1, reason="timeout")),
    obstacles=tuple(OBSTACLES),
    kill=a_kill(
        stage=KillStage.VERIFYING, began_ms=NOW_MS, cancelled=3, to_cancel=12, open_entries=9
    ),
    phase=a_phase(),
    overrides=(an_override(),),
    disabled=("breakout: 5 losing in a row",),
)
"""Everything at once: latched, relaxed, disabled, a halt under way."""

HALTED_BY_BREAKER = limited(
    TRIPPED,
    state=TradingState.HALTED,
    halt=a_halt("breaker", reason="A01 daily loss 5.02 % of 5 %"),
)
