"""ccxt, implicit methods: Binance's own words, field by field."""

from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal

import pytest
from ccxt.async_support import binanceusdm
from ccxt.base.errors import BaseError, DDoSProtection
from sim_ccxt import ccxt_client, code_of
from sim_process import Sim, running_sim

pytestmark = [pytest.mark.xdist_group("conformance_ccxt_implicit"), pytest.mark.slow]

SYMBOL = "BTCUSDT"
MINUTE_MS = 60_000

NEW_ORDER = (
    "clientOrderId cumQty executedQty orderId origQty price reduceOnly side positionSide status"
    " stopPrice closePosition symbol timeInForce type origType updateTime workingType priceProtect"
    " priceMatch selfTradePreventionMode goodTillDate"
)
"""Of a reply to POST; neither avgPrice nor cumQuote is among them since 2026-07-15."""
ASKED_ORDER = NEW_ORDER.replace("cumQty ", "") + " avgPrice cumQuote time"
ALGO_ORDER = (
    "algoId clientAlgoId algoType orderType symbol side positionSide timeInForce quantity"
    " algoStatus triggerPrice price icebergQuantity selfTradePreventionMode workingType priceMatch"
    " closePosition priceProtect reduceOnly createTime updateTime triggerTime goodTillDate"
)
ACCOUNT = (
    "totalInitialMargin totalMaintMargin totalWalletBalance totalUnrealizedProfit"
    " totalMarginBalance totalPositionInitialMargin totalOpenOrderInitialMargin"
    " totalCrossWalletBalance totalCrossUnPnl availableBalance maxWithdrawAmount assets positions"
)
ASSET = (
    "asset walletBalance unrealizedProfit marginBalance maintMargin initialMargin"
    " positionInitialMargin openOrderInitialMargin crossWalletBalance crossUnPnl availableBalance"
    " maxWithdrawAmount updateTime"
)
HELD = (
    "symbol positionSide positionAmt unrealizedProfit isolatedMargin notional isolatedWallet"
    " initialMargin maintMargin updateTime"
)
BALANCE = (
    "accountAlias asset balance crossWalletBalance crossUnPnl availableBalance maxWithdrawAmount"
    " marginAvailable updateTime"
)
RISK = (
    "symbol positionSide positionAmt entryPrice breakEvenPrice markPrice unRealizedProfit"
    " liquidationPrice isolatedMargin notional marginAsset isolatedWallet initialMargin maintMargin"
    " positionInitialMargin openOrderInitialMargin adl bidNotional askNotional updateTime"
)
TRADE = (
    "buyer commission commissionAsset id maker orderId price qty quoteQty marginAsset realizedPnl"
    " side positionSide symbol time"
)


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim(
        "--speed", 0, "--seed", 13, "--symbols", "BTCUSDT,ETHUSDT", "--balance", 100_000
    ) as sim:
        yield sim


@pytest.fixture
async def exchange(sim: Sim) -> AsyncIterator[binanceusdm]:
    async with ccxt_client(sim) as exchange:
        yield exchange
    sim.clean()
    sim.renew_quota()


def fields(text: str) -> set[str]:
    return set(text.split())


def near(sim: Sim, share: str) -> str:
    """A price so far from the best bid."""
    bid, _ = sim.best(SYMBOL)
    return str((bid * Decimal(share)).quantize(Decimal("0.1")))


def limit_order(sim: Sim, share: str = "0.97", **more: str) -> dict[str, str]:
    wanted = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    return {**wanted, "quantity": "0.010", "price": near(sim, share), **more}


def numbers_are_text(record: Mapping[str, object], *names: str) -> bool:
    return all(isinstance(record[name], str) and Decimal(str(record[name])) >= 0 for name in names)


# --- shapes -------------------------------------------------------------------------------------


async def test_exchange_information_has_what_clients_read(exchange: binanceusdm) -> None:
    information = await exchange.fapiPublicGetExchangeInfo()
    limits = {
        (limit["rateLimitType"], limit["interval"], int(limit["intervalNum"]), int(limit["limit"]))
        for limit in information["rateLimits"]
    }
    assert limits == {
        ("REQUEST_WEIGHT", "MINUTE", 1, 2400),
        ("ORDERS", "MINUTE", 1, 1200),
        ("ORDERS", "SECOND", 10, 300),
    }
    symbol = information["symbols"][0]
    assert (symbol["symbol"], symbol["contractType"], symbol["status"]) == (
        SYMBOL,
        "PERPETUAL",
        "TRADING",
    )
    filters = [entry["filterType"] for entry in symbol["filters"]]
    assert filters[0] == "PRICE_FILTER"  # cryptofeed reads the tick size of the first
    assert set(filters) >= fields("LOT_SIZE MARKET_LOT_SIZE MAX_NUM_ORDERS MIN_NOTIONAL")
    assert set(symbol["timeInForce"]) >= fields("GTC IOC FOK GTX GTD")
    assert set(symbol["orderTypes"]) == fields(
        "LIMIT MARKET STOP STOP_MARKET TAKE_PROFIT TAKE_PROFIT_MARKET TRAILING_STOP_MARKET"
    )


