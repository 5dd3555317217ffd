"""Commands become orders, or are refused with a reason."""

from decimal import Decimal

import pytest
from desk_stage import (
    RULES,
    Stage,
    a_mark_price,
    buy,
    canceled,
    codes,
    requests,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, a_stop_request
from recollection_builders import a_recollection

from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    MoveStop,
    OrderCommand,
    PlaceOrder,
    Scope,
)
from botcore_tui.model.event import Append, RulesUpdate, Submit
from botcore_tui.model.ledger import CommandRow, IntentRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, OrderType, Purpose, TimeInForce

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
        buy("1E+999999", target="120"),
        buy(target="1E+999999999999999999"),
        buy(stop="1E-999999"),
    ],
    ids=lambda each: f"{each.side} {each.type} {each.quantity} {each.target_price}",
)
def test_order_that_makes_no_sense_is_refused(command: PlaceOrder) -> None:
    assert refusal(Stage().begin(), command) == "P04"


def test_target_of_a_symbol_without_a_mark_waits_for_the_mark() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    assert refusal(stage, buy(target="120")) == "P05"


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
    text = "closing 0.5 BTCUSDT at market and cancel of what may still enter BTCUSDT (1) requested"
    assert stage.answer().text == text


def test_close_without_a_position_cancels_what_could_lead_to_one() -> None:
    stage = Stage().begin()
    stage.tell(buy(price="98"))
    effects = stage.tell(CLOSE)
    assert (len(canceled(effects)), requests(effects), stage.answer().is_accepted) == (1, [], True)
    assert stage.answer().text == "cancel of what may still enter BTCUSDT (1) requested"


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
    [
        ("100", "P15"),
        ("101", "P15"),
        ("NaN", "P04"),
        ("0", "P04"),
        ("1E+999999", "P04"),
        ("99.9", ""),
    ],
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


@pytest.mark.requirement("K4")
@pytest.mark.parametrize(
    ("side", "stop", "asked", "told"),
    [(Side.BUY, "95", "96.03", "96.1"), (Side.SELL, "105", "103.97", "103.9")],
)
def test_answer_names_the_price_that_the_stop_will_have(
    side: Side, stop: str, asked: str, told: str
) -> None:
    stage = Stage().begin()
    stage.tell(buy(side=side, stop=stop))
    stage.tell(move(asked))
    assert stage.answer().text == f"stop of {SYMBOL} at {told} requested"
    assert stage.stop().trigger_price == Decimal(told)


@pytest.mark.requirement("K4")
@pytest.mark.parametrize(
    ("side", "first", "told", "looser", "tighter"),
    [
        (Side.BUY, "95.03", "95.1", "94", "96.03"),
        (Side.SELL, "104.97", "104.9", "106", "103.97"),
    ],
)
def test_answer_to_an_entry_names_the_stop_that_is_in_force(
    side: Side, first: str, told: str, looser: str, tighter: str
) -> None:
    stage = Stage().begin()
    stage.tell(buy(side=side, stop=first))
    assert stage.answer().text.endswith(f" {SYMBOL} requested, stop at {told}")
    stage.tell(buy("0.3", side=side, stop=looser))
    kept = f" {SYMBOL} requested; the stop stays at {told}, {looser} would be looser"
    assert stage.answer().text.endswith(kept)
    assert stage.stop().trigger_price == Decimal(told)
    stage.tell(buy("0.2", side=side, stop=tighter))
    assert stage.answer().text.endswith(f", stop at {'96.1' if side is Side.BUY else '103.9'}")
    stage.desk.state.protection.guard(SYMBOL).is_stop_borrowed = True
    stage.tell(buy("0.1", side=side, stop=first))
    assert stage.answer().text.endswith(f", stop at {told}")


def test_stop_of_a_contract_without_rules_is_moved_as_asked() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    del stage.desk.state.rules[SYMBOL]
    stage.tell(move("96.03"))
    assert stage.answer().text == f"stop of {SYMBOL} at 96.03 requested"


def test_stop_is_moved_only_of_a_position_with_a_mark_and_a_verified_stop() -> None:
    stage = Stage().begin()
    assert refusal(stage, move("95")) == "P01"
    stage.venue.answers.extend(["ok", "sink"])
    stage.tell(buy())
    assert refusal(stage, move("96")) == "A06"
    stage.trader.market.reset()
    assert refusal(stage, move("96")) == "P09"


