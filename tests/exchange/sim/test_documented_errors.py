"""Every error of the venue: reached by a request, with its words and its HTTP status."""

import pytest
from sim_rest import RestStage
from sim_stage import ASK, BID, BUY, SELL
from sim_steps import (
    BTC,
    DAY_MS,
    V1,
    Step,
    acted,
    after,
    algo,
    armed,
    ask,
    at,
    at_market,
    filled,
    isolated,
    limit,
    modify,
    often,
    public,
    raw,
    resting,
    trailing,
)

from botcore_tui.exchange.sim.limits import Quotas
from botcore_tui.exchange.sim.refusals import MESSAGES

TOO_HEAVY = (
    "Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute."
    " Please use the websocket for live updates to avoid polling the API."
)
UNREACHABLE = {
    -1100: "values are refused by what they mean (-1102, -1121, -1130)",
    -1108: "no endpoint here takes an asset",
    -1112: "a market here never has an empty book",
    -1114: "the venue sends -1106 instead",
    -1122: "-4140 and -4141 tell the state of a contract",
    -2018: "the margin is what is checked (-2019)",
    -2020: "orders beyond the market's bound are refused by -4131",
    -2023: "a liquidation here takes no time",
    -4062: "hedge mode is not offered",
    -4117: "a trigger here takes no time",
    -5025: "only resting limit orders can be found open",
    -5026: "ten thousand changes; shown with the order desk",
    -5028: "there is no second clock behind the first",
    -5041: "priceMatch is not offered (-1020)",
}
"""In the table of words, not to be met through a request; why."""

CANCEL = ask("DELETE", "order", orderId=1)
QUERY = ask("GET", "order", orderId=1)
MARGIN = {"amount": "10", "type": 1}

