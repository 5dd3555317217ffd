"""binance-futures-connector: Binance's older client, everything in the query, raw frames."""

import json
import queue
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from sim_process import Sim, running_sim

with warnings.catch_warnings():
    # Its package has the name of python-binance's, which imports what websockets has deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from binance.error import ClientError, ServerError
    from binance.um_futures import UMFutures
    from binance.websocket.um_futures.websocket_client import UMFuturesWebsocketClient

pytestmark = [pytest.mark.xdist_group("conformance_connector"), pytest.mark.slow]

SYMBOL = "BTCUSDT"
PATIENCE_SECONDS = 10.0
"""Never waited for in a passing test."""


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim(
        "--speed", 4, "--seed", 17, "--symbols", "BTCUSDT,ETHUSDT", "--balance", 100_000
    ) as sim:
        yield sim


@pytest.fixture
def client(sim: Sim) -> Iterator[UMFutures]:
    client = UMFutures(sim.api_key, sim.api_secret, base_url=sim.rest, show_limit_usage=False)
    yield client
    client.session.close()
    sim.clean()


class Listener:
    """What a socket says, frame by frame."""

    def __init__(self) -> None:
        self._frames: queue.Queue[str] = queue.Queue()

    def heard(self, _: object, frame: str) -> None:
        """Take a frame from the socket's thread."""
        self._frames.put(frame)

    def next(self) -> dict[str, object]:
        """The next frame."""
        frame: dict[str, object] = json.loads(self._frames.get(timeout=PATIENCE_SECONDS))
        return frame

    def next_event(self, name: str) -> dict[str, object]:
        """The next frame that is such an event."""
        while True:
            frame = self.next()
            if frame.get("e") == name:
                return frame

    @property
    def is_silent(self) -> bool:
        """Whether nothing more has come."""
        return self._frames.empty()


@contextmanager
def socket(
    url: str, *, is_combined: bool = False
) -> Iterator[tuple[UMFuturesWebsocketClient, Listener]]:
    listener = Listener()
    client = UMFuturesWebsocketClient(
        stream_url=url, on_message=listener.heard, is_combined=is_combined
    )
    try:
        yield client, listener
    finally:
        client.stop()
        client.socket_manager.ws.shutdown()  # it leaves its end of the socket open


def near(sim: Sim, share: str) -> str:
    """A price so far from the best bid."""
    bid, _ = sim.best(SYMBOL)
    return str((bid * Decimal(share)).quantize(Decimal("0.1")))


