"""Deployment phases: how much may be at risk at each step on the way to full size.

Caps are maxima, never targets: whatever the configuration says that is tighter stays in force.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

__all__ = [
    "Caps",
    "Criteria",
    "Phase",
    "PhaseRules",
    "band_trouble",
    "in_force",
    "is_in_band",
    "lower",
    "next_phase",
    "previous_phase",
    "rules_of",
    "starting_rules",
]


class Phase(StrEnum):
    """The steps, in their order."""

    TESTNET = "testnet"
    CONSERVATIVE = "conservative"
    SCALE = "scale"
    FULL = "full"


class Caps(Struct, frozen=True, kw_only=True):
    """Limits that the configuration and the phase both have; positive numbers of percent."""

    daily_loss_pct: Decimal
    drawdown_pct: Decimal
    max_positions: int
    max_leverage: Decimal
    risk_pct: Decimal
    """Of equity, lost if an entry's stop is hit."""


class Criteria(Struct, frozen=True, kw_only=True):
    """What must be shown in a phase before the next one begins."""

    days: int
    """UTC days with a session."""
    trades: int = 30
    """From flat to flat: fewer say nothing about a win rate, its error would exceed 9 points."""
    uptime_pct: Decimal = Decimal(99)
    """Of every stream; stale time counts as down."""
    drill_days: int = 31
    """How old the newest passed breaker drill may be."""
    unprotected_seconds: Decimal = Decimal(60)
    """In all; 30 trades with the 2 seconds each that A06 allows."""
    execution_ms: int | None = None
    """99 % of orders leave within, from decision to wire."""
    max_trips: int | None = None
    """Breakers that tripped; None: they may, a rehearsal is for that."""
    sharpe: Decimal | None = None
    """Of daily returns, for a year of 365 days."""
    win_rate_pct: Decimal | None = None
    monthly_return_pct: Decimal | None = None
    """Return of the phase, in proportion for 30 days."""
    needs_review: bool = False
    """Signed by a person, in this phase."""


class PhaseRules(Struct, frozen=True, kw_only=True):
    """The numbers of one profile."""

    phase: Phase
    capital_low: Decimal
    capital_high: Decimal | None
    """None: no upper end."""
    has_band: bool = True
    """False where money is play money that an exchange of our own hands out."""
    daily_loss_pct: Decimal
    drawdown_pct: Decimal
    max_positions: int
    max_leverage: Decimal
    risk_pct: Decimal
    exit: Criteria | None
    """None: there is no phase after this one."""

    @property
    def caps(self) -> Caps:
        """Its limits alone."""
        return Caps(
            daily_loss_pct=self.daily_loss_pct,
            drawdown_pct=self.drawdown_pct,
            max_positions=self.max_positions,
            max_leverage=self.max_leverage,
            risk_pct=self.risk_pct,
        )


_ORDER: Final = tuple(Phase)

# R22-R30. The risk of a trade is given for conservative only (1.5 %); for testnet it is 2 %, and
# scale and full keep those 2 %: what grows there is capital and leverage, and three losing trades
# in one day must stay within 1.2 times the daily 5 % limit however large the account is.
_RULES: Final[Mapping[Phase, PhaseRules]] = MappingProxyType(
    {
        Phase.TESTNET: PhaseRules(
            phase=Phase.TESTNET,
            capital_low=Decimal(1_000),
            capital_high=Decimal(5_000),
            daily_loss_pct=Decimal(5),
            drawdown_pct=Decimal(15),
            max_positions=3,
            max_leverage=Decimal(1),
            risk_pct=Decimal(2),
            exit=Criteria(days=7, execution_ms=100),
        ),
        Phase.CONSERVATIVE: PhaseRules(
            phase=Phase.CONSERVATIVE,
            capital_low=Decimal(500),
            capital_high=Decimal(1_000),
            daily_loss_pct=Decimal(3),
            drawdown_pct=Decimal(10),
            max_positions=2,
            max_leverage=Decimal(1),
            risk_pct=Decimal("1.5"),
            exit=Criteria(
                days=14,
                max_trips=0,
                sharpe=Decimal("0.5"),
                win_rate_pct=Decimal(45),
                needs_review=True,
            ),
        ),
        Phase.SCALE: PhaseRules(
            phase=Phase.SCALE,
            capital_low=Decimal(5_000),
            capital_high=Decimal(10_000),
            daily_loss_pct=Decimal(5),
            drawdown_pct=Decimal(15),
            max_positions=3,
            max_leverage=Decimal(2),
            risk_pct=Decimal(2),
            exit=Criteria(
                days=14,
                sharpe=Decimal(1),
                win_rate_pct=Decimal(50),
                monthly_return_pct=Decimal(5),
            ),
        ),
        Phase.FULL: PhaseRules(
            phase=Phase.FULL,
            capital_low=Decimal(10_000),
            capital_high=None,
            daily_loss_pct=Decimal(5),
            drawdown_pct=Decimal(15),
            max_positions=5,
            max_leverage=Decimal(3),
            risk_pct=Decimal(2),
            exit=None,
        ),
    }
)


