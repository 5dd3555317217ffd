"""An order that somebody changes at the venue counts as what it is there, not as what we asked."""

import pytest
from order_builders import NOW_MS, STOP_ID, a_fill, a_stop_request, an_order_report
from order_stage import Stage, audits, states

from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState


def test_amended_order_counts_with_its_new_quantity_and_price() -> None:
    stage = Stage()
    step = stage.process(an_order_report(quantity="3", price="90"))
    order = stage.order
    assert [order.quantity, order.price, order.remaining] == [3, 90, 3]
    assert stage.register.exposure("BTCUSDT", Side.BUY) == 3
    assert audits(step.effects) == ["order.amended"]


def test_same_words_again_are_no_news() -> None:
    stage = Stage()
    stage.process(an_order_report(quantity="3", price="90"))
    assert audits(stage.process(an_order_report(quantity="3", price="90")).effects) == []


def test_word_from_before_the_change_counts_for_nothing() -> None:
    stage = Stage()
    stage.process(an_order_report(quantity="3", price="90", time_ms=NOW_MS + 5))
    stage.process(an_order_report(time_ms=NOW_MS))
    assert stage.order.quantity == 3


def test_amended_order_is_filled_when_all_of_it_is() -> None:
    stage = Stage()
    stage.process(an_order_report(quantity="2"))
    first = stage.process(a_fill(quantity="1", trade_id=1))
    second = stage.process(a_fill(quantity="1", trade_id=2))
    assert states(first.effects) == [OrderState.PARTLY_FILLED]
    assert states(second.effects) == [OrderState.FILLED]
    assert "order.overfill" not in audits(second.effects)


@pytest.mark.parametrize("quantity", ["0", "5"])
def test_what_a_stop_became_changes_nothing_of_the_stop(quantity: str) -> None:
    stage = Stage(a_stop_request())
    stage.process(an_order_report(client_order_id=STOP_ID, quantity=quantity, word="MARKET"))
    assert stage.order.quantity == a_stop_request().quantity