CASES: list[tuple[int, str, Step]] = [
    (-1000, "Unknown error, please check your request or try again later.",
     armed("create-lost=how:503", limit())),
    (-1001, "Internal error; unable to process your request. Please try again.",
     armed("internal", QUERY)),
    (-1003, TOO_HEAVY, often(61, public("ticker/24hr", symbol=None))),
    (-1006, MESSAGES[-1006], armed("create-lost=how:1006", limit())),
    (-1007, MESSAGES[-1007], armed("create-lost=how:1007", limit())),
    (-1008, MESSAGES[-1008], armed("throttled", limit())),
    (-1015, "Too many new orders; current limit is 300 orders per 10 SECOND.",
     often(301, limit(quantity="x"))),
    (-1020, MESSAGES[-1020], limit(priceMatch="OPPONENT_5", price=None)),
    (-1021, MESSAGES[-1021], at(-5.001)),
    (-1021, MESSAGES[-1021], at(-2, recvWindow=1_000)),
    (-1021, "Timestamp for this request was 1000ms ahead of the server's time.", at(1)),
    (-1022, MESSAGES[-1022], raw("symbol=BTCUSDT&timestamp=1723161255000&signature=ab")),
    (-1023, MESSAGES[-1023], public("klines", interval="1m", startTime=2, endTime=1)),
    (-1101, "Duplicate values for parameter 'symbol'.", raw("symbol=A&symbol=B")),
    (-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.",
     limit(symbol=None)),
    (-1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.",
     limit(timeInForce=None)),
    (-1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
     limit(price="1e4")),
    (-1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.",
     limit(quantity="NaN")),
    (-1102, "Mandatory parameter 'reduceOnly' was not sent, was empty/null, or malformed.",
     limit(reduceOnly="1")),
    (-1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.",
     raw("symbol=BTCUSDT&timestamp=1723161255000")),
    (-1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.",
     raw("symbol=BTCUSDT&signature=ab")),
    (-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
     ask("GET", "order")),
    (-1105, "Parameter 'newClientOrderId' was empty.", limit(newClientOrderId="")),
    (-1106, "Parameter 'timeInForce' sent when not required.", at_market(timeInForce="GTC")),
    (-1106, "Parameter 'price' sent when not required.", at_market(price="60000")),
    (-1106, "Parameter 'stopPrice' sent when not required.", limit(stopPrice="60000")),
    (-1106, "Parameter 'goodTillDate' sent when not required.",
     limit(goodTillDate=1_723_161_999_000)),
    (-1106, "Parameter 'reduceonly' sent when not required.",
     algo(closePosition="true", quantity=None, reduceOnly="true")),
    (-1111, MESSAGES[-1111], limit(price="60000.123")),
    (-1111, MESSAGES[-1111], limit(quantity="0.0101")),
    (-1115, MESSAGES[-1115], limit(timeInForce="RPI")),
    (-1116, MESSAGES[-1116], limit(type="LIMIT_MAKER")),
    (-1115, MESSAGES[-1115], limit(timeInForce="GTE_GTC")),
    (-1116, MESSAGES[-1116], limit(type="LIQUIDATION")),
    (-1116, MESSAGES[-1116], algo(type="MARKET")),
    (-1117, MESSAGES[-1117], limit(side="LONG")),
    (-1120, MESSAGES[-1120], public("klines", interval="7m")),
    (-1121, MESSAGES[-1121], limit(symbol="NOSUCHUSDT")),
    (-1125, MESSAGES[-1125], ask("PUT", "listenKey", symbol=None)),
    (-1127, "More than 1 hours between startTime and endTime.",
     public("aggTrades", startTime=1, endTime=DAY_MS)),
    (-1128, MESSAGES[-1128], ask("GET", "userTrades", fromId=1, startTime=1)),
    (-1130, "Data sent for parameter 'limit' is not valid.",
     public("klines", interval="1m", limit=1_501)),
    (-1130, "Data sent for parameter 'batchOrders' is not valid.",
     ask("POST", "batchOrders", batchOrders="[{")),
    (-1131, "recvWindow must be less than 60000.", at(0, recvWindow=60_001)),
    (-1136, MESSAGES[-1136], limit(newOrderRespType="FULL")),
    (-2011, MESSAGES[-2011], CANCEL),
    (-2011, MESSAGES[-2011], ask("DELETE", "algoOrder", algoId=1)),
    (-2013, MESSAGES[-2013], QUERY),
    (-2013, MESSAGES[-2013], ask("GET", "algoOrder", algoId=1)),
    (-2013, MESSAGES[-2013], after(
        armed("not-visible", limit(newClientOrderId="a")),
        ask("GET", "order", origClientOrderId="a"))),
    (-2014, MESSAGES[-2014], raw("symbol=BTCUSDT", key="")),
    (-2014, MESSAGES[-2014], raw("symbol=BTCUSDT", key="k" * 63)),
    (-2015, MESSAGES[-2015], raw("symbol=BTCUSDT", key="u" * 64)),
    (-2015, MESSAGES[-2015], armed("key-revoked", QUERY)),
    (-2019, MESSAGES[-2019], limit(quantity="2")),
    (-2021, MESSAGES[-2021], algo(triggerPrice="61659.80")),
    (-2022, MESSAGES[-2022], at_market("SELL", reduceOnly="true")),
    (-2025, MESSAGES[-2025], often(201, limit(quantity="0.002"))),
    (-2027, MESSAGES[-2027], after(
        lambda stage: stage.ask("POST", V1 + "leverage", symbol=BTC, leverage=125),
        limit(quantity="20"))),
    (-2028, MESSAGES[-2028], after(filled(900), ask("POST", "leverage", leverage=1))),
    (-4001, MESSAGES[-4001], limit(price="0")),
    (-4001, MESSAGES[-4001], limit(price="-1")),
    (-4002, MESSAGES[-4002], limit(price="9999999")),
    (-4003, MESSAGES[-4003], limit(quantity="0")),
    (-4003, MESSAGES[-4003], limit(quantity="-0.001")),
    (-4004, MESSAGES[-4004], acted("filters-changed", limit(price="61000", quantity="0.001"))),
    (-4005, MESSAGES[-4005], limit(quantity="99999")),
    (-4006, MESSAGES[-4006], algo(triggerPrice="0")),
    (-4007, MESSAGES[-4007], algo(triggerPrice="9999999")),
    (-4013, MESSAGES[-4013], acted("filters-changed", limit(price="0.10"))),
    (-4014, MESSAGES[-4014], limit(price="60000.05")),
    (-4014, MESSAGES[-4014], acted("filters-changed", limit(price="60000.10"))),
    (-4015, MESSAGES[-4015], limit(newClientOrderId="a b")),
    (-4015, "Client order id length should not be more than 36 chars",
     limit(newClientOrderId="a" * 37)),
    (-4015, MESSAGES[-4015], algo(clientAlgoId="é")),
    (-4016, "Limit price can't be higher than 64742.60.", limit(price="70000")),
    (-4021, "'7' is not valid depth limit.", public("depth", limit=7)),
    (-4023, MESSAGES[-4023], acted("filters-changed", limit(price="61000", quantity="0.015"))),
    (-4024, "Limit price can't be lower than 58576.80.", limit(side="SELL", price="50000")),
    (-4028, "Leverage 126 is not valid", ask("POST", "leverage", leverage=126)),
    (-4031, "Invalid parameter working type: INDEX", algo(workingType="INDEX")),
    (-4032, MESSAGES[-4032],
     ask("DELETE", "batchOrders", orderIdList=str(list(range(1, 12))))),
    (-4045, MESSAGES[-4045], often(201, algo())),
    (-4046, MESSAGES[-4046], ask("POST", "marginType", marginType="CROSSED")),
    (-4047, MESSAGES[-4047], after(resting(), ask("POST", "marginType", marginType="ISOLATED"))),
    (-4048, MESSAGES[-4048], after(filled(10), ask("POST", "marginType", marginType="ISOLATED"))),
    (-4049, MESSAGES[-4049], ask("POST", "positionMargin", **MARGIN)),
    (-4050, MESSAGES[-4050], isolated(
        after(filled(10), ask("POST", "positionMargin", amount="9999", type=1)))),
    (-4051, MESSAGES[-4051], isolated(
        after(filled(10), ask("POST", "positionMargin", amount="9999", type=2)))),
    (-4054, MESSAGES[-4054], isolated(ask("POST", "positionMargin", **MARGIN))),
    (-4055, MESSAGES[-4055], ask("POST", "positionMargin", amount="-1", type=1)),
    (-4059, MESSAGES[-4059], ask("POST", "positionSide/dual", dualSidePosition="false")),
    (-4060, MESSAGES[-4060], limit(positionSide="UP")),
    (-4061, MESSAGES[-4061], limit(positionSide="LONG")),
    (-4067, MESSAGES[-4067], after(
        resting(), ask("POST", "positionSide/dual", dualSidePosition="true"))),
    (-4068, MESSAGES[-4068], after(
        filled(10), ask("POST", "positionSide/dual", dualSidePosition="true"))),
    (-4082, "Invalid number of batch place orders: 6",
     ask("POST", "batchOrders", batchOrders="[{},{},{},{},{},{}]")),
    (-4084, MESSAGES[-4084], ask("POST", "positionSide/dual", dualSidePosition="true")),
    (-4084, MESSAGES[-4084], ask("POST", "multiAssetsMargin", multiAssetsMargin="true")),
    (-4104, "Invalid contract type",
     public("continuousKlines", pair=BTC, contractType="SPOT", interval="1m")),
    (-4116, MESSAGES[-4116], often(2, limit(newClientOrderId="a"))),
    (-4118, MESSAGES[-4118], after(
        lambda stage: (stage.at_market(BUY, 10),
                       stage.limit(SELL, 10, ASK + 100, reduce_only=True)),
        limit(side="SELL", price="61700", reduceOnly="true"))),
    (-4120, MESSAGES[-4120], limit(type="STOP_MARKET", stopPrice="60000")),
    (-4130, MESSAGES[-4130], after(
        filled(10), often(2, algo(closePosition="true", quantity=None)))),
    (-4131, MESSAGES[-4131], after(
        lambda stage: stage.mark(BID - 100_000), at_market())),
    (-4135, MESSAGES[-4135], trailing(activatePrice="0")),
    (-4136, "Target strategy invalid for orderType LIMIT,closePosition true",
     limit(closePosition="true")),
    (-4137, MESSAGES[-4137], algo(closePosition="true")),
    (-4140, MESSAGES[-4140], acted("symbol-settling", limit())),
    (-4141, MESSAGES[-4141], acted("symbol-settling=status:CLOSE", limit())),
    (-4144, MESSAGES[-4144],
     public("continuousKlines", pair="NOUSDT", contractType="PERPETUAL", interval="1m")),
    (-4161, MESSAGES[-4161], isolated(
        after(filled(10), ask("POST", "leverage", leverage=10)))),
    (-4164, "Order's notional must be no smaller than 100 (unless you choose reduce only).",
     limit(quantity="0.001")),
    (-4165, "Maximum time interval is 7 days",
     ask("GET", "allOrders", startTime=1, endTime=8 * DAY_MS)),
    (-4171, MESSAGES[-4171], ask("POST", "multiAssetsMargin", multiAssetsMargin="False")),
    (-4509, MESSAGES[-4509], algo(closePosition="true", quantity=None)),
    (-5000, "Path /fapi/v1/apiReferral/ifNewUser, Method GET is invalid",
     ask("GET", "apiReferral/ifNewUser")),
    (-5021, MESSAGES[-5021], limit(timeInForce="FOK")),
    (-5022, MESSAGES[-5022], limit(timeInForce="GTX", price="61659.80")),
    (-5024, MESSAGES[-5024], after(resting(), acted("symbol-settling", modify()))),
    (-5027, MESSAGES[-5027], after(resting(), modify(quantity="0.01", price="61649.70"))),
    (-5037, MESSAGES[-5037], limit(priceMatch="BEST")),
    (-5038, MESSAGES[-5038], at_market(priceMatch="QUEUE")),
    (-5039, MESSAGES[-5039], limit(selfTradePreventionMode="EXPIRE")),
    (-5040, MESSAGES[-5040], limit(timeInForce="GTD", goodTillDate=1_723_161_255_000)),
    (-5040, MESSAGES[-5040], limit(timeInForce="GTD", goodTillDate=253_402_300_799_000)),
    (-5047, "The original order is not a reduce-only order.",
     after(resting(), modify(reduceOnly="true"))),
]  # fmt: skip

