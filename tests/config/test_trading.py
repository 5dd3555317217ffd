"""Keys of trading: off at first, percents above zero and within bounds."""

import pytest
from pydantic import ValidationError

from botcore_tui.config import Config, ProtectionSettings, RiskSettings, TradingSettings
from botcore_tui.config.trading import BreakerSettings, DeadManSettings


@pytest.mark.requirement("R19")
def test_nothing_trades_unless_a_person_turns_it_on() -> None:
    assert not TradingSettings().enabled


@pytest.mark.parametrize("value", [-2.0, 0.0, 5.01, float("nan"), float("inf")])
def test_risk_is_a_percent_above_zero_and_of_at_most_five(value: float) -> None:
    with pytest.raises(ValidationError):
        RiskSettings(risk_pct=value)


@pytest.mark.parametrize(
    "values", [{"max_leverage": 5.1}, {"max_positions": 0}, {"max_order_notional": -1.0}]
)
def test_limits_have_bounds(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RiskSettings.model_validate(values)


@pytest.mark.parametrize("value", [0.0, 0.05, 21.0, -3.5])
def test_a_stop_has_a_distance(value: float) -> None:
    with pytest.raises(ValidationError):
        ProtectionSettings(stop_pct=value)


def test_a_trailing_stop_is_off_or_one_that_the_venue_takes() -> None:
    assert ProtectionSettings(trail_pct=0.1).trail_pct == 0.1
    assert ProtectionSettings().trail_pct == 0
    with pytest.raises(ValidationError, match=r"must be 0 or at least 0\.1"):
        ProtectionSettings(trail_pct=0.05)


@pytest.mark.requirement("A16")
def test_two_refreshes_of_the_dead_man_may_be_missed_before_it_runs_out() -> None:
    assert DeadManSettings(countdown_seconds=90, refresh_seconds=30).refresh_seconds == 30
    with pytest.raises(ValidationError, match="must be at most a third of countdown_seconds = 80"):
        DeadManSettings(countdown_seconds=80, refresh_seconds=30)


@pytest.mark.requirement("R55")
def test_breakers_cannot_be_turned_off() -> None:
    assert "enabled" not in BreakerSettings.model_fields
    percents = ("daily_loss_pct", "drawdown_pct", "hour_loss_pct", "rolling_day_loss_pct")
    for name in (*percents, "standstill_seconds"):
        with pytest.raises(ValidationError):
            BreakerSettings.model_validate({name: 0.0})
    with pytest.raises(ValidationError):
        BreakerSettings.model_validate({"on_trip": "ignore"})


@pytest.mark.requirement("P03")
@pytest.mark.parametrize("name", ["symbols", "strategy_symbols"])
def test_what_is_traded_is_among_what_is_followed(name: str) -> None:
    keys = {"symbols": ["BTCUSDT", "ETHUSDT"], "trading": {name: ["ETHUSDT"]}}
    assert getattr(Config.model_validate(keys).trading, name) == ("ETHUSDT",)
    with pytest.raises(ValidationError, match="each must be in `symbols`"):
        Config.model_validate({**keys, "symbols": ["BTCUSDT"]})