def limit_order(sim: Sim, share: str = "0.97", **more: str) -> dict[str, str]:
    wanted = {"symbol": SYMBOL, "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}
    return {**wanted, "quantity": "0.010", "price": near(sim, share), **more}


# --- REST ---------------------------------------------------------------------------------------


def test_market_data_is_read(client: UMFutures) -> None:
    assert client.ping() == {}
    assert client.time()["serverTime"] > 0
    assert len(client.exchange_info()["symbols"]) == 2
    assert len(client.depth(SYMBOL, limit=5)["bids"]) == 5
    assert len(client.trades(SYMBOL, limit=5)) == 5
    assert len(client.historical_trades(SYMBOL, limit=5)) == 5
    assert len(client.agg_trades(SYMBOL, limit=5)) == 5
    assert len(client.klines(SYMBOL, "1m", limit=5)) == 5
    assert client.mark_price(SYMBOL)["symbol"] == SYMBOL
    assert len(client.funding_rate(SYMBOL, limit=5)) == 5
    assert isinstance(client.funding_info(), list)  # asks for the rates of all symbols
    assert client.ticker_24hr_price_change(SYMBOL)["symbol"] == SYMBOL
    assert len(client.ticker_price()) == 2
    assert client.book_ticker(SYMBOL)["symbol"] == SYMBOL
    assert client.open_interest(SYMBOL)["symbol"] == SYMBOL


def test_order_lives(sim: Sim, client: UMFutures) -> None:
    order = client.new_order(**limit_order(sim), newClientOrderId="um-1")
    number = order["orderId"]
    assert client.query_order(SYMBOL, orderId=number)["status"] == "NEW"
    assert client.get_open_orders(SYMBOL, origClientOrderId="um-1")["orderId"] == number
    assert [row["orderId"] for row in client.get_orders(symbol=SYMBOL)] == [number]
    changed = client.modify_order(
        SYMBOL, "BUY", "0.020", near(sim, "0.96"), orderId=number, recvWindow=5000
    )
    assert changed["origQty"] == "0.020"
    assert client.cancel_order(SYMBOL, orderId=number)["status"] == "CANCELED"
    assert number in [row["orderId"] for row in client.get_all_orders(SYMBOL)]
    assert client.new_order_test(**limit_order(sim)) is not None
    assert client.get_orders(symbol=SYMBOL) == []


def test_orders_come_and_go_in_batches(sim: Sim, client: UMFutures) -> None:
    first, refused, second = client.new_batch_order(
        [limit_order(sim), limit_order(sim, quantity="0.001"), limit_order(sim)]
    )
    assert refused["code"] == -4164
    [gone] = client.cancel_batch_order(SYMBOL, [first["orderId"]], None)
    assert gone["status"] == "CANCELED"
    [gone] = client.cancel_batch_order(SYMBOL, None, [second["clientOrderId"]])
    assert gone["status"] == "CANCELED"
    assert client.cancel_open_orders(SYMBOL)["code"] == 200
    assert client.countdown_cancel_order(SYMBOL, 60_000)["countdownTime"] == "60000"
    client.countdown_cancel_order(SYMBOL, 0)


def test_account_is_read_and_set(client: UMFutures) -> None:
    assert client.change_leverage(SYMBOL, 20)["leverage"] == 20
    client.new_order(SYMBOL, "BUY", "MARKET", quantity="0.010")
    assert [row["positionAmt"] for row in client.get_position_risk(symbol=SYMBOL)] == ["0.010"]
    assert client.account()["totalPositionInitialMargin"] != "0.00000000"
    assert client.balance()[0]["asset"]
    assert client.get_account_trades(SYMBOL)
    assert client.get_income_history(symbol=SYMBOL)
    assert client.leverage_brackets(symbol=SYMBOL)
    assert client.commission_rate(SYMBOL)["symbol"] == SYMBOL
    assert client.futures_account_configuration()["canTrade"] is True
    assert client.symbol_configuration(symbol=SYMBOL)[0]["leverage"] == 20
    assert client.query_user_rate_limit()[0]["rateLimitType"] == "ORDERS"
    assert client.get_position_mode() == {"dualSidePosition": False}
    assert client.get_multi_asset_mode() == {"multiAssetsMargin": False}
    assert client.force_orders() == []
    client.new_order(SYMBOL, "SELL", "MARKET", quantity="0.010", reduceOnly=True)
    assert client.get_position_risk(symbol=SYMBOL) == []


def test_limits_are_told_with_the_reply(sim: Sim) -> None:
    client = UMFutures(sim.api_key, sim.api_secret, base_url=sim.rest, show_limit_usage=True)
    reply = client.time()
    client.session.close()
    assert int(reply["limit_usage"]["x-mbx-used-weight-1m"]) >= 1


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (-4120, {"type": "STOP_MARKET", "stopPrice": "1"}),
        (-1121, {"symbol": "NOPEUSDT"}),
        (-1111, {"quantity": "0.0101"}),
        (-4014, {"price": "half a tick"}),
        (-1102, {"timeInForce": ""}),
    ],
    ids=str,
)
def test_refusal_carries_its_code(
    sim: Sim, client: UMFutures, code: int, change: dict[str, str]
) -> None:
    order = limit_order(sim) | change
    if code == -4014:
        order["price"] = str(Decimal(near(sim, "0.97")) + Decimal("0.05"))
    with pytest.raises(ClientError) as refusal:
        client.new_order(**{name: text for name, text in order.items() if text})
    assert (refusal.value.status_code, refusal.value.error_code) == (400, code)


