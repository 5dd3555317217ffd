"""Closing at market, one order at a time until it is flat; targets and trails beside the stop."""

from decimal import Decimal
from itertools import pairwise

import pytest
from desk_stage import RULES, UP, Stage, a_mark_price, buy, canceled, codes, reconciles, requests
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, a_request
from recollection_builders import a_position_row, a_recollection, an_intent, an_open_order

from botcore_tui.model.command import CancelOrder, ClosePosition
from botcore_tui.model.event import Effect, Record, RulesUpdate
from botcore_tui.model.ledger import OpenPosition
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderState, OrderType, Purpose, Source
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import Cover

EXIT, STOP, TARGET, TRAIL = Purpose.EXIT, Purpose.STOP, Purpose.TARGET, Purpose.TRAIL
CLOSE = ClosePosition(command_id="x", actor="me", symbol=SYMBOL, time_ms=NOW_MS)


def held(
    quantity: str = "1",
    *,
    side: Side = Side.BUY,
    target: str | None = None,
    trail: str | None = None,
) -> Stage:
    stage = Stage().begin()
    stop = "95" if side is Side.BUY else "105"
    stage.tell(buy(quantity, side=side, stop=stop, target=target, trail=trail))
    assert stage.position().cover is Cover.VERIFIED
    return stage


def forget_all(stage: Stage, *, letter: str) -> None:
    """The venue ends an order of that purpose by itself."""
    name = next(one for one in stage.venue.orders if one.endswith(letter))
    stage.tell(*stage.venue.trigger(name))


# --- at market -----------------------------------------------------------------------------------


def test_close_sends_one_order_that_only_reduces_and_the_stop_stays_until_flat() -> None:
    stage = held()
    stage.venue.is_filling = False
    stage.tell(CLOSE)
    stage.wait(3_000)
    (exit_,) = stage.sent(EXIT)
    assert (exit_.side, exit_.quantity, exit_.reduce_only) == (Side.SELL, Decimal(1), True)
    assert (exit_.type, exit_.actor, exit_.reason) == (OrderType.MARKET, "me", "closed by hand")
    assert len(stage.live(STOP)) == 1
    stage.tell(*stage.venue.fill(exit_.client_order_id))
    stage.wait(1_500)
    assert stage.is_flat()
    assert stage.venue.open_orders() == []


@pytest.mark.requirement("F01")
def test_no_second_exit_is_sent_while_one_is_unknown() -> None:
    stage = held()
    stage.venue.answers.append("sink")
    stage.is_performing = False
    (exit_,) = requests(stage.tell(CLOSE), EXIT)
    for event in stage.venue.place(exit_):
        stage.tell(event)
    assert stage.desk.state.register.unknown(SYMBOL)
    stage.wait(60_000)
    assert len(stage.sent(EXIT)) == 1


@pytest.mark.requirement("F02")
def test_exit_that_never_arrived_is_sent_anew_by_evidence() -> None:
    stage = held()
    stage.venue.answers.append("sink")
    stage.tell(CLOSE)
    stage.wait(20_000)
    assert len(stage.sent(EXIT)) == 2
    assert stage.is_flat()


@pytest.mark.requirement("F03")
def test_no_second_exit_is_sent_while_fills_of_the_first_are_missing() -> None:
    stage = held()
    stage.is_performing = False
    (exit_,) = requests(stage.tell(CLOSE), EXIT)
    stage.venue.place(exit_)
    stage.tell(stage.venue.report(stage.venue.orders[exit_.client_order_id], Source.STREAM))
    stage.wait(10_000)
    assert (len(stage.sent(EXIT)), stage.held()) == (1, Decimal(1))
    stage.is_performing = True
    stage.wait(30_000)
    assert stage.is_flat()


def test_refused_exit_is_tried_again_with_growing_pauses_until_flat() -> None:
    stage = held()
    stage.venue.rule = lambda request: "refuse -1001" if request.purpose is EXIT else "ok"
    effects = stage.tell(CLOSE)
    effects += stage.wait(60_000)
    times = [one.created_ms - NOW_MS for one in stage.sent(EXIT)]
    pauses = [after - before for before, after in pairwise(times)]
    assert [round(pause, -3) for pause in pauses] == [1_000, 2_000, 4_000, 8_000, 16_000]
    assert codes(effects).count("exit.failed") == len(times)
    assert {one.reason for one in reconciles(effects)} >= {"mismatch"}
    stage.wait(180_000)
    times = [one.created_ms - NOW_MS for one in stage.sent(EXIT)]
    assert times[-1] - times[-2] == 30_000
    stage.venue.rule = None
    stage.wait(31_000)
    assert stage.is_flat()


