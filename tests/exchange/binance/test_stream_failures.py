import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from market_server import MarketServer, market_server
from stream_fakes import RememberingHandler, depth_frame, running_stream, some_settings
from waiting import SteppedClock

from botcore_tui.exchange.binance.link import Link, LinkError
from botcore_tui.exchange.binance.stream import MarketStream

A = "btcusdt@depth@100ms"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MarketServer]:
    async with market_server() as market:
        yield market


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1012, 4000])
async def test_every_close_code_ends_in_a_reconnect(server: MarketServer, code: int) -> None:
    clock = SteppedClock()
    async with running_stream(server.url, A, clock=clock) as run:
        peer = await server.subscribed(A)
        await peer.socket.close(code, "24 hours are over")
        await clock.pass_pause(0.5)
        await server.subscribed(A, connections=2)
        expected = f"closed by the venue: {code} 24 hours are over"
        assert run.handler.interruptions[0] == (frozenset({A}), expected)
        assert sum(expected in notice for notice in run.handler.notices) == 1


async def test_message_beyond_the_size_limit_ends_in_a_reconnect(server: MarketServer) -> None:
    clock = SteppedClock()
    async with running_stream(server.url, A, clock=clock) as run:
        peer = await server.subscribed(A)
        sending = asyncio.create_task(peer.socket.send(" " * (17 * 1024 * 1024)))
        await clock.pass_pause(0.5)
        await server.subscribed(A, connections=2)
        await asyncio.wait([sending])
        sending.exception()
        assert "closed by us: 1009" in run.handler.notices[0]


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
async def test_refused_handshake_is_tried_again(server: MarketServer, status: int) -> None:
    server.refusals = [(status, {})]
    clock = SteppedClock()
    async with running_stream(server.url, A, clock=clock) as run:
        await clock.pass_pause(0.5)
        await server.subscribed(A)
        assert f"handshake refused: HTTP {status}" in run.handler.notices[0]
        # Nothing was lost, but what was fetched while this one was refused has grown old.
        assert run.handler.interruptions == [(frozenset({A}), "connected after a break")]


@pytest.mark.requirement("F11")
@pytest.mark.parametrize("status", [418, 429])
async def test_handshake_refused_with_retry_after_waits_at_least_so_long(
    server: MarketServer, status: int
) -> None:
    server.refusals = [(status, {"Retry-After": "77"})]
    clock = SteppedClock()
    async with running_stream(server.url, A, clock=clock) as run:
        await run.handler.until(lambda: run.handler.notices)
        assert "trying again in 77.0 s" in run.handler.notices[0]
        await clock.pass_pause(77)
        await server.subscribed(A)
        assert server.attempts == 2


@pytest.mark.requirement("R05")
async def test_alarm_at_ten_failures_and_still_trying_at_twenty_five(
    server: MarketServer,
) -> None:
    server.refuse_always = 503
    clock = SteppedClock()
    pauses = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, *[30.0] * 19]
    async with running_stream(server.url, A, clock=clock) as run:
        for pause in pauses:
            await clock.pass_pause(pause)
        await server.until(lambda: server.attempts == 26)
        assert [text.split(": ")[1] for text in run.handler.alarms] == [
            "10 failures in a row, last",
            "20 failures in a row, last",
        ]
        server.refuse_always = 0
        await clock.pass_pause(30.0)
        await server.subscribed(A)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ws://127.0.0.1:1/public", "cannot connect"),
        ("ws://name.invalid/public", "cannot connect"),
        ("wss://localhost.:{port}/public", "cannot connect"),
        ("ws://" + "x" * 70 + "/public", "cannot connect"),
    ],
)
async def test_unreachable_host_is_one_line_and_another_try(
    server: MarketServer, url: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "socks_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    port = server.url.split(":")[2].split("/")[0]
    clock = SteppedClock()
    async with running_stream(url.format(port=port), A, clock=clock) as run:
        await clock.pass_pause(0.5)
        await clock.pass_pause(1.0)
        assert reason in run.handler.notices[0]


async def test_failures_are_forgotten_only_after_stable_data(server: MarketServer) -> None:
    clock = SteppedClock()
    async with running_stream(
        server.url, A, clock=clock, settings=some_settings(stable_seconds=20.0)
    ) as run:
        lives = ((10, 0.5), (10, 1.0), (25, 0.5), (1, 1.0))
        for connection, (seconds, pause) in enumerate(lives, start=1):
            peer = await server.subscribed(A, connections=connection)
            for second in range(seconds):
                frames = len(run.handler.frames)
                await server.publish(A, depth_frame(second))
                await run.handler.until_frames(frames + 1)
                await clock.run(1)
            peer.cut()
            await clock.pass_pause(pause)
        pauses = [n.split("again in ")[1] for n in run.handler.notices if "again in" in n]
        assert pauses == [
            "0.5 s (failure 1)",
            "1.0 s (failure 2)",
            "0.5 s (failure 1)",
            "1.0 s (failure 2)",
        ]


async def test_a_stream_that_is_cancelled_while_its_connection_breaks_ends(
    server: MarketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, clock = RememberingHandler(), SteppedClock()
    stream = MarketStream(
        server.url,
        [A],
        settings=some_settings(),
        clock=clock,
        rng=random.Random(7),
        handler=handler,
    )
    task = asyncio.create_task(stream.run())

    async def break_while_cancelled(_link: Link) -> None:
        task.cancel()
        raise LinkError("connection lost")

    monkeypatch.setattr(stream, "_read", break_while_cancelled)
    done, _ = await asyncio.wait([task], timeout=10)
    assert done
    assert task.cancelled()
    assert handler.notices == []
