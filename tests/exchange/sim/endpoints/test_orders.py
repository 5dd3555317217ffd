import json

import pytest
from sim_rest import A_BID, ORDER, Json, RestStage
from sim_stage import ASK, BID, BUY, SELL

V1 = "/fapi/v1/"
BATCH = V1 + "batchOrders"
BTC: Json = {"symbol": "BTCUSDT"}


def test_an_order_is_placed() -> None:
    stage = RestStage()
    view = stage.order(newClientOrderId="a").view
    order = stage.venue.order("BTCUSDT", client_id="a")
    assert order is not None
    assert (order.order_id, order.lots, order.ticks) == (view["orderId"], 10, 610_001)


@pytest.mark.parametrize(
    ("parameters", "status", "executed"),
    [
        ({"type": "MARKET", "timeInForce": None, "price": None}, "FILLED", "0.010"),
        ({"timeInForce": "IOC"}, "EXPIRED", "0.000"),
        ({"timeInForce": "IOC", "price": "61700"}, "FILLED", "0.010"),
        ({"timeInForce": "FOK", "price": "61700"}, "FILLED", "0.010"),
        ({"price": "61700"}, "NEW", "0.000"),
        ({}, "NEW", "0.000"),
    ],
)
def test_a_result_is_told_of_what_cannot_rest_if_it_is_asked_for(
    parameters: Json, status: str, executed: str
) -> None:
    result = RestStage().order(**parameters, newOrderRespType="RESULT").view
    assert (result["status"], result["executedQty"], result["cumQty"]) == (
        status,
        executed,
        executed,
    )
    for response in ({"newOrderRespType": "ACK"}, {}):
        view = RestStage().order(**{**parameters, **response}).view
        assert (view["status"], view["executedQty"]) == ("NEW", "0.000")


def test_a_test_order_is_checked_and_not_placed() -> None:
    stage = RestStage()
    view = stage.ask("POST", ORDER + "/test", **A_BID).view
    assert (view["status"], view["avgPrice"]) == ("NEW", "0.00000")
    assert stage.ask("POST", ORDER + "/test", **{**A_BID, "quantity": "5"}).code == -2019
    assert stage.ask("POST", ORDER + "/test", **{**A_BID, "type": "STOP"}).code == -4120
    assert len(stage.venue.floor.orders) == 0


@pytest.mark.parametrize("by", ["orderId", "origClientOrderId"])
def test_an_order_is_changed_by_either_id(by: str) -> None:
    stage = RestStage()
    order = stage.limit(BUY, 10, BID - 100)
    name = {"orderId": order.order_id, "origClientOrderId": "a"}[by]
    parameters: Json = {"side": "BUY", "quantity": "0.020", "price": "61000", by: name}
    view = stage.ask("PUT", ORDER, **BTC, **parameters, modifyId=7).view
    assert (view["origQty"], view["price"], view["modifyId"]) == ("0.020", "61000.00", 7)
    assert (order.lots, order.ticks) == (20, 610_000)


def test_a_change_must_name_the_orders_side() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    change: Json = {"origClientOrderId": "a", "quantity": "0.020", "price": "61000"}
    assert stage.ask("PUT", ORDER, **BTC, **change, side="SELL").code == -1117
    assert stage.ask("PUT", ORDER, **BTC, **change).code == -1102


def test_an_unknown_order_is_not_changed() -> None:
    change: Json = {"side": "BUY", "quantity": "0.020", "price": "61000"}
    assert RestStage().ask("PUT", ORDER, **BTC, **change, orderId=1).code == -2013


def test_a_reduce_only_order_may_be_changed_as_one() -> None:
    stage = RestStage()
    stage.at_market(BUY, 20)
    stage.limit(SELL, 10, ASK + 100, reduce_only=True)
    change: Json = {"origClientOrderId": "a", "side": "SELL", "quantity": "0.02", "price": "61800"}
    assert stage.ask("PUT", ORDER, **BTC, **change, reduceOnly="true").status == 200


def test_the_venues_id_wins_over_the_clients() -> None:
    stage = RestStage(symbols=2)
    first = stage.limit(BUY, 10, BID - 100, client_id="a")
    stage.limit(BUY, 10, BID - 100, client_id="b")
    ids: Json = {"orderId": first.order_id, "origClientOrderId": "b"}
    assert stage.ask("DELETE", ORDER, **BTC, **ids).view["clientOrderId"] == "a"
    assert stage.ask("DELETE", ORDER, symbol="ETHUSDT", origClientOrderId="b").code == -2011
    assert stage.ask("DELETE", ORDER, **BTC, orderId=0, origClientOrderId="b").code == -2011
    assert stage.ask("DELETE", ORDER, **BTC).code == -1102


