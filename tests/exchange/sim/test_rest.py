import json
from base64 import b64encode
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples
from sim_rest import KEY, ORDER, SECRET, RestStage, read, signature
from sim_stage import BID, BUY

from botcore_tui.exchange.sim.endpoints.endpoint import Security
from botcore_tui.exchange.sim.endpoints.routes import ROUTES
from botcore_tui.exchange.sim.http_messages import Request
from botcore_tui.exchange.sim.limits import Quotas
from botcore_tui.exchange.sim.signatures import Credentials

WEIGHT = "X-MBX-USED-WEIGHT-1M"
SHARED = RestStage(quotas=Quotas(10**9, 10**9, 10**9))
"""For questions that do not look at what others left behind."""
IN_10S, IN_1M = "X-MBX-ORDER-COUNT-10S", "X-MBX-ORDER-COUNT-1M"
ORDER_TEXT = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01"


def sent(stage: RestStage, query: str, body: str = "", key: str = KEY) -> int:
    """Status of an order's reply, with the timestamp already in it."""
    return stage.send(
        Request(method="POST", path=ORDER, query=query, body=body, api_key=key)
    ).status


def test_an_order_may_come_in_the_query_the_body_or_both() -> None:
    stage = RestStage()
    stamp = f"&timestamp={stage.agenda.now_ms}"
    text = ORDER_TEXT + stamp
    assert sent(stage, f"{text}&signature={signature(text)}") == 200
    assert sent(stage, "", f"{text}&signature={signature(text)}") == 200
    assert (
        sent(stage, ORDER_TEXT, f"{stamp[1:]}&signature={signature(ORDER_TEXT + stamp[1:])}") == 200
    )
    assert sent(stage, f"signature={signature(text)}", text) == 200
    assert stage.held == 40


def test_a_batch_is_signed_as_it_is_sent() -> None:
    stage = RestStage()
    orders = '[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.01"}]'
    for batch in (orders, quote(orders), quote(orders.replace(":", ": ")).replace("%20", "+")):
        text = f"timestamp={stage.agenda.now_ms}&batchOrders={batch}&recvWindow=5000"
        reply = stage.send(
            Request(
                method="POST",
                path="/fapi/v1/batchOrders",
                body=f"{text}&signature={signature(text)}",
                api_key=KEY,
            )
        )
        assert read(reply).rows[0]["status"] == "NEW"
    assert stage.held == 30


def test_the_second_key_signs_with_ed25519() -> None:
    private_key, key = Ed25519PrivateKey.from_private_bytes(b"k" * 32), "e" * 64
    public = private_key.public_key().public_bytes_raw()
    stage = RestStage(credentials=Credentials(KEY, SECRET, key, public))
    text = f"{ORDER_TEXT}&timestamp={stage.agenda.now_ms}"
    signature = quote(b64encode(private_key.sign(text.encode())).decode(), safe="")
    assert sent(stage, f"{text}&signature={signature}", key=key) == 200
    assert sent(stage, f"{text}&signature={signature}", key=KEY) == 400


def test_checks_come_in_the_venues_order() -> None:
    stage = RestStage()
    old = "timestamp=1"
    now = f"timestamp={stage.agenda.now_ms}"

    def code(query: str, key: str) -> object:
        reply = stage.send(Request(method="GET", path=ORDER, query=query, api_key=key))
        return read(reply).code

    assert code("", "") == -2014
    assert code("", "u" * 64) == -2015
    assert code("", KEY) == -1102
    assert code(f"{old}&recvWindow=60001", KEY) == -1131
    assert code(old, KEY) == -1021
    assert code(now, KEY) == -1102
    assert code(f"{now}&signature=x", KEY) == -1022


def test_the_spot_paths_have_the_older_weight_header_as_well() -> None:
    stage = RestStage()
    answer = stage.get("/api/v3/time")
    assert answer.headers["X-MBX-USED-WEIGHT"] == answer.headers["X-MBX-USED-WEIGHT-1M"] == "1"
    assert "X-MBX-USED-WEIGHT" not in stage.get("/fapi/v1/time").headers


