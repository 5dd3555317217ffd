import pytest
from sim_rest import ORDER, Json, RestStage
from sim_stage import ASK, BID, BUY, SELL

from botcore_tui.exchange.sim.endpoints.spans import DAY_MS

V1 = "/fapi/v1/"
BTC: Json = {"symbol": "BTCUSDT"}
A: Json = {**BTC, "origClientOrderId": "a"}


def later(stage: RestStage, milliseconds: int) -> None:
    stage.agenda.advance(stage.agenda.now_ms + milliseconds)


def traded() -> RestStage:
    """Bought ten and ten, a second apart."""
    stage = RestStage()
    for name in ("a", "b"):
        stage.market_order("BUY", "0.010", newClientOrderId=name)
        later(stage, 1_000)
    return stage


def test_an_order_shows_what_became_of_it() -> None:
    view = traded().ask("GET", ORDER, **A).view
    assert (view["status"], view["executedQty"]) == ("FILLED", "0.010")
    assert (view["avgPrice"], view["cumQuote"], view["cumBase"]) == (
        "61659.80000000",
        "616.59800",
        "0",
    )


def test_only_open_orders_are_open() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    assert stage.ask("GET", V1 + "openOrder", **A).view["status"] == "NEW"
    assert [row["clientOrderId"] for row in stage.ask("GET", V1 + "openOrders").rows] == ["a"]
    stage.ask("DELETE", ORDER, **A)
    assert stage.ask("GET", V1 + "openOrder", **A).code == -2013
    assert stage.ask("GET", V1 + "openOrders", **BTC).json == []
    assert stage.ask("GET", ORDER, **A).view["status"] == "CANCELED"


def test_orders_that_did_nothing_are_forgotten_after_three_days() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    stage.ask("DELETE", ORDER, **A)
    stage.market_order("BUY", "0.010", newClientOrderId="b")
    stage.skip(3 * DAY_MS)
    assert stage.ask("GET", ORDER, **A).status == 200
    stage.skip(1)
    assert stage.ask("GET", ORDER, **A).code == -2013
    assert stage.ask("GET", ORDER, **{**A, "origClientOrderId": "b"}).status == 200
    assert [row["clientOrderId"] for row in stage.ask("GET", V1 + "allOrders").rows] == ["b"]


def test_orders_are_forgotten_after_ninety_days() -> None:
    stage = RestStage()
    order = stage.at_market(BUY, 10, client_id="a")
    order.created_ms -= 90 * DAY_MS
    assert stage.ask("GET", ORDER, **A).status == 200
    order.created_ms -= 1
    assert stage.ask("GET", ORDER, **A).code == -2013


def test_all_orders_can_be_asked_for_from_a_number_on() -> None:
    stage = traded()
    rows = stage.ask("GET", V1 + "allOrders", **BTC).rows
    assert [row["clientOrderId"] for row in rows] == ["a", "b"]
    assert stage.ask("GET", V1 + "allOrders", **BTC, orderId=rows[1]["orderId"]).rows == rows[1:]
    assert stage.ask("GET", V1 + "allOrders", **BTC, limit=1).rows == rows[1:]


def test_all_orders_can_be_asked_for_by_time() -> None:
    stage = traded()
    rows = stage.ask("GET", V1 + "allOrders", **BTC).rows
    start = rows[0]["time"]
    assert isinstance(start, int)
    path = V1 + "allOrders"
    assert stage.ask("GET", path, **BTC, startTime=start, limit=1).rows == rows[:1]
    assert stage.ask("GET", path, **BTC, startTime=start + 1).rows == rows[1:]
    assert stage.ask("GET", path, **BTC, endTime=start).rows == rows[:1]


def test_trades_tell_fee_and_side() -> None:
    row = traded().ask("GET", V1 + "userTrades", **BTC, limit=1).rows[0]
    assert (row["price"], row["qty"], row["quoteQty"]) == ("61659.80", "0.010", "616.59800")
    assert (row["commission"], row["commissionAsset"]) == ("0.30829900", "USDT")
    assert (row["buyer"], row["maker"]) == (True, False)


