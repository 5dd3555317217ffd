"""The limits in plain words are those that hold."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from risk_views import a_phase, a_risk

from botcore_tui.core.breaker import BreakerLimits, OnTrip
from botcore_tui.core.briefing import Terms, briefing
from botcore_tui.core.phase import Caps, Phase, PhaseRules, rules_of, starting_rules
from botcore_tui.model.risk import RiskView

TERMS = Terms(
    environment="testnet",
    about="play money",
    is_trading=True,
    rules=starting_rules(is_real_money=False),
    configured=Caps(
        daily_loss_pct=Decimal(4),
        drawdown_pct=Decimal(20),
        max_positions=1,
        max_leverage=Decimal("0.5"),
        risk_pct=Decimal(3),
    ),
    breakers=BreakerLimits(),
    verify_seconds=Decimal(5),
    countdown_seconds=Decimal(120),
)


def told(terms: Terms = TERMS, risk: RiskView | None = None) -> str:
    return "\n".join(line for each in briefing(terms, risk) for line in each.lines)


@pytest.mark.requirement("R71")
def test_the_tighter_of_phase_and_configuration_is_told_in_percent_and_money() -> None:
    text = told(replace(TERMS, equity=Decimal(2_000)))
    assert "Equity is 2,000.00 USDT" in text
    assert "One trade loses at most 2 % of the equity (40.00 USDT) at its stop" in text
    assert "Losing 4 % of the equity (80.00 USDT) since 00:00 UTC" in text
    assert "Falling 15 % (300.00 USDT) below the highest equity so far" in text
    assert "at most 1 contract at once, together worth at most 0.5x the equity" in text
    assert "Losing 2 % of the equity (40.00 USDT) within any 60 minutes" in text
    assert "Losing 5 % of the equity (100.00 USDT) within any 24 hours" in text


@pytest.mark.requirement("R71")
def test_money_is_left_out_while_equity_is_not_known() -> None:
    text = told()
    assert "Losing 4 % of the equity since 00:00 UTC" in text
    assert "Phase testnet: for a capital of 1,000 to 5,000 USDT; it is not known yet" in text
    assert "Equity is" not in text


def test_a_session_knows_phase_capital_and_equity_better() -> None:
    risk = a_risk(
        phase=replace(a_phase(), daily_loss_pct=Decimal(3), max_positions=2, capital=Decimal(800)),
        equity=Decimal(700),
    )
    conservative = replace(TERMS, rules=rules_of(Phase.CONSERVATIVE))
    text = told(conservative, risk)
    assert "Phase conservative" in text
    assert "it is 800.00 USDT" in text
    assert "Losing 3 % of the equity (21.00 USDT) since 00:00 UTC" in text
    assert told(conservative, a_risk(phase=None)).count("it is not known yet") == 1
    unknown = told(replace(conservative, equity=Decimal(500)), replace(risk, equity=None))
    assert "Equity is 500.00 USDT" in unknown


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        (
            starting_rules(is_real_money=False, is_play_money=True),
            "Phase testnet, with any capital: it is play money.",
        ),
        (rules_of(Phase.FULL), "Phase full: for a capital of 10,000 USDT and more"),
    ],
    ids=["play", "full"],
)
def test_the_capital_band_is_told_as_it_is(rules: PhaseRules, line: str) -> None:
    assert line in told(replace(TERMS, rules=rules))


def test_what_a_trip_does_and_that_trading_is_off_are_told() -> None:
    assert "A breaker that trips leaves positions to their stops" in told()
    flattening = replace(TERMS.breakers, on_trip=OnTrip.FLATTEN)
    assert "closes all positions at market" in told(replace(TERMS, breakers=flattening))
    assert "Trading is off" not in told()
    assert "Trading is off: no order can leave" in told(replace(TERMS, is_trading=False))


@pytest.mark.requirement("R71")
def test_keys_and_what_stays_at_the_venue_are_told() -> None:
    text = told()
    assert "F12 or ctrl+k: HALT, at once" in text
    assert "Stops rest at the venue" in text
    assert "cancelled by the venue 120 s after" in text
    assert "fails for 5 s the position is closed" in text
