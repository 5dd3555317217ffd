"""The exchange as a whole: requests, streams, time, acts; and the same again for the same seed."""

import json
from collections.abc import Iterator

import pytest
from listeners import taken
from made_once import make_pasts_anew
from sim_exchange import (
    START_MS,
    an_exchange,
    ask,
    buy,
    connect,
    user_session,
    wait,
)
from sim_rest import signed

from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.http_messages import Fate, Reply, Request
from botcore_tui.exchange.sim.mailbox import Mailbox
from botcore_tui.exchange.sim.stream_addresses import StreamAddress
from botcore_tui.exchange.sim.stream_names import Route
from botcore_tui.exchange.sim.streams import LIFE_MS


def control(
    exchange: Exchange, method: str, path: str, *, query: str = "", body: str = ""
) -> tuple[int, dict[str, object]]:
    request = Request(method=method, path=path, query=query, body=body)
    answer = exchange.control(request, exchange.now_ms)
    assert answer is not None
    decoded: dict[str, object] = json.loads(answer.body)
    return answer.status, decoded


def names(frames: list[str]) -> list[str]:
    return [json.loads(frame)["e"] for frame in frames]


# --- requests and streams -----------------------------------------------------------------------


def test_an_order_is_answered_and_told_to_whoever_listens() -> None:
    exchange = an_exchange()
    session = user_session(exchange)
    reply = buy(exchange, newClientOrderId="mine")
    assert (reply.status, json.loads(reply.body)["clientOrderId"]) == (200, "mine")
    assert names(taken(session)) == [
        "ORDER_TRADE_UPDATE",
        "TRADE_LITE",
        "ACCOUNT_UPDATE",
        "ORDER_TRADE_UPDATE",
    ]


def test_an_order_moves_the_market_that_everybody_sees() -> None:
    exchange = an_exchange()
    public = connect(exchange, "/public/ws/btcusdt@bookTicker")
    market = connect(exchange, "/market/ws/btcusdt@aggTrade")
    buy(exchange, "0.100")
    assert names(taken(market))[0] == "aggTrade"
    assert names(taken(public)) == ["bookTicker"]


def test_time_passes_before_a_request_is_looked_at() -> None:
    exchange = an_exchange()
    session = connect(exchange, "/market/ws/btcusdt@markPrice@1s")
    reply = exchange.handle(Request(method="GET", path="/fapi/v1/time"), START_MS + 2_500)
    assert json.loads(reply.body) == {"serverTime": START_MS + 2_500}
    assert len(taken(session)) == 2
    exchange.receive(session, '{"method":"LIST_SUBSCRIPTIONS","id":1}', START_MS + 3_000)
    assert len(taken(session)) == 2
    wait(exchange, -5_000)
    assert exchange.now_ms == START_MS + 3_000


def test_a_timestamp_may_fit_another_clock() -> None:
    exchange = an_exchange()
    wall_ms = START_MS + 86_400_000
    request = signed("GET", "/fapi/v1/openOrders", wall_ms)
    assert exchange.handle(request, START_MS).status == 400
    assert exchange.handle(request, START_MS, wall_ms).status == 200


@pytest.mark.requirement("F12")
def test_a_clock_that_stepped_fits_no_other_clock() -> None:
    exchange = an_exchange()
    exchange.handle(Request(method="GET", path="/fapi/v1/time"), START_MS)
    control(exchange, "POST", "/sim/faults", body='{"name":"clock-step","ms":7000}')
    reply = exchange.handle(signed("GET", "/fapi/v1/openOrders", START_MS), START_MS, START_MS)
    assert json.loads(reply.body)["code"] == -1021


def test_too_many_connections_are_refused() -> None:
    exchange = an_exchange()
    address = StreamAddress(Route.PUBLIC, is_combined=False)
    outcomes = [exchange.connect(address, "127.0.0.1", START_MS) for _ in range(301)]
    assert isinstance(outcomes[-1], Reply)
    assert outcomes[-1].status == 429


def test_requests_over_a_websocket_share_the_limits() -> None:
    exchange = an_exchange()
    mailbox = exchange.connect_api("127.0.0.1", START_MS)
    assert isinstance(mailbox, Mailbox)
    text = '{"id":"1","method":"ticker.book","params":{"symbol":"BTCUSDT"}}'
    exchange.receive_api(mailbox, text, "127.0.0.1", START_MS + 10)
    reply = json.loads(mailbox.outbox[0])
    # The handshake weighs 5.
    assert reply["rateLimits"][0]["count"] == 5 + 2


