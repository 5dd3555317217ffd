"""The limits that a signature is about: the tighter of configuration and phase."""

from decimal import Decimal

import pytest

from botcore_tui.cli.checks_limits import limits_in_force
from botcore_tui.config import Config
from botcore_tui.config.trading import RiskSettings
from botcore_tui.core.phase import Caps

CAPS = Caps(
    daily_loss_pct=Decimal(3),
    drawdown_pct=Decimal(10),
    max_positions=2,
    max_leverage=Decimal(1),
    risk_pct=Decimal("1.5"),
)


@pytest.mark.requirement("R66")
def test_what_the_phase_lowers_is_what_holds() -> None:
    config = Config(risk=RiskSettings(risk_pct=2, max_positions=3, collar_pct=1.5))
    limits = dict(limits_in_force(config, CAPS, "conservative"))
    assert limits["phase"] == "conservative"
    assert (limits["risk.risk_pct"], limits["risk.max_positions"]) == ("1.5", "2")
    assert (limits["breaker.daily_loss_pct"], limits["breaker.drawdown_pct"]) == ("3", "10")
    assert (limits["risk.collar_pct"], limits["breaker.on_trip"]) == ("1.5", "hold")
    assert limits["protection.stop_pct"] == "3.5"
    assert not any(key.startswith(("ui.", "streams.")) for key in limits)