async def test_new_order_and_the_query_of_it_differ_as_at_the_venue(
    sim: Sim, exchange: binanceusdm
) -> None:
    order = await exchange.fapiPrivatePostOrder(limit_order(sim, newClientOrderId="mine"))
    assert fields(NEW_ORDER) <= set(order)
    assert not {"avgPrice", "cumQuote", "cumBase"} & set(order)
    assert numbers_are_text(order, "price", "origQty", "executedQty", "cumQty", "stopPrice")
    name = {"symbol": SYMBOL, "origClientOrderId": "mine"}
    for asked in (
        await exchange.fapiPrivateGetOrder(name),
        await exchange.fapiPrivateGetOpenOrder(name),
        (await exchange.fapiPrivateGetOpenOrders({"symbol": SYMBOL}))[0],
        (await exchange.fapiPrivateGetAllOrders({"symbol": SYMBOL, "limit": 1000}))[-1],
    ):
        assert fields(ASKED_ORDER) <= set(asked)
        assert asked["orderId"] == order["orderId"]
        assert asked["selfTradePreventionMode"] == "EXPIRE_MAKER"
    cancelled = await exchange.fapiPrivateDeleteOrder(name)
    assert fields(NEW_ORDER) <= set(cancelled)
    assert not {"avgPrice", "cumQuote", "cumBase"} & set(cancelled)


