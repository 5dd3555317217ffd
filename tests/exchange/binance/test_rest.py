import asyncio
import random
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest
import pytest_asyncio
from rest_server import Answer, RestServer, rest_server

from botcore_tui.clock import ManualClock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.rest import PublicRest, RestError

BOOK = '{"lastUpdateId": 7, "bids": [["1.10", "2"]], "asks": []}'


def a_client(url: str, clock: ManualClock, *, timeout_seconds: float = 10.0) -> PublicRest:
    return PublicRest(
        url,
        limiter=Limiter(1_200, clock),
        clock=clock,
        rng=random.Random(3),
        timeout_seconds=timeout_seconds,
    )


@pytest_asyncio.fixture
async def server() -> AsyncIterator[RestServer]:
    async with rest_server() as rest:
        yield rest


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest_asyncio.fixture
async def rest(server: RestServer, clock: ManualClock) -> AsyncIterator[PublicRest]:
    client = a_client(server.url, clock, timeout_seconds=5.0)
    yield client
    await client.close()


async def test_replies_are_the_bytes_of_the_venue(server: RestServer, rest: PublicRest) -> None:
    server.answers = [Answer(body=BOOK), Answer(body="[[1]]"), Answer(body='{"symbols": []}')]
    assert await rest.depth("BTCUSDT", 100) == BOOK.encode()
    assert await rest.klines("BTCUSDT", "1m", 2) == b"[[1]]"
    assert await rest.exchange_info() == b'{"symbols": []}'
    assert server.asked == [
        "/fapi/v1/depth?symbol=BTCUSDT&limit=100",
        "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=2",
        "/fapi/v1/exchangeInfo",
    ]


async def test_symbol_beyond_ascii_is_percent_encoded(server: RestServer, rest: PublicRest) -> None:
    await rest.depth("币安人生USDT", 5)
    assert server.asked == [
        "/fapi/v1/depth?symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT&limit=5"
    ]


async def test_replies_of_concurrent_requests_are_not_mixed_up(
    server: RestServer, rest: PublicRest
) -> None:
    server.answers = [Answer(body=f'{{"n": {n}}}') for n in range(40)]
    replies = await asyncio.gather(*(rest.depth(f"S{n}", 5) for n in range(40)))
    assert sorted(replies) == sorted(f'{{"n": {n}}}'.encode() for n in range(40))
    assert len(set(server.asked)) == 40


async def test_error_carries_status_code_message_host_and_path(
    server: RestServer, rest: PublicRest, clock: ManualClock
) -> None:
    server.usual = Answer(400, '{"code":-1121,"msg":"Invalid symbol."}')
    with pytest.raises(RestError) as caught:
        await rest.depth("NOPE", 5)
    error = caught.value
    host = server.url.removeprefix("http://")
    assert (error.status, error.code, error.host, error.path, error.retry_after_seconds) == (
        400, -1121, host, "/fapi/v1/depth", 0.0,
    )  # fmt: skip
    assert str(error) == f"{host}/fapi/v1/depth: HTTP 400: Invalid symbol. (-1121)"
    assert isinstance(error, FetchError)
    assert len(server.asked) == 1
    assert clock.slept == []


@pytest.mark.requirement("R04")
@pytest.mark.requirement("R08")
@pytest.mark.parametrize(
    "bad",
    [
        Answer(500),
        Answer(502, "<html>bad gateway</html>"),
        Answer(503, '{"code":-1008,"msg":"busy"}'),
        Answer(408, '{"code":-1007,"msg":"timeout"}'),
        Answer(body="CUT"),
    ],
)
async def test_transient_failure_is_retried_with_growing_pauses(
    server: RestServer, rest: PublicRest, clock: ManualClock, bad: Answer
) -> None:
    server.answers = [bad, bad, bad, Answer(body=BOOK)]
    # aiohttp itself repeats a GET once whose kept connection was dropped.
    server.usual = Answer(body=BOOK)
    assert await rest.depth("BTCUSDT", 5) == BOOK.encode()
    for index, pause in enumerate(clock.slept):
        assert 0.75 * 2**index <= pause <= 1.25 * 2**index


async def test_fourth_failure_is_final(
    server: RestServer, rest: PublicRest, clock: ManualClock
) -> None:
    server.usual = Answer(500, "")
    with pytest.raises(RestError, match="HTTP 500: Internal Server Error"):
        await rest.depth("BTCUSDT", 5)
    assert len(server.asked) == 4
    assert len(clock.slept) == 3


def counted(rest: PublicRest) -> tuple[int, int, int, str]:
    (row,) = rest._questions._gate.calls.rows()
    return row.attempts, row.saved, row.given_up, row.last_reason


@pytest.mark.requirement("R42")
async def test_attempts_what_repetitions_saved_and_what_was_given_up_are_counted(
    server: RestServer, rest: PublicRest
) -> None:
    server.usual = Answer(body=BOOK)
    await rest.depth("BTCUSDT", 5)
    assert counted(rest) == (1, 0, 0, "")
    server.answers = [Answer(500), Answer(503, '{"code":-1008,"msg":"busy"}')]
    await rest.depth("BTCUSDT", 5)
    assert counted(rest) == (4, 1, 0, "HTTP 503: busy (-1008)")
    server.answers = [Answer(400, '{"code":-1121,"msg":"Invalid symbol."}')]
    with pytest.raises(RestError):
        await rest.depth("NOPE", 5)
    assert counted(rest) == (5, 1, 1, "HTTP 400: Invalid symbol. (-1121)")


