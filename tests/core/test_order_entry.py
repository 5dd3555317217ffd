"""Commands and signals become orders, or are refused with a reason."""

from decimal import Decimal

import pytest
from desk_stage import (
    HALT,
    LIMITS,
    RULES,
    Script,
    Stage,
    a_mark_price,
    a_minute,
    buy,
    canceled,
    codes,
    requests,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, an_algo_report
from recollection_builders import a_recollection

from botcore_tui.core.protection import ProtectionSettings
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    MoveStop,
    OrderCommand,
    PlaceOrder,
)
from botcore_tui.model.event import Append, RulesUpdate, Submit
from botcore_tui.model.ledger import CommandRow, IntentRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, Purpose, TimeInForce

ENTRY, EXIT = Purpose.ENTRY, Purpose.EXIT
CLOSE = ClosePosition(command_id="x", actor="me", symbol=SYMBOL, reason="enough", time_ms=NOW_MS)


def cancel(client_order_id: str) -> CancelOrder:
    return CancelOrder(command_id="c", actor="me", client_order_id=client_order_id, time_ms=NOW_MS)


def move(price: str) -> MoveStop:
    return MoveStop(
        command_id="m", actor="me", symbol=SYMBOL, stop_price=Decimal(price), time_ms=NOW_MS
    )


def refusal(stage: Stage, command: OrderCommand) -> str:
    """Its code; a refused command sends nothing and is counted and recorded."""
    denied = stage.view().denied
    effects = stage.tell(command)
    answer = stage.answer()
    if answer.is_accepted:
        return ""
    assert not requests(effects)
    assert not canceled(effects)
    assert stage.view().denied == denied + 1
    (row,) = [one.row for one in effects if isinstance(one, Append)]
    assert isinstance(row, CommandRow)
    assert (row.is_accepted, row.code, row.text) == (False, answer.code, answer.text)
    return answer.code


# --- place ---------------------------------------------------------------------------------------


@pytest.mark.requirement("P22")
def test_intent_with_the_plan_of_its_protection_is_recorded_before_it_is_sent() -> None:
    stage = Stage().begin()
    effects = stage.tell(buy(price="99.5", target="120", trail="2"))
    (index,) = (number for number, one in enumerate(effects) if isinstance(one, Submit))
    before = [one.row for one in effects[:index] if isinstance(one, Append)]
    (intent,) = (row for row in before if isinstance(row, IntentRow))
    assert [intent.stop_price, intent.target_price, intent.trail_pct] == [95, 120, 2]
    assert intent.request.time_in_force is TimeInForce.GTC
    assert stage.answer().client_order_id == intent.request.client_order_id
    assert codes(effects)[0] == "command.accepted"


def test_market_order_has_no_price_whatever_the_command_says() -> None:
    stage = Stage().begin()
    stage.tell(replace(buy(), price=Decimal(50)))
    (request,) = stage.sent(ENTRY)
    assert (request.price, request.time_in_force) == (None, None)


@pytest.mark.requirement("P04")
@pytest.mark.parametrize(
    "command",
    [
        buy(order_type=OrderType.STOP_MARKET),
        buy("NaN"),
        buy("0"),
        buy("NaN", reduce_only=True),
        buy(price="NaN", target="120"),
        buy(stop="NaN"),
        buy(trail="NaN"),
        buy(trail="0.09"),
        buy(trail="20.1"),
        buy(target="NaN"),
        buy(target="0"),
        buy(target="100"),
        buy(target="99"),
        buy(price="101", target="100.5"),
        buy(side=Side.SELL, stop="105", target="100"),
        buy(side=Side.SELL, stop="105", target="101"),
        buy(target="Infinity"),
    ],
    ids=lambda each: f"{each.side} {each.type} {each.quantity} {each.target_price}",
)
def test_order_that_makes_no_sense_is_refused(command: PlaceOrder) -> None:
    assert refusal(Stage().begin(), command) == "P04"


def test_target_of_a_symbol_without_a_mark_waits_for_the_mark() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    assert refusal(stage, buy(target="120")) == "P10"


@pytest.mark.requirement("P01")
@pytest.mark.parametrize(
    "command",
    [
        buy("1", side=Side.BUY, reduce_only=True),
        buy("1.1", side=Side.SELL, reduce_only=True),
        buy("1", side=Side.BUY, reduce_only=True, symbol="ETHUSDT"),
    ],
)
def test_reducing_order_must_lower_the_position(command: PlaceOrder) -> None:
    stage = Stage().begin()
    stage.tell(buy())
    assert refusal(stage, command) == "P01"


@pytest.mark.parametrize("side", list(Side))
def test_reducing_order_lowers_a_position_of_either_side(side: Side) -> None:
    stage = Stage().begin()
    other = Side.SELL if side is Side.BUY else Side.BUY
    stage.tell(buy(side=other, stop="95" if other is Side.BUY else "105"))
    stage.tell(buy("0.4", side=side, reduce_only=True, stop=None))
    (request,) = stage.sent(EXIT)
    assert (request.reduce_only, abs(stage.held())) == (True, Decimal("0.6"))


