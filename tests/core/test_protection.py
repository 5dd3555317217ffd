"""Every position has a verified stop, or is closed."""

from decimal import Decimal

import pytest
from desk_stage import (
    HALT,
    RULES,
    UP,
    Stage,
    a_mark_price,
    audits,
    buy,
    forms,
    reconciles,
    requests,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_picture,
    a_symbol_account,
    an_algo_report,
)
from recollection_builders import (
    a_recollection,
)

from botcore_tui.core.protection import ProtectionSettings
from botcore_tui.model.event import RulesUpdate
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    OrderType,
    Purpose,
)
from botcore_tui.model.trading import Cover

ENTRY, STOP, EXIT = Purpose.ENTRY, Purpose.STOP, Purpose.EXIT


def held(*, stop: str = "95") -> Stage:
    """Long 1 from 100 with a verified stop."""
    stage = Stage().begin()
    stage.tell(buy(stop=stop))
    assert stage.position().cover is Cover.VERIFIED
    return stage


FINE = replace(RULES, tick=Decimal("0.001"))


# --- the first stop ----------------------------------------------------------------------------


@pytest.mark.requirement("A06")
@pytest.mark.parametrize(("side", "stop"), [(Side.BUY, "95"), (Side.SELL, "105")])
def test_first_fill_plans_the_stop_on_the_losing_side(side: Side, stop: str) -> None:
    stage = Stage().begin()
    stage.venue.is_filling = False
    stage.tell(buy("1", side=side, stop=stop))
    name = stage.sent(ENTRY)[0].client_order_id
    (request,) = requests(stage.tell(*stage.venue.fill(name, Decimal("0.1"))), STOP)
    assert (request.trigger_price, request.close_position) == (Decimal(stop), True)
    assert request.side is not side
    assert request.type is OrderType.STOP_MARKET
    assert request.entry_id == name
    stage.tell(*stage.venue.fill(name))
    assert len(stage.sent(STOP)) == 1
    assert stage.position().cover is Cover.VERIFIED


def test_stop_is_rounded_so_that_the_loss_is_not_above_what_was_meant() -> None:
    stage = held(stop="95.01")
    assert stage.stop().trigger_price == Decimal("95.1")


@pytest.mark.requirement("A06")
def test_reply_alone_verifies_no_stop() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "mute" if request.purpose is STOP else "ok"
    stage.tell(buy())
    assert stage.position().cover is Cover.PLACING
    stage.wait(1_250)
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.requirement("A06")
def test_unverified_stop_gets_the_other_form_and_then_the_position_is_closed() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "sink" if request.purpose is STOP else "ok"
    stage.tell(buy())
    stage.wait(4_750)
    assert forms(stage.sent(STOP)) == ["close 95"]
    stage.wait(250)
    assert forms(stage.sent(STOP)) == ["close 95", "1 95"]
    stage.wait(4_750)
    assert (stage.sent(EXIT), stage.position().cover) == ([], Cover.PLACING)
    effects = stage.wait(250)
    assert stage.is_flat()
    assert [(one.side, one.quantity, one.reduce_only) for one in requests(effects, EXIT)] == [
        (Side.SELL, Decimal(1), True)
    ]
    assert "protection.closing" in audits(effects)


@pytest.mark.requirement("F08")
@pytest.mark.parametrize("code", [-4120, -4130, -4045, -1111])
def test_refused_stop_gets_the_other_form(code: int) -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", f"refuse {code}"])
    stage.tell(buy())
    assert forms(stage.sent(STOP)) == ["close 95", "1 95"]
    assert stage.position().cover is Cover.VERIFIED
    assert not stage.sent(EXIT)


@pytest.mark.requirement("F08")
def test_position_whose_stop_is_refused_in_both_forms_is_closed_at_market() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "refuse -4120", "refuse -4120"])
    stage.tell(buy())
    assert stage.is_flat()
    assert "no stop could be had: told to be rejected" in stage.sent(EXIT)[0].reason


@pytest.mark.requirement("F08")
def test_stop_that_would_trigger_at_once_closes_the_position() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "refuse -2021"])
    stage.tell(buy())
    assert stage.is_flat()
    assert forms(stage.sent(STOP)) == ["close 95"]


@pytest.mark.requirement("F08")
@pytest.mark.parametrize(
    ("side", "stop", "mark"), [(Side.BUY, "95", "95"), (Side.SELL, "105", "105")]
)
def test_position_beyond_its_stop_is_closed_without_asking_for_one(
    side: Side, stop: str, mark: str
) -> None:
    stage = Stage().begin()
    stage.venue.is_filling = False
    stage.tell(buy(side=side, stop=stop))
    stage.move(mark)
    stage.venue.is_filling = True
    stage.tell(*stage.venue.fill(stage.sent()[0].client_order_id))
    assert (stage.sent(STOP), stage.is_flat()) == ([], True)


def test_stop_of_a_position_that_the_venue_does_not_have_is_asked_for_again_after_a_look() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "refuse -4509"])
    effects = stage.tell(buy())
    assert [one.reason for one in reconciles(effects)] == ["mismatch"]
    assert forms(requests(effects, STOP)) == ["close 95"]
    effects = stage.wait(500)
    assert forms(requests(effects, STOP)) == ["close 95"]
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.requirement("A06")
def test_position_of_which_the_venue_says_for_long_that_there_is_none_is_closed() -> None:
    """Its listing has the position all the while: it would stay without a stop."""
    stage = Stage().begin()
    stage.venue.rule = lambda request: "refuse -4509" if request.purpose is STOP else "ok"
    stage.tell(buy())
    stage.wait(4_500)
    assert stage.sent(EXIT) == []
    effects = stage.wait(2_000)
    assert forms(requests(effects, STOP))[-2:] == ["close 95", "1 95"]
    assert "protection.closing" in audits(effects)
    assert stage.is_flat()


