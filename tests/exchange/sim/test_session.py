"""A stream connection answers as the venue does, and is cut where the venue cuts."""

import pytest
from listeners import HubStage, taken

from botcore_tui.exchange.sim.session import MOST_STREAMS, POLICY_VIOLATION

ACK = {"result": None, "id": 1}
COMBINED = ("combined", True)


def test_subscriptions_are_acknowledged_listed_and_ended() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws/btcusdt@depth")
    assert stage.ask(session, "SUBSCRIBE", "btcusdt@trade", "no@stream", "btcusdt@trade") == ACK
    listed = stage.ask(session, "LIST_SUBSCRIPTIONS", identity=2)
    assert listed == {"result": ["btcusdt@depth", "btcusdt@trade", "no@stream"], "id": 2}
    assert stage.ask(session, "UNSUBSCRIBE", "btcusdt@depth", "never@asked") == ACK
    listed = stage.ask(session, "LIST_SUBSCRIPTIONS", identity=3)
    assert listed == {"result": ["btcusdt@trade", "no@stream"], "id": 3}
    stage.hub.publish("btcusdt@depth", "{}")
    assert taken(session) == []


def test_acknowledgements_have_the_keys_in_the_venues_order() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws")
    session.receive('{"method":"SUBSCRIBE","params":["a@trade"],"id":"x-1"}', 0)
    assert taken(session) == ['{"result":null,"id":"x-1"}']


def test_a_malformed_request_is_refused_and_changes_nothing() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws")
    session.receive("hello", 0)
    assert taken(session) == [
        '{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"},"id":null}'
    ]
    refused = stage.ask(session, "SUBSCRIBE", "btcusdt@trade", "not a stream")
    assert refused == {"error": {"code": 2, "msg": "Invalid request: invalid stream"}, "id": 1}
    assert not session.names


def test_framing_can_be_asked_for_and_changed() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws/btcusdt@trade")
    assert stage.ask(session, "GET_PROPERTY", "combined") == {"result": False, "id": 1}
    assert stage.ask(session, "SET_PROPERTY", *COMBINED) == ACK
    assert stage.ask(session, "GET_PROPERTY", "combined") == {"result": True, "id": 1}
    stage.hub.publish("btcusdt@trade", '{"p":1}')
    assert taken(session) == ['{"stream":"btcusdt@trade","data":{"p":1}}']


def test_more_than_1024_streams_are_refused_whole() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws/first@trade")
    names = [f"s{number}@trade" for number in range(MOST_STREAMS)]
    refused = stage.ask(session, "SUBSCRIBE", *names)
    assert refused == {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": 1}
    assert list(session.names) == ["first@trade"]
    assert stage.ask(session, "SUBSCRIBE", "first@trade", *names[1:]) == ACK
    assert len(session.names) == MOST_STREAMS


def test_ten_messages_in_a_second_pass_and_the_eleventh_cuts() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws")
    woken: list[int] = []
    session.wake = lambda: woken.append(session.close_code)
    for _ in range(10):
        assert session.note_message(stage.agenda.now_ms)
    stage.wait(999)
    assert not session.note_message(stage.agenda.now_ms)
    assert (session.close_code, session.close_reason) == (POLICY_VIOLATION, "Too many requests")
    assert woken == [POLICY_VIOLATION]
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":1}', stage.agenda.now_ms)
    session.cut(1001, "again")
    assert (taken(session), woken) == ([], [POLICY_VIOLATION])


def test_ten_messages_a_second_may_go_on_forever() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws")
    for _ in range(50):
        stage.ask(session, "LIST_SUBSCRIPTIONS")
        stage.wait(100)
    assert not session.close_code


def test_the_shell_is_woken_once_for_what_it_has_not_taken_yet() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws/btcusdt@trade")
    woken: list[int] = []
    session.wake = lambda: woken.append(len(session.outbox))
    for _ in range(3):
        stage.hub.publish("btcusdt@trade", "{}")
    assert woken == [1]
    assert len(taken(session)) == 3
    stage.hub.publish("btcusdt@trade", "{}")
    assert woken == [1, 1]


@pytest.mark.requirement("F05")
def test_a_half_open_connection_neither_sends_nor_answers_and_never_recovers() -> None:
    stage = HubStage()
    session = stage.connect("/public/ws/btcusdt@trade")
    other = stage.connect("/market/ws/btcusdt@aggTrade")
    stage.arm("half-open=route:public,count:1")
    session.receive('{"method":"LIST_SUBSCRIPTIONS","id":1}', stage.agenda.now_ms)
    stage.hub.publish("btcusdt@trade", "{}")
    stage.hub.publish("btcusdt@aggTrade", "{}")
    assert (session.is_mute, taken(session), session.close_code) == (True, [], 0)
    assert len(taken(other)) == 1
    assert not session.note_message(stage.agenda.now_ms)
