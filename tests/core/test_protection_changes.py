"""Protection of a position that grows, shrinks, turns, or ends."""

from decimal import Decimal

import pytest
from desk_stage import (
    RULES,
    TICK_MS,
    Stage,
    a_mark_price,
    audits,
    buy,
    canceled,
    codes,
    forms,
    naked_spans,
    requests,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_request,
)
from recollection_builders import (
    a_recollection,
    an_intent,
)

from botcore_tui.model.command import CancelOrder
from botcore_tui.model.event import Append
from botcore_tui.model.ledger import ProtectionRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoStatus,
    Outcome,
    Purpose,
    Source,
    SubmitFailed,
)
from botcore_tui.model.trading import Cover

ENTRY, STOP, EXIT = Purpose.ENTRY, Purpose.STOP, Purpose.EXIT


def held(
    quantity: str = "1", *, stop: str = "95", target: str | None = None, trail: str | None = None
) -> Stage:
    """Long from 100 with a verified stop."""
    stage = Stage().begin()
    stage.tell(buy(quantity, stop=stop, target=target, trail=trail))
    assert stage.position().cover is Cover.VERIFIED
    return stage


FINE = replace(RULES, tick=Decimal("0.001"))


# --- what is added, and what is gone -------------------------------------------------------------


def test_addition_never_loosens_the_stop_and_may_tighten_it() -> None:
    stage = held(quantity="0.1", target="120", trail="2")
    stage.tell(buy("0.2", stop="90"))
    assert stage.stop().trigger_price == Decimal(95)
    stage.tell(buy("0.3", stop="97"))
    assert stage.position().stop_price == Decimal(97)
    assert stage.stop().trigger_price == Decimal(97)
    assert [stage.position().target_price, stage.position().trail_pct] == [120, 2]


def test_entry_of_a_lost_run_that_names_no_stop_changes_nothing() -> None:
    stage = held(target="120")
    plan = an_intent(a_request(client_order_id="bc-r0-1-e"))
    stage.desk.state.protection.adopt_plan(plan)
    position = stage.position()
    assert (position.stop_price, position.target_price) == (Decimal(95), Decimal(120))


def test_closing_form_covers_what_is_added() -> None:
    stage = held(quantity="0.1")
    effects = stage.tell(buy("0.2"))
    assert (requests(effects, STOP), naked_spans(effects)) == ([], [])


@pytest.mark.requirement("A06")
def test_stop_under_way_for_less_than_the_position_is_not_waited_for() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "refuse -4130", "mute"])
    stage.tell(buy("0.1"))
    effects = stage.tell(buy("0.2"))
    assert forms(requests(effects, STOP)) == ["close 95"]
    assert stage.position().cover is Cover.VERIFIED
    stage.wait(1_000)
    assert forms(stage.live(STOP)) == ["close 95"]


@pytest.mark.requirement("A06")
def test_lost_stop_is_told_and_replaced() -> None:
    stage = held()
    name = stage.stop().client_order_id
    order = stage.venue.orders[name]
    order.algo_status = AlgoStatus.CANCELED
    effects = stage.tell(stage.venue.report(order, Source.STREAM))
    assert "protection.lost" in audits(effects)
    assert forms(requests(effects, STOP)) == ["close 95"]
    assert stage.position().cover is Cover.VERIFIED


def test_executing_stop_raises_no_alarm_and_asks_for_no_other() -> None:
    stage = held()
    name = stage.stop().client_order_id
    effects = stage.tell(*stage.venue.trigger(name, is_executed=False))
    assert stage.position().cover is Cover.CLOSING
    effects += stage.wait(2_000)
    effects += stage.tell(*stage.venue.fill(name))
    assert stage.is_flat()
    assert (requests(effects), audits(effects)) == ([], [])


@pytest.mark.requirement("A06")
def test_stop_that_executes_too_slowly_is_told_and_another_is_placed() -> None:
    stage = held()
    stage.tell(*stage.venue.trigger(stage.stop().client_order_id, is_executed=False))
    effects = stage.wait(5_000)
    assert "protection.lost" in audits(effects)
    assert forms(requests(effects, STOP)) == ["1 95"]


