from botcore_tui.exchange.sim.http_messages import Fate, answered, refused
from botcore_tui.exchange.sim.refusals import RefusalError

JSON = "application/json;charset=UTF-8"


def test_an_answer_is_json() -> None:
    reply = answered({"symbol": "币", "ok": True, "none": None}, {"X": "1"})
    assert reply.body == '{"symbol":"币","ok":true,"none":null}'.encode()
    assert (reply.status, reply.headers) == (200, {"X": "1", "Content-Type": JSON})
    assert (reply.fate, reply.delay_ms) == (Fate.SEND, 0)


def test_a_refusal_has_code_and_words() -> None:
    reply = refused(RefusalError(-1121), {})
    assert reply.body == b'{"code":-1121,"msg":"Invalid symbol."}'
    assert (reply.status, reply.headers) == (400, {"Content-Type": JSON})


def test_a_refusal_may_say_when_to_come_back() -> None:
    reply = refused(RefusalError(-1003, 2_400, retry_after_seconds=7), {})
    assert (reply.status, reply.headers["Retry-After"]) == (429, "7")
