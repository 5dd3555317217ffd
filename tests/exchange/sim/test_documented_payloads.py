"""The shape of every reply: the keys that the venue documents, no more and no fewer."""

from decimal import Decimal
from pathlib import Path

import pytest
from sim_rest import Json, RestStage
from sim_stage import BID, BUY
from sim_steps import BTC, V1, Step, algo, ask, limit, modify

V2, V3 = "/fapi/v2/", "/fapi/v3/"
ETH = "ETHUSDT"
DATA = Path(__file__).parents[2] / "data" / "usdm_replies.txt"
BID_JSON = '{"symbol":"BTCUSDT","side":"BUY","quantity":"0.010","price":"61000"'
BATCH = f'[{BID_JSON},"type":"LIMIT","timeInForce":"GTC"}}]'
CHANGE = f'[{BID_JSON},"origClientOrderId":"rest"}}]'
REST = {"origClientOrderId": "rest"}


def documented() -> dict[str, list[str]]:
    """Keys by request, sorted."""
    keys: dict[str, list[str]] = {}
    for line in DATA.read_text().splitlines():
        name, separator, words = line.partition(" =")
        if separator:
            keys[name] = sorted(words.split())
    return keys


KEYS = documented()

STEPS: dict[str, Step] = {
    "ping": ask("GET", "ping"),
    "time": ask("GET", "time"),
    "exchangeInfo": ask("GET", "exchangeInfo"),
    "depth": ask("GET", "depth", limit=5),
    "rpiDepth": ask("GET", "rpiDepth"),
    "trades": ask("GET", "trades"),
    "historicalTrades": ask("GET", "historicalTrades"),
    "aggTrades": ask("GET", "aggTrades"),
    "ticker/24hr": ask("GET", "ticker/24hr"),
    "ticker/price v1": ask("GET", "ticker/price"),
    "ticker/price v2": ask("GET", V2 + "ticker/price"),
    "ticker/bookTicker": ask("GET", "ticker/bookTicker"),
    "premiumIndex": ask("GET", "premiumIndex"),
    "fundingRate": ask("GET", "fundingRate"),
    "openInterest": ask("GET", "openInterest"),
    "symbolAdlRisk": ask("GET", "symbolAdlRisk"),
    "insuranceBalance": ask("GET", "insuranceBalance"),
    "tradingSchedule": ask("GET", "tradingSchedule"),
    "leverageBracket": ask("GET", "leverageBracket"),
    "POST order": limit(),
    "POST order RESULT": lambda stage: stage.market_order("BUY", "0.01"),
    "POST order/test": ask("POST", "order/test", side="BUY", type="MARKET", quantity="0.01"),
    "PUT order": modify(**REST),
    "PUT order with an id": modify(modifyId=7, **REST),
    "DELETE order": ask("DELETE", "order", **REST),
    "GET order": ask("GET", "order", **REST),
    "GET order of a trailing stop": ask("GET", "order", origClientOrderId="trail"),
    "openOrder": ask("GET", "openOrder", **REST),
    "openOrders": ask("GET", "openOrders"),
    "allOrders": ask("GET", "allOrders", symbol=ETH),
    "POST batchOrders": ask("POST", "batchOrders", batchOrders=BATCH),
    "PUT batchOrders": ask("PUT", "batchOrders", batchOrders=CHANGE),
    "DELETE batchOrders": ask("DELETE", "batchOrders", origClientOrderIdList='["rest"]'),
    "allOpenOrders": ask("DELETE", "allOpenOrders"),
    "orderAmendment": ask("GET", "orderAmendment", origClientOrderId="changed"),
    "countdownCancelAll": ask("POST", "countdownCancelAll", countdownTime=1_000),
    "userTrades": ask("GET", "userTrades"),
    "forceOrders": ask("GET", "forceOrders", symbol=ETH),
    "POST algoOrder": algo(),
    "GET algoOrder": ask("GET", "algoOrder", clientAlgoId="stop"),
    "openAlgoOrders": ask("GET", "openAlgoOrders"),
    "allAlgoOrders": ask("GET", "allAlgoOrders"),
    "DELETE algoOrder": ask("DELETE", "algoOrder", clientAlgoId="stop"),
    "algoOpenOrders": ask("DELETE", "algoOpenOrders"),
    "balance v2": ask("GET", V2 + "balance"),
    "balance v3": ask("GET", V3 + "balance"),
    "account v3": ask("GET", V3 + "account"),
    "account v2": ask("GET", V2 + "account"),
    "positionRisk v3": ask("GET", V3 + "positionRisk"),
    "positionRisk v2": ask("GET", V2 + "positionRisk"),
    "accountConfig": ask("GET", "accountConfig"),
    "symbolConfig": ask("GET", "symbolConfig"),
    "adlQuantile": ask("GET", "adlQuantile"),
    "commissionRate": ask("GET", "commissionRate"),
    "income": ask("GET", "income"),
    "positionMargin/history": ask("GET", "positionMargin/history"),
    "POST positionMargin": ask("POST", "positionMargin", amount="1.5", type=1),
    "apiTradingStatus": ask("GET", "apiTradingStatus"),
    "rateLimit/order": ask("GET", "rateLimit/order"),
    "leverage": ask("POST", "leverage", leverage=25),
    "marginType": ask("POST", "marginType", symbol=ETH, marginType="ISOLATED"),
    "positionSide/dual": ask("GET", "positionSide/dual"),
    "multiAssetsMargin": ask("GET", "multiAssetsMargin"),
    "feeBurn": ask("GET", "feeBurn"),
    "POST feeBurn": ask("POST", "feeBurn", feeBurn="true"),
    "POST listenKey": ask("POST", "listenKey"),
    "PUT listenKey": ask("PUT", "listenKey"),
    "DELETE listenKey": ask("DELETE", "listenKey"),
    "spot exchangeInfo": ask("GET", "/api/v3/exchangeInfo"),
}


