import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from typing import Literal

import pytest
import pytest_asyncio
from private_server import (
    PrivateServer,
    RunningUser,
    ScriptedKeys,
    private_server,
    running_user,
    user_settings,
)
from user_samples import KEY, algo_event, combined, event_of, fill_event, order_event
from waiting import SteppedClock, settle
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosedError

from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.link import Link, LinkError
from botcore_tui.exchange.binance.listen_keys import ListenKeyGoneError
from botcore_tui.exchange.binance.user_pulse import Patience
from botcore_tui.model.order import AlgoReport, Fill, OrderReport

EXPIRED = b'{"e":"listenKeyExpired","E":1736996475556,"listenKey":"%b"}'


@pytest_asyncio.fixture
async def server() -> AsyncIterator[PrivateServer]:
    async with private_server() as private:
        yield private


# --- life --------------------------------------------------------------------------------------


async def test_stream_is_up_once_the_key_is_confirmed_after_the_connect(
    server: PrivateServer,
) -> None:
    keys = ScriptedKeys()
    async with running_user(server.url, keys) as run:
        assert not run.stream.is_up
        await run.until_story("up")
        events = (
            "ORDER_TRADE_UPDATE/ALGO_UPDATE/ACCOUNT_UPDATE/ACCOUNT_CONFIG_UPDATE/MARGIN_CALL"
            "/listenKeyExpired"
        )
        assert server.paths == [f"/private/stream?listenKey={KEY}&events={events}"]
        assert (keys.opened, keys.kept) == (1, [KEY])
        assert run.stream.is_up


async def test_without_a_choice_of_events_the_other_address_is_used(server: PrivateServer) -> None:
    async with running_user(server.url, settings=user_settings(events=())) as run:
        await run.until_story("up")
        assert server.paths == [f"/private/ws/{KEY}"]


async def test_frames_are_delivered_as_they_come_doubles_and_all(server: PrivateServer) -> None:
    async with running_user(server.url) as run:
        socket = await server.connected()
        for frame in (fill_event(), fill_event(), algo_event()):
            await socket.send(combined(frame).decode())
        await run.until_told(5)
        kinds = [type(each) for each in run.told]
        assert kinds == [Fill, OrderReport, Fill, OrderReport, AlgoReport]
        assert run.story == ["up"]


@pytest.mark.requirement("F05")
async def test_cut_is_told_once_and_the_stream_comes_back(server: PrivateServer) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    async with running_user(server.url, keys, clock=clock) as run:
        (await server.connected()).transport.abort()
        await run.until_story("up", "down: connection lost")
        assert not run.stream.is_up
        (row,) = run.stream.states(clock.monotonic_ns())
        assert row.status == "down"
        assert "trying again in 1.0 s (failure 1)" in row.detail
        await clock.pass_pause(1.0)
        socket = await server.connected(2)
        await run.until_story("up", "down: connection lost", "up")
        await socket.send(order_event().decode())
        await run.until_told(1)
        assert keys.opened == 2
        assert run.stream.states(clock.monotonic_ns())[0].reconnects == 1


@pytest.mark.requirement("F05")
async def test_close_by_the_venue_is_told_with_its_code(server: PrivateServer) -> None:
    async with running_user(server.url) as run:
        await (await server.connected()).close(1001, "")
        await run.until_story("up", "down: closed by the venue: 1001")


