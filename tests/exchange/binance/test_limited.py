"""Requests behind the gate: each has its turn, and what its reply tells reaches the limiter."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

import pytest
import pytest_asyncio
from rest_server import Answer, RestServer, rest_server
from sim_server import a_running_server

from botcore_tui.clock import ManualClock, SystemClock
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.confined import NoReplyError, RedirectError
from botcore_tui.exchange.binance.keys import load_credentials
from botcore_tui.exchange.binance.limited import LimitedUsdm
from botcore_tui.exchange.binance.limiter import Gate, Limiter, ShutError
from botcore_tui.exchange.binance.rest import words_of
from botcore_tui.exchange.binance.weights import cost_of
from botcore_tui.model.snapshot import RestUse

DEPTH: Final[Mapping[str, str | int]] = {"symbol": "BTCUSDT", "limit": 1000}


class Venue:
    """A server, and a client behind a gate."""

    def __init__(self, server: RestServer) -> None:
        self.server = server
        self.clock = ManualClock()
        self.gate: Gate = Limiter(1_200, self.clock).gate(server.url)
        self.usdm = LimitedUsdm(server.url, self.gate, 5.0)

    @property
    def use(self) -> RestUse:
        rest = self.gate.state().rest
        assert rest is not None
        return rest


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Venue]:
    async with rest_server() as server:
        venue = Venue(server)
        yield venue
        await venue.usdm.close()


@pytest.mark.requirement("R03")
async def test_request_is_counted_with_its_weight(venue: Venue) -> None:
    answer = await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert (answer.is_success, answer.wait_seconds) == (True, 0.0)
    await venue.usdm.send(Lane.QUERY, "exchangeInfo", {})
    assert venue.use.weight == 21
    assert [(each.endpoint, each.attempts) for each in venue.use.calls] == [
        ("depth", 1),
        ("exchangeInfo", 1),
    ]


@pytest.mark.requirement("R03")
async def test_header_of_the_reply_corrects_the_count(venue: Venue) -> None:
    await venue.usdm.send(Lane.QUERY, "exchangeInfo", {})  # brings the clocks together
    venue.server.usual = Answer(headers={"X-MBX-USED-WEIGHT-1M": "650"})
    await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert venue.use.weight == 651


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [(429, {"Retry-After": "7"}, 7), (418, {"Retry-After": "600"}, 600), (418, {}, 120)],
)
async def test_refusal_shuts_the_gate(
    venue: Venue, status: int, headers: dict[str, str], seconds: int
) -> None:
    venue.server.usual = Answer(status, '{"code":-1003,"msg":"slow down"}', headers)
    answer = await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert (answer.refusal.code, answer.wait_seconds) == (-1003, seconds)
    assert venue.gate.state().status == ("banned" if status == 418 else "refused")
    assert venue.use.shut_until_ns == venue.clock.monotonic_ns() + seconds * 1_000_000_000


async def test_429_that_names_no_time_shuts_the_gate_too(venue: Venue) -> None:
    venue.server.usual = Answer(429, "<html>busy</html>")
    answer = await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert (answer.is_success, answer.refusal.code) == (False, 0)
    assert venue.gate.state().status == "refused"


@pytest.mark.requirement("A13")
async def test_banned_address_sends_nothing_but_what_kills(venue: Venue) -> None:
    venue.gate.shut(418, -1003, 600.0)
    with pytest.raises(ShutError):
        await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert venue.server.asked == []
    assert [each.attempts for each in venue.use.calls] == []
    await venue.usdm.send(Lane.KILL, "depth", DEPTH)
    assert len(venue.server.asked) == 1


async def test_header_wins_over_the_time_in_the_text(venue: Venue) -> None:
    # The text is in the venue's time, which may run at another speed.
    text = '{"code":-1003,"msg":"banned until 9999999999999"}'
    venue.server.usual = Answer(418, text, {"Retry-After": "60"})
    answer = await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert answer.wait_seconds == 60


@pytest.mark.requirement("R03")
async def test_our_count_is_that_of_the_exchange() -> None:
    asked: tuple[tuple[str, Mapping[str, str | int]], ...] = (
        ("exchangeInfo", {}),
        *(("depth", {"symbol": "BTCUSDT", "limit": n}) for n in (5, 50, 100, 500, 1000)),
        *(
            ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": n})
            for n in (1, 99, 100, 499, 500, 1000, 1001, 1500)
        ),
    )
    async with a_running_server("BTCUSDT", speed=1) as running:
        url = f"http://{running.authority}"
        usdm = LimitedUsdm(url, Limiter(1_200, SystemClock()).gate(url), 5.0)
        told = 0
        for path, parameters in asked:
            answer = await usdm.send(Lane.QUERY, path, parameters)
            assert answer.is_success
            headers = answer.reply.headers
            before, told = told, int(headers["x-mbx-used-weight-1m"])
            weight = cost_of(path, parameters).weight
            assert told in (before + weight, weight)  # the minute may turn meanwhile
        await usdm.close()


async def test_lost_reply_stays_counted(venue: Venue) -> None:
    venue.server.usual = Answer(302, "", {"Location": "http://127.0.0.1:1/"})
    with pytest.raises(RedirectError):
        await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert venue.use.weight == 20


async def test_time_of_a_ban_beyond_all_measure_is_the_longest_there_is(venue: Venue) -> None:
    venue.server.usual = Answer(418, '{"code":-1003,"msg":"banned until 9999999999999"}')
    answer = await venue.usdm.send(Lane.QUERY, "depth", DEPTH)
    assert answer.wait_seconds == 3 * 24 * 3600


async def test_request_that_never_left_uses_nothing_up(venue: Venue) -> None:
    class ChangedMindError(Exception):
        pass

    def refuse() -> Mapping[str, str | int]:
        raise ChangedMindError

    await venue.usdm.send(Lane.QUERY, "exchangeInfo", {})
    with pytest.raises(ChangedMindError):
        await venue.usdm.send(Lane.QUERY, "depth", DEPTH, refuse)
    assert venue.use.weight == 1
    assert len(venue.server.asked) == 1


async def test_request_for_which_there_was_no_connection_uses_nothing_up() -> None:
    async with rest_server() as server:
        url = server.url
    gate = Limiter(1_200, ManualClock()).gate(url)
    usdm = LimitedUsdm(url, gate, 5.0)
    with pytest.raises(NoReplyError):
        await usdm.send(Lane.QUERY, "depth", DEPTH)
    rest = gate.state().rest
    assert rest is not None
    assert (rest.weight, rest.calls[0].attempts) == (0, 1)
    await usdm.close()


@pytest.mark.requirement("R16")
async def test_a_reply_that_repeats_the_key_and_its_secret_loses_them_before_it_is_cut() -> None:
    key, secret = "K3y" * 20, "S3cret" * 10
    async with rest_server() as server:
        clock = ManualClock()
        usdm = LimitedUsdm(
            server.url,
            Limiter(1_200, clock).gate(server.url),
            5.0,
            load_credentials(key, secret),
        )
        body = f'{{"code":-2015,"msg":"no key {key} with {secret[:40]}"}}'
        server.answers.append(Answer(400, body))
        answer = await usdm.send(Lane.QUERY, "exchangeInfo", {})
        await usdm.close()
    assert (answer.refusal.code, answer.refusal.msg) == (-2015, "no key ******** with ********")
    assert words_of(answer) == "no key ******** with ********"
