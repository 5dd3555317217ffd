"""What watches the account all the time, and what it does when it speaks."""

from decimal import Decimal

import pytest
from desk_stage import (
    HALT,
    LIMITS,
    RESUME,
    RULES,
    UP,
    WELL,
    Stage,
    a_mark_price,
    buy,
    canceled,
    codes,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_balance,
    a_submit_failed,
    an_account_update,
    an_order_sent,
)
from recollection_builders import a_recollection, an_intent, an_open_order
from risk_builders import a_memory, a_trip, rows_of
from risk_rows import a_phase

from botcore_tui.core.breaker import BreakerLimits, OnTrip
from botcore_tui.core.phase import rules_of
from botcore_tui.model.account import DeadManFailed, EngineLag
from botcore_tui.model.command import Halt, ResetBreaker
from botcore_tui.model.event import (
    ArmDeadMan,
    Cancel,
    Effect,
    RulesUpdate,
    StateChanged,
    Submit,
    TradingState,
)
from botcore_tui.model.ledger import PhaseRow, TripRow
from botcore_tui.model.order import OrderState, Outcome, Purpose, TimeInForce
from botcore_tui.model.risk import KillStage, RiskView, Tier

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
WIDE = replace(LIMITS, risk_pct=Decimal(100), max_leverage=Decimal(50))
SLOW = BreakerLimits(hour_loss_pct=Decimal(50), rolling_day_loss_pct=Decimal(50))


def risk(stage: Stage) -> RiskView:
    view = stage.view().risk
    assert view is not None
    return view


def trips(effects: list[Effect]) -> list[str]:
    return [row.code for row in rows_of(effects) if isinstance(row, TripRow)]


def armed(effects: list[Effect]) -> list[tuple[str, int]]:
    return [(one.symbol, one.countdown_ms) for one in effects if isinstance(one, ArmDeadMan)]


def heavy(quantity: str = "200", *, symbols: tuple[str, ...] = (SYMBOL,)) -> Stage:
    """Long from 100 with 10,000 USDT; its stop is far away."""
    stage = Stage(limits=WIDE, breakers=SLOW, symbols=symbols).begin()
    stage.wait(250)
    stage.tell(buy(quantity, stop="98"))
    stage.wait(250)
    assert stage.held() == Decimal(quantity)
    return stage


# --- losses -------------------------------------------------------------------------------------


@pytest.mark.requirement("A01")
@pytest.mark.requirement("K1")
def test_mark_that_loses_too_much_trips_at_once_and_latches_before_it_cancels() -> None:
    stage = heavy()
    stage.tell(buy("1", price="97", stop="50"))
    effects = stage.tell(a_mark_price("97.5"))
    assert trips(effects) == ["A01"]
    kinds = [type(one) for one in effects]
    assert kinds.index(StateChanged) < kinds.index(Cancel)
    assert stage.trader.state is HALTED
    assert stage.live(Purpose.ENTRY) == []
    stage.tell(buy("1", stop="50"))
    assert stage.answer().code == "P01"
    stage.wait(1_000)
    assert risk(stage).kill.stage is KillStage.CONFIRMED
    assert risk(stage).latched == ("A01",)
    assert risk(stage).trips[0].code == "A01"
    assert stage.held() == 200


@pytest.mark.requirement("A01")
@pytest.mark.requirement("K3")
def test_trip_that_flattens_closes_all_and_proves_it() -> None:
    stage = Stage(limits=WIDE, breakers=replace(SLOW, on_trip=OnTrip.FLATTEN)).begin()
    stage.tell(buy("200", stop="98"))
    stage.wait(250)
    stage.move("97")
    stage.wait(6_000)
    assert stage.is_flat()
    assert risk(stage).kill.text.endswith("flat")


def test_second_trip_may_flatten_what_the_first_halt_kept() -> None:
    stage = Stage(limits=WIDE, breakers=replace(SLOW, on_trip=OnTrip.FLATTEN)).begin()
    stage.tell(buy("200", stop="98"), HALT)
    stage.wait(1_000)
    assert stage.held() == 200
    stage.move("97")
    stage.wait(6_000)
    assert stage.is_flat()


@pytest.mark.requirement("A04")
def test_tier_that_reduces_cancels_resting_entries_and_keeps_positions() -> None:
    stage = heavy()
    stage.tell(buy("1", price="95", stop="50"))
    effects = stage.tell(a_mark_price("97.9"))
    assert stage.trader.state is REDUCING
    assert len(canceled(effects)) == 1
    assert stage.live(Purpose.ENTRY) == []
    assert stage.held() == 200
    assert risk(stage).gauges[0].tier is Tier.REDUCE