def test_trades_can_be_asked_for_by_number_order_and_time() -> None:
    stage = traded()
    path = V1 + "userTrades"
    rows = stage.ask("GET", path, **BTC).rows
    assert [row["id"] for row in rows] == sorted(int(str(row["id"])) for row in rows)
    assert stage.ask("GET", path, **BTC, fromId=rows[1]["id"]).rows == rows[1:]
    assert stage.ask("GET", path, **BTC, fromId=rows[0]["id"], limit=1).rows == rows[:1]
    assert stage.ask("GET", path, **BTC, orderId=rows[0]["orderId"]).rows == rows[:1]
    assert stage.ask("GET", path, **BTC, startTime=rows[1]["time"]).rows == rows[1:]
    assert stage.ask("GET", path, symbol="BTCUSDT", fromId=10**12).rows == []


def test_trades_of_another_contract_are_not_among_them() -> None:
    stage = RestStage(symbols=2)
    stage.market_order("BUY", "0.010")
    assert stage.ask("GET", V1 + "userTrades", symbol="ETHUSDT").json == []


def test_a_realized_profit_is_told_with_its_trade() -> None:
    stage = RestStage()
    stage.at_market(BUY, 10)
    stage.at_market(SELL, 10)
    row = stage.ask("GET", V1 + "userTrades", **BTC, limit=1).rows[0]
    assert (row["side"], row["realizedPnl"]) == ("SELL", "-0.00100000")


def test_changes_are_told_newest_first() -> None:
    stage = RestStage()
    stage.limit(BUY, 10, BID - 100)
    for price in ("61000", "61001"):
        stage.ask("PUT", ORDER, **A, side="BUY", quantity="0.01", price=price)
        later(stage, 1_000)
    path = V1 + "orderAmendment"
    rows = stage.ask("GET", path, **A).rows
    assert [row["amendment"] for row in rows] == [
        {
            "price": {"before": "61000.00", "after": "61001.00"},
            "origQty": {"before": "0.010", "after": "0.010"},
            "count": 2,
        },
        {
            "price": {"before": "61649.70", "after": "61000.00"},
            "origQty": {"before": "0.010", "after": "0.010"},
            "count": 1,
        },
    ]
    assert stage.ask("GET", path, **A, limit=1).rows == rows[:1]
    assert stage.ask("GET", path, **A, startTime=rows[0]["time"]).rows == rows[:1]
    assert stage.ask("GET", path, **A, endTime=rows[1]["time"]).rows == rows[1:]
    assert stage.ask("GET", path, **BTC, orderId=1).code == -2013


@pytest.mark.requirement("F09")
def test_what_the_venue_closed_is_told_by_kind() -> None:
    stage = RestStage(balance=100_000)
    stage.at_market(BUY, 100)
    assert stage.act("adl=percent:50") == ""
    assert stage.act("liquidation") == ""
    path = V1 + "forceOrders"
    every = stage.ask("GET", path).rows
    assert [str(row["clientOrderId"])[:9] for row in every] == ["adl_autoc", "autoclose"]
    assert {row["type"] for row in every} == {"LIMIT"}
    assert stage.ask("GET", path, **BTC, autoCloseType="ADL").rows == every[:1]
    assert stage.ask("GET", path, autoCloseType="LIQUIDATION").rows == every[1:]
    assert stage.ask("GET", path, autoCloseType="OTHER").code == -1130


def test_a_resting_reduce_only_order_is_shown_as_one() -> None:
    stage = RestStage()
    stage.at_market(BUY, 10)
    stage.limit(SELL, 10, ASK + 100, reduce_only=True)
    assert stage.ask("GET", V1 + "openOrders", **BTC).rows[0]["reduceOnly"] is True