def test_a_connection_for_requests_ends_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LIFE_MS == 86_400_000
    monkeypatch.setattr("botcore_tui.exchange.sim.exchange.LIFE_MS", 1_000)
    exchange = an_exchange()
    mailbox = exchange.connect_api("127.0.0.1", START_MS)
    assert isinstance(mailbox, Mailbox)
    codes = []
    for milliseconds in (999, 1):
        wait(exchange, milliseconds)
        codes.append(mailbox.close_code)
    assert codes == [0, 1001]


def test_a_banned_address_gets_no_websocket_either() -> None:
    exchange = an_exchange()
    outcomes = [exchange.connect_api("10.0.0.9", START_MS) for _ in range(600)]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    assert (refusals[0].status, refusals[-1].status) == (429, 418)
    assert json.loads(refusals[-1].body)["code"] == -1003
    assert [refusals[place].headers["Retry-After"] for place in (0, -1)] == ["60", "120"]
    # The handshakes that were refused weigh as well, until the ban.
    assert refusals[0].headers["X-MBX-USED-WEIGHT-1M"] == "2405"


# --- faults -------------------------------------------------------------------------------------


@pytest.mark.requirement("F03")
def test_a_reply_can_come_after_the_events_of_its_fill() -> None:
    exchange = an_exchange(faults=("fill-before-ack=delay_ms:700",))
    resting = ask(
        exchange,
        "POST",
        "order",
        symbol="BTCUSDT",
        side="BUY",
        type="LIMIT",
        timeInForce="GTC",
        quantity="0.010",
        price="60000",
    )
    assert (resting.delay_ms, resting.fate) == (0, Fate.SEND)
    assert [buy(exchange).delay_ms for _ in range(2)] == [700, 0]


@pytest.mark.requirement("F05")
def test_the_listen_key_expires_and_connections_are_cut_at_their_time() -> None:
    exchange = an_exchange(faults=("listen-key-expired=after_ms:1000", "disconnect=after_ms:2000"))
    session, other = user_session(exchange), connect(exchange, "/public/ws")
    wait(exchange, 1_000)
    assert names(taken(session)) == ["listenKeyExpired"]
    assert (session.close_code, other.close_code) == (0, 0)
    wait(exchange, 1_000)
    assert (session.close_code, other.close_code) == (1001, 1001)


def test_connections_of_one_route_are_cut_when_asked_for_at_run_time() -> None:
    exchange = an_exchange()
    session, other = user_session(exchange), connect(exchange, "/public/ws")
    control(exchange, "POST", "/sim/faults", body='{"name":"disconnect","route":"private"}')
    wait(exchange, 1)
    assert (session.close_code, other.close_code) == (1001, 0)


@pytest.mark.requirement("F09")
def test_an_act_happens_once_and_one_that_cannot_is_noted() -> None:
    exchange = an_exchange(faults=("manual-close=after_ms:500", "manual-close=after_ms:900"))
    buy(exchange)
    session = user_session(exchange)
    wait(exchange, 1_000)
    assert exchange.venue.floor.held("BTCUSDT") == 0
    orders = [json.loads(frame) for frame in taken(session)]
    assert orders[-1]["o"]["c"].startswith("web_")
    [note] = exchange.notes
    assert note.startswith(f"{START_MS + 900}: manual-close of BTCUSDT: ")


@pytest.mark.requirement("F19")
@pytest.mark.parametrize(("symbol", "settled"), [("symbol:ETHUSDT,", "ETHUSDT"), ("", "BTCUSDT")])
def test_a_contract_that_settles_is_told_to_the_market(symbol: str, settled: str) -> None:
    exchange = an_exchange("BTCUSDT", "ETHUSDT", faults=(f"symbol-settling={symbol}after_ms:1",))
    session = connect(exchange, "/market/ws/!contractInfo")
    wait(exchange, 1)
    [event] = [json.loads(frame) for frame in taken(session)]
    assert (event["s"], event["cs"]) == (settled, "SETTLING")


# --- beside the interface -----------------------------------------------------------------------


def test_state_tells_what_the_venue_really_has() -> None:
    exchange = an_exchange()
    buy(exchange)
    connect(exchange, "/public/stream?streams=btcusdt@depth")
    status, state = control(exchange, "GET", "/sim/state")
    assert status == 200
    assert state["imbalance"] == 0
    assert isinstance(state["positions"], list)
    assert [row["quantity"] for row in state["positions"]] == ["0.010"]
    assert isinstance(state["connections"], list)
    assert state["connections"][0]["streams"] == ["btcusdt@depth"]
    assert state["faults"] == []


