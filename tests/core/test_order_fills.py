"""Every execution counts once, belongs to its order, and has one row in the ledger."""

import itertools
from decimal import Decimal

import pytest
from order_builders import (
    ENTRY_ID,
    NOW_MS,
    STOP_ID,
    a_fill,
    a_picture,
    a_stop_request,
    a_symbol_account,
    an_algo_report,
    an_order_report,
)
from order_stage import Stage, a_bare_register, audits, fill_rows, filled, queries, states

from botcore_tui.core.order_fills import check_overfill
from botcore_tui.core.orders import OrderEvent, Step
from botcore_tui.model.ledger import KnownTrade
from botcore_tui.model.order import AlgoStatus, Fill, OrderState, Source, VenueStatus


def nameless(trade_id: int, *, order_id: int = 11, quantity: str = "1") -> Fill:
    return a_fill(
        trade_id,
        source=Source.QUERY,
        order_id=order_id,
        client_order_id="",
        quantity=quantity,
    )


@pytest.mark.requirement("F03")
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_fills_reports_and_reply_lead_to_the_same_end_in_any_order(order: list[int]) -> None:
    events: list[OrderEvent] = [
        a_fill(1, quantity="0.4"),
        a_fill(2, quantity="0.6"),
        an_order_report(source=Source.REPLY),
        an_order_report(status=VenueStatus.FILLED, filled_quantity="1"),
    ]
    stage = Stage()
    step = stage.process(*(events[index] for index in order), *events)
    assert stage.state is OrderState.FILLED
    assert sorted(filled(step)) == [(1, Decimal("0.4")), (2, Decimal("0.6"))]
    assert sorted(fill_rows(step.effects)) == [(1, ENTRY_ID, ""), (2, ENTRY_ID, "")]
    assert stage.register.fills_after("BTCUSDT", 0) == 1
    assert audits(step.effects) == []


def test_fill_after_the_cancel_counts_and_the_end_stays() -> None:
    stage = Stage()
    stage.process(an_order_report(status=VenueStatus.CANCELED, filled_quantity="0.4"))
    step = stage.process(a_fill(quantity="0.4"))
    assert stage.state is OrderState.CANCELED
    assert filled(step) == [(1, Decimal("0.4"))]
    assert stage.order.filled_quantity == Decimal("0.4")


def test_fills_of_all_of_a_cancelled_order_make_it_filled() -> None:
    stage = Stage()
    stage.process(an_order_report(status=VenueStatus.CANCELED))
    assert states(stage.process(a_fill()).effects) == [OrderState.FILLED]


def test_overfill_counts_and_is_told_for_each_further_quantity() -> None:
    stage = Stage()
    stage.process(a_fill(1))
    step = stage.process(a_fill(2, quantity="0.5"))
    assert audits(step.effects) == ["order.overfill"]
    assert filled(step) == [(2, Decimal("0.5"))]
    assert stage.order.remaining == 0
    again = Step()
    check_overfill(stage.order, NOW_MS, again)
    assert again.effects == []
    assert audits(stage.process(a_fill(3, quantity="0.1")).effects) == ["order.overfill"]


def test_report_of_more_than_was_asked_for_is_an_overfill() -> None:
    step = Stage().process(an_order_report(status=VenueStatus.FILLED, filled_quantity="2"))
    assert audits(step.effects) == ["order.overfill"]


def test_closing_of_all_has_no_overfill() -> None:
    stage = Stage(a_stop_request())
    step = stage.process(a_fill(client_order_id=STOP_ID, quantity="7"))
    assert stage.state is OrderState.PARTLY_FILLED
    assert audits(step.effects) == []


def test_fill_of_an_unknown_number_counts_at_once_and_is_joined_later() -> None:
    stage = Stage()
    step = stage.process(nameless(1, quantity="0.4"))
    assert [(new.fill.trade_id, new.order) for new in step.fills] == [(1, None)]
    assert fill_rows(step.effects) == []
    assert [(one.client_order_id, one.order_id) for one in queries(step.effects)] == [("", 11)]
    assert stage.process(nameless(1, quantity="0.4")) == Step()
    step = stage.process(an_order_report(source=Source.QUERY, filled_quantity="0.4"))
    assert step.fills == []
    assert fill_rows(step.effects) == [(1, ENTRY_ID, "")]
    assert stage.order.fills_quantity == Decimal("0.4")
    assert stage.state is OrderState.PARTLY_FILLED
    assert queries(stage.tick(60_000).effects) == []


def test_repeated_fill_that_tells_a_name_joins_the_first() -> None:
    stage = Stage()
    stage.process(nameless(1))
    step = stage.process(a_fill(1))
    assert step.fills == []
    assert fill_rows(step.effects) == [(1, ENTRY_ID, "")]
    assert stage.state is OrderState.FILLED


def test_fill_of_the_order_that_a_stop_became_is_joined_by_number() -> None:
    stage = Stage(a_stop_request())
    stage.process(an_algo_report(status=AlgoStatus.TRIGGERED, order_id=31))
    step = stage.process(nameless(1, order_id=31))
    assert fill_rows(step.effects) == [(1, STOP_ID, "")]