@pytest.mark.requirement("P15")
@pytest.mark.parametrize(
    ("side", "allowed", "too_far"), [(Side.BUY, "90.1", "89.9"), (Side.SELL, "109.8", "110.1")]
)
def test_stop_is_moved_away_no_further_than_an_entry_may_have_it(
    side: Side, allowed: str, too_far: str
) -> None:
    stage = Stage().begin()  # with 10 of them, 100 of the 10,000 are lost at a distance of 10
    stage.tell(buy("10", side=side, stop="95" if side is Side.BUY else "105"))
    assert refusal(stage, move(too_far)) == "P15"
    assert "would be lost at that stop" in stage.answer().text
    assert refusal(stage, move(allowed)) == ""
    stage.wait(2_000)
    assert stage.stop().trigger_price == Decimal(allowed)


@pytest.mark.requirement("P15")
def test_stop_that_risks_too_much_already_may_come_nearer_and_not_go_away() -> None:
    stage = Stage().begin()
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "100"))  # its stop of 3.5 % risks more
    stage.wait(2_000)
    assert refusal(stage, move("96.4")) == "P15"
    assert refusal(stage, move("97")) == ""


@pytest.mark.requirement("P15")
@pytest.mark.parametrize(("side", "allowed"), [(Side.BUY, "93.1"), (Side.SELL, "106.9")])
def test_stop_is_not_moved_beyond_liquidation(side: Side, allowed: str) -> None:
    stage = Stage().begin()
    stage.tell(buy(side=side, stop="95" if side is Side.BUY else "105"))
    (holding,) = stage.desk.state.portfolio.holdings()
    holding.liquidation_price = Decimal(93 if side is Side.BUY else 107)
    code = refusal(stage, move("93" if side is Side.BUY else "107"))
    assert (code, "would liquidate at" in stage.answer().text) == ("P15", True)
    assert refusal(stage, move(allowed)) == ""


@pytest.mark.requirement("P15")
def test_stop_is_not_moved_away_while_equity_is_not_known() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stage.desk.state.portfolio.worth.wallet = None
    assert refusal(stage, move("94")) == "P15"
    assert refusal(stage, move("96")) == ""


def test_nothing_is_done_about_protection_before_the_venue_has_told_what_we_hold() -> None:
    stage = Stage()
    stage.tell(a_recollection(), RulesUpdate(RULES, NOW_MS), a_mark_price("100"))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"), CLOSE)
    assert (stage.answer().is_accepted, stage.sent()) == (True, [])


@pytest.mark.requirement("P03")
@pytest.mark.requirement("R17")
def test_entry_with_real_money_needs_the_scopes_and_a_reduction_does_not() -> None:
    stage = Stage(is_real_money=True).begin()
    assert refusal(stage, buy()) == "P03"
    allowed = replace(buy(), scopes=(Scope.TRADE, Scope.PRODUCTION))
    assert refusal(stage, allowed) == ""
    assert refusal(stage, buy("0.5", side=Side.SELL, reduce_only=True, stop=None)) == ""


@pytest.mark.requirement("P02")
def test_account_that_was_not_confirmed_gets_no_order_at_all() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    sent = len(stage.sent())
    stage.desk.state.binding_trouble = "the key is another"
    assert refusal(stage, buy("2")) == "P02"
    stage.tell(CLOSE)
    stage.wait(2_000)
    assert len(stage.sent()) == sent
    assert "order.denied" in stage.codes()


@pytest.mark.requirement("P16")
@pytest.mark.requirement("P22")
def test_protective_order_the_gate_denies_is_recorded_and_not_sent() -> None:
    stage = Stage().begin()
    stage.desk.state.rules[SYMBOL] = replace(RULES, tick=Decimal(7))
    stage.desk.state.protection.move(SYMBOL, Decimal(95))
    stop = a_stop_request(close_position=False, quantity="1", trigger_price="95")
    effects = stage.desk.state.register.plan(stop)
    assert not requests(effects)
    order = stage.desk.state.register.of(stop.client_order_id)
    assert order is not None
    assert (order.state, order.reason) == (
        OrderState.REJECTED,
        "P05 trigger 95 is no multiple of 7",
    )
    assert "order.denied" in codes(effects)


def test_protective_order_is_not_held_up_by_filters_that_are_not_known() -> None:
    stage = Stage().begin()
    stage.desk.state.rules.clear()
    stop = a_stop_request(close_position=False, quantity="1", trigger_price="95")
    assert requests(stage.desk.state.register.plan(stop)) == [stop]
