"""Binance's own SDK: replies and events fit the types that Binance declares."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal

import pytest
from binance_common.configuration import (
    ConfigurationRestAPI,
    ConfigurationWebSocketAPI,
    ConfigurationWebSocketStreams,
)
from binance_common.errors import BadRequestError, TooManyRequestsError, UnauthorizedError
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)
from binance_sdk_derivatives_trading_usds_futures.rest_api import (
    DerivativesTradingUsdsFuturesRestAPI,
)
from binance_sdk_derivatives_trading_usds_futures.websocket_streams import (
    DerivativesTradingUsdsFuturesWebSocketStreams,
)
from binance_sdk_derivatives_trading_usds_futures.websocket_streams.models import (
    DiffBookDepthStreamsResponse,
    OrderTradeUpdate,
    UserDataStreamEventsResponse,
)
from pydantic import BaseModel
from sim_process import Sim, running_sim

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("conformance_sdk"),
    # The SDK opens its sockets with an argument that aiohttp has deprecated.
    pytest.mark.filterwarnings("ignore:parameter 'timeout' of type 'float':DeprecationWarning"),
]

SYMBOL = "BTCUSDT"
PATIENCE_SECONDS = 10.0
"""Never waited for in a passing test."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim(
        "--speed", 4, "--seed", 16, "--symbols", "BTCUSDT,ETHUSDT", "--balance", 100_000
    ) as sim:
        yield sim


@pytest.fixture
def client(sim: Sim) -> DerivativesTradingUsdsFutures:
    return DerivativesTradingUsdsFutures(
        config_rest_api=ConfigurationRestAPI(
            api_key=sim.api_key, api_secret=sim.api_secret, base_path=sim.rest, timeout=10_000
        ),
        config_ws_api=ConfigurationWebSocketAPI(
            api_key=sim.api_key, api_secret=sim.api_secret, stream_url=sim.ws_api
        ),
        config_ws_streams=ConfigurationWebSocketStreams(stream_url=sim.socket),
    )


@pytest.fixture
def rest(
    sim: Sim, client: DerivativesTradingUsdsFutures
) -> Iterator[DerivativesTradingUsdsFuturesRestAPI]:
    rest = client.rest_api
    yield rest
    rest._session.close()
    sim.clean()