def a_busy_stage() -> RestStage:
    """A stage with something to tell for every question."""
    stage = RestStage(symbols=2, balance=100_000)
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(BUY, 100)
    stage.venue.settings.move_margin(BTC, 10**9, is_added=True)
    stage.order(newClientOrderId="rest")
    stage.order(newClientOrderId="changed")
    modify(origClientOrderId="changed")(stage)
    algo(clientAlgoId="stop")(stage)
    algo(clientAlgoId="trail", type="TRAILING_STOP_MARKET", callbackRate="0.1", triggerPrice=None)(
        stage
    )
    stage.last(BID - 1_000)
    stage.market_order("BUY", "1", symbol=ETH)
    assert stage.act(f"liquidation=symbol:{ETH}") == ""
    stage.ask("POST", V1 + "listenKey")
    return stage


def rows_of(value: object) -> list[Json]:
    """The objects of a reply, which is one or an array of them."""
    if isinstance(value, dict):
        return [value]
    assert isinstance(value, list)
    assert value
    return value


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in KEYS if " > " not in name])
def test_a_reply_has_the_documented_keys(name: str) -> None:
    answer = STEPS[name](a_busy_stage())
    assert answer.status == 200
    assert [sorted(row) for row in rows_of(answer.json)] == [KEYS[name]] * len(rows_of(answer.json))


@pytest.mark.parametrize("name", [name for name in KEYS if " > " in name])
def test_a_part_of_a_reply_has_the_documented_keys(name: str) -> None:
    whole, _, part = name.partition(" > ")
    view = rows_of(STEPS[whole](a_busy_stage()).json)[0]
    for row in rows_of(view[part]):
        assert sorted(row) == KEYS[name]


def test_prices_are_strings_and_times_are_numbers() -> None:
    stage = a_busy_stage()
    for path in (V3 + "positionRisk", V1 + "userTrades", V1 + "openOrders", V1 + "openAlgoOrders"):
        for row in stage.ask("GET", path, symbol=BTC).rows:
            for name, value in row.items():
                if name in {"time", "updateTime", "createTime", "triggerTime", "orderId"}:
                    assert isinstance(value, int), name
                elif name.endswith(("Price", "Qty", "Quote", "Margin", "Notional", "commission")):
                    assert isinstance(value, str), name
                    assert Decimal(value or 0).is_finite(), name
