"""The register: planned once, sent once, restored, compared with what the venue lists."""

from collections.abc import Sequence

import pytest
from order_builders import (
    ENTRY_ID,
    NOW_MS,
    STOP_ID,
    a_fill,
    a_picture,
    a_request,
    a_stop_request,
    a_submit_failed,
    a_symbol_account,
    an_algo_report,
    an_order_report,
)
from order_stage import Stage, a_bare_register, audits, fill_rows, filled, queries, states
from recollection_builders import an_intent, an_open_order

from botcore_tui.model.event import Append, Submit
from botcore_tui.model.ledger import IntentRow, KnownTrade, OrderRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoStatus,
    OrderReport,
    OrderState,
    Purpose,
    Source,
    VenueStatus,
)


def test_plan_is_recorded_before_it_is_sent() -> None:
    register = a_bare_register()
    request = a_request(client_order_id=register.ids.next(Purpose.ENTRY))
    intent, row, submit = register.plan(request, stop_price=request.price)
    assert isinstance(intent, Append)
    assert intent.row == IntentRow(
        request=request, stop_price=request.price, target_price=None, trail_pct=None
    )
    assert isinstance(row, Append)
    assert isinstance(row.row, OrderRow)
    assert row.row.state is OrderState.PLANNED
    assert submit == Submit(request)
    assert register.exposure("BTCUSDT", Side.BUY) == 1
    order = register.of(request.client_order_id)
    assert order is not None
    assert order.stop_price == request.price


def test_no_order_is_planned_twice() -> None:
    stage = Stage()
    with pytest.raises(ValueError, match="used already"):
        stage.register.plan(a_request())


def test_planned_order_waits_for_the_executor() -> None:
    stage = Stage(is_sent=False)
    assert stage.tick(60_000).effects == []
    assert stage.state is OrderState.PLANNED


@pytest.mark.requirement("A08")
def test_order_in_flight_for_five_seconds_is_unknown_and_asked_for() -> None:
    stage = Stage()
    assert stage.tick(5_000).effects == []
    step = stage.tick(1)
    assert states(step.effects) == [OrderState.UNKNOWN]
    assert len(queries(step.effects)) == 1
    assert stage.register.unknown() == [stage.order]
    assert stage.register.unknown("OTHER") == []


@pytest.mark.requirement("F03")
def test_reply_after_the_stream_changes_nothing() -> None:
    stage = Stage()
    stage.process(a_fill(), an_order_report(status=VenueStatus.FILLED, filled_quantity="1"))
    step = stage.process(an_order_report(source=Source.REPLY))
    assert (step.effects, step.changed, step.fills) == ([], [], [])


def test_reply_alone_does_not_verify_an_order() -> None:
    stage = Stage(a_stop_request())
    stage.process(an_algo_report(source=Source.REPLY))
    assert stage.state is OrderState.OPEN
    assert [one.is_verified for one in stage.register.open()] == [False]
    assert stage.order.algo_id == 21
    assert len(queries(stage.tick(1_000).effects)) == 1
    step = stage.process(an_algo_report(source=Source.QUERY))
    assert step.changed == [stage.order]
    assert stage.order.is_verified
    assert queries(stage.tick(60_000).effects) == []


@pytest.mark.parametrize("status", [AlgoStatus.TRIGGERING, AlgoStatus.TRIGGERED])
def test_triggered_order_is_asked_for_if_nothing_follows(status: AlgoStatus) -> None:
    stage = Stage(a_stop_request())
    stage.process(an_algo_report(), an_algo_report(status=status))
    assert stage.state is OrderState.TRIGGERED
    assert len(queries(stage.tick(1_000).effects)) == 1


def test_finished_order_is_asked_for_at_once_where_it_is_now() -> None:
    stage = Stage(a_stop_request())
    step = stage.process(an_algo_report(status=AlgoStatus.FINISHED, order_id=31))
    assert stage.state is OrderState.TRIGGERED
    assert [(one.is_algo, one.order_id) for one in queries(step.effects)] == [(False, 31)]
    step = stage.process(
        an_algo_report(source=Source.QUERY, status=AlgoStatus.FINISHED, order_id=31)
    )
    assert queries(step.effects) == []


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (AlgoStatus.CANCELED, OrderState.CANCELED),
        (AlgoStatus.EXPIRED, OrderState.EXPIRED),
        (AlgoStatus.REJECTED, OrderState.REJECTED),
    ],
)
def test_conditional_order_ends_with_the_venues_reason(
    status: AlgoStatus, state: OrderState
) -> None:
    stage = Stage(a_stop_request())
    stage.process(an_algo_report(status=status, detail="Reduce Only reject"))
    assert stage.state is state
    assert stage.order.reason == "Reduce Only reject"
    assert stage.process(an_algo_report()).effects == []


