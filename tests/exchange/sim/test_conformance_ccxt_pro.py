"""ccxt.pro: streams of the market and of the account, and orders over WebSocket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator

import pytest
from ccxt.base.errors import ChecksumError, OrderNotFound
from ccxt.pro import binanceusdm
from sim_ccxt import BTC, ETH, ccxt_client
from sim_process import Sim, running_sim

pytestmark = [pytest.mark.xdist_group("conformance_ccxt_pro"), pytest.mark.slow]

SLOT_MS = 100
PATIENCE_SECONDS = 10.0
"""Never waited for in a passing test."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim(
        "--speed", 0, "--seed", 14, "--symbols", "BTCUSDT,ETHUSDT", "--balance", 100_000
    ) as sim:
        yield sim


@pytest.fixture
async def exchange(sim: Sim) -> AsyncIterator[binanceusdm]:
    async with ccxt_client(sim, binanceusdm) as exchange:
        yield exchange
    sim.clean()
    sim.renew_quota()


async def account_socket_open(exchange: binanceusdm) -> None:
    """Return when what is watched of the account will be told."""
    await exchange.authenticate()
    url = exchange.get_private_ws_url("linear", exchange.options["linear"]["listenKey"])
    async with asyncio.timeout(PATIENCE_SECONDS):
        await exchange.client(url).connected


async def news(sim: Sim, watching: Awaitable[object], advance_ms: int = SLOT_MS) -> object:
    """What a watch says next, while time passes."""
    task = asyncio.ensure_future(watching)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not task.done():
            await asyncio.to_thread(sim.advance, advance_ms)
        return await task


async def following(sim: Sim, exchange: binanceusdm, *, updates: int) -> None:
    """Watch a book for some updates."""
    for _ in range(updates):
        await news(sim, exchange.watch_order_book(BTC))


# --- market -------------------------------------------------------------------------------------


async def test_book_follows_the_venue_until_both_are_the_same(
    sim: Sim, exchange: binanceusdm
) -> None:
    book = await exchange.watch_order_book(BTC)
    numbers = []
    for _ in range(50):
        sim.advance(SLOT_MS)
        # ccxt raises ChecksumError where pu does not continue the last u.
        book = await exchange.watch_order_book(BTC)
        numbers.append(book["nonce"])
    assert numbers == sorted(set(numbers))
    snapshot = await exchange.fetch_order_book(BTC, 1000)
    while book["nonce"] != snapshot["nonce"]:
        sim.advance(SLOT_MS)
        book = await exchange.watch_order_book(BTC)
        snapshot = await exchange.fetch_order_book(BTC, 1000)
        assert len(numbers) < 200
        numbers.append(book["nonce"])
    for side in ("bids", "asks"):
        assert [list(level[:2]) for level in book[side]] == snapshot[side]


async def test_gap_in_the_book_is_found_and_mended(sim: Sim, exchange: binanceusdm) -> None:
    await exchange.watch_order_book(BTC)
    sim.advance(SLOT_MS)
    await exchange.watch_order_book(BTC)
    sim.control("POST", "/sim/faults", {"name": "depth-gap", "count": 1})
    with pytest.raises(ChecksumError):
        await following(sim, exchange, updates=5)
    book = await exchange.watch_order_book(BTC)
    assert book["bids"][0][0] < book["asks"][0][0]


async def test_partial_book_is_whole_each_time(sim: Sim, exchange: binanceusdm) -> None:
    quotes = await news(sim, exchange.watch_bids_asks([BTC]))
    assert isinstance(quotes, dict)
    snapshot = await exchange.fetch_bids_asks([BTC])
    assert set(quotes) == {BTC}
    assert quotes[BTC]["bid"] == pytest.approx(snapshot[BTC]["bid"], rel=0.01)
    assert quotes[BTC]["bid"] < quotes[BTC]["ask"]


async def test_trades_are_told(sim: Sim, exchange: binanceusdm) -> None:
    trades = await news(sim, exchange.watch_trades(BTC, params={"name": "aggTrade"}))
    assert isinstance(trades, list)
    assert trades[-1]["symbol"] == BTC
    assert trades[-1]["amount"] > 0


async def test_bar_of_the_minute_grows(sim: Sim, exchange: binanceusdm) -> None:
    bars = await news(sim, exchange.watch_ohlcv(BTC, "1m"), 250)
    assert isinstance(bars, list)
    [start, first, high, low, last, volume] = bars[-1]
    assert start % 60_000 == 0
    assert low <= min(first, last) <= max(first, last) <= high
    assert volume >= 0


async def test_tickers_and_marks_are_told(sim: Sim, exchange: binanceusdm) -> None:
    ticker = await news(sim, exchange.watch_ticker(BTC), 1000)
    assert isinstance(ticker, dict)
    assert ticker["low"] <= ticker["last"] <= ticker["high"]
    tickers = await news(sim, exchange.watch_tickers([BTC, ETH]), 1000)
    assert isinstance(tickers, dict)
    assert set(tickers) <= {BTC, ETH}
    mark = await news(sim, exchange.watch_mark_price(BTC), 1000)
    assert isinstance(mark, dict)
    assert mark["markPrice"] == pytest.approx(ticker["last"], rel=0.02)
    marks = await news(sim, exchange.watch_mark_prices(), 1000)
    assert isinstance(marks, dict)
    assert set(marks) == {BTC, ETH}


