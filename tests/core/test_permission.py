"""What loosens needs more than what lowers risk; play money needs nothing."""

from decimal import Decimal

import pytest
from desk_stage import RESUME, buy
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.permission import scope_denial
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    DeskCommand,
    EnableStrategy,
    MoveStop,
    Relax,
    ResetBreaker,
    Resume,
    Scope,
    SignOff,
)

COMMON = {"command_id": "c", "actor": "ann", "time_ms": NOW_MS}
LOOSENING: list[Resume | DeskCommand] = [
    RESUME,
    ResetBreaker(command_id="c", actor="ann", code="A01", time_ms=NOW_MS),
    Relax(
        command_id="c",
        actor="ann",
        limit="risk.collar_pct",
        value=Decimal(3),
        minutes=5,
        time_ms=NOW_MS,
    ),
    EnableStrategy(command_id="c", actor="ann", strategy="ema_cross", time_ms=NOW_MS),
]
SIGNING = SignOff(command_id="c", actor="ann", what="daily", time_ms=NOW_MS)
LOWERING: list[Resume | DeskCommand] = [
    buy(reduce_only=True, stop=None),
    ClosePosition(command_id="c", actor="ann", symbol=SYMBOL, time_ms=NOW_MS),
    CancelOrder(command_id="c", actor="ann", client_order_id="bc-1", time_ms=NOW_MS),
    MoveStop(command_id="c", actor="ann", symbol=SYMBOL, stop_price=Decimal(95), time_ms=NOW_MS),
]


def is_allowed(command: Resume | DeskCommand, *scopes: Scope) -> bool:
    return scope_denial(replace(command, scopes=scopes), is_real_money=True) is None


@pytest.mark.requirement("P03")
@pytest.mark.requirement("R17")
@pytest.mark.parametrize("command", LOOSENING, ids=lambda each: type(each).__name__)
def test_what_loosens_with_real_money_needs_resume_and_production(
    command: Resume | DeskCommand,
) -> None:
    assert is_allowed(command, Scope.RESUME, Scope.PRODUCTION)
    assert not is_allowed(command, Scope.RESUME)
    assert not is_allowed(command, Scope.TRADE, Scope.PRODUCTION)
    assert scope_denial(command, is_real_money=False) is None


@pytest.mark.requirement("P03")
@pytest.mark.parametrize("command", LOWERING, ids=lambda each: type(each).__name__)
def test_what_lowers_risk_needs_trade_only(command: Resume | DeskCommand) -> None:
    assert is_allowed(command, Scope.TRADE)
    assert not is_allowed(command, Scope.VIEW)


@pytest.mark.requirement("P03")
def test_refusal_names_the_scope_that_is_missing_and_what_is_there() -> None:
    denial = scope_denial(replace(buy(), scopes=(Scope.TRADE,)), is_real_money=True)
    assert denial is not None
    assert (denial.code, denial.observed) == ("P03", "trade")
    assert denial.what == "with real money this needs an operator token of scope production"
    bare = scope_denial(buy(), is_real_money=True)
    assert bare is not None
    assert bare.observed == "no token"


@pytest.mark.requirement("R17")
def test_a_signature_about_real_money_needs_trade_and_production() -> None:
    assert is_allowed(SIGNING, Scope.TRADE, Scope.PRODUCTION)
    assert not is_allowed(SIGNING, Scope.TRADE)
    assert not is_allowed(SIGNING, Scope.VIEW, Scope.PRODUCTION)
    assert scope_denial(SIGNING, is_real_money=False) is None