@pytest.mark.requirement("P16")
def test_second_click_within_a_second_is_refused() -> None:
    stage = Stage().begin()
    assert refusal(stage, buy("0.1")) == ""
    assert refusal(stage, buy("0.1")) == "P16"
    stage.wait(1_000)
    assert refusal(stage, buy("0.1")) == ""


@pytest.mark.requirement("P11")
def test_entry_against_a_working_one_of_the_other_side_is_refused() -> None:
    stage = Stage().begin()
    stage.tell(buy(price="98"))
    assert refusal(stage, buy(side=Side.SELL, price="102", stop="105")) == "P11"


# --- close ---------------------------------------------------------------------------------------


def test_close_of_nothing_is_refused() -> None:
    assert refusal(Stage().begin(), CLOSE) == "P01"


def test_close_cancels_entries_and_sells_what_is_held() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5"), buy("0.5", price="98"))
    (entry,) = stage.live(ENTRY)
    effects = stage.tell(CLOSE)
    assert canceled(effects) == [entry.client_order_id]
    assert (stage.is_flat(), stage.sent(EXIT)[0].reason) == (True, "enough")


def test_close_without_a_position_cancels_what_could_lead_to_one() -> None:
    stage = Stage().begin()
    stage.tell(buy(price="98"))
    effects = stage.tell(CLOSE)
    assert (len(canceled(effects)), requests(effects), stage.answer().is_accepted) == (1, [], True)


# --- cancel --------------------------------------------------------------------------------------


def test_cancel_of_what_is_not_ours_or_has_ended_is_refused() -> None:
    stage = Stage().begin()
    assert refusal(stage, cancel("web-1")) == "P03"
    stage.tell(buy())
    assert refusal(stage, cancel(stage.sent(ENTRY)[0].client_order_id)) == "P03"


@pytest.mark.requirement("A06")
def test_stop_of_a_position_cannot_be_cancelled_and_one_of_none_can() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stop = stage.stop().client_order_id
    assert refusal(stage, cancel(stop)) == "A06"
    stage.tell(stage.venue.trade_by_hand(Side.SELL, "1"))
    assert refusal(stage, cancel(stop)) == ""


def test_cancel_of_an_entry_is_asked_for() -> None:
    stage = Stage().begin()
    stage.tell(buy(price="98"))
    (entry,) = stage.live(ENTRY)
    assert canceled(stage.tell(cancel(entry.client_order_id))) == [entry.client_order_id]


# --- move ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "code"),
    [("100", "P15"), ("101", "P15"), ("NaN", "P04"), ("0", "P04"), ("99.9", "")],
)
def test_stop_of_a_long_is_moved_below_the_mark_only(price: str, code: str) -> None:
    stage = Stage().begin()
    stage.tell(buy())
    assert refusal(stage, move(price)) == code


@pytest.mark.parametrize(("price", "code"), [("100", "P15"), ("99", "P15"), ("100.1", "")])
def test_stop_of_a_short_is_moved_above_the_mark_only(price: str, code: str) -> None:
    stage = Stage().begin()
    stage.tell(buy(side=Side.SELL, stop="105"))
    assert refusal(stage, move(price)) == code


def test_stop_is_moved_only_of_a_position_with_a_mark_and_a_verified_stop() -> None:
    stage = Stage().begin()
    assert refusal(stage, move("95")) == "P01"
    stage.venue.answers.extend(["ok", "sink"])
    stage.tell(buy())
    assert refusal(stage, move("96")) == "A06"
    stage.trader.market.reset()
    assert refusal(stage, move("96")) == "P09"


def test_nothing_is_done_about_protection_before_the_venue_has_told_what_we_hold() -> None:
    stage = Stage()
    stage.tell(a_recollection(), RulesUpdate(RULES, NOW_MS), a_mark_price("100"))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"), CLOSE)
    assert (stage.answer().is_accepted, stage.sent()) == (True, [])


# --- signals -------------------------------------------------------------------------------------


def flying(target: str | None = "1", **settings: object) -> tuple[Stage, Script]:
    """A desk with a strategy that wants this; bars have come."""
    script = Script(target)
    stage = Stage(strategy=script, **settings).begin()
    stage.tell(a_minute(0))
    return stage, script


def want(stage: Stage, script: Script, target: str, number: int) -> None:
    script.target = target
    stage.tell(a_minute(number))
    stage.wait(250)


