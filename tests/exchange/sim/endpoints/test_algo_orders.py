import pytest
from sim_rest import ORDER, Json, RestStage
from sim_stage import BID, BUY

from botcore_tui.exchange.sim.endpoints.spans import DAY_MS

V1 = "/fapi/v1/"
ALGO = V1 + "algoOrder"
BTC: Json = {"symbol": "BTCUSDT"}
STOP: Json = {
    **BTC,
    "algoType": "CONDITIONAL",
    "side": "SELL",
    "type": "STOP_MARKET",
    "quantity": "0.010",
    "triggerPrice": "61000",
    "clientAlgoId": "s",
}


def placed(**parameters: object) -> RestStage:
    stage = RestStage()
    assert stage.ask("POST", ALGO, **{**STOP, **parameters}).status == 200
    return stage


def test_a_stop_is_placed() -> None:
    view = RestStage().ask("POST", ALGO, **STOP).view
    assert (view["algoStatus"], view["triggerPrice"], view["price"]) == (
        "NEW",
        "61000.00",
        "0.00",
    )
    assert (view["callbackRate"], view["activatePrice"], view["icebergQuantity"]) == ("", "", None)


def test_a_trailing_stop_shows_its_distance() -> None:
    stage = RestStage()
    trail = {**STOP, "type": "TRAILING_STOP_MARKET", "triggerPrice": None, "callbackRate": "1.5"}
    view = stage.ask("POST", ALGO, **trail, activatePrice="62000").view
    assert (view["callbackRate"], view["activatePrice"]) == ("1.5", "62000.00")


def test_the_response_type_is_checked_and_changes_nothing() -> None:
    assert placed(newOrderRespType="RESULT").venue.floor.algos.count_open() == 1
    assert RestStage().ask("POST", ALGO, **STOP, newOrderRespType="FULL").code == -1136


@pytest.mark.parametrize("by", ["algoId", "clientAlgoId"])
def test_a_stop_is_found_by_either_id(by: str) -> None:
    stage = placed()
    algo = stage.venue.algo(client_id="s")
    assert algo is not None
    name = {"algoId": algo.algo_id, "clientAlgoId": "s"}[by]
    assert stage.ask("GET", ALGO, **{by: name}).view["clientAlgoId"] == "s"
    answer = stage.ask("DELETE", ALGO, **{by: name}).view
    assert answer == {
        "algoId": algo.algo_id,
        "clientAlgoId": "s",
        "code": "200",
        "msg": "success",
    }
    assert stage.ask("DELETE", ALGO, **{by: name}).code == -2011
    assert stage.ask("GET", ALGO, **{by: name}).view["algoStatus"] == "CANCELED"


def test_an_id_must_be_sent_and_known() -> None:
    stage = placed()
    for method, code in (("GET", -2013), ("DELETE", -2011)):
        assert stage.ask(method, ALGO).code == -1102
        assert stage.ask(method, ALGO, algoId=0).code == code
        assert stage.ask(method, ALGO, clientAlgoId="t").code == code


def test_a_triggered_stop_names_its_order() -> None:
    stage = RestStage()
    stage.at_market(BUY, 10)
    stage.ask("POST", ALGO, **STOP)
    stage.last(BID - 10_000)
    view = stage.ask("GET", ALGO, clientAlgoId="s").view
    order = stage.ask("GET", ORDER, **BTC, origClientOrderId="s").view
    assert view["algoStatus"] == "FINISHED"
    assert view["actualOrderId"] == str(order["orderId"])
    assert (view["actualType"], view["actualQty"]) == ("MARKET", "0.010")
    assert view["actualPrice"] == order["avgPrice"]
    assert (order["type"], order["origType"], order["stopPrice"]) == (
        "MARKET",
        "STOP_MARKET",
        "61000.00",
    )


def test_open_stops_are_listed() -> None:
    stage = placed()
    rows = stage.ask("GET", V1 + "openAlgoOrders").rows
    assert stage.ask("GET", V1 + "openAlgoOrders", **BTC, algoType="CONDITIONAL").rows == rows
    assert stage.ask("GET", V1 + "openAlgoOrders", algoId=rows[0]["algoId"]).rows == rows
    assert stage.ask("GET", V1 + "openAlgoOrders", algoId=1).rows == []
    assert stage.ask("GET", V1 + "openAlgoOrders", algoType="VP").code == -1130


def test_all_stops_are_cancelled_at_once() -> None:
    stage = placed()
    view = stage.ask("DELETE", V1 + "algoOpenOrders", **BTC).view
    assert view == {"code": 200, "msg": "The operation of cancel all open order is done."}
    assert stage.ask("GET", V1 + "openAlgoOrders").json == []
    assert stage.ask("GET", V1 + "allAlgoOrders", **BTC).rows[0]["algoStatus"] == "CANCELED"


def test_all_stops_can_be_asked_for_by_number_and_time() -> None:
    stage = placed()
    stage.agenda.advance(stage.agenda.now_ms + 1_000)
    stage.ask("POST", ALGO, **{**STOP, "clientAlgoId": "t"})
    path = V1 + "allAlgoOrders"
    rows = stage.ask("GET", path, **BTC).rows
    assert [row["clientAlgoId"] for row in rows] == ["s", "t"]
    assert stage.ask("GET", path, **BTC, algoId=rows[1]["algoId"]).rows == rows[1:]
    assert stage.ask("GET", path, **BTC, startTime=rows[1]["createTime"]).rows == rows[1:]
    assert stage.ask("GET", path, **BTC, limit=1).rows == rows[1:]


def test_cancelled_stops_are_forgotten_after_three_days_and_others_after_ninety() -> None:
    stage = placed()
    stage.ask("POST", ALGO, **{**STOP, "clientAlgoId": "t"})
    stage.ask("DELETE", ALGO, clientAlgoId="s")
    stage.skip(3 * DAY_MS + 1)
    assert stage.ask("GET", ALGO, clientAlgoId="s").code == -2013
    assert stage.ask("GET", ALGO, clientAlgoId="t").status == 200
    algo = stage.venue.algo(client_id="t")
    assert algo is not None
    algo.created_ms -= 90 * DAY_MS
    assert stage.ask("GET", ALGO, clientAlgoId="t").code == -2013


def test_a_stop_cannot_be_changed() -> None:
    assert placed().ask("PUT", ALGO, clientAlgoId="s").code == -5000
