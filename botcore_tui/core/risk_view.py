"""Everything that limits trading, as the screen shows it."""

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.anchors import DAY, HIGH_WATER
from botcore_tui.core.explain import obstacles
from botcore_tui.core.halting import Halting
from botcore_tui.model.risk import LimitsView, RiskView


def risk_view(state: AccountState, halting: Halting, now_ms: int, symbol: str) -> RiskView | None:
    """Build the view; None before a session began.

    Args:
        state: Of the account.
        halting: The present halt.
        now_ms: Of the picture, for ages.
        symbol: Contract that the controls are asked about; the first one if it is not followed.
    """
    if not state.account:
        return None
    breakers, settings = state.breakers, state.settings
    known_ms = breakers.equity_ms
    asked = symbol if symbol in settings.symbols else next(iter(settings.symbols), "")
    return RiskView(
        equity=breakers.equity,
        equity_age_ms=None if known_ms is None else max(0, now_ms - known_ms),
        day_start_equity=breakers.anchors.base(DAY),
        high_water=breakers.anchors.base(HIGH_WATER),
        gauges=breakers.gauges(),
        trips=breakers.trips,
        latched=tuple(sorted(breakers.latched)),
        dead_men=state.dead_men.views(),
        obstacles=obstacles(state, asked) if asked else (),
        asked=asked,
        kill=halting.view(),
        phase=state.tenure.view(),
        limits=_limits(state),
        overrides=state.overrides.rows,
        disabled=state.conduct.disabled_texts(),
    )


def _limits(state: AccountState) -> LimitsView:
    limits, breakers = state.limits, state.breakers.limits
    return LimitsView(
        daily_loss_pct=breakers.daily_loss_pct,
        drawdown_pct=breakers.drawdown_pct,
        max_positions=limits.max_positions,
        max_leverage=limits.max_leverage,
        risk_pct=limits.risk_pct,
    )