@pytest.mark.requirement("F10")
def test_fill_with_a_name_of_others_is_foreign_at_once() -> None:
    stage = Stage()
    step = stage.process(nameless(1, order_id=70), a_fill(2, order_id=70, client_order_id="web_1"))
    assert [new.order for new in step.fills] == [None, None]
    assert fill_rows(step.effects) == [(1, "", "foreign"), (2, "", "foreign")]
    step = stage.process(nameless(3, order_id=70))
    assert fill_rows(step.effects) == [(3, "", "foreign")]
    assert queries(step.effects) == []


def test_answer_about_an_order_of_others_settles_its_fills() -> None:
    register = a_bare_register()
    register.process(nameless(1, order_id=70), NOW_MS)
    report = an_order_report(source=Source.QUERY, client_order_id="web_1", order_id=70)
    step = register.process(report, NOW_MS)
    assert fill_rows(step.effects) == [(1, "", "foreign")]
    assert audits(step.effects) == ["order.foreign"]
    assert queries(register.on_tick(NOW_MS + 60_000).effects) == []


def test_conditional_order_of_others_has_no_number_that_fills_could_have() -> None:
    register = a_bare_register()
    register.process(an_algo_report(client_order_id="web_2"), NOW_MS)
    step = register.process(nameless(1, order_id=70), NOW_MS)
    assert fill_rows(step.effects) == []
    assert [one.client_order_id for one in register.foreign.values()] == ["web_2"]


def test_fill_that_nobody_claims_gets_its_row_in_the_end() -> None:
    stage = Stage()
    stage.process(nameless(1, order_id=70))
    effects = [effect for _ in range(6) for effect in stage.tick(30_000).effects]
    assert fill_rows(effects) == [(1, "", "foreign")]
    assert "fill.unclaimed" in audits(effects)
    late = stage.process(an_order_report(client_order_id=ENTRY_ID, order_id=70))
    assert fill_rows(late.effects) == []
    assert stage.order.fills_quantity == 1


def test_fill_with_our_prefix_of_an_order_not_known_is_asked_about_by_name() -> None:
    register = a_bare_register()
    step = register.process(a_fill(client_order_id="bc-old-1-e"), NOW_MS)
    assert [one.client_order_id for one in queries(step.effects)] == ["bc-old-1-e"]
    step = register.process(
        an_order_report(client_order_id="bc-old-1-e", status=VenueStatus.FILLED), NOW_MS
    )
    assert fill_rows(step.effects) == [(1, "bc-old-1-e", "")]
    assert audits(step.effects) == ["order.adopted"]


def test_fill_of_an_order_forgotten_long_ago_keeps_its_name() -> None:
    stage = Stage()
    stage.register._index._keep_ended = 0
    stage.process(an_order_report(status=VenueStatus.CANCELED))
    assert stage.register.of(ENTRY_ID) is None
    step = stage.process(a_fill())
    assert fill_rows(step.effects) == [(1, ENTRY_ID, "late")]
    assert stage.process(an_order_report()).effects == []


def test_fills_learned_in_a_reconciliation_are_late() -> None:
    stage = Stage()
    stage.process(an_order_report())
    account = a_symbol_account(quantity="1", last_trade_id=1, fills=(nameless(1),))
    step = stage.register.reconcile(a_picture(symbols=(account,)), NOW_MS)
    assert fill_rows(step.effects) == [(1, ENTRY_ID, "late")]
    assert filled(step) == [(1, Decimal(1))]


def test_trades_from_before_our_time_change_nothing() -> None:
    register = a_bare_register()
    account = a_symbol_account(last_trade_id=2, fills=(nameless(1), nameless(2, order_id=12)))
    step = register.reconcile(a_picture(symbols=(account,)), NOW_MS)
    assert (step.effects, step.fills) == ([], [])
    assert register.fills_after("BTCUSDT", 0) == 0
    later = a_symbol_account(last_trade_id=3, fills=(nameless(3),))
    step = register.reconcile(a_picture(symbols=(later,)), NOW_MS)
    assert filled(step) == [(3, Decimal(1))]


def test_trades_that_an_order_of_ours_may_have_made_count_from_the_start() -> None:
    stage = Stage()
    old = a_fill(1, order_id=5, client_order_id="", time_ms=NOW_MS - 60_001)
    account = a_symbol_account(last_trade_id=2, fills=(old, nameless(2)))
    step = stage.register.reconcile(a_picture(symbols=(account,)), NOW_MS)
    assert filled(step) == [(2, Decimal(1))]


def test_trade_of_the_ledger_completes_its_order_and_no_position() -> None:
    register = a_bare_register()
    register.recall(KnownTrade("BTCUSDT", 9))
    register.process(nameless(8), NOW_MS)
    report = an_order_report(status=VenueStatus.FILLED, filled_quantity="1")
    step = register.process(report, NOW_MS)
    assert step.fills == []
    order = register.of(ENTRY_ID)
    assert order is not None
    assert not order.misses_fills
    assert fill_rows(step.effects) == [(8, ENTRY_ID, "late")]


def test_trade_of_the_ledger_that_is_foreign_has_its_row_already() -> None:
    register = a_bare_register()
    register.recall(KnownTrade("BTCUSDT", 9))
    register.process(nameless(8), NOW_MS)
    step = register.process(an_order_report(client_order_id="web_1"), NOW_MS)
    assert fill_rows(step.effects) == []
