"""Signed requests: what changes something is sent once, and what is known after each failure."""

import asyncio
import hashlib
import hmac
import random
from collections.abc import AsyncIterator
from typing import Final

import pytest
import pytest_asyncio
from msgspec import Struct
from order_server import CUT, HANG, SHORT, OrderServer, order_server
from rest_server import Answer

from botcore_tui.clock import Clock, ManualClock, SystemClock
from botcore_tui.errors import DecodeError, FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Gate, Limiter
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.exchange.binance.signed_rest import SignedRest
from botcore_tui.model.order import Outcome
from botcore_tui.model.snapshot import EndpointCalls

KEY: Final = "k" * 64
SECRET: Final = "s" * 64
ORDER: Final = {"symbol": "BTCUSDT", "newClientOrderId": "bc-1-1-e", "quantity": "0.010"}
STALE: Final = Answer(400, '{"code":-1021,"msg":"Timestamp for this request is outside."}')


class HaltedError(Exception):
    """What a caller raises who does not want it sent any more."""


class QuickClock(SystemClock):
    """The machine's clock, on which nobody waits."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)  # others run


class Client(Struct):
    """A client of a server of its own, and what it was told before each request left."""

    server: OrderServer
    rest: SignedRest
    gate: Gate
    clock: QuickClock
    told: list[int]

    async def order(self, lane: Lane = Lane.ENTRY, name: str = "POST order") -> bytes:
        return await self.rest.order(lane, name, ORDER, read, self.told.append)

    async def failure(self) -> OrderError:
        with pytest.raises(OrderError) as caught:
            await self.order()
        return caught.value

    @property
    def calls(self) -> dict[str, EndpointCalls]:
        return {each.endpoint: each for each in self.gate.calls.rows()}


def read(raw: bytes) -> bytes:
    if not raw.endswith((b"}", b"]")):
        raise DecodeError("order", "cut off")
    return raw


def a_rest(url: str, gate: Gate, clock: Clock, timeout_seconds: float = 5.0) -> SignedRest:
    return SignedRest(
        url,
        Credentials(KEY, SECRET),
        gate=gate,
        clock=clock,
        rng=random.Random(3),
        recv_window_ms=4_000,
        timeout_seconds=timeout_seconds,
    )


@pytest_asyncio.fixture
async def client() -> AsyncIterator[Client]:
    clock = QuickClock()
    async with order_server() as server:
        gate = Limiter(1_200, clock).gate(server.url)
        rest = a_rest(server.url, gate, clock)
        yield Client(server, rest, gate, clock, [])
        await rest.close()


@pytest.mark.requirement("F02")
async def test_what_is_signed_is_what_was_told_before_it_left(client: Client) -> None:
    arrived = len(client.server.asked)
    seen: list[int] = []

    def leaving(timestamp_ms: int) -> None:
        seen.append(timestamp_ms)
        assert len(client.server.asked) == arrived

    assert await client.rest.order(Lane.ENTRY, "POST order", ORDER, read, leaving) == b"{}"
    (asked,) = client.server.asked
    assert asked.name == "POST /fapi/v1/order"
    assert asked.api_key == KEY
    payload, _, signature = asked.text.rpartition("&signature=")
    assert signature == hmac.new(SECRET.encode(), payload.encode(), hashlib.sha256).hexdigest()
    assert asked.parameters == {
        **ORDER,
        "timestamp": str(seen[0]),
        "recvWindow": "4000",
        "signature": signature,
    }


@pytest.mark.requirement("F12")
async def test_timestamp_is_the_time_of_the_venue(client: Client) -> None:
    client.server.step_ms = -90_000
    await client.order()
    (asked,) = client.server.asked
    assert abs(int(asked.parameters["timestamp"]) - (client.clock.now_ms() - 90_000)) < 5_000
    rest = client.gate.state().rest
    assert rest is not None
    assert rest.clock_offset_ms == pytest.approx(-90_000, abs=100)


@pytest.mark.requirement("F18")
async def test_nothing_is_sent_if_the_caller_raises_when_told(client: Client) -> None:
    def leaving(_timestamp_ms: int) -> None:
        raise HaltedError

    with pytest.raises(HaltedError):
        await client.rest.order(Lane.ENTRY, "POST order", ORDER, read, leaving)
    assert client.server.asked == []
    assert "POST order" not in client.calls


@pytest.mark.requirement("F01")
@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (Answer(body=CUT), Outcome.UNKNOWN, 0),
        (Answer(body=SHORT), Outcome.UNKNOWN, 0),
        (Answer(body='{"orderId":1,"sta'), Outcome.UNKNOWN, 0),
        (Answer(body=""), Outcome.UNKNOWN, 0),
        (Answer(body="<html>welcome</html>"), Outcome.UNKNOWN, 0),
        (Answer(307, "", {"Location": "http://127.0.0.1:1/"}), Outcome.UNKNOWN, 0),
        (
            Answer(503, '{"code":-1000,"msg":"Unknown error, please check your request."}'),
            Outcome.UNKNOWN,
            -1000,
        ),
        (Answer(503, "Unknown error, please check your request."), Outcome.UNKNOWN, 0),
        (Answer(502, "<html>Bad Gateway</html>"), Outcome.UNKNOWN, 0),
        (Answer(408, '{"code":-1007,"msg":"Timeout waiting."}'), Outcome.UNKNOWN, -1007),
        (Answer(503, "Service Unavailable."), Outcome.FAILED, 0),
        (Answer(503, '{"code":-1008,"msg":"throttled"}'), Outcome.FAILED, -1008),
        (Answer(429, '{"code":-1015,"msg":"Too many new orders."}'), Outcome.FAILED, -1015),
        (Answer(403, "<html>forbidden</html>"), Outcome.FAILED, 0),
        (STALE, Outcome.FAILED, -1021),
        (Answer(400, '{"code":-2019,"msg":"Margin is insufficient."}'), Outcome.REJECTED, -2019),
        (Answer(401, '{"code":-2015,"msg":"Invalid API-key."}'), Outcome.REJECTED, -2015),
    ],
)
async def test_order_is_sent_once_whatever_comes_back(
    client: Client, answer: Answer, outcome: Outcome, code: int
) -> None:
    client.server.answers = [answer]
    error = await client.failure()
    assert (error.outcome, error.code) == (outcome, code)
    assert len(client.server.asked) == 1
    assert len(client.told) == 1
    counted = client.calls["POST order"]
    assert (counted.attempts, counted.given_up) == (1, 1)
    assert counted.last_reason == str(error)


@pytest.mark.requirement("F01")
async def test_order_without_an_answer_in_time_is_unknown() -> None:
    clock = QuickClock()
    async with order_server() as server:
        gate = Limiter(1_200, clock).gate(server.url)
        rest = a_rest(server.url, gate, clock, timeout_seconds=0.3)
        server.usual = Answer(body=HANG)
        with pytest.raises(OrderError, match="no reply within") as caught:
            await rest.order(Lane.ENTRY, "POST order", ORDER, read)
        assert caught.value.outcome is Outcome.UNKNOWN
        assert len(server.asked) == 1
        await rest.close()


@pytest.mark.requirement("F02")
async def test_order_for_which_there_is_no_connection_has_certainly_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = QuickClock()
    async with order_server() as server:
        url = server.url
    rest = a_rest(url, Limiter(1_200, clock).gate(url), clock)
    with pytest.raises(OrderError, match="refused") as caught:
        await rest.order(Lane.REDUCING, "POST order", ORDER, read)
    assert caught.value.outcome is Outcome.FAILED
    assert "clock not measured" in caplog.text
    await rest.close()


@pytest.mark.requirement("F01")
async def test_kept_connection_that_was_cut_repeats_nothing(client: Client) -> None:
    await client.order()  # leaves a connection behind that is used again
    client.server.answers = [Answer(body=CUT)]
    with pytest.raises(OrderError) as caught:
        await client.rest.order(Lane.KILL, "DELETE order", ORDER, read)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert [asked.method for asked in client.server.asked] == ["POST", "DELETE"]


@pytest.mark.requirement("F11")
async def test_banned_client_sends_no_order_and_says_that_it_failed(client: Client) -> None:
    await client.order()
    client.gate.shut(418, -1003, 600.0)
    error = await client.failure()
    assert (error.outcome, "not asked" in str(error)) == (Outcome.FAILED, True)
    assert len(client.server.asked) == 1
    await client.order(Lane.KILL, "DELETE order")
    assert len(client.server.asked) == 2


async def test_closed_client_sends_nothing(client: Client) -> None:
    await client.rest.close()
    error = await client.failure()
    assert error.outcome is Outcome.FAILED
    assert client.told == []


@pytest.mark.requirement("F12")
async def test_order_with_a_refused_timestamp_has_the_clock_measured_before_the_next(
    client: Client,
) -> None:
    await client.order()
    times = client.server.times
    client.server.answers = [STALE]
    await client.failure()
    assert client.server.times == times
    await client.order()
    assert client.server.times > times


@pytest.mark.requirement("F12")
async def test_question_with_a_refused_timestamp_is_signed_anew_at_once(client: Client) -> None:
    await client.rest.ask("order", ORDER, read)
    client.server.step_ms = 3_600_000
    client.server.answers = [STALE]
    await client.rest.ask("order", ORDER, read)
    first, second, third = (int(asked.parameters["timestamp"]) for asked in client.server.asked)
    assert first <= second
    assert third > second + 3_000_000
    assert client.clock.slept == []


async def test_timestamp_that_is_refused_again_is_given_up(client: Client) -> None:
    client.server.usual = STALE
    with pytest.raises(RestError) as caught:
        await client.rest.ask("order", ORDER, read)
    assert caught.value.code == -1021
    assert len(client.server.asked) == 2


@pytest.mark.requirement("R04")
async def test_question_is_repeated_and_signed_each_time(client: Client) -> None:
    client.server.answers = [
        Answer(503, "Service Unavailable."),
        Answer(body=CUT),
        Answer(body='{"cut'),
    ]
    assert await client.rest.ask("positionRisk", {}, read) == b"{}"
    assert [asked.name for asked in client.server.asked] == ["GET /fapi/v3/positionRisk"] * 4
    assert len(client.clock.slept) == 3
    assert all(
        0.75 * base <= pause <= 1.25 * base
        for base, pause in zip((1.0, 2.0, 4.0), client.clock.slept, strict=True)
    )
    times = [int(asked.parameters["timestamp"]) for asked in client.server.asked]
    assert times == sorted(times)
    counted = client.calls["positionRisk"]
    assert (counted.attempts, counted.saved, counted.given_up) == (4, 1, 0)
    assert counted.last_reason == "order: cut off"


async def test_question_that_stays_unanswered_is_given_up(client: Client) -> None:
    client.server.usual = Answer(502, "<html>Bad Gateway</html>")
    with pytest.raises(RestError, match="/fapi/v3/balance: HTTP 502"):
        await client.rest.ask("balance", {}, read)
    assert len(client.server.asked) == 4
    assert client.calls["balance"].given_up == 1


async def test_order_that_does_not_exist_is_an_answer(client: Client) -> None:
    client.server.usual = Answer(400, '{"code":-2013,"msg":"Order does not exist."}')
    assert await client.rest.ask_for_order("order", ORDER, read) is None
    counted = client.calls["order"]
    assert (counted.attempts, counted.given_up, counted.last_reason) == (1, 0, "")
    client.server.usual = Answer(400, '{"code":-1121,"msg":"Invalid symbol."}')
    with pytest.raises(RestError, match="Invalid symbol"):
        await client.rest.ask_for_order("order", ORDER, read)


async def test_unsigned_question_brings_the_key_where_it_is_wanted(client: Client) -> None:
    await client.rest.ask_unsigned("POST listenKey", {}, read)
    await client.rest.ask_unsigned("exchangeInfo", {}, read)
    listen_key, info = client.server.asked
    assert (listen_key.name, listen_key.api_key) == ("POST /fapi/v1/listenKey", KEY)
    assert (info.text, info.api_key) == ("", "")


async def test_venue_that_does_not_tell_its_time_is_no_reason_not_to_ask() -> None:
    async with order_server() as server:
        clock = ManualClock()
        gate = Limiter(1_200, clock).gate(server.url)
        gate.shut(429, -1003, 600.0)
        rest = a_rest(server.url, gate, QuickClock())
        with pytest.raises(FetchError, match="time: not asked"):
            await rest.venue_clock.measure()
        await rest.order(Lane.KILL, "DELETE order", ORDER, read)
        assert len(server.asked) == 1
        await rest.close()


async def test_refusal_to_tell_the_time_is_no_reason_not_to_ask(client: Client) -> None:
    client.server.time_status = 503
    with pytest.raises(FetchError, match="time: HTTP 503"):
        await client.rest.venue_clock.measure()
    assert await client.order() == b"{}"


@pytest.mark.requirement("P09")
@pytest.mark.parametrize(
    ("lane", "waited", "is_sent"),
    [
        (Lane.ENTRY, 4.9, True),
        (Lane.ENTRY, 5.1, False),
        (Lane.REDUCING, 20.0, True),
        (Lane.KILL, 20.0, True),
    ],
)
async def test_entry_that_stood_in_line_for_long_is_not_sent_any_more(
    lane: Lane, waited: float, is_sent: bool
) -> None:
    clock = ManualClock(SystemClock().now_ms())
    async with order_server() as server:
        gate = Limiter(1_200, clock).gate(server.url)
        rest = a_rest(server.url, gate, clock)
        await rest.order(lane, "POST order", ORDER, read)
        told: list[int] = []
        # Orders are refused until then; who waits lets this clock go on.
        gate.shut(429, -1003, waited)
        if lane is Lane.KILL:
            clock.advance(waited)
        if is_sent:
            await rest.order(lane, "POST order", ORDER, read, told.append)
        else:
            with pytest.raises(OrderError, match="in line") as caught:
                await rest.order(lane, "POST order", ORDER, read, told.append)
            assert caught.value.outcome is Outcome.FAILED
        assert len(server.asked) == 1 + is_sent
        assert len(told) == is_sent
        await rest.close()
