"""Every key of trading reaches the desk as it was typed, and no control of the gate is left out."""

from decimal import Decimal

import pytest

from botcore_tui.cli.desk_settings import breaker_limits, desk_settings, exact, limits_of
from botcore_tui.config import Config, Environment
from botcore_tui.core.breaker import BreakerLimits, OnTrip
from botcore_tui.core.deadman import DeadManSettings
from botcore_tui.core.gate import Limits
from botcore_tui.core.phase import Phase
from botcore_tui.core.protection import ProtectionSettings
from botcore_tui.model.account import Binding

SYMBOLS = ("BTCUSDT", "ETHUSDT")
RISK = {
    "risk_pct": 0.1,
    "max_leverage": 0.3,
    "max_positions": 2,
    "max_order_notional": 99.5,
    "max_order_share_pct": 24.5,
    "max_symbol_share_pct": 40.5,
    "max_volume_share_pct": 4.5,
    "collar_pct": 1.5,
    "through_pct": 0.2,
    "slippage_pct": 0.4,
    "fill_slippage_pct": 0.25,
    "venue_leverage": 7,
    "margin_type": "ISOLATED",
    "liquidation_stops": 3.5,
    "liquidation_pct": 11.5,
    "maintenance_pct": 1.5,
    "strategy_orders_per_second": 1.5,
    "account_orders_per_second": 9.5,
    "orders_per_fill": 49,
    "funding_pct": 0.05,
    "funding_minutes": 14,
    "clock_offset_ms": 400,
    "clock_doubt_ms": 200,
}


def a_config(**sections: object) -> Config:
    keys: dict[str, object] = {"symbols": list(SYMBOLS), **sections}
    return Config.model_validate(keys)


@pytest.mark.requirement("R15")
@pytest.mark.requirement("R43")
@pytest.mark.requirement("G3")
def test_every_key_of_risk_reaches_the_gate_as_it_was_typed() -> None:
    config = a_config(risk=RISK, trading={"symbols": ["BTCUSDT"], "strategy_symbols": ["ETHUSDT"]})
    assert set(RISK) == set(type(config.risk).model_fields)
    assert limits_of(config, Environment.TESTNET) == Limits(
        risk_pct=Decimal("0.1"),
        max_leverage=Decimal("0.3"),
        max_positions=2,
        max_order_notional=Decimal("99.5"),
        fee_rate=Decimal("0.0005"),
        order_share_pct=Decimal("24.5"),
        symbol_share_pct=Decimal("40.5"),
        volume_share_pct=Decimal("4.5"),
        collar_pct=Decimal("1.5"),
        through_pct=Decimal("0.2"),
        slippage_pct=Decimal("0.4"),
        fill_slippage_pct=Decimal("0.25"),
        needs_book=True,
        skew_ms=3_000,
        venue_leverage=7,
        margin_type="ISOLATED",
        liquidation_stops=Decimal("3.5"),
        liquidation_pct=Decimal("11.5"),
        maintenance_pct=Decimal("1.5"),
        strategy_rate=Decimal("1.5"),
        account_rate=Decimal("9.5"),
        orders_per_fill=49,
        funding_pct=Decimal("0.05"),
        funding_minutes=14,
        clock_offset_ms=400,
        clock_doubt_ms=200,
        symbols=frozenset({"BTCUSDT"}),
        strategy_symbols=frozenset({"ETHUSDT"}),
    )


@pytest.mark.requirement("R53")
def test_by_default_every_control_holds_but_the_one_for_funding() -> None:
    limits = limits_of(a_config(), Environment.TESTNET)
    off = {name for name in limits.__struct_fields__ if getattr(limits, name) is None}
    assert off == {"funding_pct", "symbols", "strategy_symbols"}
    assert limits.needs_book


@pytest.mark.requirement("P23")
def test_clock_of_the_exchange_of_a_demo_is_nobodys_business() -> None:
    demo = limits_of(a_config(), Environment.DEMO)
    assert (demo.clock_offset_ms, demo.skew_ms) == (None, None)
    testnet = limits_of(a_config(), Environment.TESTNET)
    assert (testnet.clock_offset_ms, testnet.skew_ms) == (500, 3_000)


@pytest.mark.requirement("R01")
@pytest.mark.requirement("R02")
def test_breakers_hold_at_five_and_fifteen_percent_unless_another_limit_is_typed() -> None:
    assert breaker_limits(a_config()) == BreakerLimits()
    keys = {
        "daily_loss_pct": 1.1,
        "drawdown_pct": 2.2,
        "hour_loss_pct": 0.3,
        "rolling_day_loss_pct": 1.4,
        "standstill_seconds": 0.8,
        "on_trip": "flatten",
    }
    config = a_config(breaker=keys)
    assert set(keys) == set(type(config.breaker).model_fields)
    assert breaker_limits(config) == BreakerLimits(
        daily_loss_pct=Decimal("1.1"),
        drawdown_pct=Decimal("2.2"),
        hour_loss_pct=Decimal("0.3"),
        rolling_day_loss_pct=Decimal("1.4"),
        on_trip=OnTrip.FLATTEN,
        lag_seconds=0.8,
    )


def test_protection_dead_man_and_strategy_reach_the_desk() -> None:
    settings = desk_settings(
        a_config(
            protection={
                "stop_pct": 1.1,
                "verify_seconds": 2.5,
                "target_pct": 0.7,
                "trail_pct": 0.2,
            },
            dead_man={"countdown_seconds": 60.5, "refresh_seconds": 10.5},
            strategy={"name": "ema_cross"},
        ),
        SYMBOLS,
    )
    assert settings.is_trading_enabled
    assert (settings.symbols, settings.strategy) == (SYMBOLS, "ema_cross")
    assert settings.protection == ProtectionSettings(stop_pct=Decimal("1.1"), verify_ms=2_500)
    assert (settings.target_pct, settings.trail_pct) == (Decimal("0.7"), Decimal("0.2"))
    assert settings.dead_man == DeadManSettings(countdown_ms=60_500, refresh_ms=10_500)
    assert (settings.is_real_money, settings.binding) == (False, None)


@pytest.mark.requirement("R22")
@pytest.mark.requirement("R23")
@pytest.mark.requirement("G1")
@pytest.mark.parametrize(
    ("environment", "phase", "has_band"),
    [
        (Environment.DEMO, Phase.TESTNET, False),
        (Environment.TESTNET, Phase.TESTNET, True),
        (Environment.PRODUCTION, Phase.CONSERVATIVE, True),
    ],
)
def test_each_environment_begins_in_its_lowest_phase(
    environment: Environment, phase: Phase, *, has_band: bool
) -> None:
    binding = Binding(
        environment=str(environment),
        rest="https://a",
        ws_private="wss://b",
        fingerprint="3f9c0a12",
        account_id="x",
        phase=str(phase),
    )
    settings = desk_settings(a_config(), SYMBOLS, environment, binding)
    assert settings.phase is not None
    assert (settings.phase.phase, settings.phase.has_band) == (phase, has_band)
    assert settings.is_real_money is environment.is_real_money
    assert settings.binding is binding


def test_numbers_are_those_that_were_typed() -> None:
    assert [str(exact(number)) for number in (0.1, 5.0, 1_000.0)] == ["0.1", "5", "1000"]
