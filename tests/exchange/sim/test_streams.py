"""Frames reach those who asked for them on the right route, and nobody else."""

import json

import pytest
from listeners import HubStage, taken

from botcore_tui.exchange.sim.stream_names import Route

DAY = 86_400_000


@pytest.mark.parametrize("name", ["btcusdt@trade", "btcusdt@aggTrade"])
@pytest.mark.parametrize("path", ["/public/ws", "/market/ws", "/private/ws", "/ws"])
@pytest.mark.requirement("F06")
def test_a_stream_on_a_wrong_route_is_acknowledged_and_silent(path: str, name: str) -> None:
    stage = HubStage()
    session = stage.connect(path)
    assert stage.ask(session, "SUBSCRIBE", name) == {"result": None, "id": 1}
    stage.hub.publish(name, "{}")
    is_right = path == {"btcusdt@trade": "/public/ws", "btcusdt@aggTrade": "/market/ws"}[name]
    assert stage.hub.wanted(name) is is_right
    assert len(taken(session)) == is_right


def test_a_frame_is_framed_as_each_connection_wants_it() -> None:
    stage = HubStage()
    raw = stage.connect("/public/ws/btcusdt@trade")
    first = stage.connect("/public/stream?streams=btcusdt@trade/ethusdt@trade")
    second = stage.connect("/public/stream?streams=btcusdt@trade")
    stage.hub.publish("btcusdt@trade", '{"e":"trade"}')
    assert raw.outbox == [b'{"e":"trade"}']
    assert first.outbox == [b'{"stream":"btcusdt@trade","data":{"e":"trade"}}']
    assert second.outbox[0] is first.outbox[0]


def test_nothing_is_wanted_once_the_last_listener_has_gone() -> None:
    stage = HubStage()
    first, second = (stage.connect("/public/ws/btcusdt@trade") for _ in range(2))
    stage.hub.close(first)
    assert stage.hub.wanted("btcusdt@trade")
    stage.hub.close(second)
    stage.hub.close(second)
    assert not stage.hub.wanted("btcusdt@trade")
    stage.hub.publish("btcusdt@trade", "{}")
    assert (first.outbox, second.outbox) == ([], [])
    assert not stage.hub.sessions


def test_a_connection_ends_after_24_hours() -> None:
    stage = HubStage()
    session, gone = stage.connect("/public/ws"), stage.connect("/public/ws")
    stage.hub.close(gone)
    stage.wait(DAY - 1)
    assert not session.close_code
    stage.wait(1)
    assert (session.close_code, gone.close_code) == (1001, 0)


def test_connections_of_a_route_can_be_cut() -> None:
    stage = HubStage()
    sessions = [stage.connect(path) for path in ("/public/ws", "/private/ws")]
    stage.hub.cut(Route.PRIVATE)
    assert [session.close_code for session in sessions] == [0, 1001]
    stage.hub.cut(None)
    assert [session.close_code for session in sessions] == [1001, 1001]


def test_300_connections_in_5_minutes_are_taken_from_one_address() -> None:
    stage = HubStage()
    refusal = stage.hub.refusal
    assert [refusal(Route.PUBLIC, "127.0.0.1") for _ in range(300)] == [None] * 300
    stage.wait(100_500)
    refused = refusal(Route.PUBLIC, "127.0.0.1")
    assert refused is not None
    assert (refused.status, refused.headers["Retry-After"]) == (429, "200")
    assert json.loads(refused.body)["code"] == -1003
    assert refusal(Route.PUBLIC, "127.0.0.2") is None
    stage.wait(200_000)
    assert refusal(Route.PUBLIC, "127.0.0.1") is None


def test_a_user_event_reaches_those_who_want_it() -> None:
    stage = HubStage()
    key = "k" * 64
    everything = stage.connect(f"/private/ws/{key}")
    some = stage.connect(f"/private/ws?listenKey={key}&events=ACCOUNT_UPDATE/TRADE_LITE")
    wrapped = stage.connect("/private/stream")
    stage.ask(wrapped, "SUBSCRIBE", key)
    unrouted = stage.connect(f"/ws/{key}")
    stage.hub.publish_user(key, "ACCOUNT_UPDATE", '{"a":1}')
    stage.hub.publish_user(key, "ORDER_TRADE_UPDATE", '{"o":1}')
    stage.hub.publish_user("x" * 64, "ACCOUNT_UPDATE", "{}")
    assert taken(everything) == ['{"a":1}', '{"o":1}']
    assert taken(some) == ['{"a":1}']
    assert taken(wrapped) == [
        f'{{"stream":"{key}","data":{{"a":1}}}}',
        f'{{"stream":"{key}","data":{{"o":1}}}}',
    ]
    assert taken(unrouted) == []


@pytest.mark.requirement("F06")
def test_a_silent_stream_is_acknowledged_and_sends_nothing() -> None:
    stage = HubStage()
    stage.arm("silent-stream=symbol:BTCUSDT,stream:depth")
    session = stage.connect("/public/ws/btcusdt@depth@100ms/btcusdt@trade/ethusdt@depth@100ms")
    for name in list(session.names):
        stage.hub.publish(name, f'"{name}"')
    assert taken(session) == ['"btcusdt@trade"', '"ethusdt@depth@100ms"']


@pytest.mark.requirement("F07")
def test_a_late_frame_is_lost_with_its_connection() -> None:
    stage = HubStage()
    stage.arm("late-stream=stream:depth,delay_ms:2000")
    target = "/public/ws/btcusdt@depth@100ms/btcusdt@bookTicker"
    ended, stays = stage.connect(target), stage.connect(target)
    for name in ("btcusdt@depth@100ms", "btcusdt@bookTicker"):
        stage.hub.publish(name, f'"{name}"')
    ended.cut(1001, "")
    stage.wait(2_000)
    assert taken(ended) == ['"btcusdt@bookTicker"']
    assert taken(stays) == ['"btcusdt@bookTicker"', '"btcusdt@depth@100ms"']


@pytest.mark.requirement("F18")
def test_a_connection_can_be_refused_by_route() -> None:
    stage = HubStage()
    stage.arm("ws-refused=route:market,status:502")
    assert stage.hub.refusal(Route.PUBLIC, "::1") is None
    refused = stage.hub.refusal(Route.MARKET, "::1")
    assert refused is not None
    assert (refused.status, refused.body, refused.headers) == (502, b"", {})


@pytest.mark.requirement("F07")
def test_a_garbled_frame_ends_in_the_middle_for_everybody() -> None:
    stage = HubStage()
    key = "k" * 64
    public = stage.connect("/public/ws/btcusdt@trade")
    private = stage.connect(f"/private/stream?listenKey={key}")
    stage.arm("frame-garbled=route:public")
    stage.arm("frame-garbled=route:private")
    for _ in range(2):
        stage.hub.publish("btcusdt@trade", '{"price":100}')
        stage.hub.publish_user(key, "ACCOUNT_UPDATE", '{"a":1}')
    assert taken(public) == ['{"pric', '{"price":100}']
    assert taken(private) == [
        f'{{"stream":"{key}","data":{{"a}}',
        f'{{"stream":"{key}","data":{{"a":1}}}}',
    ]