STATUSES = {
    -1000: 503,
    -1001: 503,
    -1003: 429,
    -1006: 503,
    -1007: 408,
    -1008: 503,
    -1015: 429,
    -2014: 401,
    -2015: 401,
    -5000: 404,
}
"""All others are 400."""


@pytest.mark.parametrize(
    ("code", "message", "step"),
    CASES,
    ids=[f"{code}-{number}" for number, (code, _, _) in enumerate(CASES)],
)
def test_a_refusal_has_its_number_words_and_status(code: int, message: str, step: Step) -> None:
    answer = step(RestStage())
    assert answer.view == {"code": code, "msg": message}
    assert answer.status == STATUSES.get(code, 400)


def test_every_error_that_the_venue_has_words_for_is_shown_here() -> None:
    assert set(MESSAGES) - {code for code, _, _ in CASES} == set(UNREACHABLE)


def test_who_goes_on_after_a_429_is_banned() -> None:
    stage = RestStage(quotas=Quotas(weight=1))
    answer = often(22, public("ping", symbol=None))(stage)
    until_ms = stage.agenda.now_ms + 120_000
    assert (answer.status, answer.headers["Retry-After"]) == (418, "120")
    assert answer.view == {
        "code": -1003,
        "msg": f"Way too many requests; IP(127.0.0.1) banned until {until_ms}."
        " Please use the websocket for live updates to avoid bans.",
    }


def test_errors_say_how_much_was_used() -> None:
    stage = RestStage()
    assert QUERY(stage).headers == {
        "Content-Type": "application/json;charset=UTF-8",
        "X-MBX-USED-WEIGHT-1M": "1",
    }