@pytest.fixture(autouse=True)
def declared_types(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The SDK says in its log where a reply does not fit what it declares."""
    yield
    lines = [record.getMessage() for record in caplog.get_records("call")]
    assert [line for line in lines if "declared types" in line or "Failed to parse" in line] == []


def near(sim: Sim, share: str) -> float:
    """A price so far from the best bid."""
    bid, _ = sim.best(SYMBOL)
    return float((bid * Decimal(share)).quantize(Decimal("0.1")))


def limit_order(sim: Sim, share: str = "0.97") -> dict[str, object]:
    wanted = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "time_in_force": "GTC"}
    return {**wanted, "quantity": 0.01, "price": near(sim, share)}


# --- REST ---------------------------------------------------------------------------------------

NAME = {"symbol": SYMBOL}
READS: list[tuple[str, Mapping[str, object]]] = [
    ("check_server_time", {}),
    ("exchange_information", {}),
    ("order_book", {**NAME, "limit": 20}),
    ("recent_trades_list", {**NAME, "limit": 5}),
    ("old_trades_lookup", {**NAME, "limit": 5}),
    ("compressed_aggregate_trades_list", {**NAME, "limit": 5}),
    ("kline_candlestick_data", {**NAME, "interval": "1m", "limit": 5}),
    ("mark_price_kline_candlestick_data", {**NAME, "interval": "1m", "limit": 5}),
    ("index_price_kline_candlestick_data", {"pair": SYMBOL, "interval": "1m", "limit": 5}),
    ("premium_index_kline_data", {**NAME, "interval": "1m", "limit": 5}),
    ("mark_price", {}),
    ("mark_price", NAME),
    ("get_funding_rate_history", {**NAME, "limit": 5}),
    ("get_funding_rate_info", {}),
    ("ticker24hr_price_change_statistics", NAME),
    ("symbol_price_ticker_v2", {}),
    ("symbol_price_ticker_v2", NAME),
    ("symbol_order_book_ticker", {}),
    ("symbol_order_book_ticker", NAME),
    ("open_interest", NAME),
    ("account_information_v2", {}),
    ("account_information_v3", {}),
    ("futures_account_balance_v2", {}),
    ("futures_account_balance_v3", {}),
    ("position_information_v2", NAME),
    ("position_information_v3", {}),
    ("futures_account_configuration", {}),
    ("symbol_configuration", NAME),
    ("user_commission_rate", NAME),
    ("notional_and_leverage_brackets", {}),
    ("get_current_position_mode", {}),
    ("get_current_multi_assets_mode", {}),
    ("get_income_history", {}),
    ("account_trade_list", NAME),
    ("all_orders", NAME),
    ("current_all_open_orders", {}),
    ("current_all_algo_open_orders", {}),
    ("query_all_algo_orders", NAME),
    ("get_position_margin_change_history", NAME),
    ("query_user_rate_limit", {}),
    ("users_force_orders", {}),
    ("position_adl_quantile_estimation", {}),
]


@pytest.fixture(scope="module")
def history(sim: Sim) -> None:
    """Something to be found by every read."""
    bid, _ = sim.best(SYMBOL)
    price = str((bid * Decimal("0.97")).quantize(Decimal("0.1")))
    order = {"symbol": SYMBOL, "side": "BUY", "quantity": "0.010"}
    sim.ask_signed("POST", "/fapi/v1/order", **order, type="MARKET")
    sim.ask_signed("POST", "/fapi/v1/order", **order, type="LIMIT", timeInForce="GTC", price=price)
    trigger = {"type": "STOP_MARKET", "algoType": "CONDITIONAL", "triggerPrice": price}
    sim.ask_signed("POST", "/fapi/v1/algoOrder", **{**order, "side": "SELL"}, **trigger)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("name", "arguments"), READS, ids=str)
def test_reply_fits_the_declared_types(
    client: DerivativesTradingUsdsFutures, name: str, arguments: Mapping[str, object]
) -> None:
    reply = getattr(client.rest_api, name)(**arguments)
    data = reply.data()
    client.rest_api._session.close()
    if "kline" in name:
        assert [len(bar) for bar in data] == [12] * 5
        return
    for record in data if isinstance(data, list) else [data]:
        assert isinstance(record, BaseModel)
        # Every name that was sent is one that Binance declares.
        assert not getattr(record, "additional_properties", None)
    assert {limit.rateLimitType for limit in reply.rate_limits} == {"REQUEST_WEIGHT"}


def test_order_lives_as_declared(sim: Sim, rest: DerivativesTradingUsdsFuturesRestAPI) -> None:
    reply = rest.new_order(**limit_order(sim), new_client_order_id="sdk-1")
    assert {limit.rateLimitType for limit in reply.rate_limits} == {"REQUEST_WEIGHT", "ORDERS"}
    order = reply.data()
    assert (order.status, order.client_order_id, order.orig_qty) == ("NEW", "sdk-1", "0.010")
    found = rest.query_order(symbol=SYMBOL, order_id=order.order_id).data()
    assert (found.avg_price, found.cum_quote) == ("0.00000", "0.00000")
    changed = rest.modify_order(
        symbol=SYMBOL, side="BUY", order_id=order.order_id, quantity=0.02, price=near(sim, "0.96")
    ).data()
    assert (changed.order_id, changed.orig_qty) == (order.order_id, "0.020")
    history = rest.get_order_modify_history(symbol=SYMBOL, order_id=order.order_id).data()
    assert history[0].amendment.orig_qty.after == "0.020"
    cancelled = rest.cancel_order(symbol=SYMBOL, orig_client_order_id="sdk-1").data()
    assert cancelled.status == "CANCELED"


def test_conditional_order_lives_as_declared(
    sim: Sim, rest: DerivativesTradingUsdsFuturesRestAPI
) -> None:
    algo = rest.new_algo_order(
        algo_type="CONDITIONAL",
        symbol=SYMBOL,
        side="SELL",
        type="TRAILING_STOP_MARKET",
        quantity=0.01,
        callback_rate=1.0,
        activate_price=near(sim, "1.02"),
    ).data()
    assert (algo.algo_status, algo.order_type) == ("NEW", "TRAILING_STOP_MARKET")
    assert rest.query_algo_order(algo_id=algo.algo_id).data().algo_status == "NEW"
    assert rest.cancel_algo_order(algo_id=algo.algo_id).data().code == "200"
    assert rest.cancel_all_algo_open_orders(symbol=SYMBOL).data().code == 200


def test_batches_answer_order_by_order(
    sim: Sim, rest: DerivativesTradingUsdsFuturesRestAPI
) -> None:
    order = {
        "symbol": SYMBOL,
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01",
        "price": str(near(sim, "0.97")),
    }
    placed = rest.place_multiple_orders(batch_orders=[order, {**order, "quantity": "0.001"}])
    kept, refused = placed.data()
    assert (kept.status, refused.code) == ("NEW", -4164)
    [gone] = rest.cancel_multiple_orders(symbol=SYMBOL, order_id_list=[kept.order_id]).data()
    assert gone.status == "CANCELED"
    assert rest.cancel_all_open_orders(symbol=SYMBOL).data().code == 200
    switch = rest.auto_cancel_all_open_orders(symbol=SYMBOL, countdown_time=120_000).data()
    assert switch.countdown_time == "120000"
    rest.auto_cancel_all_open_orders(symbol=SYMBOL, countdown_time=0)


def test_settings_answer_as_declared(rest: DerivativesTradingUsdsFuturesRestAPI) -> None:
    assert rest.change_initial_leverage(symbol="ETHUSDT", leverage=9).data().leverage == 9
    assert rest.change_margin_type(symbol="ETHUSDT", margin_type="ISOLATED").data().code == 200
    rest.new_order(symbol="ETHUSDT", side="BUY", type="MARKET", quantity=1.0)
    moved = rest.modify_isolated_position_margin(symbol="ETHUSDT", amount=10.0, type=1).data()
    assert (moved.code, moved.type, moved.amount) == (200, 1, 10)
    rest.new_order(symbol="ETHUSDT", side="SELL", type="MARKET", quantity=1.0, reduce_only="true")
    assert rest.change_margin_type(symbol="ETHUSDT", margin_type="CROSSED").data().code == 200


def test_refusals_carry_code_and_words(
    sim: Sim, rest: DerivativesTradingUsdsFuturesRestAPI
) -> None:
    with pytest.raises(BadRequestError) as refusal:
        rest.new_order(**{**limit_order(sim), "symbol": "NOPEUSDT"})
    assert refusal.value.status_code == -1121
    assert refusal.value.error_message == "Invalid symbol."


def test_stranger_is_refused(sim: Sim) -> None:
    stranger = DerivativesTradingUsdsFuturesRestAPI(
        ConfigurationRestAPI(api_key="k" * 64, api_secret=sim.api_secret, base_path=sim.rest)
    )
    with pytest.raises(UnauthorizedError) as refusal:
        stranger.futures_account_balance_v3()
    stranger._session.close()
    assert refusal.value.status_code == -2015


def test_rate_limit_names_the_time_to_wait(
    sim: Sim, rest: DerivativesTradingUsdsFuturesRestAPI
) -> None:
    sim.control("POST", "/sim/faults", {"name": "rate-limited", "retry_after": 1})
    with pytest.raises(TooManyRequestsError) as refusal:
        rest.check_server_time()
    assert (refusal.value.status_code, refusal.value.retry_after) == (-1003, 1)
    sim.advance(1_000 * refusal.value.retry_after)
    assert rest.check_server_time().data().server_time > 0


def test_ed25519_key_signs_as_well(sim: Sim) -> None:
    client = DerivativesTradingUsdsFutures(
        config_rest_api=ConfigurationRestAPI(
            api_key=sim.ed25519_api_key, private_key=sim.ed25519_private_key, base_path=sim.rest
        )
    )
    assert client.rest_api.futures_account_balance_v3().data()[0].asset
    client.rest_api._session.close()


# --- streams ------------------------------------------------------------------------------------


@pytest.fixture
async def streams(
    sim: Sim, client: DerivativesTradingUsdsFutures
) -> AsyncIterator[DerivativesTradingUsdsFuturesWebSocketStreams]:
    streams = client.websocket_streams
    assert await streams.create_connection()
    yield streams
    await streams.close_connection()


STREAMS: list[tuple[str, dict[str, str]]] = [
    ("diff_book_depth_streams", NAME),
    ("partial_book_depth_streams", {**NAME, "levels": "20", "update_speed": "100ms"}),
    ("individual_symbol_book_ticker_streams", NAME),
    ("aggregate_trade_streams", NAME),
    ("mark_price_stream", {**NAME, "update_speed": "1s"}),
    ("mark_price_stream_for_all_market", {}),
    ("kline_candlestick_streams", {**NAME, "interval": "1m"}),
    ("individual_symbol_ticker_streams", NAME),
    ("individual_symbol_mini_ticker_stream", NAME),
    ("all_market_tickers_streams", {}),
    ("all_market_mini_tickers_stream", {}),
]


@pytest.mark.parametrize(("name", "arguments"), STREAMS, ids=str)
async def test_event_fits_the_declared_types(
    streams: DerivativesTradingUsdsFuturesWebSocketStreams, name: str, arguments: dict[str, str]
) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()
    failed: asyncio.Queue[object] = asyncio.Queue()
    streams.on_connection("error", failed.put_nowait)
    handle = await getattr(streams, name)(**arguments)
    handle.on("message", heard.put_nowait)
    async with asyncio.timeout(PATIENCE_SECONDS):
        event = await heard.get()
    assert failed.empty()
    for record in event if isinstance(event, list) else [event]:
        assert isinstance(record, BaseModel)
        assert not getattr(record, "additional_properties", None)


async def test_book_updates_continue_each_other(
    streams: DerivativesTradingUsdsFuturesWebSocketStreams,
) -> None:
    heard: asyncio.Queue[DiffBookDepthStreamsResponse] = asyncio.Queue()
    handle = await streams.diff_book_depth_streams(symbol=SYMBOL, update_speed="100ms")
    handle.on("message", heard.put_nowait)
    async with asyncio.timeout(PATIENCE_SECONDS):
        updates = [await heard.get() for _ in range(15)]
    assert all(update.u >= update.U for update in updates)
    assert [update.pu for update in updates[1:]] == [update.u for update in updates[:-1]]


async def test_account_events_fit_the_declared_types(
    sim: Sim,
    rest: DerivativesTradingUsdsFuturesRestAPI,
    streams: DerivativesTradingUsdsFuturesWebSocketStreams,
) -> None:
    key = (await asyncio.to_thread(rest.start_user_data_stream)).data().listen_key
    heard: asyncio.Queue[UserDataStreamEventsResponse] = asyncio.Queue()
    handle = await streams.user_data(key)
    handle.on("message", heard.put_nowait)
    await streams.list_subscribe()
    order = rest.new_order(symbol=SYMBOL, side="BUY", type="MARKET", quantity=0.01).data()
    kinds: set[str] = set()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not {"OrderTradeUpdate", "AccountUpdate", "TradeLite"} <= kinds:
            event = (await heard.get()).actual_instance
            kinds.add(type(event).__name__)
            if isinstance(event, OrderTradeUpdate):
                assert event.o.i == order.order_id
    assert "dict" not in kinds
    rest.keepalive_user_data_stream()
    rest.close_user_data_stream()


# --- orders over WebSocket ----------------------------------------------------------------------


async def test_orders_can_be_sent_over_websocket(
    sim: Sim, client: DerivativesTradingUsdsFutures
) -> None:
    api = await client.websocket_api.create_connection()
    assert api
    try:
        reply = await api.new_order(**limit_order(sim))
        order = reply.data().result
        assert (order.status, order.orig_qty) == ("NEW", "0.010")
        assert {limit.rateLimitType for limit in reply.rate_limits} >= {"ORDERS"}
        found = (await api.query_order(symbol=SYMBOL, order_id=order.order_id)).data().result
        assert found.order_id == order.order_id
        gone = (await api.cancel_order(symbol=SYMBOL, order_id=order.order_id)).data().result
        assert gone.status == "CANCELED"
        unknown = await api.cancel_order(symbol=SYMBOL, order_id=order.order_id)
        assert unknown.data()["error"]["code"] == -2011
        assert (await api.account_information_v2()).data().result.total_wallet_balance
        assert (await api.order_book(symbol=SYMBOL, limit=5)).data().result.last_update_id
    finally:
        await api.close_connection()