def test_a_cancelled_order_says_so_and_is_cancelled_once() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    cancel: Json = {**BTC, "origClientOrderId": "a"}
    assert stage.ask("DELETE", ORDER, **cancel).view["status"] == "CANCELED"
    assert stage.ask("DELETE", ORDER, **cancel).code == -2011


def test_all_orders_of_a_symbol_are_cancelled_and_stops_stay() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    stage.ask("POST", V1 + "algoOrder", **BTC, algoType="CONDITIONAL", side="SELL",
              type="STOP_MARKET", quantity="0.01", triggerPrice="60000")  # fmt: skip
    answer = stage.ask("DELETE", V1 + "allOpenOrders", **BTC).view
    assert answer == {"code": 200, "msg": "The operation of cancel all open order is done."}
    floor = stage.venue.floor
    assert (floor.orders.count_open(), floor.algos.count_open()) == (0, 1)


@pytest.mark.requirement("P13")
def test_a_countdown_cancels_unless_it_is_renewed_or_called_off() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    path, start = V1 + "countdownCancelAll", stage.agenda.now_ms
    view = stage.ask("POST", path, **BTC, countdownTime=1_000).view
    assert view == {"symbol": "BTCUSDT", "countdownTime": "1000"}
    stage.agenda.advance(start + 999)
    stage.ask("POST", path, **BTC, countdownTime=1_000)
    stage.agenda.advance(start + 1_500)
    stage.ask("POST", path, **BTC, countdownTime=0)
    stage.agenda.advance(start + 9_000)
    assert stage.venue.floor.orders.count_open() == 1
    stage.ask("POST", path, **BTC, countdownTime=1_000)
    stage.agenda.advance(start + 10_000)
    assert stage.venue.floor.orders.count_open() == 0
    assert stage.ask("POST", path, **BTC, countdownTime=-1).code == -1130


def test_a_batch_is_answered_in_order_whatever_becomes_of_each() -> None:
    stage = RestStage()
    orders = [
        {**A_BID, "newClientOrderId": "first", "reduceOnly": False},
        {**A_BID, "quantity": "9"},
        {**A_BID, "price": 61000.5, "quantity": 0.01, "newClientOrderId": None},
    ]
    first, second, third = stage.ask("POST", BATCH, batchOrders=json.dumps(orders)).rows
    assert (first["clientOrderId"], first["status"]) == ("first", "NEW")
    assert second == {"code": -2019, "msg": "Margin is insufficient."}
    assert third["price"] == "61000.50"


def test_a_batch_changes_orders() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    change = {**A_BID, "origClientOrderId": "a", "quantity": "0.03"}
    other = {**A_BID, "origClientOrderId": "b"}
    first, second = stage.ask("PUT", BATCH, batchOrders=json.dumps([change, other])).rows
    assert (first["origQty"], second["code"]) == ("0.030", -2013)


@pytest.mark.parametrize("text", ["[]", "{}", "[1]", "x", '[{"a":1}', '["BTCUSDT"]'])
def test_a_batch_is_an_array_of_one_to_five_orders(text: str) -> None:
    assert RestStage().ask("POST", BATCH, batchOrders=text).code in {-1130, -4082}


@pytest.mark.parametrize("name", ["orderIdList", "orderidlist"])
def test_a_batch_cancels_by_number(name: str) -> None:
    stage = RestStage()
    order = stage.limit(BUY, 10, BID - 100)
    answer = stage.ask("DELETE", BATCH, **BTC, **{name: f"[{order.order_id},1]"}).rows
    assert answer[0]["status"] == "CANCELED"
    assert answer[1] == {"code": -2011, "msg": "Unknown order sent."}


@pytest.mark.parametrize("name", ["origClientOrderIdList", "origclientorderidlist"])
def test_a_batch_cancels_by_client_id(name: str) -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    answer = stage.ask("DELETE", BATCH, **BTC, **{name: '["a", "b"]'}).rows
    assert [row.get("status", row.get("code")) for row in answer] == ["CANCELED", -2011]


def test_a_batch_of_cancels_must_name_some() -> None:
    stage = RestStage()
    assert stage.ask("DELETE", BATCH, **BTC).code == -1102
    assert stage.ask("DELETE", BATCH, **BTC, orderIdList="1,2").code == -1130
    assert stage.ask("DELETE", BATCH, **BTC, orderIdList='["a"]').code == -1130
    names = json.dumps([str(number) for number in range(11)])
    assert stage.ask("DELETE", BATCH, **BTC, origClientOrderIdList=names).code == -4032


def test_a_client_id_may_be_used_again_once_the_first_is_done() -> None:
    stage = RestStage()
    stage.market_order("BUY", "0.010", newClientOrderId="a")
    assert stage.market_order("BUY", "0.010", newClientOrderId="a").status == 200
    assert stage.held == 20
