"""Everything that limits trading, as the screen shows it."""

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.anchors import DAY, HIGH_WATER
from botcore_tui.core.explain import obstacles
from botcore_tui.core.halting import Halting
from botcore_tui.model.risk import RiskView


def risk_view(state: AccountState, halting: Halting, now_ms: int) -> RiskView | None:
    """Build the view; None before a session began.

    Args:
        state: Of the account.
        halting: The present halt.
        now_ms: Of the picture, for ages.
    """
    if not state.account:
        return None
    breakers, settings = state.breakers, state.settings
    known_ms = breakers.equity_ms
    return RiskView(
        equity=breakers.equity,
        equity_age_ms=None if known_ms is None else max(0, now_ms - known_ms),
        day_start_equity=breakers.anchors.base(DAY),
        high_water=breakers.anchors.base(HIGH_WATER),
        gauges=breakers.gauges(),
        trips=breakers.trips,
        latched=tuple(sorted(breakers.latched)),
        dead_men=state.dead_men.views(),
        obstacles=obstacles(state, settings.symbols[0]) if settings.symbols else (),
        kill=halting.view(),
        phase=state.tenure.view(),
        overrides=state.overrides.rows,
        disabled=state.conduct.disabled_texts(),
    )