@pytest.mark.requirement("F08")
def test_stop_is_asked_for_between_two_tries_to_close() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: {STOP: "refuse -4120", EXIT: "refuse -1001"}.get(
        request.purpose, "ok"
    )
    stage.tell(buy())
    stage.wait(1_000)
    stage.venue.rule = lambda request: "refuse -1001" if request.purpose is EXIT else "ok"
    stage.wait(2_000)
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.parametrize("code", [-2022, -4118])
def test_exit_that_others_cover_cancels_resting_exits_and_tries_again(code: int) -> None:
    stage = held(target="120", trail="2")
    stage.tell(buy("0.5", side=Side.SELL, price="110", reduce_only=True, stop=None))
    resting = {one.client_order_id for one in stage.venue.open_orders() if one.purpose is not STOP}
    assert len(resting) == 3
    stage.venue.answers.append(f"refuse {code}")
    effects = stage.tell(CLOSE)
    assert set(canceled(effects)) == resting
    assert graves(effects, "exit.failed") == [Severity.WARNING]  # it is on its way out
    stage.wait(2_000)
    assert stage.is_flat()


def test_exit_that_is_refused_again_or_with_nothing_in_its_way_calls_somebody() -> None:
    stage = held()
    stage.venue.answers.extend(["refuse -2022"] * 2)
    effects = stage.tell(CLOSE)
    effects += stage.wait(1_000)
    assert graves(effects, "exit.failed") == [Severity.CRITICAL] * 2


def graves(effects: list[Effect], code: str) -> list[Severity]:
    told = [effect for effect in effects if isinstance(effect, Record) and effect.code == code]
    return [record.severity for record in told]


def test_position_above_the_largest_market_order_is_closed_in_parts() -> None:
    stage = Stage().begin()
    stage.tell(RulesUpdate(replace(RULES, market_max_quantity=Decimal("0.4")), NOW_MS))
    stage.tell(buy("0.4"))
    stage.wait(1_000)
    stage.tell(buy("0.4"))
    stage.wait(1_000)
    stage.tell(buy("0.2"))
    stage.tell(CLOSE)
    stage.wait(1_000)
    assert [one.quantity for one in stage.sent(EXIT)] == [
        Decimal("0.4"),
        Decimal("0.4"),
        Decimal("0.2"),
    ]
    assert stage.is_flat()


def test_position_whose_rules_are_not_known_is_closed_at_once() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.tell(a_recollection(), UP)
    stage.tell(CLOSE)
    assert stage.is_flat()


# --- beside the stop -----------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "target"), [(Side.BUY, "120.04"), (Side.SELL, "79.96")])
def test_target_rests_at_the_venue_as_soon_as_the_stop_is_verified(side: Side, target: str) -> None:
    stage = held(side=side, target=target)
    (order,) = stage.live(TARGET)
    assert (order.type, order.close_position) == (OrderType.TAKE_PROFIT_MARKET, True)
    assert order.trigger_price == Decimal("120.1" if side is Side.BUY else "79.9")
    assert order.side is not side
    stage.wait(20_000)
    assert len(stage.sent(TARGET)) == 1


def test_nothing_takes_profit_before_the_stop_is_verified() -> None:
    stage = Stage().begin()
    stage.venue.answers.extend(["ok", "sink"])
    stage.tell(buy(target="120", trail="2"))
    stage.wait(1_000)
    assert [one.purpose for one in stage.sent()] == [Purpose.ENTRY, STOP]


def test_target_of_an_addition_takes_the_place_of_the_first() -> None:
    stage = held("0.1", target="120")
    stage.tell(buy("0.2", target="130"))
    stage.wait(250)
    assert [one.trigger_price for one in stage.live(TARGET)] == [Decimal(130)]


def test_target_that_the_venue_refuses_is_watched_by_the_engine() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "refuse -4045" if request.purpose is TARGET else "ok"
    stage.tell(buy(target="120"))
    assert "protection.watched" in codes(stage.effects + stage.wait(250))
    stage.move("119.9")
    assert not stage.sent(EXIT)
    stage.move("120")
    assert stage.is_flat()
    assert stage.sent(EXIT)[0].actor == "target"


def test_watched_target_of_a_short_is_below_it() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "refuse -4045" if request.purpose is TARGET else "ok"
    stage.tell(buy(side=Side.SELL, stop="105", target="80"))
    stage.wait(250)
    stage.move("80.1")
    assert not stage.sent(EXIT)
    stage.move("79")
    assert stage.is_flat()


