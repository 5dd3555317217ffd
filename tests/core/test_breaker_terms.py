"""When breakers trip, and what equity was read."""

from decimal import Decimal

import pytest

from botcore_tui.core.breaker_terms import BreakerLimits, OnTrip, Reading
from botcore_tui.core.phase import rules_of


def test_limits_that_nobody_configured_are_those_of_the_design() -> None:
    limits = BreakerLimits()
    losses = [limits.daily_loss_pct, limits.drawdown_pct]
    assert losses == [5, 15]
    assert [limits.hour_loss_pct, limits.rolling_day_loss_pct] == [2, 5]
    assert limits.on_trip is OnTrip.HOLD


@pytest.mark.requirement("R30")
def test_phase_tightens_limits_and_loosens_none() -> None:
    limits = BreakerLimits(daily_loss_pct=Decimal(4))
    assert limits.within(None) is limits
    tighter = limits.within(rules_of("conservative"))
    assert [tighter.daily_loss_pct, tighter.drawdown_pct] == [3, 10]
    tight = BreakerLimits(daily_loss_pct=Decimal(1), drawdown_pct=Decimal(2))
    assert tight.within(rules_of("conservative")) == tight


def test_reading_of_one_value_is_sure() -> None:
    assert Reading(Decimal(5), Decimal(5)).is_sure
    assert not Reading(Decimal(5), Decimal(6)).is_sure