def test_unavailable_venue_is_a_server_error(sim: Sim, client: UMFutures) -> None:
    sim.control("POST", "/sim/faults", {"name": "unavailable", "count": 1})
    with pytest.raises(ServerError) as failure:
        client.balance()
    assert failure.value.status_code == 503
    assert client.balance()


# --- sockets ------------------------------------------------------------------------------------


def test_book_updates_continue_each_other_from_the_snapshot(sim: Sim, client: UMFutures) -> None:
    with socket(sim.ws_public) as (stream, listener):
        stream.diff_book_depth(SYMBOL, speed=100, id=5)
        assert listener.next() == {"result": None, "id": 5}
        update = listener.next_event("depthUpdate")
        snapshot = client.depth(SYMBOL, limit=1000)
        while int(str(update["u"])) < snapshot["lastUpdateId"]:
            update = listener.next_event("depthUpdate")
        assert int(str(update["U"])) <= snapshot["lastUpdateId"]
        for _ in range(10):
            following = listener.next_event("depthUpdate")
            assert following["pu"] == update["u"]
            update = following


def test_stream_on_the_wrong_route_is_acknowledged_and_silent(sim: Sim) -> None:
    with socket(sim.ws_market) as (stream, listener):
        stream.diff_book_depth(SYMBOL, id=1)
        stream.agg_trade(SYMBOL, id=2)
        assert listener.next() == {"result": None, "id": 1}
        assert listener.next() == {"result": None, "id": 2}
        # Twenty depth intervals of trades, not one update of the book.
        assert {listener.next()["e"] for _ in range(20)} == {"aggTrade"}


def test_socket_without_a_route_is_acknowledged_and_silent(sim: Sim) -> None:
    with (
        socket(sim.socket) as (stream, listener),
        socket(sim.ws_public) as (other, heard),
    ):
        stream.book_ticker(SYMBOL, id=1)
        assert listener.next() == {"result": None, "id": 1}
        other.book_ticker(SYMBOL)
        for _ in range(20):
            heard.next()
        assert listener.is_silent


def test_subscriptions_can_be_listed_and_ended(sim: Sim) -> None:
    with socket(sim.ws_market, is_combined=True) as (stream, listener):
        stream.subscribe(["btcusdt@markPrice@1s", "ethusdt@markPrice@1s"], id=1)
        assert listener.next() == {"result": None, "id": 1}
        assert {listener.next()["stream"] for _ in range(4)} == {
            "btcusdt@markPrice@1s",
            "ethusdt@markPrice@1s",
        }
        stream.unsubscribe("ethusdt@markPrice@1s", id=2)
        while "id" not in listener.next():
            pass
        stream.list_subscribe(id=3)
        while (frame := listener.next()).get("id") != 3:
            assert frame["stream"] == "btcusdt@markPrice@1s"
        assert frame["result"] == ["btcusdt@markPrice@1s"]


def test_account_events_follow_the_listen_key(sim: Sim, client: UMFutures) -> None:
    key = client.new_listen_key()["listenKey"]
    assert client.new_listen_key()["listenKey"] == key
    client.renew_listen_key(key)
    with socket(sim.ws_private) as (stream, listener):
        stream.user_data(key, id=1)
        assert listener.next() == {"result": None, "id": 1}
        order = client.new_order(**limit_order(sim))
        told = listener.next_event("ORDER_TRADE_UPDATE")["o"]
        assert isinstance(told, dict)
        assert (told["i"], told["x"], told["X"]) == (order["orderId"], "NEW", "NEW")
        client.change_leverage(SYMBOL, 11)
        assert listener.next_event("ACCOUNT_CONFIG_UPDATE")["ac"] == {"s": SYMBOL, "l": 11}
        sim.control("POST", "/sim/faults", {"name": "listen-key-expired"})
        assert listener.next_event("listenKeyExpired")["listenKey"] == key
    with pytest.raises(ClientError) as refusal:
        client.renew_listen_key(key)
    assert refusal.value.error_code == -1125
    other = client.new_listen_key()["listenKey"]
    assert other != key
    client.close_listen_key(other)
