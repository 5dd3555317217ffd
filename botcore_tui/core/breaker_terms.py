"""What breakers speak of: when they trip, what a trip does, what equity was read."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from botcore_tui.core.phase import PhaseRules

DAY_START_UNKNOWN: Final = (
    "DAY_START_UNKNOWN: nobody recorded equity at the begin of this UTC day, and there was trading;"
    " begin to count from now with: botcore reset-breaker A01 --rebase --reason TEXT"
)


class OnTrip(StrEnum):
    """What a trip does after it has latched and cancelled the entries."""

    HOLD = "hold"
    """Positions keep their stops."""
    FLATTEN = "flatten"


class BreakerLimits(Struct, frozen=True, kw_only=True):
    """When breakers trip; percents are positive numbers."""

    daily_loss_pct: Decimal = Decimal(5)
    drawdown_pct: Decimal = Decimal(15)
    hour_loss_pct: Decimal = Decimal(2)
    """Within any 60 minutes."""
    rolling_day_loss_pct: Decimal = Decimal(5)
    """Within any 24 hours."""
    on_trip: OnTrip = OnTrip.HOLD
    equity_unknown_ms: int = 10_000
    """A05: then only reducing orders; see ``equity_lost_ms``."""
    unknown_orders: int = 3
    """A13: so many orders became UNKNOWN ..."""
    unknown_orders_ms: int = 300_000
    """... in this time."""
    lag_seconds: float = 1.0
    """A14."""

    @property
    def equity_lost_ms(self) -> int:
        """A05: unknown for so long, trading is halted."""
        return 3 * self.equity_unknown_ms

    def within(self, rules: PhaseRules | None) -> "BreakerLimits":
        """The tighter of this and the phase in force."""
        if rules is None:
            return self
        return replace(
            self,
            daily_loss_pct=min(self.daily_loss_pct, rules.daily_loss_pct),
            drawdown_pct=min(self.drawdown_pct, rules.drawdown_pct),
        )


class Reading(Struct, frozen=True):
    """Equity; two values while it is not clear why the wallet changed."""

    told: Decimal
    explained: Decimal
    """Without that change: as it moves with marks and executions."""
    mark_ms: int | None = None
    """When the oldest mark in it came; None: it needs none."""

    @property
    def is_sure(self) -> bool:
        """Whether there is one value."""
        return self.told == self.explained
