"""Executions of orders that are not known wait, and their orders are asked for."""

from market_builders import SYMBOL
from order_builders import a_fill

from botcore_tui.core.loose_fills import LooseFill, LooseFills
from botcore_tui.model.event import Query
from botcore_tui.model.order import Fill


def nameless(trade_id: int, *, order_id: int = 50) -> Fill:
    return a_fill(trade_id, order_id=order_id, client_order_id="")


def test_order_of_a_loose_fill_is_asked_for_by_number() -> None:
    loose = LooseFills()
    loose.keep(nameless(1), "")
    loose.keep(nameless(2), "")
    query = Query(client_order_id="", symbol=SYMBOL, is_algo=False, order_id=50)
    assert loose.due(0) == [query]
    assert loose.due(14_999) == []
    assert loose.due(15_000) == [query]
    assert loose.due(44_999) == []
    assert loose.due(45_000) == [query]


def test_loose_fills_are_taken_once() -> None:
    loose = LooseFills()
    loose.keep(nameless(1), "late")
    assert loose.take(SYMBOL, 50) == [LooseFill(nameless(1), "late")]
    assert loose.take(SYMBOL, 50) == []
    assert loose.due(0) == []


def test_recorded_fill_waits_without_a_question() -> None:
    loose = LooseFills()
    loose.keep_recorded(nameless(1), "late")
    assert loose.due(0) == []
    assert loose.take(SYMBOL, 50) == [LooseFill(nameless(1), "late", is_recorded=True)]


def test_few_orders_are_asked_for_at_a_time() -> None:
    loose = LooseFills()
    for number in range(8):
        loose.keep(nameless(number, order_id=number), "")
    assert [query.order_id for query in loose.due(0)] == [0, 1, 2, 3, 4]
    assert loose.due(1) == []
    loose.take(SYMBOL, 0)
    assert [query.order_id for query in loose.due(2)] == [5]


def test_name_of_an_order_is_asked_for_too() -> None:
    loose = LooseFills()
    loose.keep(a_fill(1, order_id=50, client_order_id="bc-old-1-e"), "")
    assert loose.due(0)[0].client_order_id == "bc-old-1-e"


def test_fill_that_nobody_claims_is_given_up_once_and_stays_joined() -> None:
    loose = LooseFills()
    loose.keep(nameless(1), "")
    loose.keep_recorded(nameless(2), "late")
    time_ms = 0
    for _ in range(5):
        assert loose.take_hopeless(time_ms) == []
        assert len(loose.due(time_ms)) == 1
        time_ms += 30_000
    hopeless = loose.take_hopeless(time_ms)
    assert [each.fill.trade_id for each in hopeless] == [1]
    assert loose.take_hopeless(time_ms) == []
    assert loose.due(time_ms) == []
    loose.keep(nameless(3), "")
    assert [(each.fill.trade_id, each.is_written) for each in loose.take(SYMBOL, 50)] == [
        (1, True),
        (2, False),
        (3, False),
    ]


def test_oldest_orders_are_dropped_from_a_full_memory() -> None:
    loose = LooseFills(keep=2)
    for number in (1, 2, 3):
        loose.keep(nameless(number, order_id=number), "")
    assert loose.take(SYMBOL, 1) == []
    assert len(loose.take(SYMBOL, 3)) == 1