def rules_of(phase: Phase | str) -> PhaseRules:
    """The numbers of a phase.

    Raises:
        ValueError: There is no phase of that name.
    """
    return _RULES[Phase(phase)]


def starting_rules(*, is_real_money: bool, is_play_money: bool = False) -> PhaseRules:
    """What is in force where no gate was passed: the tightest that the environment can have.

    Args:
        is_real_money: Production: conservative, and even that lets nothing through without its
            gate row; see ``core.tenure``.
        is_play_money: The exchange is our own and hands out any amount: no capital band.
    """
    if is_real_money:
        return rules_of(Phase.CONSERVATIVE)
    rules = rules_of(Phase.TESTNET)
    return replace(rules, has_band=False) if is_play_money else rules


def in_force(configured: Caps, rules: PhaseRules | None) -> Caps:
    """The tighter of both, limit by limit; what is configured where no phase is in force.

    Args:
        configured: By the configuration.
        rules: Of the phase.
    """
    return configured if rules is None else lower(configured, rules.caps)


def lower(one: Caps, other: Caps) -> Caps:
    """The lower of two, limit by limit.

    Raises:
        decimal.InvalidOperation: A limit is not a number.
    """
    return Caps(
        daily_loss_pct=min(one.daily_loss_pct, other.daily_loss_pct),
        drawdown_pct=min(one.drawdown_pct, other.drawdown_pct),
        max_positions=min(one.max_positions, other.max_positions),
        max_leverage=min(one.max_leverage, other.max_leverage),
        risk_pct=min(one.risk_pct, other.risk_pct),
    )


def next_phase(phase: Phase) -> Phase | None:
    """The step after it; None after the last."""
    index = _ORDER.index(phase) + 1
    return _ORDER[index] if index < len(_ORDER) else None


def previous_phase(phase: Phase) -> Phase | None:
    """The step before it; None before the first."""
    index = _ORDER.index(phase)
    return _ORDER[index - 1] if index else None


def is_in_band(capital: Decimal | None, rules: PhaseRules) -> bool | None:
    """Whether the money put in is what the phase is for; None: not known, or there is no band.

    Args:
        capital: Equity when the phase began and net transfers since: profits and losses do not
            move it, money in and out does.
        rules: Of the phase.
    """
    if not rules.has_band or capital is None or not capital.is_finite():
        return None
    high = rules.capital_high
    return rules.capital_low <= capital and (high is None or capital <= high)


def band_trouble(capital: Decimal | None, rules: PhaseRules) -> str:
    """Why the capital band lets no new risk through (R30); empty if it does."""
    if not rules.has_band:
        return ""
    high = rules.capital_high
    band = f"{rules.capital_low:,f} to {high:,f}" if high else f"{rules.capital_low:,f} and more"
    if capital is None or not capital.is_finite():
        return f"capital is not known yet; phase {rules.phase} is for {band}"
    if is_in_band(capital, rules):
        return ""
    return (
        f"capital {capital:,.2f} is outside the band of phase {rules.phase} ({band});"
        " transfer money in or out"
    )