async def test_acknowledgement_of_a_market_order_is_not_its_result(exchange: binanceusdm) -> None:
    market = {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    plain = await exchange.fapiPrivatePostOrder(market)
    assert (plain["status"], plain["executedQty"]) == ("NEW", "0.000")
    final = await exchange.fapiPrivatePostOrder({**market, "newOrderRespType": "RESULT"})
    assert (final["status"], final["executedQty"]) == ("FILLED", "0.010")


async def test_conditional_types_belong_to_the_algo_endpoint(
    sim: Sim, exchange: binanceusdm
) -> None:
    stop = {"symbol": SYMBOL, "side": "SELL", "type": "STOP_MARKET", "closePosition": "true"}
    with pytest.raises(BaseError) as refusal:
        await exchange.fapiPrivatePostOrder({**stop, "stopPrice": near(sim, "0.95")})
    assert code_of(refusal.value) == -4120
    wanted = {**stop, "triggerPrice": near(sim, "0.95"), "algoType": "CONDITIONAL"}
    with pytest.raises(BaseError) as refusal:
        await exchange.fapiPrivatePostAlgoOrder(wanted)
    assert code_of(refusal.value) == -4509  # there is nothing that it could close
    await exchange.fapiPrivatePostOrder(
        {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    )
    algo = await exchange.fapiPrivatePostAlgoOrder({**wanted, "clientAlgoId": "stop"})
    assert fields(ALGO_ORDER) <= set(algo)
    assert (algo["algoStatus"], algo["closePosition"]) == ("NEW", True)
    found = await exchange.fapiPrivateGetAlgoOrder({"clientAlgoId": "stop"})
    assert found["algoId"] == algo["algoId"]
    assert "actualOrderId" in found
    cancelled = await exchange.fapiPrivateDeleteAlgoOrder({"algoId": algo["algoId"]})
    assert cancelled == {
        "algoId": algo["algoId"],
        "clientAlgoId": "stop",
        "code": "200",
        "msg": "success",
    }
    assert await exchange.fapiPrivateGetOpenAlgoOrders({}) == []


async def test_account_and_positions_have_the_fields_of_version_3(exchange: binanceusdm) -> None:
    await exchange.fapiPrivatePostOrder(
        {"symbol": SYMBOL, "side": "BUY", "type": "MARKET", "quantity": "0.010"}
    )
    account = await exchange.fapiPrivateV3GetAccount()
    assert set(account) == fields(ACCOUNT)
    assert fields(ASSET) <= set(account["assets"][0])
    assert set(account["positions"][0]) == fields(HELD)
    [risk] = await exchange.fapiPrivateV3GetPositionRisk({})
    assert set(risk) == fields(RISK)
    assert risk["positionSide"] == "BOTH"
    balance = await exchange.fapiPrivateV3GetBalance()
    assert set(balance[0]) == fields(BALANCE)
    usdt = next(row for row in balance if row["asset"] == "USDT")
    assert usdt["balance"] == account["totalWalletBalance"]
    [*_, trade] = await exchange.fapiPrivateGetUserTrades({"symbol": SYMBOL})
    assert fields(TRADE) <= set(trade)


async def test_settings_are_told_by_their_own_endpoints(exchange: binanceusdm) -> None:
    reply = await exchange.fapiPrivatePostLeverage({"symbol": SYMBOL, "leverage": 20})
    assert set(reply) == fields("leverage maxNotionalValue symbol")
    [config] = await exchange.fapiPrivateGetSymbolConfig({"symbol": SYMBOL})
    assert set(config) == fields("symbol marginType isAutoAddMargin leverage maxNotionalValue")
    assert (int(config["leverage"]), config["marginType"]) == (20, "CROSSED")
    account = await exchange.fapiPrivateGetAccountConfig()
    assert fields("feeTier canTrade dualSidePosition multiAssetsMargin") <= set(account)
    dual = await exchange.fapiPrivateGetPositionSideDual()
    assert dual == {"dualSidePosition": False}
    assets = await exchange.fapiPrivateGetMultiAssetsMargin()
    assert assets == {"multiAssetsMargin": False}
    rate = await exchange.fapiPrivateGetCommissionRate({"symbol": SYMBOL})
    assert fields("symbol makerCommissionRate takerCommissionRate") <= set(rate)


async def test_unknown_path_is_called_invalid(exchange: binanceusdm) -> None:
    with pytest.raises(BaseError) as refusal:
        await exchange.fapiPrivateGetPmAccountInfo()
    assert code_of(refusal.value) == -5000
    assert "/fapi/v1/pmAccountInfo" in str(refusal.value)


# --- several at once ----------------------------------------------------------------------------


async def test_batch_answers_in_the_order_it_was_asked(sim: Sim, exchange: binanceusdm) -> None:
    small = limit_order(sim, quantity="0.001")
    orders = [limit_order(sim, newClientOrderId="a"), small, limit_order(sim, newClientOrderId="c")]
    replies = await exchange.fapiPrivatePostBatchOrders({"batchOrders": orders})
    assert [reply.get("clientOrderId", reply.get("code")) for reply in replies] == ["a", -4164, "c"]
    cancelled = await exchange.fapiPrivateDeleteBatchOrders(
        {"symbol": SYMBOL, "origClientOrderIdList": ["c", "nobody", "a"]}
    )
    assert [reply.get("clientOrderId", reply.get("code")) for reply in cancelled] == [
        "c",
        -2011,
        "a",
    ]


async def test_batch_of_more_than_five_is_refused(sim: Sim, exchange: binanceusdm) -> None:
    with pytest.raises(BaseError) as refusal:
        await exchange.fapiPrivatePostBatchOrders({"batchOrders": [limit_order(sim)] * 6})
    assert code_of(refusal.value) == -4082


async def test_cancelling_everything_leaves_conditional_orders(
    sim: Sim, exchange: binanceusdm
) -> None:
    await exchange.fapiPrivatePostOrder(limit_order(sim))
    trigger = {"type": "STOP_MARKET", "algoType": "CONDITIONAL", "triggerPrice": near(sim, "0.95")}
    await exchange.fapiPrivatePostAlgoOrder(
        {"symbol": SYMBOL, "side": "SELL", "quantity": "0.01", **trigger}
    )
    reply = await exchange.fapiPrivateDeleteAllOpenOrders({"symbol": SYMBOL})
    assert reply == {"code": 200, "msg": "The operation of cancel all open order is done."}
    assert await exchange.fapiPrivateGetOpenOrders({"symbol": SYMBOL}) == []
    assert len(await exchange.fapiPrivateGetOpenAlgoOrders({"symbol": SYMBOL})) == 1


async def test_dead_mans_switch_cancels_when_it_is_not_renewed(
    sim: Sim, exchange: binanceusdm
) -> None:
    order = await exchange.fapiPrivatePostOrder(limit_order(sim, "0.955"))
    name = {"symbol": SYMBOL, "orderId": order["orderId"]}
    switch = {"symbol": SYMBOL, "countdownTime": 5000}
    reply = await exchange.fapiPrivatePostCountdownCancelAll(switch)
    assert reply == {"symbol": SYMBOL, "countdownTime": "5000"}
    sim.advance(4_000)
    await exchange.fapiPrivatePostCountdownCancelAll(switch)
    sim.advance(4_000)
    assert (await exchange.fapiPrivateGetOrder(name))["status"] == "NEW"
    sim.advance(1_500)
    assert (await exchange.fapiPrivateGetOrder(name))["status"] == "CANCELED"


async def test_order_can_be_changed_under_its_own_number(sim: Sim, exchange: binanceusdm) -> None:
    order = await exchange.fapiPrivatePostOrder(limit_order(sim))
    change = {"symbol": SYMBOL, "side": "BUY", "orderId": order["orderId"], "quantity": "0.020"}
    changed = await exchange.fapiPrivatePutOrder({**change, "price": near(sim, "0.96")})
    assert (changed["orderId"], changed["origQty"]) == (order["orderId"], "0.020")
    with pytest.raises(BaseError) as refusal:
        await exchange.fapiPrivatePutOrder(change)
    assert code_of(refusal.value) == -1102


# --- refusals -----------------------------------------------------------------------------------

REFUSED: list[tuple[int, dict[str, str]]] = [
    (-1102, {"symbol": ""}),
    (-1121, {"symbol": "NOPEUSDT"}),
    (-1116, {"type": "GUESS"}),
    (-1117, {"side": "HOLD"}),
    (-1115, {"timeInForce": "SOON"}),
    (-1102, {"timeInForce": ""}),
    (-1102, {"quantity": ""}),
    (-1111, {"quantity": "0.0105"}),
    (-1111, {"price": "50000.123"}),
    (-4003, {"quantity": "0"}),
    (-4003, {"quantity": "-1"}),
    (-4005, {"quantity": "99999999"}),
    (-4001, {"price": "-1"}),
    (-4015, {"newClientOrderId": "a b"}),
    (-4015, {"newClientOrderId": "n" * 37}),
    (-4061, {"positionSide": "LONG"}),
    (-4060, {"positionSide": "UP"}),
    (-2022, {"side": "SELL", "reduceOnly": "true", "price": ""}),
]


async def test_price_between_two_ticks_is_refused(sim: Sim, exchange: binanceusdm) -> None:
    price = str(Decimal(near(sim, "0.97")) + Decimal("0.05"))
    with pytest.raises(BaseError) as refusal:
        await exchange.fapiPrivatePostOrder(limit_order(sim) | {"price": price})
    assert code_of(refusal.value) == -4014


@pytest.mark.parametrize(("code", "change"), REFUSED, ids=str)
async def test_order_is_refused_with_its_code(
    sim: Sim, exchange: binanceusdm, code: int, change: dict[str, str]
) -> None:
    order = limit_order(sim) | change
    if change.get("price") == "":
        order["price"] = near(sim, "1.02")
    with pytest.raises(BaseError) as refusal:
        await exchange.fapiPrivatePostOrder({name: text for name, text in order.items() if text})
    assert code_of(refusal.value) == code
    assert await exchange.fapiPrivateGetOpenOrders({"symbol": SYMBOL}) == []


async def test_weights_and_orders_are_counted_in_the_headers(
    sim: Sim, exchange: binanceusdm
) -> None:
    sim.advance(MINUTE_MS)
    await exchange.fapiPublicGetDepth({"symbol": SYMBOL, "limit": 100})
    before = int(exchange.last_response_headers["X-MBX-USED-WEIGHT-1M"])
    order = limit_order(sim)  # asks for the best price: weight 2
    await exchange.fapiPrivatePostOrder(order)
    headers = exchange.last_response_headers
    assert int(headers["X-MBX-USED-WEIGHT-1M"]) == before + 2
    assert (headers["X-MBX-ORDER-COUNT-10S"], headers["X-MBX-ORDER-COUNT-1M"]) == ("1", "1")


async def test_who_goes_on_asking_is_banned(sim: Sim, exchange: binanceusdm) -> None:
    sim.advance(MINUTE_MS)
    old_trades = {"symbol": SYMBOL, "limit": 1}
    statuses: list[str] = []
    while "418" not in statuses:
        try:
            await exchange.fapiPublicGetHistoricalTrades(old_trades)
        except DDoSProtection as error:
            statuses.append(str(error).split()[1])
        assert len(statuses) < 1000
    assert statuses[0] == "429"
    wait = int(exchange.last_response_headers["Retry-After"])
    assert wait >= 120
    sim.advance(wait * 1000)
    await exchange.fapiPublicGetHistoricalTrades(old_trades)