def test_missing_fills_of_an_exit_are_waited_for_and_those_of_an_entry_are_not() -> None:
    stage = Stage().begin()
    stage.is_performing = False
    (entry,) = requests(stage.tell(buy("1")), ENTRY)
    stage.venue.place(entry)
    order = stage.venue.orders[entry.client_order_id]
    (fill,) = stage.venue.trades
    stage.tell(stage.venue.report(order, Source.STREAM))
    assert len(requests(stage.tell(replace(fill, quantity=Decimal("0.4"))), STOP)) == 1


def test_stop_is_not_replaced_while_the_exit_that_ended_the_position_misses_fills() -> None:
    stage = held()
    stage.is_performing = False
    stage.tell(buy("1", side=Side.SELL, reduce_only=True))
    exit_ = stage.sent(EXIT)[0]
    stage.venue.place(exit_)
    stage.tell(stage.venue.report(stage.venue.orders[exit_.client_order_id], Source.STREAM))
    stop = stage.venue.orders[stage.sent(STOP)[0].client_order_id]
    stop.algo_status = AlgoStatus.EXPIRED
    effects = stage.tell(stage.venue.report(stop, Source.STREAM))
    effects += stage.wait(4_750)
    assert requests(effects) == []
    assert stage.position().cover is Cover.CLOSING
    effects = stage.wait(500)
    assert "protection.lost" in audits(effects)
    assert len(requests(effects, STOP)) == 1


# --- moves ---------------------------------------------------------------------------------------


def test_target_of_the_other_side_does_not_reach_a_position_that_was_only_lowered() -> None:
    stage = held(target="120")
    foreign = an_intent(
        a_request(client_order_id="bc-r0-1-e", side=Side.SELL), stop_price="105", target_price="80"
    )
    stage.desk.state.protection.adopt_plan(foreign)
    position = stage.position()
    assert (position.stop_price, position.target_price) == (Decimal(95), Decimal(120))


@pytest.mark.requirement("F09")
def test_position_that_goes_through_zero_begins_anew_on_its_other_side() -> None:
    stage = held(target="120")
    old = {one.client_order_id for one in stage.venue.open_orders()}
    effects = stage.tell(stage.venue.trade_by_hand(Side.SELL, "3"))
    assert stage.held() == -2
    (stop,) = requests(effects, STOP)
    assert (stop.side, stop.trigger_price) == (Side.BUY, Decimal("103.5"))
    assert set(canceled(effects)) == old
    assert stage.position().target_price is None
    assert not stage.sent(EXIT)


def test_plan_of_a_position_that_ended_between_two_looks_is_forgotten() -> None:
    stage = held(stop="95", target="120")
    stage.wait(1_000)
    stage.venue.trade_by_hand(Side.SELL, "1")
    stage.venue.mark = Decimal(80)
    stage.is_performing = False
    (entry,) = requests(stage.tell(buy("1", stop="76")), ENTRY)
    stage.venue.place(entry)
    stage.is_performing = True
    stage.tell(stage.venue.picture(), a_mark_price("80"))
    assert not stage.sent(EXIT)
    assert (stage.position().stop_price, stage.position().target_price) == (Decimal(76), None)


# --- flat ----------------------------------------------------------------------------------------


def test_leftovers_are_cancelled_when_flat_and_then_forgotten() -> None:
    stage = held(target="120", trail="2")
    assert len(stage.venue.open_orders()) == 3
    effects = stage.tell(stage.venue.trade_by_hand(Side.SELL, "1"))
    effects += stage.wait(750)
    assert canceled(effects) == []
    stage.wait(500)
    assert stage.venue.open_orders() == []
    assert not stage.desk.state.protection.is_busy(SYMBOL)
    assert stage.desk.state.protection.watched() == []


