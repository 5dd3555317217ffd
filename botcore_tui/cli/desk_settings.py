"""The desk's settings, put together from the configuration and what the environment demands."""

from decimal import Decimal
from typing import Final

from botcore_tui.config import Config, Environment
from botcore_tui.core.account_state import DeskSettings
from botcore_tui.core.breaker import BreakerLimits, OnTrip
from botcore_tui.core.deadman import DeadManSettings
from botcore_tui.core.gate import Limits
from botcore_tui.core.gate_limits import tightest
from botcore_tui.core.phase import Caps, PhaseRules, starting_rules
from botcore_tui.core.protection import ProtectionSettings
from botcore_tui.core.tenure import Tenure
from botcore_tui.model.account import Binding
from botcore_tui.model.ledger import RiskMemory

# Binance USD-M, fee schedule: takers of the lowest tier pay 0.05 percent of the notional.
_TAKER_FEE: Final = Decimal("0.0005")
_SKEW_MS: Final = 3_000


def desk_settings(
    config: Config,
    symbols: tuple[str, ...],
    environment: Environment | None = None,
    binding: Binding | None = None,
) -> DeskSettings:
    """What the desk needs of the configuration.

    Args:
        config: Checked.
        symbols: That are followed.
        environment: Another than the configured one.
        binding: What a person confirmed; None where nothing had to be.
    """
    where = environment or config.environment
    protection, dead_man = config.protection, config.dead_man
    return DeskSettings(
        symbols=symbols,
        is_trading_enabled=True,
        limits=limits_of(config, where),
        protection=ProtectionSettings(
            stop_pct=exact(protection.stop_pct),
            verify_ms=round(protection.verify_seconds * 1000),
        ),
        target_pct=exact(protection.target_pct),
        trail_pct=exact(protection.trail_pct),
        strategy=config.strategy.name,
        breakers=breaker_limits(config),
        dead_man=DeadManSettings(
            countdown_ms=round(dead_man.countdown_seconds * 1000),
            refresh_ms=round(dead_man.refresh_seconds * 1000),
        ),
        binding=binding,
        is_real_money=where.is_real_money,
        phase=_starting_rules(where),
    )


def limits_of(config: Config, environment: Environment) -> Limits:
    """The gate's limits; every control of it holds.

    But for one: the exchange that demo starts has a clock of its own, which may run faster than
    ours, so nothing follows from their difference.
    """
    risk, trading = config.risk, config.trading
    is_demo = environment is Environment.DEMO
    return Limits(
        risk_pct=exact(risk.risk_pct),
        max_leverage=exact(risk.max_leverage),
        max_positions=risk.max_positions,
        max_order_notional=exact(risk.max_order_notional),
        fee_rate=_TAKER_FEE,
        order_share_pct=exact(risk.max_order_share_pct),
        symbol_share_pct=exact(risk.max_symbol_share_pct),
        volume_share_pct=exact(risk.max_volume_share_pct),
        collar_pct=exact(risk.collar_pct),
        through_pct=exact(risk.through_pct),
        slippage_pct=exact(risk.slippage_pct),
        fill_slippage_pct=exact(risk.fill_slippage_pct),
        needs_book=True,
        skew_ms=None if is_demo else _SKEW_MS,
        venue_leverage=risk.venue_leverage,
        margin_type=risk.margin_type,
        liquidation_stops=exact(risk.liquidation_stops),
        liquidation_pct=exact(risk.liquidation_pct),
        maintenance_pct=exact(risk.maintenance_pct),
        strategy_rate=exact(risk.strategy_orders_per_second),
        account_rate=exact(risk.account_orders_per_second),
        orders_per_fill=risk.orders_per_fill,
        funding_pct=exact(risk.funding_pct) if risk.funding_pct else None,
        funding_minutes=risk.funding_minutes,
        clock_offset_ms=None if is_demo else risk.clock_offset_ms,
        clock_doubt_ms=risk.clock_doubt_ms,
        symbols=frozenset(trading.symbols) or None,
        strategy_symbols=frozenset(trading.strategy_symbols) or None,
    )


def planned_leverage(config: Config, environment: Environment, memory: RiskMemory) -> int | None:
    """What contracts are set to at the venue at most: the phase in force lowers what is configured.

    Args:
        config: Checked.
        environment: Whose account it is.
        memory: What the ledger knows: which phase that is.
    """
    begins = _starting_rules(environment)
    rules = Tenure(begins, memory, is_real_money=environment.is_real_money).rules
    return tightest(limits_of(config, environment), rules).venue_leverage


def breaker_limits(config: Config) -> BreakerLimits:
    """When breakers trip."""
    keys = config.breaker
    return BreakerLimits(
        daily_loss_pct=exact(keys.daily_loss_pct),
        drawdown_pct=exact(keys.drawdown_pct),
        hour_loss_pct=exact(keys.hour_loss_pct),
        rolling_day_loss_pct=exact(keys.rolling_day_loss_pct),
        on_trip=OnTrip(keys.on_trip),
        lag_seconds=keys.standstill_seconds,
    )


def configured_caps(config: Config) -> Caps:
    """The limits that a phase has as well."""
    breakers, risk = breaker_limits(config), config.risk
    return Caps(
        daily_loss_pct=breakers.daily_loss_pct,
        drawdown_pct=breakers.drawdown_pct,
        max_positions=risk.max_positions,
        max_leverage=exact(risk.max_leverage),
        risk_pct=exact(risk.risk_pct),
    )


def exact(number: float) -> Decimal:
    """As a person typed it: 0.1, not the binary fraction beside it; 5 and not 5.0."""
    typed = Decimal(repr(number))
    whole = typed.to_integral_value()
    return whole if whole == typed else typed


def _starting_rules(environment: Environment) -> PhaseRules:
    return starting_rules(
        is_real_money=environment.is_real_money, is_play_money=environment is Environment.DEMO
    )
