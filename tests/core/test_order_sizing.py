"""A strategy's entry is as large as the limits in force leave room for."""

from decimal import Decimal

import pytest
from desk_stage import LIMITS, Stage, a_minute
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.gate import Limits
from botcore_tui.core.order_sizing import wish_quantity
from botcore_tui.core.phase import Phase, PhaseRules, rules_of
from botcore_tui.model.command import Signal

WISH = Signal(
    strategy="script", symbol=SYMBOL, target=Decimal(1), confidence=1.0, reason="r", time_ms=NOW_MS
)
WIDE = replace(LIMITS, risk_pct=Decimal(100))


def size(
    limits: Limits = WIDE, *, stop: str = "50", volume: float = 0.0, phase: PhaseRules | None = None
) -> Decimal:
    """Of 10,000 equity at a mark of 100."""
    stage = Stage(limits=limits, phase=phase).begin()
    for number in range(6 if volume else 0):
        stage.tell(replace(a_minute(number), volume=volume))
    return wish_quantity(
        stage.desk.state, WISH, equity=Decimal(10_000), mark=Decimal(100), stop=Decimal(stop)
    )


@pytest.mark.requirement("P12")
def test_equity_times_leverage_bounds_the_size() -> None:
    assert size() == Decimal("195.706")  # what is lost at 50 decides
    assert size(stop="99") == 294  # 98 % of 10,000 x 3


@pytest.mark.requirement("P06")
@pytest.mark.requirement("P07")
@pytest.mark.requirement("P11")
def test_the_tightest_limit_decides() -> None:
    assert size(replace(WIDE, symbol_share_pct=Decimal(10))) == Decimal("29.4")
    assert size(replace(WIDE, max_order_notional=Decimal(1_000))) == Decimal("9.8")
    assert size(replace(WIDE, volume_share_pct=Decimal(5)), volume=100.0) == Decimal("4.9")
    assert size(replace(WIDE, volume_share_pct=Decimal(5))) == Decimal("195.706")


@pytest.mark.requirement("P07")
def test_share_of_the_phase_bounds_the_size() -> None:
    rules = rules_of(Phase.TESTNET)
    share = replace(WIDE, order_share_pct=Decimal(25))
    found = size(share, stop="99", phase=replace(rules, risk_pct=Decimal(100)))
    assert found == Decimal("24.5")  # 98 % of 25 % of 10,000 x 1


def test_stop_at_the_price_leaves_no_size() -> None:
    assert size(stop="100") == 0


def test_smaller_wish_is_a_share_of_the_risk() -> None:
    stage = Stage(limits=WIDE).begin()
    half = replace(WISH, target=Decimal("-0.5"))
    found = wish_quantity(
        stage.desk.state, half, equity=Decimal(10_000), mark=Decimal(100), stop=Decimal(150)
    )
    assert Decimal(97) < found < Decimal(98)