def test_guard_stays_while_an_entry_may_still_fill() -> None:
    stage = Stage().begin()
    stage.tell(buy("1", price="99"))
    name = stage.sent(ENTRY)[0].client_order_id
    stage.tell(*stage.venue.fill(name, Decimal("0.5")))
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "0.5"))
    stage.wait(5_000)
    assert stage.desk.state.protection.is_busy(SYMBOL)
    stage.tell(*stage.venue.fill(name))
    assert stage.stop().trigger_price == Decimal(95)


def test_stop_that_is_about_to_be_cancelled_covers_no_new_position() -> None:
    stage = held()
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "1"))
    stage.is_performing = False
    assert canceled(stage.wait(1_250))
    stage.is_performing = True
    effects = stage.tell(buy("1", stop="94"))
    assert forms(requests(effects, STOP)) == ["1 94"]


def test_review_of_what_was_never_held_does_nothing() -> None:
    stage = Stage().begin()
    assert stage.desk.state.protection.review("ETHUSDT", None, None, NOW_MS) == []
    assert stage.desk.state.protection.watched() == []


# --- unprotected time ----------------------------------------------------------------------------


@pytest.mark.requirement("A06")
def test_unprotected_time_is_counted_once_and_to_its_end() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "sink" if request.purpose is STOP else "ok"
    stage.tell(buy())
    stage.wait(3_000)
    stage.tell(a_mark_price("100"), a_mark_price("100"))
    assert stage.view().unprotected_seconds_today == 3.0
    stage.venue.rule = None
    stage.wait(2_000)
    assert stage.position().unprotected_seconds == 5.0
    (span,) = naked_spans(stage.effects)
    assert (span.from_ms, span.to_ms, span.reason) == (NOW_MS, NOW_MS + 5_000, "verified")
    assert span.notional_seconds == Decimal(500)
    stage.wait(10_000)
    assert stage.view().unprotected_seconds_today == 5.0


def test_unprotected_time_ends_with_the_position() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "sink" if request.purpose is STOP else "ok"
    stage.tell(buy())
    stage.wait(1_000)
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "1"))
    stage.wait(5_000)
    (span,) = naked_spans(stage.effects)
    assert (span.to_ms - span.from_ms, span.reason) == (1_000, "flat")
    assert stage.view().unprotected_seconds_today == 1.0


def test_unprotected_time_of_today_begins_with_what_the_ledger_has_and_ends_at_midnight() -> None:
    stage = Stage()
    stage.tell(a_recollection(unprotected_ms_today=7_000))
    stage.wait(250)
    assert stage.view().unprotected_seconds_today == 7.0
    stage.time_ms = NOW_MS // 86_400_000 * 86_400_000 + 86_400_000 - TICK_MS
    stage.wait(250)
    assert stage.view().unprotected_seconds_today == 0.0


def test_failed_order_that_is_nobodys_says_nothing() -> None:
    stage = held()
    before = len(stage.effects)
    stage.tell(SubmitFailed("bc-r9-1-s", Outcome.REJECTED, -1, "?", NOW_MS))
    assert stage.effects[before:] == []


def test_all_spans_are_rows_of_the_ledger() -> None:
    stage = held()
    rows = [effect.row for effect in stage.effects if isinstance(effect, Append)]
    assert [row for row in rows if isinstance(row, ProtectionRow)] == naked_spans(stage.effects)
    assert codes(stage.effects).count("protection.verified") == 1


def test_cancelled_order_that_takes_no_profit_is_none_of_its_business() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.1", price="90", stop="85"))
    (entry,) = stage.sent(ENTRY)
    cancel = CancelOrder(
        command_id="c", actor="me", client_order_id=entry.client_order_id, time_ms=NOW_MS
    )
    stage.tell(buy("0.2"))
    stage.tell(cancel)
    assert stage.position().cover is Cover.VERIFIED
    stage = Stage().begin()
    stage.tell(buy("0.1", price="90", stop="85"))
    stage.tell(cancel)
    assert (stage.answer().is_accepted, stage.venue.open_orders()) == (True, [])