@pytest.mark.requirement("P15")
@pytest.mark.parametrize(("target", "side"), [("1", Side.BUY), ("-1", Side.SELL)])
def test_wish_becomes_a_market_order_whose_loss_at_the_stop_is_within_the_risk(
    target: str, side: Side
) -> None:
    stage, _ = flying(
        target,
        target_pct=Decimal(5),
        trail_pct=Decimal(2),
        protection=ProtectionSettings(stop_pct=Decimal(2)),
    )
    stage.wait(250)
    (entry,) = stage.sent(ENTRY)
    assert (entry.side, entry.type, entry.actor) == (side, OrderType.MARKET, "script")
    loss = entry.quantity * (2 + Decimal("0.0005") * (200 - 2 if target == "1" else 202))
    assert Decimal(97) < loss <= Decimal(98)
    position = stage.position()
    assert position.stop_price == (98 if target == "1" else 102)
    assert position.target_price == (105 if target == "1" else 95)
    assert position.trail_pct == 2


def test_smaller_wish_risks_its_share() -> None:
    stage, _ = flying("0.5")
    stage.wait(250)
    whole, _ = flying("1")
    whole.wait(250)
    ratio = stage.sent(ENTRY)[0].quantity / whole.sent(ENTRY)[0].quantity
    assert abs(ratio - Decimal("0.5")) < Decimal("0.001")
    assert (stage.position().target_price, stage.position().trail_pct) == (None, None)


@pytest.mark.requirement("P07")
def test_limits_cut_the_size_of_a_wish() -> None:
    stage, _ = flying("1", limits=replace(LIMITS, max_order_notional=Decimal(1_000)))
    stage.wait(250)
    assert stage.sent(ENTRY)[0].quantity == Decimal("9.8")


@pytest.mark.parametrize(
    "settings",
    [
        {"limits": replace(LIMITS, max_order_notional=Decimal(1))},
        {"limits": replace(LIMITS, max_leverage=Decimal(0))},
        {"protection": ProtectionSettings(stop_pct=Decimal("0.000001"))},
    ],
    ids=["notional", "leverage", "stop on the mark"],
)
def test_wish_that_nothing_fits_is_told_once(settings: dict[str, object]) -> None:
    stage, _ = flying("1", **settings)
    stage.wait(5_000)
    assert (stage.sent(), stage.codes().count("signal.too_small")) == ([], 1)


def test_flip_closes_first_and_enters_when_nothing_is_left_over() -> None:
    stage, script = flying()
    stage.wait(250)
    want(stage, script, "-1", 1)
    assert stage.is_flat()
    assert [one.purpose for one in stage.sent()][-1] is EXIT
    stage.wait(3_000)
    assert stage.held() < 0
    assert [one.purpose for one in stage.sent()] == [ENTRY, Purpose.STOP, EXIT, ENTRY, Purpose.STOP]


def test_wish_for_nothing_closes_and_cancels_what_could_still_fill() -> None:
    stage, script = flying()
    stage.wait(250)
    stage.tell(buy("0.1", price="98"))
    want(stage, script, "0", 1)
    stage.wait(2_000)
    assert (stage.is_flat(), stage.venue.open_orders()) == (True, [])


def test_wish_waits_while_an_entry_is_under_way() -> None:
    stage, script = flying()
    stage.venue.is_filling = False
    stage.wait(250)
    want(stage, script, "-1", 1)
    stage.wait(3_000)
    assert len(stage.sent()) == 1


@pytest.mark.requirement("P09")
def test_wish_waits_for_a_fresh_mark_and_is_not_lost() -> None:
    stage, _ = flying()
    stage.desk.state._marks._seen_ms.clear()
    stage.is_performing = False
    assert not requests(stage.desk._pilot_on_tick())
    stage.is_performing = True
    stage.wait(500)
    assert len(stage.sent(ENTRY)) == 1


def test_wish_waits_for_rules() -> None:
    stage, _ = flying()
    stage.desk.state.rules.clear()
    stage.wait(1_000)
    assert stage.sent() == []
    stage.tell(RulesUpdate(RULES, NOW_MS))
    stage.wait(250)
    assert len(stage.sent(ENTRY)) == 1


@pytest.mark.requirement("P01")
def test_wish_sends_no_entry_while_reducing_but_may_close() -> None:
    stage, script = flying()
    stage.wait(250)
    stage.desk.state.standing.reduce("test", "why", NOW_MS)
    want(stage, script, "0", 1)
    assert stage.is_flat()
    want(stage, script, "1", 2)
    stage.wait(5_000)
    assert len(stage.sent(ENTRY)) == 1


@pytest.mark.requirement("P01")
def test_wish_does_nothing_while_halted() -> None:
    stage, script = flying()
    stage.wait(250)
    stage.tell(HALT)
    want(stage, script, "0", 1)
    stage.wait(5_000)
    assert (len(stage.sent(ENTRY)), stage.sent(EXIT)) == (1, [])


def test_move_by_a_person_reaches_a_position_that_others_protect() -> None:
    stage = Stage().begin()
    stage.tell(an_algo_report(client_order_id="web-1", trigger_price="90"))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert refusal(stage, move("93")) == ""
    assert stage.stop().trigger_price == Decimal(93)