def test_another_clock_may_be_the_clients() -> None:
    stage = RestStage()
    text = f"{ORDER_TEXT}&timestamp=1700000000000"
    request = Request(
        method="POST", path=ORDER, query=f"{text}&signature={signature(text)}", api_key=KEY
    )
    now_ms = stage.agenda.now_ms
    assert stage.rest.handle(request, now_ms).status == 400
    assert stage.rest.handle(request, now_ms, 1_700_000_000_500).status == 200


@pytest.mark.parametrize(
    ("method", "path", "parameters", "weight"),
    [
        ("GET", "/fapi/v1/ping", {}, 1),
        ("GET", "/fapi/v1/depth", {}, 10),
        ("GET", "/fapi/v1/depth", {"limit": 5}, 2),
        ("GET", "/fapi/v1/depth", {"limit": 100}, 5),
        ("GET", "/fapi/v1/depth", {"limit": 1_000}, 20),
        ("GET", "/fapi/v1/klines", {"interval": "1m", "limit": 99}, 1),
        ("GET", "/fapi/v1/klines", {"interval": "1m", "limit": 100}, 2),
        ("GET", "/fapi/v1/klines", {"interval": "1m"}, 5),
        ("GET", "/fapi/v1/klines", {"interval": "1m", "limit": 1_001}, 10),
        ("GET", "/fapi/v1/historicalTrades", {}, 200),
        ("GET", "/fapi/v1/ticker/24hr", {"symbol": None}, 40),
        ("GET", "/fapi/v1/openOrders", {"symbol": None}, 40),
        ("GET", "/fapi/v1/openOrders", {}, 1),
        ("GET", "/fapi/v1/fundingRate", {}, 0),
        ("GET", "/fapi/v3/account", {}, 5),
        ("GET", "/fapi/v1/income", {}, 30),
        ("POST", "/fapi/v1/order", {}, 0),
        ("POST", "/fapi/v1/batchOrders", {}, 5),
        ("POST", "/fapi/v1/countdownCancelAll", {"countdownTime": 0}, 10),
        ("GET", "/fapi/v1/unknown", {}, 1),
        ("GET", "/fapi/v1/depth", {"limit": "x"}, 1),
        ("GET", "/fapi/v1/klines", {"interval": "1m", "limit": "x"}, 1),
    ],
)
def test_a_request_has_its_weight(
    method: str, path: str, parameters: dict[str, object], weight: int
) -> None:
    stage = RestStage()
    answer = stage.ask(method, path, **{"symbol": "BTCUSDT", **parameters})
    assert answer.headers[WEIGHT] == str(weight)


def test_orders_are_counted_also_when_they_are_refused() -> None:
    stage = RestStage()
    assert stage.order().headers[IN_10S] == "1"
    assert stage.order(quantity="0").headers[IN_1M] == "2"
    batch = stage.ask("POST", "/fapi/v1/batchOrders", batchOrders="[{}]")
    assert (batch.headers[IN_10S], batch.headers[IN_1M]) == ("7", "3")
    assert IN_10S not in stage.ask("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT").headers


def test_weight_comes_back_with_the_minute() -> None:
    stage = RestStage(quotas=Quotas(weight=10))
    assert stage.get("/fapi/v1/ticker/24hr").status == 429
    retry_after = int(stage.get("/fapi/v1/ping").headers["Retry-After"])
    stage.agenda.advance(stage.agenda.now_ms + retry_after * 1_000 - 1)
    assert stage.get("/fapi/v1/ping").status == 429
    stage.agenda.advance(stage.agenda.now_ms + 1)
    assert stage.get("/fapi/v1/ping").headers[WEIGHT] == "1"


def test_orders_pass_while_the_weight_is_used_up() -> None:
    stage = RestStage(quotas=Quotas(weight=1))
    stage.get("/fapi/v1/ticker/24hr")
    assert stage.order().status == 200