@pytest.mark.requirement("F11")
async def test_after_429_nothing_is_asked_before_retry_after(
    server: RestServer, rest: PublicRest, clock: ManualClock
) -> None:
    server.answers = [Answer(429, '{"code":-1003,"msg":"slow down"}', {"Retry-After": "20"})]
    server.usual = Answer(body=BOOK)
    start = clock.now_ms()
    first, second = await asyncio.gather(rest.depth("A", 5), rest.depth("B", 5))
    assert first == second == BOOK.encode()
    assert clock.now_ms() - start >= 20_000


@pytest.mark.requirement("F11")
async def test_ban_is_reported_and_nothing_is_asked_until_it_ends(
    server: RestServer, rest: PublicRest, clock: ManualClock
) -> None:
    server.answers = [Answer(418, '{"code":-1003,"msg":"banned"}', {"retry-after": "600"})]
    server.usual = Answer(body=BOOK)
    with pytest.raises(RestError) as caught:
        await rest.depth("A", 5)
    assert caught.value.retry_after_seconds == 600
    assert "not again for 600 s" in str(caught.value)
    clock.advance(500)
    with pytest.raises(RestError, match="not asked") as caught:
        await rest.klines("A", "1m", 5)
    assert caught.value.status == 418
    assert caught.value.retry_after_seconds == pytest.approx(100)
    assert len(server.asked) == 1
    assert [each.last_reason for each in rest._questions._gate.calls.rows()] == [
        "HTTP 418: banned (-1003)",
        "",  # of what was never asked there is nothing to tell
    ]
    clock.advance(101)
    assert await rest.depth("A", 5) == BOOK.encode()


async def test_ban_without_header_is_read_from_the_text(
    server: RestServer, rest: PublicRest, clock: ManualClock
) -> None:
    server.date = formatdate(clock.now_ms() / 1000, usegmt=True)
    until = clock.now_ms() + 900_000
    text = f'{{"code":-1003,"msg":"Way too many requests; IP banned until {until}."}}'
    server.answers = [Answer(418, text)]
    with pytest.raises(RestError) as caught:
        await rest.exchange_info()
    assert caught.value.retry_after_seconds == pytest.approx(900)


@pytest.mark.parametrize("body", ["<html>please log in</html>", "", "null"])
async def test_reply_that_is_not_json_is_an_error(
    server: RestServer, rest: PublicRest, body: str
) -> None:
    server.usual = Answer(200, body)
    with pytest.raises(RestError, match="HTTP 200: the reply is not JSON"):
        await rest.depth("BTCUSDT", 5)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_not_followed(server: RestServer, rest: PublicRest, status: int) -> None:
    async with rest_server() as elsewhere:
        server.usual = Answer(status, "", {"Location": f"{elsewhere.url}/fapi/v1/depth"})
        with pytest.raises(RestError, match=r"redirect to .* not followed"):
            await rest.depth("BTCUSDT", 5)
        assert elsewhere.asked == []
    assert len(server.asked) == 1


async def test_no_reply_is_an_error_after_the_timeout(server: RestServer) -> None:
    server.is_frozen = True
    rest = a_client(server.url, ManualClock(), timeout_seconds=0.05)
    with pytest.raises(RestError, match=r"no reply within 0\.05 s") as caught:
        await rest.depth("BTCUSDT", 5)
    assert caught.value.status == 0
    await rest.close()


async def test_nobody_listening_is_one_line() -> None:
    rest = a_client("http://127.0.0.1:1", ManualClock())
    with pytest.raises(RestError) as caught:
        await rest.depth("BTCUSDT", 5)
    assert str(caught.value).startswith("127.0.0.1:1/fapi/v1/depth: ")
    assert "\n" not in str(caught.value)
    await rest.close()


async def test_closed_client_refuses(server: RestServer, rest: PublicRest) -> None:
    await rest.depth("BTCUSDT", 5)
    await rest.close()
    with pytest.raises(FetchError, match="closed"):
        await rest.depth("BTCUSDT", 5)
    assert len(server.asked) == 1


async def test_cancelled_request_leaves_a_usable_client(
    server: RestServer, rest: PublicRest
) -> None:
    await rest.depth("BTCUSDT", 5)
    server.is_frozen = True
    task = asyncio.create_task(rest.depth("BTCUSDT", 5))
    await server.until(lambda: len(server.asked) == 2)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    server.is_frozen = False
    assert await rest.depth("BTCUSDT", 5) == b"{}"


async def test_time_of_the_venue_is_asked_once_and_told_when_it_leaves(
    server: RestServer, rest: PublicRest, clock: ManualClock
) -> None:
    left: list[int] = []
    server.usual = Answer(body='{"serverTime":1700000000123}')
    assert await rest.time(lambda: left.append(len(server.asked))) == 1_700_000_000_123
    for answer in (Answer(503, "busy"), Answer(body="{}")):
        server.usual = answer
        with pytest.raises(FetchError, match="time: "):
            await rest.time(lambda: left.append(len(server.asked)))
    assert left == [0, 1, 2]
    assert server.asked == ["/fapi/v1/time"] * 3
    assert clock.slept == []
