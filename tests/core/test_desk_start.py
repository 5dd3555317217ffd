"""How a session begins, and what is said where the one before has ended with its account."""

from decimal import Decimal

import pytest
from desk_stage import Stage, audits, buy, codes
from order_builders import NOW_MS
from recollection_builders import a_recollection
from risk_builders import a_memory

from botcore_tui.core.breaker import BreakerLimits, OnTrip
from botcore_tui.model.command import Halt, Resume
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


@pytest.mark.requirement("F14")
@pytest.mark.requirement("K7")
@pytest.mark.parametrize("state", [TradingState.ACTIVE, TradingState.HALTED])
def test_trip_in_the_halt_file_is_latched_in_whatever_state_a_session_begins(
    state: TradingState,
) -> None:
    """Real money always begins HALTED; the engine tells the halt file before anything else."""
    stage = Stage()
    stage.trader.standing.state = state
    stage.tell(Halt("breaker", "A05 equity was unknown for 30 s", NOW_MS - 60_000))
    stage.begin()
    assert list(stage.desk.state.breakers.latched) == ["A05"]
    stage.tell(Resume("F9", "all is well", NOW_MS, command_id="c1"))
    assert stage.answer().text.startswith("breaker A05 is latched")
    assert stage.trader.state is TradingState.HALTED


@pytest.mark.requirement("F14")
def test_trip_of_another_account_is_none_of_this_one() -> None:
    """A halt stays with its environment; this account has lost nothing, and is not flattened."""
    stage = Stage(breakers=BreakerLimits(on_trip=OnTrip.FLATTEN))
    stage.tell(Halt("breaker", "A05 unknown", NOW_MS - 60_000, account="demo:before"))
    stage.begin()
    breakers = stage.desk.state.breakers
    assert (breakers.latched, breakers.trips, breakers.wants_flat) == ({}, (), False)
    assert stage.trader.state is TradingState.HALTED