def test_watched_price_waits_for_a_mark() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda one: "refuse -4045" if one.purpose in {TARGET, TRAIL} else "ok"
    stage.tell(buy(target="120", trail="2"))
    stage.wait(250)
    stage.trader.market.reset()
    stage.desk.state._told_marks.clear()
    assert requests(stage.desk._entry.review(SYMBOL)) == []
    stage.move("100")
    assert not stage.sent(EXIT)


@pytest.mark.parametrize("purpose", [TARGET, TRAIL])
def test_profit_order_that_never_left_is_asked_for_again_after_a_pause(purpose: Purpose) -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "fail" if request.purpose is purpose else "ok"
    stage.tell(buy(target="120", trail="2"))
    stage.wait(4_750)
    assert len(stage.sent(purpose)) == 1
    stage.venue.rule = None
    stage.wait(500)
    assert (len(stage.sent(purpose)), len(stage.live(purpose))) == (2, 1)


def test_trail_follows_the_quantity_of_the_position() -> None:
    stage = held("0.5", trail="2")
    (order,) = stage.live(TRAIL)
    assert [order.quantity, order.callback_pct, order.reduce_only] == [Decimal("0.5"), 2, True]
    assert order.type is OrderType.TRAILING_STOP_MARKET
    stage.tell(buy("0.25"))
    stage.wait(250)
    assert [one.quantity for one in stage.live(TRAIL)] == [Decimal("0.75")]


def test_executing_trail_is_let_be() -> None:
    stage = held(trail="2")
    (trail,) = stage.live(TRAIL)
    stage.tell(*stage.venue.trigger(trail.client_order_id, is_executed=False))
    effects = stage.tell(*stage.venue.fill(trail.client_order_id, Decimal("0.5")))
    effects += stage.wait(1_000)
    assert trail.client_order_id not in canceled(effects)
    assert not requests(effects, TRAIL)


@pytest.mark.parametrize(
    ("side", "marks"), [(Side.BUY, ("104", "102.5", "101.9")), (Side.SELL, ("96", "97", "97.95"))]
)
def test_trail_that_the_venue_refuses_is_watched_from_the_best_mark(
    side: Side, marks: tuple[str, ...]
) -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "refuse -4045" if request.purpose is TRAIL else "ok"
    stage.tell(buy(side=side, stop="95" if side is Side.BUY else "105", trail="2"))
    stage.wait(250)
    for mark in marks[:-1]:
        stage.move(mark)
        assert not stage.sent(EXIT)
    stage.move(marks[-1])
    assert stage.is_flat()
    assert stage.sent(EXIT)[0].actor == "trailing stop"


@pytest.mark.parametrize("purpose", [TARGET, TRAIL])
def test_profit_order_that_a_person_cancels_does_not_come_back(purpose: Purpose) -> None:
    stage = held(target="120", trail="2")
    (order,) = stage.live(purpose)
    stage.tell(
        CancelOrder(
            command_id="c", actor="me", client_order_id=order.client_order_id, time_ms=NOW_MS
        )
    )
    stage.wait(20_000)
    assert (stage.live(purpose), len(stage.sent(purpose))) == ([], 1)


def a_left(letter: str, side: Side = Side.SELL) -> OrderRequest:
    """What takes profit, from the run before."""
    is_target = letter == "t"
    return a_request(
        client_order_id=f"bc-r0-3-{letter}",
        side=side,
        order_type=OrderType.TAKE_PROFIT_MARKET if is_target else OrderType.TRAILING_STOP_MARKET,
        purpose=TARGET if is_target else TRAIL,
        quantity="0" if is_target else "1",
        trigger_price="120" if is_target else None,
        close_position=is_target,
        reduce_only=not is_target,
    )


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(("letter", "purpose"), [("t", TARGET), ("r", TRAIL)])
def test_profit_order_of_an_earlier_run_is_not_doubled(letter: str, purpose: Purpose) -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    request = a_left(letter)
    stage.venue.place(request)
    plan = an_intent(stop_price="95", target_price="120", trail_pct="2")
    stage.tell(
        a_recollection(
            orders=[an_open_order(an_intent(request), state=OrderState.OPEN, algo_id=1)],
            positions=[OpenPosition(row=a_position_row(), opened_ms=NOW_MS, plan=plan)],
        ),
        RulesUpdate(RULES, NOW_MS),
        a_mark_price("100"),
        UP,
    )
    stage.wait(10_000)
    assert len(stage.live(purpose)) == 1
    assert stage.sent(purpose) == []


def test_order_whose_end_is_forgotten_is_as_good_as_none() -> None:
    stage = held(target="120")
    stage.desk.state.protection.guard(SYMBOL).target_id = "bc-r0-0-t"
    assert len(requests(stage.wait(250), TARGET)) == 1