def test_order_of_the_book_with_the_same_name_is_what_a_stop_became() -> None:
    stage = Stage(a_stop_request())
    stage.process(an_algo_report())
    new = an_order_report(client_order_id=STOP_ID, order_id=31, quantity="1")
    assert states(stage.process(new).effects, STOP_ID) == [OrderState.TRIGGERED]
    assert stage.order.order_id == 31
    step = stage.process(
        a_fill(order_id=31, client_order_id=STOP_ID),
        an_order_report(
            client_order_id=STOP_ID,
            order_id=31,
            status=VenueStatus.FILLED,
            filled_quantity="1",
        ),
    )
    assert states(step.effects, STOP_ID) == [OrderState.PARTLY_FILLED, OrderState.FILLED]


def test_second_order_of_one_name_is_told_once_and_not_mistaken() -> None:
    stage = Stage()
    stage.process(an_order_report(status=VenueStatus.CANCELED))
    copy = an_order_report(order_id=99)
    step = stage.process(copy, copy)
    assert audits(step.effects) == ["order.duplicate"]
    assert stage.state is OrderState.CANCELED


# --- restart ---------------------------------------------------------------------------------


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("state", [OrderState.PLANNED, OrderState.IN_FLIGHT, OrderState.UNKNOWN])
def test_unanswered_order_of_an_earlier_run_is_unknown_and_asked_for(state: OrderState) -> None:
    register = a_bare_register()
    step = register.restore(an_open_order(state=state), NOW_MS + 1_000)
    order = register.of(ENTRY_ID)
    assert order is not None
    assert order.state is OrderState.UNKNOWN
    assert len(queries(step.effects)) == 1
    assert states(step.effects) == ([OrderState.UNKNOWN] if state is not order.state else [])
    assert order.expires_ms == NOW_MS + 6_000
    assert register.counts.is_balanced


def test_resting_order_of_an_earlier_run_needs_to_be_seen() -> None:
    register = a_bare_register()
    intent = an_intent(a_stop_request())
    step = register.restore(an_open_order(intent, algo_id=21), NOW_MS)
    order = register.of(STOP_ID)
    assert order is not None
    assert (order.state, order.algo_id, order.is_verified) == (OrderState.OPEN, 21, False)
    assert step.effects == []
    register.reconcile(a_picture(algo_orders=(an_algo_report(source=Source.LIST),)), NOW_MS)
    assert order.is_verified


def test_fills_that_the_ledger_has_complete_a_restored_order_once() -> None:
    register = a_bare_register()
    register.recall(KnownTrade("BTCUSDT", 5))
    state = OrderState.PARTLY_FILLED
    step = register.restore(an_open_order(state=state, order_id=11, filled_quantity="0.5"), NOW_MS)
    assert len(queries(step.effects)) == 1
    for trade_id in (5, 6):
        fill = a_fill(trade_id, source=Source.QUERY, client_order_id="", quantity="0.5")
        step = register.process(fill, NOW_MS)
    assert filled(step)[0][0] == 6
    order = register.of(ENTRY_ID)
    assert order is not None
    assert order.state is OrderState.FILLED
    assert register.fills_after("BTCUSDT", 0) == order.fills_quantity - order.told_quantity


def test_ended_order_of_an_earlier_run_that_misses_fills_is_asked_for() -> None:
    register = a_bare_register()
    ended = an_open_order(state=OrderState.FILLED, order_id=11, filled_quantity="1")
    step = register.restore(ended, NOW_MS)
    assert len(queries(step.effects)) == 1
    assert register.open() == []
    step = register.process(a_fill(source=Source.QUERY, client_order_id=""), NOW_MS)
    assert fill_rows(step.effects) == [(1, ENTRY_ID, "")]
    assert not register.misses_fills("BTCUSDT")


# --- reconciliation --------------------------------------------------------------------------


def resting() -> Stage:
    stage = Stage()
    stage.process(an_order_report())
    return stage


