"""The wire: HTTP and WebSocket on one port, and how time passes on it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import websockets
from aiohttp import WSMsgType
from made_once import make_pasts_anew
from sim_exchange import START_MS
from sim_rest import signature
from sim_server import Running, a_running_server
from waiting import SteppedClock

from botcore_tui.exchange.sim.http_messages import Request
from botcore_tui.exchange.sim.stream_connection import StreamConnection

ORDER = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010"


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    async with a_running_server() as running:
        yield running


# --- requests -----------------------------------------------------------------------------------


async def test_a_request_is_answered_in_json_with_its_weight(running: Running) -> None:
    async with running.session.get(f"http://{running.authority}/fapi/v1/time") as reply:
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
        assert reply.headers["X-MBX-USED-WEIGHT-1M"] == "1"
        assert await reply.read() == b'{"serverTime":%d}' % START_MS


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
async def test_what_is_not_there_is_told_in_the_venues_words(running: Running, method: str) -> None:
    status, body = await running.ask(method, "/fapi/v1/nothing")
    assert status == 404
    message = f"Path /fapi/v1/nothing, Method {method} is invalid"
    assert json.loads(body) == {"code": -5000, "msg": message}


async def test_parameters_may_stand_in_the_query_or_the_body_whatever_its_type(
    running: Running,
) -> None:
    for target, body in (
        ("/fapi/v1/ticker/price?symbol=BTCUSDT", None),
        ("/fapi/v1/ticker/price", "symbol=BTCUSDT"),
    ):
        assert (await running.ask_json("GET", target, body))["symbol"] == "BTCUSDT"


async def test_a_signature_is_checked_over_the_bytes_as_they_were_sent(running: Running) -> None:
    status, body = await running.ask_signed("POST", "order", f"{ORDER}&newClientOrderId=a%2Db")
    assert status == 200, body
    assert json.loads(body)["clientOrderId"] == "a-b"


async def test_bytes_that_are_no_text_are_refused_and_harm_nobody(running: Running) -> None:
    host, port = running.authority.split(":")
    reader, writer = await asyncio.open_connection(host, port)
    head = b"POST /fapi/v1/order?x=\xff&signature=%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    writer.write(head + b"Content-Length: 2\r\n\r\n\xff\xfe")
    assert (await reader.read()).startswith(b"HTTP/1.0 400 ")
    writer.close()
    await writer.wait_closed()
    assert (await running.ask("GET", "/fapi/v1/ping"))[0] == 200


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(
    running: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    packed = {"Content-Encoding": "gzip"}
    status, body = await running.ask("POST", "/fapi/v1/order", b"hello", **packed)
    assert status == 400
    assert b"the body cannot be read" in body
    assert capfd.readouterr().err == ""


# --- replies that go astray ---------------------------------------------------------------------


@pytest.mark.requirement("F01")
async def test_a_connection_can_be_reset_after_the_order_arrived(running: Running) -> None:
    running.arm("create-lost", how="reset")
    with pytest.raises(aiohttp.ClientError):
        await running.ask_signed("POST", "order", ORDER)
    assert running.exchange.venue.floor.held("BTCUSDT") == 10


@pytest.mark.requirement("F01")
async def test_a_reply_can_never_come_while_others_do(running: Running) -> None:
    running.arm("create-lost", how="timeout")
    lost = asyncio.ensure_future(running.ask_signed("POST", "order", ORDER))
    while not running.exchange.venue.floor.held("BTCUSDT"):
        await running.ask("GET", "/fapi/v1/ping")
    await running.ask("GET", "/fapi/v1/ping")
    assert not lost.done()
    lost.cancel()


@pytest.mark.requirement("F03")
async def test_a_reply_can_be_held_for_some_simulated_time(running: Running) -> None:
    running.arm("fill-before-ack", delay_ms=700)
    held = asyncio.ensure_future(running.ask_signed("POST", "order", ORDER))
    while not running.exchange.venue.floor.account.fills:
        await running.ask("GET", "/fapi/v1/ping")
    await running.advance(699)
    await running.ask("GET", "/fapi/v1/ping")
    is_early = held.done()
    await running.advance(1)
    assert ((await held)[0], is_early) == (200, False)


# --- streams ------------------------------------------------------------------------------------


async def test_a_stream_is_acknowledged_then_sent(running: Running) -> None:
    async with websockets.connect(f"ws://{running.authority}/public/stream", proxy=None) as socket:
        await socket.send('{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1}')
        assert await socket.recv() == '{"result":null,"id":1}'
        await running.advance(250)
        frames = [json.loads(await socket.recv()) for _ in range(2)]
    assert [frame["stream"] for frame in frames] == ["btcusdt@depth@100ms"] * 2
    assert frames[1]["data"]["pu"] == frames[0]["data"]["u"]


async def test_user_events_and_replies_arrive_on_their_connections(running: Running) -> None:
    key = await running.listen_key()
    url = f"ws://{running.authority}/private/ws?listenKey={key}&events=ORDER_TRADE_UPDATE"
    async with websockets.connect(url, proxy=None) as socket:
        await running.ask_signed("POST", "order", ORDER)
        events = [json.loads(await socket.recv()) for _ in range(2)]
    assert [event["o"]["x"] for event in events] == ["NEW", "TRADE"]


async def test_requests_come_over_websockets_too(running: Running) -> None:
    async with websockets.connect(f"ws://{running.authority}/ws-fapi/v1", proxy=None) as socket:
        await socket.send('{"id":"1","method":"ticker.price","params":{"symbol":"BTCUSDT"}}')
        assert json.loads(await socket.recv())["result"]["symbol"] == "BTCUSDT"
        await (await socket.ping())


@pytest.mark.parametrize("path", ["/public/ws", "/ws-fapi/v1"])
async def test_a_websocket_address_wants_an_upgrade(running: Running, path: str) -> None:
    assert (await running.ask("GET", path))[0] == 400


@pytest.mark.requirement("F18")
async def test_a_connection_can_be_refused(running: Running) -> None:
    running.arm("ws-refused", status=429, retry_after=7)
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(f"ws://{running.authority}/public/ws", proxy=None):
            pass
    reply = refused.value.response
    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "7")
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert json.loads(reply.body)["code"] == -1003


@pytest.mark.slow
async def test_who_used_up_the_weight_gets_no_connection_for_requests(running: Running) -> None:
    for _ in range(120):
        await running.ask("GET", "/fapi/v1/depth?symbol=BTCUSDT&limit=1000")
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with websockets.connect(f"ws://{running.authority}/ws-fapi/v1", proxy=None):
            pass
    reply = refused.value.response
    assert (reply.status_code, reply.headers["X-MBX-USED-WEIGHT-1M"]) == (429, "2405")
    assert int(reply.headers["Retry-After"]) > 0
    assert json.loads(reply.body)["code"] == -1003


async def test_no_compression_is_agreed_on(running: Running) -> None:
    async with websockets.connect(f"ws://{running.authority}/public/ws", proxy=None) as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


async def test_who_talks_too_much_is_cut(running: Running) -> None:
    async with websockets.connect(f"ws://{running.authority}/public/ws", proxy=None) as socket:
        for _ in range(11):
            await socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}')
        answers = []
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                answers.append(await socket.recv())
    assert len(answers) == 10
    assert (socket.close_code, socket.close_reason) == (1008, "Too many requests")


async def test_who_leaves_is_forgotten(running: Running) -> None:
    socket = await running.listen("/public/ws/btcusdt@depth@100ms")
    assert running.exchange.hub.wanted("btcusdt@depth@100ms")
    await socket.close()
    await running.ask("GET", "/fapi/v1/ping")
    assert not running.exchange.hub.wanted("btcusdt@depth@100ms")
    assert not running.exchange.hub.sessions


@pytest.mark.requirement("F05")
async def test_a_half_open_connection_answers_no_ping(running: Running) -> None:
    running.arm("half-open", count=1)
    dead, alive = [await running.listen("/public/ws/btcusdt@depth@100ms") for _ in range(2)]
    hearing = asyncio.ensure_future(dead.receive())
    for socket in (dead, alive):
        await socket.ping()
    await running.advance(100)
    kinds = [(await alive.receive()).type for _ in range(2)]
    assert kinds == [WSMsgType.PONG, WSMsgType.TEXT]
    assert not hearing.done()
    hearing.cancel()


# --- time ---------------------------------------------------------------------------------------


async def test_standing_time_moves_by_hand_only(running: Running) -> None:
    await running.advance(0)
    first = await running.ask_json("GET", "/fapi/v1/time")
    await running.advance(61_000)
    second = await running.ask_json("GET", "/fapi/v1/time")
    assert (first["serverTime"], second["serverTime"]) == (START_MS, START_MS + 61_000)


@pytest.mark.parametrize("body", ["", "{}", '{"ms":-1}', '{"ms":"x"}', '{"ms":1,"s":2}', "[]"])
async def test_time_is_moved_by_a_sensible_amount_or_not_at_all(
    running: Running, body: str
) -> None:
    status, answer = await running.ask("POST", "/sim/advance", body)
    assert status == 400
    assert "send" in json.loads(answer)["error"]
    assert running.exchange.now_ms == START_MS


async def test_real_time_passes_with_the_machines() -> None:
    clock = SteppedClock()
    async with a_running_server(speed=1, clock=clock) as running:
        socket = await running.listen("/market/ws/btcusdt@markPrice@1s")
        start = running.exchange.now_ms
        await clock.run(3.0)
        for second in (1, 2, 3):
            event = json.loads((await socket.receive()).data)
            assert event["E"] == start + second * 1_000
        reply = await running.ask_json("GET", "/fapi/v1/time")
        assert reply["serverTime"] == clock.now_ms()


async def test_fast_time_runs_ahead_and_takes_the_machines_timestamps_as_well() -> None:
    clock = SteppedClock()
    async with a_running_server(speed=60, clock=clock) as running:
        await clock.run(1.0)
        assert running.exchange.now_ms == clock.now_ms() + 59_000
        for timestamp in (clock.now_ms(), running.exchange.now_ms):
            query = f"timestamp={timestamp}"
            target = f"/fapi/v1/openOrders?{query}&signature={signature(query)}"
            assert (await running.ask("GET", target))[0] == 200


async def test_a_ping_goes_to_everybody_after_three_minutes() -> None:
    clock = SteppedClock()
    async with a_running_server(speed=1, clock=clock) as running:
        socket = await running.listen("/public/ws")
        clock.advance(180)
        await clock.run(5.0)
        assert (await socket.receive()).type is WSMsgType.PING


# --- slow readers -------------------------------------------------------------------------------


async def test_a_slow_reader_is_cut_in_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SteppedClock()
    async with a_running_server(speed=1, clock=clock) as running:
        socket = await running.listen("/public/ws")
        monkeypatch.setattr(StreamConnection, "waiting_bytes", 9 * 1024 * 1024)
        await clock.run(0.1)
        monkeypatch.undo()
        message = await socket.receive()
        assert message.type in {WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR}


async def test_a_slow_reader_is_waited_for_when_time_is_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SteppedClock()
    async with a_running_server(clock=clock) as running:
        socket = await running.listen("/public/ws")
        monkeypatch.setattr(StreamConnection, "waiting_bytes", 2 * 1024 * 1024)
        advancing = asyncio.ensure_future(running.advance(1_000))
        await clock.until(lambda: 0.001 in clock.slept)
        await clock.run(0.01)
        assert running.exchange.now_ms == START_MS + 100
        monkeypatch.undo()
        await clock.run(0.01)
        await advancing
        assert running.exchange.now_ms == START_MS + 1_000
        await socket.ping()
        assert (await socket.receive()).type is WSMsgType.PONG


async def test_a_reader_that_never_reads_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SteppedClock()
    async with a_running_server(clock=clock) as running:
        socket = await running.listen("/public/ws")
        monkeypatch.setattr(
            StreamConnection,
            "waiting_bytes",
            property(lambda each: 0 if each._transport.is_closing() else 2 * 1024 * 1024),
        )
        advancing = asyncio.ensure_future(running.advance(1_000))
        await clock.until(lambda: 0.001 in clock.slept)
        clock.advance(11)
        await clock.run(0.01)
        await advancing
        assert running.exchange.now_ms == START_MS + 1_000
        assert (await socket.receive()).type in {WSMsgType.CLOSED, WSMsgType.ERROR}


# --- beside the interface -----------------------------------------------------------------------


async def test_state_and_faults_are_there(running: Running) -> None:
    assert (await running.ask_json("GET", "/sim/state"))["imbalance"] == 0
    armed = await running.ask_json("POST", "/sim/faults", '{"name":"unavailable"}')
    assert armed == {"armed": [{"id": 1, "name": "unavailable"}]}
    assert (await running.ask("GET", "/fapi/v1/ping"))[0] == 503
    assert (await running.ask("GET", "/sim/nothing"))[0] == 404


async def test_a_web_page_gets_nothing_of_it(running: Running) -> None:
    page = {"Origin": "http://example.com"}
    status, body = await running.ask("POST", "/sim/faults", '{"name": "waf"}', **page)
    assert (status, json.loads(body)["error"]) == (403, "not for web pages")


async def test_other_machines_get_nothing_of_it(running: Running) -> None:
    request = Request(method="GET", path="/sim/state", remote="10.0.0.7")
    answer = await running.server._control(request)
    assert (answer.status, b"this machine" in answer.body) == (403, True)


# --- the end ------------------------------------------------------------------------------------


async def test_the_end_is_told_to_those_who_listen() -> None:
    async with a_running_server() as running:
        socket = await running.listen("/public/ws")
        running.server.stop()
        message = await socket.receive()
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)
        await socket.close()


# --- the same again -----------------------------------------------------------------------------


async def everything_sent(seed: int) -> list[bytes | str]:
    """Requests at their simulated times, and every byte of the replies and streams."""
    make_pasts_anew()
    sent: list[bytes | str] = []
    async with a_running_server("BTCUSDT", "ETHUSDT", seed=seed) as running:
        key = await running.listen_key()
        targets = (
            f"/private/stream?listenKey={key}",
            "/public/ws/btcusdt@depth@100ms/ethusdt@bookTicker",
            "/market/stream?streams=!markPrice@arr@1s/btcusdt@aggTrade",
        )
        sockets = [await running.listen(target) for target in targets]
        for pause_ms, side in ((110, "BUY"), (340, "SELL"), (2_000, "BUY"), (90, "SELL")):
            await running.advance(pause_ms)
            order = f"symbol=BTCUSDT&side={side}&type=MARKET&quantity=0.010"
            sent.append((await running.ask_signed("POST", "order", order))[1])
            sent.append((await running.ask_signed("GET", "account"))[1])
        sent.append(running.exchange.state_hash())
        for socket in sockets:
            await socket.ping(b"all of it")
            while (message := await socket.receive()).type is not WSMsgType.PONG:
                sent.append(message.data)
    return sent


async def test_the_same_seed_and_requests_at_the_same_times_give_the_same_bytes() -> None:
    first, second, other = [await everything_sent(seed) for seed in (5, 5, 6)]
    assert len(first) > 100
    assert first == second != other