def test_stop_that_never_left_is_asked_for_again_and_closes_nothing_before_its_time() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "fail" if request.purpose is STOP else "ok"
    stage.tell(buy())
    stage.wait(4_000)
    assert len(stage.sent(STOP)) > 3
    assert not stage.sent(EXIT)
    stage.venue.rule = None
    stage.wait(500)
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.requirement("A06")
def test_stop_that_can_not_leave_for_long_closes_the_position() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "fail" if request.purpose is STOP else "ok"
    stage.tell(buy())
    stage.wait(6_500)
    assert stage.is_flat()


def test_lost_reply_of_a_stop_is_found_by_asking() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "lose"])
    stage.tell(buy())
    assert stage.position().cover is Cover.VERIFIED
    assert len(stage.sent(STOP)) == 1


def test_stop_waits_for_the_rules_of_its_contract_but_not_for_ever() -> None:
    stage = Stage()
    stage.tell(a_recollection(), a_mark_price("100"))
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.tell(UP)
    stage.wait(4_750)
    assert not stage.sent(STOP)
    stage.wait(250)
    assert forms(stage.sent(STOP)) == ["close 96.500"]


def test_position_without_a_plan_gets_a_stop_at_the_default_distance() -> None:
    stage = Stage(protection=ProtectionSettings(stop_pct=Decimal(2))).begin()
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "2"))
    assert stage.stop().trigger_price == Decimal(102)
    assert stage.stop().side is Side.BUY


@pytest.mark.parametrize(("entry_price", "stops"), [("200", ["close 193.000"]), ("0", [])])
def test_without_a_mark_the_entry_price_says_where_the_stop_belongs(
    entry_price: str, stops: list[str]
) -> None:
    stage = Stage()
    stage.tell(a_recollection(), UP)
    stage.is_performing = False
    position = a_symbol_account(quantity="1", entry_price=entry_price)
    stage.tell(a_picture(reason="start", symbols=[position]))
    stage.is_performing = True
    stage.tell(RulesUpdate(FINE, NOW_MS))
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.tell(a_picture(reason="start", symbols=[position]))
    assert forms(stage.sent(STOP)) == stops


# --- emergencies ---------------------------------------------------------------------------------


def test_stop_that_is_verified_at_last_ends_the_emergency() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: {STOP: "refuse -4120", EXIT: "sink"}.get(
        request.purpose, "ok"
    )
    stage.tell(buy())
    assert stage.position().cover is Cover.CLOSING
    stage.venue.rule = None
    stage.tell(an_algo_report(client_order_id="x-1", trigger_price="95"))
    stage.wait(250)
    position = stage.position()
    assert (position.cover, position.stop_price) == (Cover.VERIFIED, Decimal(95))
    stage.wait(30_000)
    assert stage.held() == 1
    assert len(stage.sent(EXIT)) == 1


@pytest.mark.requirement("A06")
def test_stop_is_asked_for_again_while_the_order_that_closes_is_in_doubt() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: {STOP: "refuse -4014", EXIT: "sink"}.get(
        request.purpose, "ok"
    )
    stage.tell(buy())
    assert (stage.position().cover, len(stage.sent(STOP))) == (Cover.CLOSING, 2)
    stage.wait(4_750)
    assert len(stage.sent(STOP)) == 2
    stage.venue.rule = None
    stage.wait(250)
    assert (stage.position().cover, len(stage.sent(EXIT))) == (Cover.VERIFIED, 1)


def test_emergency_is_told_once_however_often_a_stop_is_refused_meanwhile() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: {STOP: "refuse -4014", EXIT: "sink"}.get(
        request.purpose, "ok"
    )
    assert audits(stage.tell(buy())).count("protection.closing") == 1
    assert "protection.closing" not in audits(stage.wait(6_000))
    assert len(stage.sent(STOP)) == 4


def test_wish_of_a_person_to_close_outlives_the_emergency() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: {STOP: "refuse -4120", EXIT: "refuse -1001"}.get(
        request.purpose, "ok"
    )
    stage.tell(buy())
    stage.desk.state.protection.close(SYMBOL, "me", "enough")
    stage.desk.state.protection.close(SYMBOL, "you", "too")
    stage.wait(1_250)
    assert {one.actor for one in stage.sent(EXIT)} == {"protection", "me"}
    stage.tell(an_algo_report(client_order_id="x-1", trigger_price="95"))
    stage.venue.rule = None
    stage.wait(35_000)
    assert stage.is_flat()


@pytest.mark.requirement("K10")
def test_stop_of_a_halted_desk_is_still_seen_to() -> None:
    stage = Stage().begin()
    stage.venue.is_filling = False
    stage.tell(buy("1", price="100"))
    name = stage.sent()[0].client_order_id
    stage.is_performing = False
    stage.tell(HALT)
    stage.is_performing = True
    stage.tell(*stage.venue.fill(name))
    assert stage.position().cover is Cover.VERIFIED