async def test_pauses_grow_to_a_minute_and_an_alarm_is_raised(
    server: PrivateServer, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SteppedClock()
    server.refuse = 503
    async with running_user(server.url, clock=clock) as run:
        for pause in (1, 2, 4, 8, 16, 32, 60, 60, 60):
            await clock.pass_pause(pause)
        await server.until(lambda: server.attempts == 10)
        await clock.until(lambda: len(clock.slept) == 10)
        errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
        assert [text.partition(": ")[2] for text in errors] == [
            "10 failures in a row, last: handshake refused: HTTP 503"
        ]
        assert run.events == []
        server.refuse = 0
        await clock.pass_pause(60)
        await run.until_story("up")
        assert KEY not in caplog.text


async def test_failures_are_forgotten_after_a_stable_minute(server: PrivateServer) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    keys.failures = [FetchError("no answer")] * 3
    async with running_user(server.url, keys, clock=clock) as run:
        for pause in (1, 2, 4):
            await clock.pass_pause(pause)
        await run.until_story("up")
        socket = await server.connected()
        for _ in range(61):
            told = len(run.told)
            await socket.send(order_event().decode())
            await run.until_told(told + 1)
            await clock.run(1)
        socket.transport.abort()
        await run.until(lambda: len(run.story) == 2)
        await clock.pass_pause(1)
        await server.connected(2)


async def test_missing_key_is_no_reason_to_connect(server: PrivateServer) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    keys.failures = [FetchError("banned for 60 s")]
    async with running_user(server.url, keys, clock=clock) as run:
        await clock.until(lambda: clock.slept)
        (row,) = run.stream.states(clock.monotonic_ns())
        assert "no listen key: banned for 60 s" in row.detail
        assert server.attempts == 0
        assert run.events == []


@pytest.mark.requirement("F05")
async def test_key_that_is_not_confirmed_after_the_connect_is_no_proof(
    server: PrivateServer,
) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    keys.keep_failures = [ListenKeyGoneError("gone (-1125)")]
    async with running_user(server.url, keys, clock=clock) as run:
        await clock.pass_pause(1)
        await run.until_story("up")
        assert (keys.opened, len(server.sockets)) == (2, 2)
        await server.until(lambda: server.sockets[0].close_code is not None)


async def test_started_anew_it_says_that_it_was_down(server: PrivateServer) -> None:
    async with running_user(server.url) as run:
        await run.until_story("up")
        again = asyncio.create_task(run.stream.run())
        await run.until_story("up", "down: started anew", "up")
        again.cancel()
        await asyncio.wait([again])


async def test_address_that_is_none_is_a_failure_that_does_not_tell_the_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = SteppedClock()
    async with running_user("nonsense://here", clock=clock) as run:
        await clock.until(lambda: clock.slept)
        assert run.events == []
        assert "cannot connect" in caplog.text
        assert KEY not in caplog.text


# --- the listen key ----------------------------------------------------------------------------


@pytest.mark.requirement("F05")
@pytest.mark.parametrize("named", [KEY, ""])
async def test_expired_key_leads_to_a_new_key_and_a_new_connection(
    server: PrivateServer, named: str
) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    async with running_user(server.url, keys, clock=clock) as run:
        socket = await server.connected()
        keys.key = "n" * 64
        await socket.send(combined(EXPIRED % named.encode()).decode())
        await run.until_story("up", "down: listen key expired")
        await clock.pass_pause(1)
        await server.connected(2)
        await run.until_story("up", "down: listen key expired", "up")
        assert f"listenKey={'n' * 64}&" in server.paths[1]
        assert keys.kept == [KEY, "n" * 64]


async def test_expiry_of_another_key_is_none_of_our_business(server: PrivateServer) -> None:
    async with running_user(server.url) as run:
        socket = await server.connected()
        await socket.send(event_of("listenKeyExpired").decode())
        await socket.send(order_event().decode())
        await run.until_told(1)
        assert run.story == ["up"]


@pytest.mark.requirement("F05")
async def test_key_is_extended_every_twenty_minutes_and_gone_leads_to_a_new_one(
    server: PrivateServer,
) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    async with running_user(server.url, keys, clock=clock) as run:
        await run.until_story("up")
        socket = await server.connected()
        for second in range(0, 1_250, 25):
            await socket.send(order_event(i=second).decode())
            await run.until_told(second // 25 + 1)
            await clock.run(25)
        assert keys.kept == [KEY, KEY]
        (row,) = run.stream.states(clock.monotonic_ns())
        assert (row.name, row.status, row.frames) == ("user data", "live", 50)
        assert row.detail == "listen key extended 1 min ago"
        keys.keep_failures = [ListenKeyGoneError("gone (-1125)")]
        await clock.run(70)
        await run.until(lambda: len(run.story) == 2)
        assert run.story[1] == "down: listen key gone: gone (-1125)"


@pytest.mark.requirement("F05")
async def test_key_that_cannot_be_extended_is_given_up_before_it_expires(
    server: PrivateServer, caplog: pytest.LogCaptureFixture
) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()
    async with running_user(server.url, keys, clock=clock) as run:
        await run.until_story("up")
        keys.keep_always_fails = FetchError("no answer")
        socket = await server.connected()
        minutes = 0
        while len(run.story) == 1 and minutes < 60:
            for _ in range(2):
                told = len(run.told)
                await socket.send(order_event().decode())
                await run.until_told(told + 1)
                await clock.run(30)
            minutes += 1
        assert run.story == ["up", "down: listen key not extended for 45 min"]
        assert minutes == 45
        assert len(keys.kept) == 1 + 25, "each minute from the twentieth on"
        assert "listen key not extended: no answer" in caplog.text


# --- silence -----------------------------------------------------------------------------------


async def test_quiet_account_is_probed_and_nothing_is_wrong(server: PrivateServer) -> None:
    clock, keys = SteppedClock(), ScriptedKeys()

    def was_kept(times: int) -> bool:
        return len(keys.kept) == times

    async with running_user(server.url, keys, clock=clock) as run:
        await run.until_story("up")
        for minute in range(1, 4):
            await clock.run(61)
            await keys.until(partial(was_kept, 1 + minute))
            await _pong(run, clock)
        assert run.story == ["up"]
        assert len(server.sockets) == 1


async def _pong(run: RunningUser, clock: SteppedClock) -> None:
    """Let the answer to a ping come, and be seen at the next look."""
    (link,) = run.stream._links
    assert isinstance(link.socket, ClientConnection)
    async with asyncio.timeout(10):
        while not link.socket.latency:  # noqa: ASYNC110 - the library tells nobody of it
            await asyncio.sleep(0)  # until the timeout above
    link.socket.latency = 0.0
    await clock.run(1)


@pytest.mark.requirement("F05")
async def test_half_open_connection_is_found_within_the_bound(server: PrivateServer) -> None:
    clock = SteppedClock()
    async with running_user(server.url, clock=clock) as run:
        await run.until_story("up")
        (await server.connected()).transport.pause_reading()
        await clock.run(65)
        (row,) = run.stream.states(clock.monotonic_ns())
        assert row.status == "stale"
        await clock.run(6)
        await run.until_story("up", "down: no answer to a ping for 10 s")


@pytest.mark.requirement("F05")
async def test_stream_that_hides_an_order_is_opened_anew(server: PrivateServer) -> None:
    clock = SteppedClock()
    async with running_user(server.url, clock=clock) as run:
        run.stream.expect("before it is up")
        await run.until_story("up")
        socket = await server.connected()
        await socket.send(order_event(c="bc-1-1-e").decode())
        await run.until_told(1)
        run.stream.expect("bc-1-1-e")
        await clock.run(8)
        assert run.story == ["up"]
        run.stream.expect("bc-1-2-e")
        await clock.run(6)
        await run.until_story("up", "down: nothing told of order bc-1-2-e for 5 s")
        await clock.pass_pause(1)
        await run.until(lambda: run.story[-1] == "up")
        await clock.run(8)
        assert len(run.story) == 3


@pytest.mark.requirement("F12")
async def test_after_a_sleep_of_the_machine_the_stream_is_opened_anew(
    server: PrivateServer,
) -> None:
    clock = SteppedClock()
    async with running_user(server.url, clock=clock) as run:
        await run.until_story("up")
        await settle()
        clock.advance(600)
        await clock.run(1)
        await run.until_story("up", "down: this machine slept for 600 s")


async def test_unreadable_frame_asks_for_a_heal_and_keeps_the_connection(
    server: PrivateServer,
) -> None:
    async with running_user(server.url) as run:
        socket = await server.connected()
        await socket.send(fill_event().decode()[:-9])
        await socket.send(b'{"e":"BRAND_NEW"}'.decode())
        await socket.send(order_event().decode())
        await run.until_told(1)
        assert [each.partition(":")[0] for each in run.story] == ["up", "down", "up"]
        assert "unreadable frame: json: " in run.story[1]
        assert len(server.sockets) == 1
        assert run.stream.counters() == (1, 1)


class StubbornSocket:
    """Takes no ping, or is closed."""

    def __init__(self, *, is_closed: bool) -> None:
        self.transport = StubbornTransport()
        self._is_closed = is_closed

    async def recv(self, decode: Literal[False]) -> bytes:
        raise NotImplementedError  # it is only pinged

    async def send(self, message: str) -> None:
        raise NotImplementedError  # it is only pinged

    async def ping(self) -> asyncio.Future[float]:
        if self._is_closed:
            raise ConnectionClosedError(None, None)
        never = asyncio.get_running_loop().create_future()
        pong: asyncio.Future[float] = await never
        return pong

    async def close(self) -> None:
        raise NotImplementedError  # it is only pinged


class StubbornTransport:
    def abort(self) -> None:
        raise NotImplementedError  # it is only pinged


@pytest.mark.parametrize(
    ("is_closed", "reason"),
    [(False, "the venue took no ping for 0 s"), (True, "connection lost")],
)
async def test_ping_that_cannot_be_sent_ends_the_connection(is_closed: bool, reason: str) -> None:
    async with running_user("ws://127.0.0.1:9", settings=user_settings(connect_seconds=0)) as run:
        link = Link(StubbornSocket(is_closed=is_closed), SteppedClock(), 4.0)
        with pytest.raises(LinkError, match=reason):
            await run.stream._ping(link)


def test_usual_patience_stays_within_what_the_venue_allows() -> None:
    patience = Patience()
    assert patience.keepalive_seconds < patience.key_seconds < 3_600
    assert patience.silence_seconds + patience.pong_seconds <= 90
