"""The tightest of configuration and phase holds; only what is relaxed by name is looser."""

from decimal import Decimal

import pytest
from gate_stage import STRICT
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from botcore_tui.core.gate_limits import RELAXABLE, normal_of, relaxed, tightest
from botcore_tui.core.phase import Phase, rules_of

TIGHTENED = ("risk_pct", "max_leverage", "max_positions", "venue_leverage")


@pytest.mark.requirement("R27")
def test_phase_lowers_what_is_configured_and_never_raises_it() -> None:
    rules = rules_of(Phase.CONSERVATIVE)
    wide = replace(STRICT, risk_pct=Decimal(5), max_leverage=Decimal(5), max_positions=20)
    found = tightest(wide, rules)
    assert (found.risk_pct, found.max_leverage) == (Decimal("1.5"), Decimal(1))
    assert (found.max_positions, found.venue_leverage) == (2, 1)
    narrow = replace(STRICT, risk_pct=Decimal("0.5"), max_leverage=Decimal("0.5"), max_positions=1)
    assert tightest(narrow, rules) == replace(narrow, venue_leverage=1)
    assert tightest(wide, None) is wide
    assert tightest(replace(wide, venue_leverage=None), rules).venue_leverage is None


@pytest.mark.requirement("R28")
@given(
    phase=st.sampled_from(Phase),
    risk=st.decimals("0.01", 5, places=2),
    leverage=st.decimals("0.1", 5, places=1),
    positions=st.integers(1, 20),
    venue=st.integers(1, 125),
)
def test_no_limit_of_any_phase_is_above_the_configured_one(
    phase: Phase, risk: Decimal, leverage: Decimal, positions: int, venue: int
) -> None:
    configured = replace(
        STRICT,
        risk_pct=risk,
        max_leverage=leverage,
        max_positions=positions,
        venue_leverage=venue,
    )
    found, rules = tightest(configured, rules_of(phase)), rules_of(phase)
    for name in TIGHTENED:
        assert getattr(found, name) <= getattr(configured, name)
    assert found.max_leverage <= rules.max_leverage
    assert found.max_positions <= rules.max_positions
    assert found.risk_pct <= rules.risk_pct


@pytest.mark.requirement("P24")
def test_relaxing_raises_the_named_limit_only() -> None:
    found = relaxed(STRICT, [("risk.max_positions", Decimal(4)), ("risk.collar_pct", Decimal(3))])
    assert found == replace(STRICT, max_positions=4, collar_pct=Decimal(3))
    assert type(found.max_positions) is int
    assert relaxed(STRICT, [("risk.collar_pct", Decimal(1)), ("nothing", Decimal(9))]) is STRICT


@pytest.mark.requirement("P24")
def test_limit_that_does_not_hold_or_is_no_limit_cannot_be_relaxed() -> None:
    assert all(normal_of(STRICT, key) is not None for key in RELAXABLE)
    off = replace(STRICT, max_order_notional=Decimal(0), collar_pct=None)
    assert normal_of(off, "risk.max_order_notional") is None
    assert normal_of(off, "risk.collar_pct") is None
    assert normal_of(STRICT, "breaker.daily_loss_pct") is None
