"""python-binance: its asynchronous client, its sockets, its threaded manager."""

import asyncio
import itertools
import queue
import warnings
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import TypedDict

import pytest
from sim_process import Sim, running_sim

with warnings.catch_warnings():
    # It imports a name that websockets has deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from binance.async_client import AsyncClient
    from binance.exceptions import BinanceAPIException
    from binance.ws.depthcache import FuturesDepthCacheManager
    from binance.ws.reconnecting_websocket import ReconnectingWebsocket
    from binance.ws.streams import BinanceSocketManager, ThreadedWebsocketManager

pytestmark = [pytest.mark.xdist_group("conformance_python_binance"), pytest.mark.slow]

SYMBOL = "BTCUSDT"
PATIENCE_SECONDS = 10.0
"""Never waited for in a passing test."""


class AccountNews(TypedDict):
    """What an ACCOUNT_UPDATE says."""

    m: str
    P: list[dict[str, str]]


class Event(TypedDict):
    """Of the account."""

    e: str
    E: int
    o: dict[str, str]
    a: AccountNews


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim("--seed", 15, "--symbols", "BTCUSDT,ETHUSDT", "--balance", 100_000) as sim:
        yield sim


@pytest.fixture(autouse=True)
def urls(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but where the clients look for the venue."""
    monkeypatch.setattr(AsyncClient, "API_URL", f"{sim.rest}/api")
    monkeypatch.setattr(AsyncClient, "FUTURES_URL", f"{sim.rest}/fapi")
    monkeypatch.setattr(AsyncClient, "FUTURES_DATA_URL", f"{sim.rest}/futures/data")
    monkeypatch.setattr(AsyncClient, "WS_FUTURES_URL", sim.ws_api)
    monkeypatch.setattr(BinanceSocketManager, "FSTREAM_URL", f"{sim.socket}/")
    # A quiet socket closes no sooner than its reader has looked.
    monkeypatch.setattr(ReconnectingWebsocket, "TIMEOUT", 0.2)


@pytest.fixture
async def client(sim: Sim) -> AsyncIterator[AsyncClient]:
    client = await AsyncClient.create(sim.api_key, sim.api_secret)
    yield client
    if client.ws_future.ws:
        await client.ws_future.close()
    await client.close_connection()
    sim.clean()


def near(sim: Sim, share: str) -> str:
    """A price so far from the best bid."""
    bid, _ = sim.best(SYMBOL)
    return str((bid * Decimal(share)).quantize(Decimal("0.1")))


def limit_order(sim: Sim, share: str = "0.97", **more: object) -> dict[str, object]:
    wanted = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    return {**wanted, "quantity": "0.010", "price": near(sim, share), **more}


async def messages_until(socket: ReconnectingWebsocket, *names: str) -> list[Event]:
    """Events up to the first for which every name was seen, in the order they came."""
    missing = set(names)
    seen: list[Event] = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while missing:
            message = await socket.recv()
            missing.discard(message["e"])
            seen.append(message)
    return seen


# --- market -------------------------------------------------------------------------------------


async def test_clock_is_synced_at_start(client: AsyncClient) -> None:
    assert abs(client.timestamp_offset) < 1000
    assert await client.futures_ping() == {}
    assert (await client.futures_time())["serverTime"] > 0


async def test_market_data_is_read(client: AsyncClient) -> None:
    symbols = [row["symbol"] for row in (await client.futures_exchange_info())["symbols"]]
    assert symbols == [SYMBOL, "ETHUSDT"]
    name = {"symbol": SYMBOL}
    book = await client.futures_order_book(**name, limit=20)
    assert (len(book["bids"]), len(book["asks"])) == (20, 20)
    bars = await client.futures_klines(**name, interval="5m", limit=7)
    assert [len(bar) for bar in bars] == [12] * 7
    assert len(await client.futures_mark_price_klines(**name, interval="1h", limit=3)) == 3
    assert (await client.futures_mark_price(**name))["symbol"] == SYMBOL
    assert len(await client.futures_mark_price()) == 2
    assert (await client.futures_symbol_ticker(**name))["symbol"] == SYMBOL
    assert (await client.futures_ticker(**name))["count"] > 0
    assert len(await client.futures_orderbook_ticker()) == 2
    assert len(await client.futures_funding_rate(**name, limit=4)) == 4
    assert Decimal((await client.futures_open_interest(**name))["openInterest"]) > 0
    assert await client.futures_leverage_bracket(**name)


async def test_long_history_is_read_in_pieces(client: AsyncClient) -> None:
    now = (await client.futures_time())["serverTime"]
    start = now - 3_000 * 60_000
    bars = await client.futures_historical_klines(SYMBOL, "1m", start, now)
    times = [bar[0] for bar in bars]
    assert len(times) >= 2_999
    assert {after - before for before, after in itertools.pairwise(times)} == {60_000}


# --- orders -------------------------------------------------------------------------------------


async def test_limit_order_rests_is_changed_and_cancelled(sim: Sim, client: AsyncClient) -> None:
    order = await client.futures_create_order(**limit_order(sim))
    assert order["status"] == "NEW"
    assert order["clientOrderId"].startswith("x-Cb7ytekJ")
    name = {"symbol": SYMBOL, "orderId": order["orderId"]}
    changed = await client.futures_modify_order(
        **name, side="BUY", quantity="0.020", price=near(sim, "0.96")
    )
    assert changed["origQty"] == "0.020"
    [opened] = await client.futures_get_open_orders(symbol=SYMBOL)
    assert opened["orderId"] == order["orderId"]
    assert (await client.futures_cancel_order(**name))["status"] == "CANCELED"
    assert (await client.futures_get_order(**name))["status"] == "CANCELED"
    assert order["orderId"] in [
        row["orderId"] for row in await client.futures_get_all_orders(symbol=SYMBOL)
    ]


@pytest.mark.parametrize(
    ("share", "force", "status"),
    [("0.97", "IOC", "EXPIRED"), ("1.02", "IOC", "FILLED"), ("1.02", "FOK", "FILLED")],
)
async def test_immediate_orders_end_at_once(
    sim: Sim, client: AsyncClient, share: str, force: str, status: str
) -> None:
    order = await client.futures_create_order(
        **limit_order(sim, share, timeInForce=force, newOrderRespType="RESULT")
    )
    assert order["status"] == status


CONDITIONAL = [
    {"type": "STOP", "stopPrice": "1.02", "price": "1.03", "quantity": "0.010"},
    {"type": "STOP_MARKET", "stopPrice": "1.02", "quantity": "0.010"},
    {"type": "TAKE_PROFIT", "stopPrice": "0.98", "price": "0.97", "quantity": "0.010"},
    {"type": "TAKE_PROFIT_MARKET", "stopPrice": "0.98", "quantity": "0.010"},
    {"type": "TRAILING_STOP_MARKET", "callbackRate": "1", "quantity": "0.010"},
]


@pytest.mark.parametrize("wanted", CONDITIONAL, ids=lambda wanted: str(wanted["type"]))
async def test_conditional_order_is_sent_where_it_belongs(
    sim: Sim, client: AsyncClient, wanted: dict[str, str]
) -> None:
    shares = {
        name: near(sim, text) if name in {"stopPrice", "price"} else text
        for name, text in wanted.items()
    }
    algo = await client.futures_create_order(symbol=SYMBOL, side="BUY", **shares)
    assert (algo["orderType"], algo["algoStatus"]) == (wanted["type"], "NEW")
    [opened] = await client.futures_get_open_orders(symbol=SYMBOL, conditional=True)
    assert opened["algoId"] == algo["algoId"]
    found = await client.futures_get_order(clientAlgoId=algo["clientAlgoId"])
    assert found["algoId"] == algo["algoId"]
    await client.futures_cancel_order(algoId=algo["algoId"])
    assert await client.futures_get_open_orders(conditional=True) == []


async def test_orders_come_and_go_in_batches(sim: Sim, client: AsyncClient) -> None:
    batch = [limit_order(sim) for _ in range(3)] + [limit_order(sim, quantity="0.001")]
    *placed, refused = await client.futures_place_batch_order(batchOrders=batch)
    assert refused["code"] == -4164
    numbers = [order["orderId"] for order in placed]
    cancelled = await client.futures_cancel_orders(symbol=SYMBOL, orderidlist=numbers[:2])
    assert [order["orderId"] for order in cancelled] == numbers[:2]
    [last] = await client.futures_cancel_orders(
        symbol=SYMBOL, origclientorderidlist=[placed[2]["clientOrderId"]]
    )
    assert last["orderId"] == numbers[2]
    assert (await client.futures_cancel_all_open_orders(symbol=SYMBOL))["code"] == 200


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (-1111, {"quantity": "0.0101"}),
        (-1121, {"symbol": "NOPEUSDT"}),
        (-4164, {"quantity": "0.001"}),
        (-5022, {"timeInForce": "GTX", "price": "1.02"}),
        (-5021, {"timeInForce": "FOK"}),
    ],
    ids=str,
)
async def test_refusal_carries_its_code(
    sim: Sim, client: AsyncClient, code: int, change: dict[str, str]
) -> None:
    if "price" in change:
        change = {**change, "price": near(sim, change["price"])}
    with pytest.raises(BinanceAPIException) as refusal:
        await client.futures_create_order(**(limit_order(sim) | change))
    assert (refusal.value.code, refusal.value.status_code) == (code, 400)


async def test_late_request_is_refused(client: AsyncClient) -> None:
    client.timestamp_offset -= 60_000
    with pytest.raises(BinanceAPIException) as refusal:
        await client.futures_account_balance()
    assert refusal.value.code == -1021


# --- account ------------------------------------------------------------------------------------


async def test_account_is_read_and_set(client: AsyncClient) -> None:
    name = {"symbol": SYMBOL}
    assert (await client.futures_change_leverage(**name, leverage=20))["leverage"] == 20
    await client.futures_create_order(**name, side="BUY", type="MARKET", quantity="0.010")
    account = await client.futures_account()  # version 2
    held = next(row for row in account["positions"] if row["symbol"] == SYMBOL)
    assert (held["positionAmt"], held["leverage"], held["isolated"]) == ("0.010", "20", False)
    [risk] = await client.futures_position_information(**name)
    assert (risk["positionAmt"], risk["positionSide"]) == ("0.010", "BOTH")
    balances = {row["asset"]: row for row in await client.futures_account_balance()}
    assert Decimal(balances["USDT"]["balance"]) < 100_000
    assert (await client.futures_account_trades(**name))[-1]["qty"]
    assert (await client.futures_income_history(**name))[-1]["incomeType"] == "COMMISSION"
    assert (await client.futures_commission_rate(**name))["takerCommissionRate"]
    assert (await client.futures_get_position_mode())["dualSidePosition"] is False
    assert (await client.futures_get_multi_assets_mode())["multiAssetsMargin"] is False
    assert (await client.futures_adl_quantile_estimate(**name)) is not None


async def test_isolated_margin_is_moved(sim: Sim, client: AsyncClient) -> None:
    name = {"symbol": "ETHUSDT"}
    await client.futures_change_margin_type(**name, marginType="ISOLATED")
    await client.futures_create_order(**name, side="SELL", type="MARKET", quantity="1.000")
    moved = await client.futures_change_position_margin(**name, amount="25", type=1)
    assert (moved["code"], moved["type"]) == (200, 1)
    assert (await client.futures_position_margin_history(**name))[-1]["type"] == 1
    sim.clean()
    await client.futures_change_margin_type(**name, marginType="CROSSED")


async def test_listen_key_lives_until_it_is_closed(client: AsyncClient) -> None:
    key = await client.futures_stream_get_listen_key()
    assert await client.futures_stream_get_listen_key() == key
    await client.futures_stream_keepalive(key)
    await client.futures_stream_close(key)
    with pytest.raises(BinanceAPIException) as refusal:
        await client.futures_stream_keepalive(key)
    assert refusal.value.code == -1125
    assert await client.futures_stream_get_listen_key() != key


# --- sockets ------------------------------------------------------------------------------------


async def test_account_events_come_in_order(sim: Sim, client: AsyncClient) -> None:
    async with BinanceSocketManager(client).futures_user_socket() as socket:
        order = await client.futures_create_order(
            symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.010"
        )
        events = await messages_until(socket, "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE", "TRADE_LITE")
        changes = [event["o"] for event in events if event["e"] == "ORDER_TRADE_UPDATE"]
        while changes[-1]["X"] != "FILLED":
            events += await messages_until(socket, "ORDER_TRADE_UPDATE")
            changes.append(events[-1]["o"])
    assert (changes[0]["x"], changes[0]["X"]) == ("NEW", "NEW")
    assert {change["i"] for change in changes} == {order["orderId"]}
    assert {change["x"] for change in changes[1:]} == {"TRADE"}
    times = [event["E"] for event in events]
    assert times == sorted(times)
    update = next(event["a"] for event in events if event["e"] == "ACCOUNT_UPDATE")
    assert update["m"] == "ORDER"
    assert [held["s"] for held in update["P"]] == [SYMBOL]


@pytest.mark.parametrize(
    ("start", "event"),
    [
        ("futures_depth_socket", "depthUpdate"),
        ("aggtrade_futures_socket", "aggTrade"),
        ("symbol_mark_price_socket", "markPriceUpdate"),
        ("symbol_ticker_futures_socket", "bookTicker"),
        ("individual_symbol_ticker_futures_socket", "24hrTicker"),
        ("kline_futures_socket", "continuous_kline"),
    ],
)
async def test_market_socket_speaks(client: AsyncClient, start: str, event: str) -> None:
    async with getattr(BinanceSocketManager(client), start)(SYMBOL) as socket:
        async with asyncio.timeout(PATIENCE_SECONDS):
            message = await socket.recv()
    data = message.get("data", message)
    assert data["e"] == event
    assert SYMBOL in {data.get("s"), data.get("ps")}


async def test_several_streams_share_a_socket(client: AsyncClient) -> None:
    wanted = ["btcusdt@aggTrade", "ethusdt@markPrice@1s"]
    seen: set[str] = set()
    async with BinanceSocketManager(client).futures_multiplex_socket(wanted) as socket:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while seen != set(wanted):
                seen.add((await socket.recv())["stream"])


async def test_depth_cache_follows(client: AsyncClient) -> None:
    async with FuturesDepthCacheManager(client, SYMBOL) as depth:
        cache = await depth.recv()
    assert len(cache.get_bids()) == 10
    assert cache.get_bids()[0][0] < cache.get_asks()[0][0]


def test_threaded_manager_listens_in_the_background(sim: Sim) -> None:
    heard: queue.Queue[dict[str, dict[str, str]]] = queue.Queue()
    # Its sockets are made in this thread and read in that of the manager: both take this loop.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    manager = ThreadedWebsocketManager(sim.api_key, sim.api_secret)
    manager.start()
    try:
        manager.start_aggtrade_futures_socket(heard.put, SYMBOL)
        assert heard.get(timeout=PATIENCE_SECONDS)["data"]["s"] == SYMBOL
    finally:
        manager.stop()
        manager.join()
        asyncio.set_event_loop(None)
        loop.close()


# --- orders over WebSocket ----------------------------------------------------------------------


async def test_orders_can_be_sent_over_websocket(sim: Sim, client: AsyncClient) -> None:
    assert (await client.ws_futures_get_order_book(symbol=SYMBOL))["bids"]
    order = await client.ws_futures_create_order(**limit_order(sim))
    name = {"symbol": SYMBOL, "orderId": order["orderId"]}
    assert (await client.ws_futures_get_order(**name))["status"] == "NEW"
    assert (await client.ws_futures_cancel_order(**name))["status"] == "CANCELED"
    with pytest.raises(BinanceAPIException) as refusal:
        await client.ws_futures_cancel_order(**name)
    assert refusal.value.code == -2011
    assert await client.ws_futures_v2_account_balance()
    assert (await client.ws_futures_v2_account_status())["totalWalletBalance"]