def test_faults_are_listed_armed_and_disarmed() -> None:
    exchange = an_exchange()
    _, armed = control(exchange, "POST", "/sim/faults", body='{"name":"unavailable"}')
    assert armed == {"armed": [{"id": 1, "name": "unavailable"}]}
    _, listed = control(exchange, "GET", "/sim/faults")
    assert isinstance(listed["faults"], list)
    assert len(listed["faults"]) == 1
    assert control(exchange, "DELETE", "/sim/faults", query="id=1") == (200, {"disarmed": 1})


def test_nothing_else_is_there() -> None:
    exchange = an_exchange()
    request = Request(method="GET", path="/sim/secrets")
    assert exchange.control(request, START_MS) is None


# --- the same again -----------------------------------------------------------------------------


def a_day_at_the_exchange(exchange: Exchange) -> Iterator[bytes]:
    """Requests at their times, and every byte that comes of them."""
    make_pasts_anew()
    sessions = [
        user_session(exchange),
        connect(exchange, "/public/stream?streams=btcusdt@depth@100ms/ethusdt@bookTicker"),
        connect(exchange, "/market/ws/btcusdt@aggTrade/ethusdt@markPrice@1s/btcusdt@kline_1m"),
    ]
    steps: list[tuple[int, str, str, dict[str, object]]] = [
        (137, "POST", "order", {"side": "BUY", "type": "MARKET", "quantity": "0.050"}),
        (12, "POST", "leverage", {"leverage": 10}),
        (
            1_500,
            "POST",
            "order",
            {
                "side": "SELL",
                "type": "LIMIT",
                "timeInForce": "GTC",
                "quantity": "0.020",
                "price": "61650",
            },
        ),
        (
            700,
            "POST",
            "algoOrder",
            {
                "side": "SELL",
                "type": "STOP_MARKET",
                "algoType": "CONDITIONAL",
                "triggerPrice": "60000",
                "closePosition": "true",
            },
        ),
        (5_000, "GET", "userTrades", {}),
        (1, "DELETE", "allOpenOrders", {}),
        (60_000, "POST", "order", {"side": "BUY", "type": "MARKET", "quantity": "0.010"}),
        (250, "GET", "depth", {"limit": 100}),
        (0, "GET", "klines", {"interval": "1h"}),
    ]
    for pause_ms, method, path, parameters in steps:
        wait(exchange, pause_ms)
        reply = ask(exchange, method, path, symbol="BTCUSDT", **parameters)
        yield reply.body
        yield repr(sorted(reply.headers.items())).encode()
        for session in sessions:
            yield from session.outbox
            session.outbox.clear()


@pytest.mark.slow
def test_the_same_seed_and_requests_at_the_same_times_give_the_same_bytes() -> None:
    first, second, other = (an_exchange("BTCUSDT", "ETHUSDT", seed=seed) for seed in (5, 5, 6))
    bytes_of = [list(a_day_at_the_exchange(each)) for each in (first, second, other)]
    assert bytes_of[0] == bytes_of[1] != bytes_of[2]
    assert first.state_hash() == second.state_hash() != other.state_hash()


@pytest.mark.parametrize("step_ms", [1, 37, 10_000])
def test_how_time_is_cut_into_steps_changes_nothing(step_ms: int) -> None:
    whole, cut = an_exchange(), an_exchange()
    sessions = [
        connect(each, "/public/ws/btcusdt@depth/btcusdt@bookTicker") for each in (whole, cut)
    ]
    wait(whole, 20_000)
    while cut.now_ms < whole.now_ms:
        cut.advance(min(whole.now_ms, cut.now_ms + step_ms))
    assert sessions[0].outbox == sessions[1].outbox
    assert whole.state_hash() == cut.state_hash()


def test_replaying_the_log_of_requests_reproduces_the_state() -> None:
    exchange, log = an_exchange(), []
    for number in range(60):
        wait(exchange, 7 * number % 190)
        request = signed(
            "POST",
            "order",
            exchange.now_ms,
            symbol="BTCUSDT",
            side=("BUY", "SELL")[number % 2],
            type="LIMIT",
            timeInForce=("GTC", "IOC", "GTX", "FOK")[number % 4],
            quantity=f"0.0{10 + number}",
            price=str(61_600 + 7 * number % 120),
        )
        exchange.handle(request, exchange.now_ms)
        log.append((exchange.now_ms, request))
    wait(exchange, 1_000)
    again = an_exchange()
    for time_ms, request in log:
        again.handle(request, time_ms)
    again.advance(exchange.now_ms)
    assert again.state_hash() == exchange.state_hash()
    assert again.state() == exchange.state()
