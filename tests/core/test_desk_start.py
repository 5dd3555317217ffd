"""How a session begins, and what is said where the one before has ended with its account."""

from decimal import Decimal

import pytest
from desk_stage import Stage, audits, buy, codes
from recollection_builders import a_recollection
from risk_builders import a_memory

from botcore_tui.model.event import Record, Severity, TradingState


@pytest.mark.requirement("F14")
def test_account_that_ended_with_a_position_is_an_alarm_and_reduces() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5"))
    effects = stage.tell(a_recollection(account="demo:next"))
    (alarm,) = (one for one in effects if isinstance(one, Record) and one.code == "account.lost")
    assert alarm.severity is Severity.CRITICAL
    assert alarm.text == (
        "account demo:test has ended with its exchange, and with it 0.5 BTCUSDT; demo:next begins"
        " without them"
    )
    assert "account.lost" in audits(effects)
    assert stage.trader.state is TradingState.REDUCING
    assert stage.held() == Decimal(0)


@pytest.mark.parametrize("account", ["demo:test", "demo:next"])
def test_flat_account_and_the_same_account_are_no_alarm(account: str) -> None:
    stage = Stage().begin()
    if account == "demo:test":
        stage.tell(buy("0.5"))
    assert "account.lost" not in codes(stage.tell(a_recollection(account=account)))
    assert stage.trader.state is TradingState.ACTIVE


@pytest.mark.requirement("K7")
@pytest.mark.requirement("F14")
def test_crash_is_no_step_towards_trading() -> None:
    stage = Stage()
    effects = stage.tell(a_memory(reduced="HALTED -> REDUCING by ann: looked at it"))
    assert stage.trader.state is TradingState.REDUCING
    assert "state.reducing" in codes(effects)
    assert Stage().begin().trader.state is TradingState.ACTIVE
