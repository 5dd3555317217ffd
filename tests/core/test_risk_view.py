"""Everything that limits trading, on one picture."""

from decimal import Decimal

import pytest
from desk_stage import LIMITS, Stage, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from risk_builders import a_memory

from botcore_tui.core.breaker_terms import BreakerLimits
from botcore_tui.core.phase import rules_of
from botcore_tui.model.command import Relax
from botcore_tui.model.risk import KillStage, Tier


def test_nothing_is_shown_before_a_session() -> None:
    assert Stage().view().risk is None


@pytest.mark.requirement("A01")
@pytest.mark.requirement("A02")
@pytest.mark.requirement("A03")
def test_gauges_tell_percent_and_money() -> None:
    stage = Stage(phase=rules_of("testnet")).begin()
    stage.wait(1_000)
    risk = stage.view().risk
    assert risk is not None
    assert risk.equity_age_ms == 0
    assert [risk.equity, risk.day_start_equity, risk.high_water] == [10_000] * 3
    assert [gauge.code for gauge in risk.gauges] == ["A01", "A02", "A03-1h", "A03-24h"]
    assert [gauge.left_amount for gauge in risk.gauges] == [500, 1500, 200, 500]
    assert {gauge.tier for gauge in risk.gauges} == {Tier.CLEAR}
    assert risk.kill.stage is KillStage.NONE
    assert risk.obstacles
    assert risk.phase is not None
    assert risk.phase.phase == "testnet"


def test_age_of_equity_grows_while_it_is_unknown() -> None:
    stage = Stage()
    stage.tell(a_memory())
    risk = stage.view().risk
    assert risk is not None
    assert (risk.equity, risk.equity_age_ms) == (None, None)
    stage.begin()
    stage.tell(buy(price="98"))
    late = stage.desk.view(stage.time_ms + 700).risk
    assert late is not None
    assert late.equity_age_ms == 700
    assert len(late.dead_men) == 1


def test_account_without_symbols_has_no_obstacles() -> None:
    stage = Stage(symbols=())
    stage.tell(a_memory())
    risk = stage.view().risk
    assert risk is not None
    assert (risk.obstacles, risk.asked) == ((), "")


@pytest.mark.requirement("R13")
def test_controls_are_asked_about_the_contract_that_is_shown() -> None:
    limits = replace(LIMITS, max_positions=1)
    stage = Stage(symbols=(SYMBOL, "ETHUSDT"), limits=limits).begin()
    stage.tell(buy())

    def denied(symbol: str) -> tuple[str, bool]:
        risk = stage.desk.view(stage.time_ms, symbol).risk
        assert risk is not None
        return risk.asked, any(one.code == "P12" and not one.is_passed for one in risk.obstacles)

    assert denied("ETHUSDT") == ("ETHUSDT", True)
    for symbol in (SYMBOL, "", "NONE"):
        assert denied(symbol) == (SYMBOL, False)


@pytest.mark.requirement("R26")
@pytest.mark.requirement("R27")
def test_limits_are_those_in_force_where_the_configuration_is_tighter_than_the_phase() -> None:
    limits = replace(
        LIMITS,
        risk_pct=Decimal("0.5"),
        max_positions=1,
        max_leverage=Decimal("0.5"),
    )
    breakers = BreakerLimits(daily_loss_pct=Decimal("2.5"), drawdown_pct=Decimal(40))
    stage = Stage(phase=rules_of("testnet"), limits=limits, breakers=breakers).begin()
    risk = stage.view().risk
    assert risk is not None
    shown = risk.limits
    assert (shown.daily_loss_pct, shown.drawdown_pct) == (Decimal("2.5"), Decimal(15))
    assert (shown.risk_pct, shown.max_positions, shown.max_leverage) == (
        Decimal("0.5"),
        1,
        Decimal("0.5"),
    )


def test_limits_show_what_is_relaxed_for_a_while() -> None:
    stage = Stage(phase=rules_of("testnet")).begin()
    relax = Relax(
        command_id="c1",
        actor="ann",
        limit="risk.risk_pct",
        value=Decimal(2),
        minutes=5,
        reason="rebalance",
        time_ms=stage.time_ms,
    )
    stage.tell(relax)
    risk = stage.view().risk
    assert risk is not None
    assert risk.limits.risk_pct == 2
