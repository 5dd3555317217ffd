"""ccxt, unified methods: what a user of ccxt finds at the venue."""

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest
from ccxt.async_support import binanceusdm
from ccxt.base.errors import (
    BaseError,
    InvalidOrder,
)
from sim_ccxt import BTC, ETH, ccxt_client, code_of
from sim_process import Sim, running_sim

pytestmark = [pytest.mark.xdist_group("conformance_ccxt"), pytest.mark.slow]

MINUTE_MS = 60_000
HIGH, LOW = "1.02", "0.98"
"""Limit prices that rest, as shares of the best price."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    # Simulated time stands still between requests: what happens does not depend on the machine.
    with running_sim(
        "--speed", 0, "--seed", 11, "--symbols", "BTCUSDT,ETHUSDT", "--balance", 100_000
    ) as sim:
        yield sim


@pytest.fixture
async def exchange(sim: Sim) -> AsyncIterator[binanceusdm]:
    async with ccxt_client(sim) as exchange:
        yield exchange
    sim.clean()
    sim.renew_quota()


async def price_at(exchange: binanceusdm, share: str, symbol: str = BTC) -> str:
    """A price so far from the best ones."""
    book = await exchange.fetch_order_book(symbol, 5)
    text: str = exchange.price_to_precision(symbol, book["bids"][0][0] * float(share))
    return text


def ids(orders: list[dict[str, str]]) -> list[str]:
    return [order["id"] for order in orders]


# --- markets and prices -------------------------------------------------------------------------


async def test_markets_are_loaded_with_their_steps_and_limits(exchange: binanceusdm) -> None:
    assert set(exchange.symbols) == {BTC, ETH}
    market = exchange.market(BTC)
    assert (market["swap"], market["linear"], market["active"]) == (True, True, True)
    assert (market["settle"], market["contractSize"]) == ("USDT", 1)
    assert (market["precision"]["amount"], market["precision"]["price"]) == (0.001, 0.1)
    assert market["limits"]["amount"]["min"] == 0.001
    assert market["limits"]["cost"]["min"] == 100


async def test_clock_of_the_venue_can_be_read(sim: Sim, exchange: binanceusdm) -> None:
    before = await exchange.fetch_time()
    sim.advance(1_234)
    assert await exchange.fetch_time() == before + 1_234


async def test_book_is_sorted_and_uncrossed(exchange: binanceusdm) -> None:
    book = await exchange.fetch_order_book(BTC, 1000)
    bids, asks = ([price for price, _ in book[side]] for side in ("bids", "asks"))
    assert len(bids) > 100
    assert len(asks) > 100
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert bids[0] < asks[0]
    assert book["nonce"] > 0


async def test_tickers_agree_with_the_book(exchange: binanceusdm) -> None:
    book = await exchange.fetch_order_book(BTC, 5)
    quotes = await exchange.fetch_bids_asks([BTC, ETH])
    assert (quotes[BTC]["bid"], quotes[BTC]["ask"]) == (book["bids"][0][0], book["asks"][0][0])
    assert set(quotes) == {BTC, ETH}
    ticker = await exchange.fetch_ticker(BTC)
    last = (await exchange.fetch_last_prices([BTC]))[BTC]["price"]
    assert ticker["last"] == last
    assert ticker["low"] <= last <= ticker["high"]
    assert set(await exchange.fetch_tickers()) == {BTC, ETH}


async def test_trades_are_in_order_of_time(sim: Sim, exchange: binanceusdm) -> None:
    sim.advance(5_000)
    trades = await exchange.fetch_trades(BTC, limit=50)
    assert len(trades) == 50
    stamps = [trade["timestamp"] for trade in trades]
    assert stamps == sorted(stamps)
    assert {trade["side"] for trade in trades} <= {"buy", "sell"}


@pytest.mark.parametrize("kind", [None, "mark", "index", "premiumIndex"])
@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d"])
async def test_bars_follow_each_other(
    exchange: binanceusdm, kind: str | None, timeframe: str
) -> None:
    bars = await exchange.fetch_ohlcv(BTC, timeframe, limit=200, params={"price": kind})
    assert len(bars) == 200
    step = exchange.parse_timeframe(timeframe) * 1000
    assert {after[0] - before[0] for before, after in itertools.pairwise(bars)} == {step}
    assert all(low <= min(first, last) for _, first, _, low, last, _ in bars)
    assert all(max(first, last) <= high for _, first, high, _, last, _ in bars)


async def test_hour_is_made_of_its_minutes(exchange: binanceusdm) -> None:
    hour = (await exchange.fetch_ohlcv(BTC, "1h", limit=3))[0]
    minutes = await exchange.fetch_ohlcv(BTC, "1m", since=hour[0], limit=60)
    assert hour[1] == minutes[0][1]
    assert hour[2] == max(minute[2] for minute in minutes)
    assert hour[3] == min(minute[3] for minute in minutes)
    assert hour[4] == minutes[-1][4]
    assert hour[5] == pytest.approx(sum(minute[5] for minute in minutes))


async def test_funding_is_told(exchange: binanceusdm) -> None:
    rate = await exchange.fetch_funding_rate(BTC)
    assert 0 < rate["fundingTimestamp"] - await exchange.fetch_time() <= 8 * 60 * MINUTE_MS
    assert rate["markPrice"] == pytest.approx(rate["indexPrice"], rel=0.01)
    history = await exchange.fetch_funding_rate_history(BTC, limit=10)
    times = [row["timestamp"] for row in history]
    assert {after - before for before, after in itertools.pairwise(times)} == {8 * 60 * MINUTE_MS}
    assert set(await exchange.fetch_funding_rates()) == {BTC, ETH}
    assert (await exchange.fetch_mark_price(BTC))["markPrice"] == rate["markPrice"]


async def test_open_interest_is_told(exchange: binanceusdm) -> None:
    assert (await exchange.fetch_open_interest(BTC))["openInterestAmount"] > 0


async def test_leverage_tiers_join(exchange: binanceusdm) -> None:
    tiers = (await exchange.fetch_leverage_tiers([BTC]))[BTC]
    assert tiers[0]["maxLeverage"] == 125
    assert tiers[0]["minNotional"] == 0
    for below, above in itertools.pairwise(tiers):
        assert below["maxNotional"] == above["minNotional"]
        assert below["maintenanceMarginRate"] < above["maintenanceMarginRate"]


# --- life of an order ---------------------------------------------------------------------------


async def test_limit_order_rests_until_it_is_cancelled(exchange: binanceusdm) -> None:
    price = await price_at(exchange, LOW)
    order = await exchange.create_order(
        BTC, "limit", "buy", 0.01, price, {"clientOrderId": "rest-1"}
    )
    assert (order["status"], order["timeInForce"]) == ("open", "GTC")
    assert (order["price"], order["amount"], order["filled"]) == (float(price), 0.01, 0)
    assert ids(await exchange.fetch_open_orders(BTC)) == [order["id"]]
    assert ids(await exchange.fetch_open_orders()) == [order["id"]]
    assert (await exchange.fetch_open_order(order["id"], BTC))["clientOrderId"] == "rest-1"
    cancelled = await exchange.cancel_order(order["id"], BTC)
    assert cancelled["status"] == "canceled"
    by_name = await exchange.fetch_order(None, BTC, {"origClientOrderId": "rest-1"})
    assert (by_name["id"], by_name["status"]) == (order["id"], "canceled")
    assert await exchange.fetch_open_orders(BTC) == []
    assert order["id"] in ids(await exchange.fetch_canceled_orders(BTC))


async def test_immediate_order_that_finds_nobody_expires(exchange: binanceusdm) -> None:
    price = await price_at(exchange, LOW)
    order = await exchange.create_order(BTC, "limit", "buy", 0.01, price, {"timeInForce": "IOC"})
    assert (order["status"], order["filled"]) == ("expired", 0)


async def test_immediate_order_takes_what_there_is(exchange: binanceusdm) -> None:
    price = await price_at(exchange, HIGH)
    order = await exchange.create_order(BTC, "limit", "buy", 0.01, price, {"timeInForce": "IOC"})
    assert (order["status"], order["filled"]) == ("closed", 0.01)


async def test_all_or_nothing_is_refused_where_not_all_can_be_had(exchange: binanceusdm) -> None:
    price = await price_at(exchange, LOW)
    with pytest.raises(InvalidOrder) as refusal:
        await exchange.create_order(BTC, "limit", "buy", 0.01, price, {"timeInForce": "FOK"})
    assert code_of(refusal.value) == -5021


async def test_all_or_nothing_is_filled_where_all_can_be_had(exchange: binanceusdm) -> None:
    price = await price_at(exchange, HIGH)
    order = await exchange.create_order(BTC, "limit", "buy", 0.01, price, {"timeInForce": "FOK"})
    assert (order["status"], order["filled"]) == ("closed", 0.01)


async def test_post_only_order_rests_or_is_refused(exchange: binanceusdm) -> None:
    resting = await exchange.create_order(
        BTC, "limit", "buy", 0.01, await price_at(exchange, LOW), {"postOnly": True}
    )
    assert (resting["status"], resting["postOnly"]) == ("open", True)
    with pytest.raises(InvalidOrder) as refusal:
        await exchange.create_order(
            BTC, "limit", "buy", 0.01, await price_at(exchange, HIGH), {"postOnly": True}
        )
    assert code_of(refusal.value) == -5022


async def test_dated_order_ends_at_its_date(sim: Sim, exchange: binanceusdm) -> None:
    # The venue's dates count in whole seconds.
    date = (await exchange.fetch_time() // 1000 + 602) * 1000
    order = await exchange.create_order(
        BTC,
        "limit",
        "buy",
        0.01,
        await price_at(exchange, "0.951"),
        {"timeInForce": "GTD", "goodTillDate": date},
    )
    assert (order["status"], order["info"]["goodTillDate"]) == ("open", date)
    sim.advance(603_000)
    assert (await exchange.fetch_order(order["id"], BTC))["status"] == "expired"


async def test_market_order_becomes_a_position_and_a_trade(exchange: binanceusdm) -> None:
    order = await exchange.create_order(BTC, "market", "buy", 0.01)
    assert (order["status"], order["filled"]) == ("closed", 0.01)
    # Replies to new orders carry no average since 2026-07; only queries do.
    assert order["average"] is None
    assert (await exchange.fetch_order(order["id"], BTC))["average"] > 0
    trades = [
        trade for trade in await exchange.fetch_my_trades(BTC) if trade["order"] == order["id"]
    ]
    assert sum(trade["amount"] for trade in trades) == pytest.approx(0.01)
    assert {trade["fee"]["currency"] for trade in trades} == {"USDT"}
    [position] = await exchange.fetch_positions([BTC])
    assert (position["side"], position["contracts"]) == ("long", 0.01)
    closing = await exchange.create_order(BTC, "market", "sell", 0.01, None, {"reduceOnly": True})
    assert closing["reduceOnly"] is True
    assert await exchange.fetch_positions([BTC]) == []


async def test_resting_order_is_filled_by_others(sim: Sim, exchange: binanceusdm) -> None:
    book = await exchange.fetch_order_book(BTC, 5)
    order = await exchange.create_order(BTC, "limit", "buy", 0.01, book["bids"][0][0])
    for _ in range(60):
        sim.advance(5_000)
        order = await exchange.fetch_order(order["id"], BTC)
        if order["status"] == "closed":
            break
    assert (order["status"], order["filled"]) == ("closed", 0.01)
    trades = await exchange.fetch_my_trades(BTC)
    assert {trade["takerOrMaker"] for trade in trades if trade["order"] == order["id"]} == {"maker"}


async def test_order_can_be_changed_but_not_to_the_same(exchange: binanceusdm) -> None:
    price, other = await price_at(exchange, LOW), await price_at(exchange, "0.97")
    order = await exchange.create_order(BTC, "limit", "buy", 0.01, price)
    changed = await exchange.edit_order(order["id"], BTC, "limit", "buy", 0.02, other)
    assert (changed["id"], changed["status"]) == (order["id"], "open")
    assert (changed["amount"], changed["price"]) == (0.02, float(other))
    with pytest.raises(BaseError) as refusal:
        await exchange.edit_order(order["id"], BTC, "limit", "buy", 0.02, other)
    assert code_of(refusal.value) == -5027
    [open_order] = await exchange.fetch_open_orders(BTC)
    assert open_order["price"] == float(other)


async def test_orders_are_placed_changed_and_cancelled_in_batches(exchange: binanceusdm) -> None:
    price, other = await price_at(exchange, LOW), await price_at(exchange, "0.97")
    wanted = {"symbol": BTC, "type": "limit", "side": "buy", "amount": 0.01, "price": price}
    # 0.0001 passes ccxt's own check of precision in text, not the venue's smallest worth.
    placed = await exchange.create_orders(
        [wanted, {**wanted, "amount": 0.001}, {**wanted, "price": other}]
    )
    kept = [order for order in placed if order["status"] == "open"]
    assert (len(placed), len(kept)) == (3, 2)
    edits = [
        {
            "id": order["id"],
            "symbol": BTC,
            "type": "limit",
            "side": "buy",
            "amount": 0.02,
            "price": other,
        }
        for order in kept
    ]
    await exchange.edit_orders(edits)
    opened = await exchange.fetch_open_orders(BTC)
    assert [(order["amount"], order["price"]) for order in opened] == [(0.02, float(other))] * 2
    await exchange.cancel_orders(ids(opened), BTC)
    assert await exchange.fetch_open_orders(BTC) == []


async def test_all_orders_of_a_symbol_are_cancelled_at_once(exchange: binanceusdm) -> None:
    for symbol in (BTC, BTC, ETH):
        price = await price_at(exchange, LOW, symbol)
        await exchange.create_order(symbol, "limit", "buy", 0.1, price)
    await exchange.cancel_all_orders(BTC)
    assert [order["symbol"] for order in await exchange.fetch_open_orders()] == [ETH]


# --- conditional orders -------------------------------------------------------------------------

CONDITIONAL = [
    ("limit", "1.03", {"stopLossPrice": "1.02"}, "STOP"),
    ("market", None, {"stopLossPrice": "1.02"}, "STOP_MARKET"),
    ("limit", "0.97", {"takeProfitPrice": "0.98"}, "TAKE_PROFIT"),
    ("market", None, {"takeProfitPrice": "0.98"}, "TAKE_PROFIT_MARKET"),
    (
        "market",
        None,
        {"trailingPercent": "1", "trailingTriggerPrice": "0.98"},
        "TRAILING_STOP_MARKET",
    ),
]


@pytest.mark.parametrize(("kind", "limit", "triggers", "named"), CONDITIONAL)
async def test_conditional_order_waits_until_it_is_cancelled(
    exchange: binanceusdm, kind: str, limit: str | None, triggers: dict[str, str], named: str
) -> None:
    price = await price_at(exchange, limit) if limit else None
    levels = {
        name: share if name == "trailingPercent" else await price_at(exchange, share)
        for name, share in triggers.items()
    }
    name = f"algo-{named}"
    order = await exchange.create_order(
        BTC, kind, "buy", 0.01, price, {**levels, "clientOrderId": name}
    )
    assert order["info"]["orderType"] == named
    assert (order["status"], order["clientOrderId"]) == ("open", name)
    assert await exchange.fetch_open_orders(BTC) == []
    assert ids(await exchange.fetch_open_orders(BTC, params={"trigger": True})) == [order["id"]]
    found = await exchange.fetch_order(order["id"], BTC, {"trigger": True})
    assert found["clientOrderId"] == name
    await exchange.cancel_order(order["id"], BTC, {"trigger": True})
    assert await exchange.fetch_open_orders(BTC, params={"trigger": True}) == []
    seen = await exchange.fetch_order(order["id"], BTC, {"trigger": True})
    assert seen["info"]["algoStatus"] == "CANCELED"


async def test_stop_that_is_reached_sells_under_a_new_id(sim: Sim, exchange: binanceusdm) -> None:
    await exchange.create_order(BTC, "market", "buy", 0.01)
    trigger = await price_at(exchange, "0.9995")
    stop = await exchange.create_order(
        BTC,
        "market",
        "sell",
        None,
        None,
        {"stopLossPrice": trigger, "closePosition": True, "clientOrderId": "stop-1"},
    )
    for _ in range(240):
        sim.advance(15_000)
        if not await exchange.fetch_positions([BTC]):
            break
    ended = (await exchange.fetch_order(stop["id"], BTC, {"trigger": True}))["info"]
    assert ended["algoStatus"] == "FINISHED"
    sold = await exchange.fetch_order(ended["actualOrderId"], BTC)
    assert (sold["clientOrderId"], sold["status"]) == ("stop-1", "closed")
    assert sold["id"] != stop["id"]