@pytest.mark.requirement("A04")
def test_tier_that_warns_lets_no_position_be_added_to() -> None:
    stage = heavy(symbols=(SYMBOL, "ETHUSDT"))
    stage.tell(a_mark_price("98.7"))
    stage.tell(buy("1", stop="50"))
    assert "positions are not added to" in stage.answer().text
    stage.tell(buy("1", stop="50", symbol="ETHUSDT"))
    assert stage.answer().is_accepted


def test_entry_that_becomes_known_while_reducing_is_cancelled() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    stage.tell(buy(price="98"))
    stage.trader.standing.reduce("test", "for a test", NOW_MS)
    stage.wait(250)
    told = stage.tell(*stage.venue.place(stage.sent(Purpose.ENTRY)[0]))
    assert len(canceled(told)) == 1


def test_desk_watches_nothing_before_a_session() -> None:
    stage = Stage()
    assert stage.tell(WELL, EngineLag(0.5, NOW_MS)) == []


def test_state_that_rises_cancels_nothing() -> None:
    stage = Stage().begin()
    stage.tell(EngineLag(1.5, NOW_MS), buy(price="98"))
    stage.trader.standing.state = ACTIVE
    stage.wait(250)
    stage.tell(buy(price="98"))
    assert len(stage.live(Purpose.ENTRY)) == 1


def test_trips_of_different_kinds_are_told_newest_first() -> None:
    stage = heavy()
    stage.desk.state.breakers.on_dead_man(SYMBOL, 2, "late", NOW_MS)
    stage.tell(a_mark_price("97.5"))
    assert [trip.code for trip in risk(stage).trips] == ["A01", "A16"]
    assert risk(stage).latched == ("A01", "A16")


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F14")
def test_restart_with_a_latched_breaker_is_halted_whatever_the_state_was() -> None:
    stage = Stage()
    effects = stage.tell(a_memory(latched=(a_trip(),)))
    assert isinstance(effects[0], StateChanged)
    assert stage.trader.state is HALTED


@pytest.mark.requirement("K3")
@pytest.mark.requirement("F14")
@pytest.mark.parametrize(("action", "quantity"), [("flatten", 0), ("hold", 1)])
def test_flattening_that_a_crash_cut_short_goes_on(action: str, quantity: int) -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.tell(a_memory(latched=(replace(a_trip(), action=action),)))
    stage.tell(RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP)
    stage.wait(3_000)
    assert stage.trader.state is HALTED
    assert stage.held() == quantity


@pytest.mark.requirement("A01")
def test_day_that_began_unseen_reduces_from_the_start() -> None:
    stage = Stage()
    stage.tell(a_memory(was_active_today=True))
    assert stage.trader.state is REDUCING


@pytest.mark.requirement("A01")
def test_trip_demotes_real_money_by_one_phase_and_its_limits_hold_at_once() -> None:
    row = a_phase("scale", "conservative", equity="10000")
    stage = Stage(phase=rules_of("scale"), is_real_money=True, breakers=SLOW)
    stage.tell(a_memory(phase=row))
    assert stage.desk.state.breakers.limits.daily_loss_pct == 5
    stage.tell(stage.venue.picture("start"))
    lost = an_account_update(balances=(a_balance(wallet="9400"),), reason="FUNDING_FEE")
    effects = stage.tell(lost)
    assert "A01" in stage.desk.state.breakers.latched
    assert "phase.demoted" in codes(stage.effects)
    # By one event, whose rows are recorded together or not at all: none without the other.
    assert {TripRow, PhaseRow} <= {type(row) for row in rows_of(effects)}
    assert stage.desk.state.breakers.limits.daily_loss_pct == 3


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F14")
def test_trip_that_only_the_halt_file_knows_demotes_too() -> None:
    """The ledger was out of reach until the program was killed: no row of either came into it."""
    row = a_phase("scale", "conservative", equity="10000")
    stage = Stage(phase=rules_of("scale"), is_real_money=True, breakers=SLOW)
    stage.trader.standing.state = HALTED
    stage.tell(Halt("breaker", "A01 daily loss 6.00 %", NOW_MS - 60_000))
    effects = stage.tell(a_memory(phase=row))
    assert [each.phase for each in rows_of(effects) if isinstance(each, PhaseRow)] == [
        "conservative"
    ]
    assert stage.desk.state.breakers.limits.daily_loss_pct == 3
    stage.tell(stage.venue.picture("start"))
    assert codes(stage.effects).count("phase.demoted") == 1
    # One that the ledger has did so when it tripped.
    again = Stage(phase=rules_of("scale"), is_real_money=True, breakers=SLOW)
    known = a_trip("A01")
    again.tell(a_memory(phase=row, trips=(known,), latched=(known,)))
    assert "phase.demoted" not in codes(again.effects)


