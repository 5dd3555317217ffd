from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.order_views import (
    algo_placed,
    algo_queried,
    amended,
    amendment,
    callback_text,
    cancelled,
    checked,
    forced,
    placed,
    queried,
    traded,
)
from botcore_tui.exchange.sim.orders import OrderType, TimeInForce

AVERAGES = {"avgPrice", "cumQuote", "cumBase"}


def test_replies_to_changes_have_no_averages() -> None:
    order = Stage().at_market(BUY, 10)
    for view in (placed(order, is_final=True), cancelled(order), amended(order, None)):
        assert not AVERAGES & set(view)
    assert set(queried(order)) >= AVERAGES


def test_what_may_rest_is_shown_as_it_was_taken() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, ASK)
    taken = stage.agenda.now_ms
    assert order.executed == 10
    view = placed(order, is_final=True)
    assert (view["status"], view["executedQty"], view["updateTime"]) == ("NEW", "0.000", taken)


def test_what_cannot_rest_is_shown_as_it_ended() -> None:
    order = Stage(balance=100_000).limit(BUY, 2_000, ASK, time_in_force=TimeInForce.IOC)
    assert placed(order, is_final=True)["executedQty"] == "1.000"
    assert placed(order, is_final=True)["status"] == "EXPIRED"
    assert placed(order, is_final=False)["status"] == "NEW"


def test_a_test_order_still_has_averages() -> None:
    view = checked(Stage().at_market(BUY, 10))
    assert (view["cumQuote"], view["avgPrice"]) == ("0", "0.00000")


def test_an_order_without_fills_has_an_average_of_nothing() -> None:
    view = queried(Stage().limit(BUY, 10, BID - 100))
    assert (view["avgPrice"], view["cumQuote"]) == ("0.00000", "0.00000")


def test_a_trailing_stops_order_shows_its_distance() -> None:
    stage = Stage()
    algo = stage.algo(
        OrderType.TRAILING_STOP_MARKET, SELL, lots=10, callback=1_000_000, activate=BID + 100
    )
    view = queried(stage.at_market(SELL, 10), algo)
    assert (view["activatePrice"], view["priceRate"]) == ("61669.70", "1.0")


def test_a_change_may_have_the_clients_number() -> None:
    order = Stage().limit(BUY, 10, BID - 100)
    assert "modifyId" not in amended(order, None)
    assert amended(order, 0)["modifyId"] == 0


def test_a_change_shows_before_and_after() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID - 100)
    stage.venue.desk.amend(order, 20, BID - 200)
    assert amendment(stage.venue.desk.amendments[0])["amendment"] == {
        "price": {"before": "61649.70", "after": "61639.70"},
        "origQty": {"before": "0.010", "after": "0.020"},
        "count": 1,
    }


def test_a_liquidation_is_a_limit_order_to_those_who_ask() -> None:
    stage = Stage()
    stage.at_market(BUY, 10)
    stage.act("liquidation")
    order = list(stage.venue.floor.orders)[-1]
    assert order.original_type is OrderType.LIQUIDATION
    assert (forced(order)["type"], forced(order)["origType"]) == ("LIMIT", "LIMIT")
    assert queried(order)["origType"] == "LIMIT"


def test_a_trade_tells_worth_and_maker() -> None:
    stage = Stage()
    stage.limit(BUY, 10, BID)
    stage.market.trade_with(stage.limit(SELL, 5, ASK + 10, client_id="b").order_id, 5)
    view = traded(stage.user.fills[-1])
    assert (view["maker"], view["buyer"], view["quoteQty"]) == (True, False, "308.30400")
    assert view["commission"] == "0.06166080"


def test_a_stop_that_was_not_triggered_names_no_order() -> None:
    stage = Stage()
    algo = stage.algo(OrderType.STOP_MARKET, SELL, lots=10, trigger=BID - 100)
    view = algo_queried(algo)
    assert (view["actualOrderId"], view["actualPrice"], view["actualType"]) == ("", "0.00000", "")
    assert set(algo_placed(algo)) < set(view)
    assert stage.venue.floor.algos.count_open(BTC) == 1


def test_distances_are_percent() -> None:
    assert [callback_text(rate) for rate in (100_000, 1_000_000, 1_250_000, 20_000_000)] == [
        "0.1",
        "1.0",
        "1.25",
        "20.0",
    ]
