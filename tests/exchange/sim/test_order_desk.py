import pytest
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.orders import OrderType, Status, Ticket, TimeInForce
from botcore_tui.exchange.sim.refusals import RefusalError


def test_a_limit_order_that_meets_nobody_rests() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID - 10)
    assert (order.status, order.working) == (Status.NEW, 10)
    assert stage.market.book.bids.levels[BID - 10] == 10
    assert stage.user.news == ["a NEW NEW 0/10"]
    assert stage.venue.order(BTC, order.order_id) is order
    assert stage.venue.order(BTC, client_id="a") is order
    assert stage.venue.order("ETHUSDT", order.order_id) is None
    assert stage.venue.order(BTC, 5) is None


def test_cancelling_takes_an_order_off_the_book() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID - 10)
    assert stage.venue.desk.cancel(order) is order
    assert order.status is Status.CANCELED
    assert BID - 10 not in stage.market.book.bids.levels
    with pytest.raises(RefusalError) as refusal:
        stage.venue.desk.cancel(order)
    assert refusal.value.code == -2011


def test_cancelling_all_leaves_other_symbols_and_conditional_orders_alone() -> None:
    stage = Stage(symbols=2)
    stage.limit(BUY, 10, BID - 10)
    stage.limit(BUY, 10, BID - 11, client_id="b")
    stage.algo(OrderType.STOP_MARKET, SELL, lots=5, trigger=BID - 500)
    ticket = Ticket(side=BUY, type=OrderType.LIMIT, lots=100, ticks=263_000)
    other = stage.venue.desk.place("ETHUSDT", ticket)
    assert stage.venue.desk.cancel_all(BTC) == 2
    assert stage.venue.floor.orders.open() == [other]
    assert stage.venue.floor.algos.count_open() == 1
    assert len(other.client_id) == 22
    with pytest.raises(RefusalError) as refusal:
        stage.venue.desk.cancel_all("DOGEUSDT")
    assert refusal.value.code == -1121


def test_the_countdown_cancels_when_it_runs_out() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID - 10)
    stage.venue.desk.count_down(BTC, 1_000)
    stage.agenda.advance(stage.agenda.now_ms + 900)
    stage.venue.desk.count_down(BTC, 1_000)
    stage.agenda.advance(stage.agenda.now_ms + 900)
    assert order.is_open
    stage.agenda.advance(stage.agenda.now_ms + 100)
    assert order.status is Status.CANCELED


def test_a_countdown_of_zero_calls_it_off() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID - 10)
    stage.venue.desk.count_down(BTC, 1_000)
    stage.venue.desk.count_down(BTC, 0)
    stage.agenda.advance(stage.agenda.now_ms + 5_000)
    assert order.is_open


def test_an_amended_order_goes_to_the_back_of_the_queue() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID - 1)
    stage.limit(BUY, 10, BID, client_id="b")
    stage.venue.desk.amend(order, 12, BID)
    assert stage.market.book.ahead(order.order_id) == 1_010
    assert (order.lots, order.ticks, order.amendments) == (12, BID, 1)
    assert stage.user.news[-1] == "a AMENDMENT NEW 0/12"
    amendment = stage.venue.desk.amendments[0]
    assert (amendment.ticks_before, amendment.lots_before, amendment.number) == (BID - 1, 10, 1)


def test_an_amended_order_may_trade_at_once() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID)
    stage.venue.desk.amend(order, 10, ASK)
    assert order.status is Status.FILLED


def test_an_amendment_cancels_what_would_be_filled_or_would_take() -> None:
    stage = Stage()
    filled = stage.limit(BUY, 10, BID)
    stage.market.crowd_take(SELL, 1_004, BID)
    assert stage.venue.desk.amend(filled, 4, BID).status is Status.CANCELED
    posted = stage.limit(BUY, 10, BID - 2, time_in_force=TimeInForce.GTX)
    assert stage.venue.desk.amend(posted, 10, ASK).status is Status.CANCELED


def test_a_test_order_changes_nothing() -> None:
    stage = Stage()
    ticket = Ticket(side=BUY, type=OrderType.LIMIT, lots=10, ticks=BID)
    stage.venue.desk.test(BTC, ticket)
    assert stage.user.news == []
    assert len(stage.venue.floor.orders) == 0


@pytest.mark.requirement("F04")
def test_cancel_race_fills_the_rest_and_answers_unknown_order() -> None:
    stage = Stage()
    stage.arm("cancel-race")
    order = stage.limit(BUY, 10, BID - 3)
    with pytest.raises(RefusalError) as refusal:
        stage.venue.desk.cancel(order)
    assert refusal.value.code == -2011
    assert (order.status, stage.held) == (Status.FILLED, 10)