def test_a_banned_address_is_answered_nothing_else() -> None:
    stage = RestStage(quotas=Quotas(weight=1))
    for _ in range(25):
        stage.get("/fapi/v1/ticker/24hr")
    assert stage.order().status == 418
    assert stage.get("/fapi/v1/unknown").status == 418
    assert stage.venue.floor.orders.count_open() == 0


def test_a_name_sent_twice_is_refused_before_anything_else() -> None:
    stage = RestStage()
    reply = stage.send(Request(method="GET", path="/fapi/v1/depth", query="limit=5&limit=5"))
    assert read(reply).code == -1101
    assert reply.headers[WEIGHT] == "1"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_another_method_is_no_path(method: str) -> None:
    reply = RestStage().send(Request(method=method, path="/fapi/v1/ping"))
    assert (reply.status, read(reply).view["msg"]) == (
        404,
        f"Path /fapi/v1/ping, Method {method} is invalid",
    )


@pytest.mark.parametrize(
    "path",
    [
        "/fapi/v1/ping/",
        "/fapi/v1/apiReferral/ifNewUser",
        "/fapi/v1/constituents",
        "/fapi/v1/assetIndex",
        "/fapi/v1/pmAccountInfo",
        "/fapi/v1/income/asyn",
        "/futures/data/openInterestHist",
        "/sapi/v1/capital/config/getall",
        "/api/v3/account",
    ],
)
def test_what_is_not_there_is_never_answered_with_success(path: str) -> None:
    assert RestStage().get(path).code == -5000


def test_every_endpoint_that_changes_something_wants_a_key() -> None:
    assert all(
        endpoint.security is not Security.NONE
        for endpoint in ROUTES.values()
        if endpoint.method != "GET"
    )


def test_parameters_nobody_knows_are_ignored() -> None:
    assert RestStage().order(strategy="x", newClientOrderId="a").view["clientOrderId"] == "a"


NAMES = (
    "symbol pair side type timeInForce quantity price stopPrice orderId origClientOrderId fromId"
    " newClientOrderId reduceOnly closePosition limit startTime endTime interval contractType"
    " batchOrders orderIdList leverage marginType amount algoType algoId clientAlgoId triggerPrice"
    " callbackRate activatePrice countdownTime recvWindow goodTillDate page modifyId"
)
VALUES = (
    "BTCUSDT BUY SELL LIMIT MARKET STOP TRAILING_STOP_MARKET GTC GTX GTD 0 1 -1 0.010 61000 1e9 NaN"
    " true CONDITIONAL ISOLATED PERPETUAL 1m 1M 99999999999999999999 9223372036854775807 [1] [{}]"
    ' ["a"] {} a 1000'
)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.sampled_from(sorted(ROUTES)),
    st.dictionaries(
        st.sampled_from(NAMES.split()),
        st.sampled_from(VALUES.split()) | st.text(max_size=4),
        max_size=10,
    ),
)
def test_whatever_is_asked_is_answered(
    route: tuple[str, str], parameters: dict[str, object]
) -> None:
    method, path = route
    answer = SHARED.ask(method, path, **{"symbol": "BTCUSDT", **parameters})
    assert answer.status in {200, 400}
    if answer.status == 400:
        assert sorted(answer.view) == ["code", "msg"]


@pytest.mark.slow
def test_the_same_requests_at_the_same_times_have_the_same_replies() -> None:
    def replies() -> list[bytes]:
        stage = RestStage(symbols=2)
        bodies = [stage.reply("POST", ORDER, symbol="BTCUSDT", side="BUY", type="MARKET",
                              quantity="0.01").body]  # fmt: skip
        stage.limit(BUY, 5, BID - 50)
        for endpoint in ROUTES.values():
            reply = stage.reply(endpoint.method, endpoint.path, symbol="BTCUSDT", interval="1h")
            bodies.append(reply.body)
        return bodies

    first = replies()
    assert first == replies()
    assert all(json.loads(body) is not None for body in first)