def listed_again(stage: Stage, orders: Sequence[OrderReport] | None, listed: str = "") -> int:
    """How many questions a later listing leads to."""
    stage.time_ms += 10_000
    symbols = (listed,) if listed else ()
    picture = a_picture(asked_ms=stage.time_ms, orders=orders, listed=symbols)
    step = stage.register.reconcile(picture, stage.time_ms)
    return len(queries(step.effects))


@pytest.mark.requirement("A09")
def test_order_that_a_listing_has_not_is_asked_for_and_not_given_up() -> None:
    stage = resting()
    assert listed_again(stage, ()) == 1
    assert stage.state is OrderState.OPEN
    assert [one.is_absent for one in stage.register.open()] == [True]
    stage.process(an_order_report(source=Source.QUERY))
    assert not stage.order.is_absent
    assert not stage.order.is_doubted


def test_order_that_is_listed_is_not_asked_for() -> None:
    assert listed_again(resting(), (an_order_report(source=Source.LIST),)) == 0


def test_order_that_no_listing_covers_is_not_asked_for() -> None:
    assert listed_again(resting(), None) == 0
    assert listed_again(resting(), (), "OTHER") == 0
    assert listed_again(resting(), (), "BTCUSDT") == 1


def test_order_that_is_newer_than_the_question_is_not_missed() -> None:
    stage = resting()
    step = stage.register.reconcile(a_picture(asked_ms=NOW_MS - 1), NOW_MS)
    assert queries(step.effects) == []


def test_order_in_flight_is_not_missed() -> None:
    assert listed_again(Stage(), ()) == 0


@pytest.mark.requirement("F10")
def test_listed_orders_of_others_are_kept_apart() -> None:
    stage = resting()
    web = an_order_report(source=Source.LIST, client_order_id="web_1", order_id=70)
    listed_again(stage, (web, an_order_report(source=Source.LIST)))
    assert list(stage.register.foreign.values()) == [web]
    assert stage.register.open() == [stage.order]
    listed_again(stage, (an_order_report(source=Source.LIST),))
    assert stage.register.foreign == {}


def test_entries_are_the_open_orders_that_may_raise_a_position() -> None:
    register = a_bare_register()
    for purpose, symbol in ((Purpose.ENTRY, "A"), (Purpose.ENTRY, "B"), (Purpose.EXIT, "A")):
        name = register.ids.next(purpose)
        register.plan(a_request(client_order_id=name, symbol=symbol, purpose=purpose))
    first, second, _ = register.open()
    assert register.entries() == [first, second]
    assert (register.entries("B"), register.entries("C")) == ([second], [])


def test_order_of_ours_that_is_not_known_is_adopted() -> None:
    register = a_bare_register()
    stray = an_algo_report(source=Source.LIST, client_order_id="bc-old-9-s")
    step = register.reconcile(a_picture(algo_orders=(stray,)), NOW_MS)
    assert audits(step.effects) == ["order.adopted"]
    order = register.of("bc-old-9-s")
    assert order is not None
    assert (order.request.purpose, order.is_verified) == (Purpose.STOP, True)
    assert register.counts.is_balanced
    intent = IntentRow(order.request, stop_price=None, target_price=None, trail_pct=None)
    assert step.effects[0] == Append(intent), "a later session must ask for its end"
    assert len(register.cancel("bc-old-9-s", NOW_MS)) == 1


def test_recent_orders_come_newest_first() -> None:
    stage = Stage()
    stage.process(a_submit_failed())
    stage.register.plan(a_request(client_order_id="bc-r1-2-e"))
    stage.process(an_order_report(client_order_id="bc-r1-2-e", order_id=12))
    for name, number in (("bc-r1-2-e", 12), (ENTRY_ID, 11)):
        ended = an_order_report(client_order_id=name, order_id=number, status=VenueStatus.CANCELED)
        stage.process(ended)
    assert [order.client_order_id for order in stage.register.recent(9)] == [
        ENTRY_ID,
        "bc-r1-2-e",
    ]


def test_execution_after_the_first_session_began_is_recorded_whoever_caused_it() -> None:
    register = a_bare_register()
    register.since_ms = NOW_MS
    before = a_fill(1, order_id=5, source=Source.QUERY, time_ms=NOW_MS - 1)
    after = a_fill(2, order_id=5, source=Source.QUERY, time_ms=NOW_MS)
    account = a_symbol_account(fills=[before, after], last_trade_id=2)
    step = register.reconcile(a_picture(symbols=[account]), NOW_MS)
    assert [new.fill for new in step.fills] == [after]