# --- what is no loss ----------------------------------------------------------------------------


@pytest.mark.requirement("A13")
def test_three_orders_that_become_unknown_halt() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    told: list[Effect] = []
    for number in range(3):
        stage.tell(buy("0.1", price=f"98.{number}"))
        stage.wait(1_000)
        name = stage.sent(Purpose.ENTRY)[-1].client_order_id
        told += stage.tell(
            an_order_sent(client_order_id=name),
            a_submit_failed(client_order_id=name, outcome=Outcome.UNKNOWN),
        )
        if number < 2:
            stage.tell(*stage.venue.place(stage.sent(Purpose.ENTRY)[-1]))
    assert trips(told) == ["A13"]
    assert stage.trader.state is HALTED


@pytest.mark.requirement("A13")
def test_orders_of_an_earlier_run_that_are_unknown_do_not_count() -> None:
    stage = Stage()
    names = [f"bc-r0-{number}-e" for number in range(5)]
    orders = [
        an_open_order(
            an_intent(replace(an_intent().request, client_order_id=name)),
            state=OrderState.IN_FLIGHT,
        )
        for name in names
    ]
    assert trips(stage.tell(a_recollection(orders=orders))) == []


@pytest.mark.requirement("A14")
def test_engine_that_stood_still_lets_only_reducing_orders_through() -> None:
    stage = Stage().begin()
    stage.tell(EngineLag(1.5, NOW_MS))
    assert stage.trader.state is REDUCING


@pytest.mark.requirement("A11")
def test_orders_that_are_out_of_balance_are_told_once() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    assert "order.balance" not in codes(stage.wait(5_000))
    stage.desk.state.register.counts.sent += 1
    assert codes(stage.wait(5_000)).count("order.balance") == 1


# --- dead-man -----------------------------------------------------------------------------------


@pytest.mark.requirement("A16")
def test_dead_man_is_begun_before_the_entry_leaves_and_stopped_when_it_is_gone() -> None:
    stage = Stage().begin()
    effects = stage.tell(buy(price="98"))
    kinds = [type(one) for one in effects]
    assert kinds.index(ArmDeadMan) < kinds.index(Submit)
    (view,) = risk(stage).dead_men
    assert (view.symbol, view.until_ms) == (SYMBOL, NOW_MS + 120_000)
    assert armed(stage.wait(30_000)) == [(SYMBOL, 120_000)]
    stage.tell(HALT)
    assert armed(stage.wait(1_000)) == [(SYMBOL, 0)]
    assert risk(stage).dead_men == ()


@pytest.mark.requirement("A16")
def test_order_that_cannot_rest_needs_no_dead_man() -> None:
    stage = Stage().begin()
    fleeting = replace(buy("0.1", price="98"), time_in_force=TimeInForce.IOC)
    assert armed(stage.tell(buy("0.2"), fleeting) + stage.wait(1_000)) == []


@pytest.mark.requirement("A16")
def test_dead_man_that_is_missed_twice_halts() -> None:
    stage = Stage().begin()
    stage.has_dead_man = False
    stage.tell(buy(price="98"))
    assert stage.trader.state is ACTIVE
    told = stage.wait(5_250)
    assert trips(told) == ["A16"]
    assert stage.trader.state is HALTED
    assert stage.live(Purpose.ENTRY) == []


@pytest.mark.requirement("A16")
def test_dead_man_that_nobody_answers_is_missed_too() -> None:
    stage = Stage().begin()
    stage.tell(buy(price="98"))
    stage.is_performing = False
    assert trips(stage.wait(60_000)) == []
    assert trips(stage.wait(30_000)) == ["A16"]


def test_dead_man_of_nothing_is_no_alarm() -> None:
    stage = Stage().begin()
    assert stage.tell(DeadManFailed(SYMBOL, "late", NOW_MS)) == []


# --- by name ------------------------------------------------------------------------------------


@pytest.mark.requirement("K7")
def test_way_back_after_a_trip_is_reset_then_resume_then_resume() -> None:
    stage = heavy()
    stage.move("97.5")
    stage.move("100")
    stage.wait(1_000)
    stage.tell(RESUME)
    assert stage.trader.state is HALTED
    stage.tell(
        ResetBreaker(command_id="r", actor="ann", code="A01", reason="known", time_ms=NOW_MS)
    )
    assert stage.answer().is_accepted
    assert stage.trader.state is HALTED
    stage.tell(RESUME)
    assert stage.trader.state is REDUCING
    stage.tell(RESUME)
    assert stage.trader.state is ACTIVE