async def test_watching_can_end(sim: Sim, exchange: binanceusdm) -> None:
    await exchange.watch_order_book(BTC)
    await exchange.un_watch_order_book(BTC)
    await news(sim, exchange.watch_ticker(ETH), 1000)
    await exchange.un_watch_ticker(ETH)
    assert BTC not in exchange.orderbooks


# --- account ------------------------------------------------------------------------------------


async def test_orders_are_told_as_they_happen(exchange: binanceusdm) -> None:
    watching = asyncio.ensure_future(exchange.watch_orders())
    await account_socket_open(exchange)
    seen = []
    price = exchange.price_to_precision(
        BTC, (await exchange.fetch_order_book(BTC, 5))["bids"][0][0] * 0.97
    )
    order = await exchange.create_order(BTC, "limit", "buy", 0.01, price)
    seen += [(update["id"], update["status"]) for update in await watching]
    watching = asyncio.ensure_future(exchange.watch_orders(BTC))
    await exchange.edit_order(order["id"], BTC, "limit", "buy", 0.02, price)
    [amended] = await watching
    assert amended["amount"] == 0.02
    watching = asyncio.ensure_future(exchange.watch_orders(BTC))
    await exchange.cancel_order(order["id"], BTC)
    seen += [(update["id"], update["status"]) for update in await watching]
    assert seen == [(order["id"], "open"), (order["id"], "canceled")]


async def test_fill_is_told_to_everybody_who_watches(exchange: binanceusdm) -> None:
    watches = [
        asyncio.ensure_future(watch)
        for watch in (
            exchange.watch_my_trades(BTC),
            exchange.watch_balance(),
            exchange.watch_positions([BTC], params={"fetchPositionsSnapshot": False}),
        )
    ]
    await account_socket_open(exchange)
    # The snapshot of positions that ccxt asks for first must not race with the order.
    positions = await watches.pop()
    assert positions == []
    watches.append(asyncio.ensure_future(exchange.watch_positions([BTC])))
    await asyncio.sleep(0)  # it begins
    before = (await exchange.fetch_balance())["USDT"]["total"]
    order = await exchange.create_order(BTC, "market", "buy", 0.01)
    async with asyncio.timeout(PATIENCE_SECONDS):
        trades, balance, positions = await asyncio.gather(*watches)
    assert {trade["order"] for trade in trades} == {order["id"]}
    assert trades[0]["fee"]["cost"] > 0
    assert balance["USDT"]["total"] < before
    assert [(held["side"], held["contracts"]) for held in positions] == [("long", 0.01)]


async def test_conditional_orders_are_told(exchange: binanceusdm) -> None:
    watching = asyncio.ensure_future(exchange.watch_orders())
    await account_socket_open(exchange)
    bid = (await exchange.fetch_order_book(BTC, 5))["bids"][0][0]
    trigger = exchange.price_to_precision(BTC, bid * 0.95)
    order = await exchange.create_order(
        BTC, "market", "sell", 0.01, None, {"stopLossPrice": trigger, "clientOrderId": "told"}
    )
    [update] = await watching
    assert (update["id"], update["clientOrderId"]) == (order["id"], "told")
    assert update["triggerPrice"] == float(trigger)


async def test_listen_key_is_renewed_while_it_lives(sim: Sim, exchange: binanceusdm) -> None:
    await exchange.authenticate()
    bucket = exchange.options["linear"]
    await exchange.keep_alive_listen_key()
    assert exchange.options["linear"]["listenKey"] == bucket["listenKey"]
    sim.control("POST", "/sim/faults", {"name": "listen-key-expired"})
    # A key that cannot be renewed is forgotten; the next watch asks for another.
    await exchange.keep_alive_listen_key()
    assert exchange.options["linear"]["listenKey"] is None
    await exchange.authenticate()
    assert exchange.options["linear"]["listenKey"] not in {None, bucket["listenKey"]}


# --- orders over WebSocket ----------------------------------------------------------------------


async def test_orders_can_be_sent_over_websocket(exchange: binanceusdm) -> None:
    book = await exchange.fetch_order_book_ws(BTC, 5)
    price = exchange.price_to_precision(BTC, book["bids"][0][0] * 0.97)
    order = await exchange.create_order_ws(BTC, "limit", "buy", 0.01, price)
    assert order["status"] == "open"
    assert (await exchange.fetch_order_ws(order["id"], BTC))["status"] == "open"
    edited = await exchange.edit_order_ws(order["id"], BTC, "limit", "buy", 0.02, price)
    assert edited["amount"] == 0.02
    cancelled = await exchange.cancel_order_ws(order["id"], BTC)
    assert cancelled["status"] == "canceled"
    with pytest.raises(OrderNotFound):
        await exchange.cancel_order_ws(order["id"], BTC)


async def test_account_can_be_asked_over_websocket(exchange: binanceusdm) -> None:
    await exchange.create_order_ws(BTC, "market", "buy", 0.01)
    [position] = await exchange.fetch_positions_ws([BTC])
    assert position["contracts"] == 0.01
    for method in ("account.status", "v2/account.status", "account.balance", "v2/account.balance"):
        balance = await exchange.fetch_balance_ws({"method": method})
        assert balance["USDT"]["total"] > 0
    ticker = await exchange.fetch_ticker_ws(BTC)
    assert ticker["bid"] < ticker["ask"]
