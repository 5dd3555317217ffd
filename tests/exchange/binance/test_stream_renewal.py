from collections.abc import AsyncIterator

import pytest_asyncio
from market_server import MarketServer, Peer, market_server
from stream_fakes import Running, depth_frame, running_stream, some_settings
from waiting import SteppedClock, settle

A = "btcusdt@depth@100ms"
B = "ethusdt@depth@100ms"
RARE = "!forceOrder@arr"
SHORT_HOURS = 0.01


def quiet(name: str) -> float | None:
    return None if name == RARE else 60.0


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MarketServer]:
    async with market_server() as market:
        yield market


async def grown_old(
    server: MarketServer, clock: SteppedClock, run: Running, *streams: str
) -> tuple[Peer, Peer]:
    """Both connections, once the second carries all streams."""
    old = await server.subscribed(*streams)
    speaking = [stream for stream in streams if stream != RARE]
    for stream in speaking:
        await old.send(stream, depth_frame(1))
    await run.handler.until_frames(len(speaking))
    await clock.run(36)
    new = await server.subscribed(*streams, connections=2)
    return old, new


async def taken_over(run: Running) -> None:
    await run.handler.until(lambda: any("went over" in each for each in run.handler.notices))


async def test_renewal_loses_and_repeats_nothing(server: MarketServer) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, B, clock=clock, settings=settings) as run:
        old, _ = await grown_old(server, clock, run, A, B)
        update = 2
        while old.is_open:
            await server.publish(A, depth_frame(update))
            await server.publish(B, depth_frame(update))
            update += 1
            await settle()
        await taken_over(run)
        for last in range(update, update + 5):
            await server.publish(A, depth_frame(last))
            await server.publish(B, depth_frame(last))
        await run.handler.until(lambda: run.handler.updates(B)[-1] == update + 4)
        assert run.handler.updates(A) == list(range(1, update + 5))
        assert run.handler.updates(B) == list(range(1, update + 5))
        assert not run.handler.interruptions
        assert [each.reconnects for each in run.stream.state()] == [0, 0]


async def test_new_connection_that_runs_ahead_is_held_until_the_old_arrives(
    server: MarketServer,
) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, clock=clock, settings=settings) as run:
        old, new = await grown_old(server, clock, run, A)
        for update in range(5, 9):
            await new.send(A, depth_frame(update))
        for update in range(2, 5):
            await old.send(A, depth_frame(update))
        await taken_over(run)
        await run.handler.until_frames(8)
        assert run.handler.updates(A) == [1, 2, 3, 4, 5, 6, 7, 8]
        assert not run.handler.interruptions


async def test_new_connection_that_lags_repeats_nothing(server: MarketServer) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, clock=clock, settings=settings) as run:
        old, new = await grown_old(server, clock, run, A)
        for update in range(2, 7):
            await old.send(A, depth_frame(update))
        await run.handler.until_frames(6)
        for update in range(2, 10):
            await new.send(A, depth_frame(update))
        await run.handler.until(lambda: run.handler.updates(A)[-1] == 9)
        assert run.handler.updates(A) == list(range(1, 10))
        assert not run.handler.interruptions


async def test_differently_cut_updates_interrupt_only_their_stream(server: MarketServer) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, clock=clock, settings=settings) as run:
        old, new = await grown_old(server, clock, run, A)
        await old.send(A, {"U": 2, "u": 10, "pu": 1})
        await run.handler.until_frames(2)
        await new.send(A, {"U": 5, "u": 8, "pu": 4})
        await new.send(A, {"U": 9, "u": 12, "pu": 8})
        await run.handler.until_frames(3)
        assert run.handler.story == [f"{A} 1", f"{A} 10", f"interrupted {A}", f"{A} 12"]


async def test_renewal_is_put_off_while_the_new_connection_lacks_a_stream(
    server: MarketServer,
) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, clock=clock, settings=settings) as run:
        old, _ = await grown_old(server, clock, run, A)
        await old.send(A, depth_frame(2))
        await run.handler.until_frames(2)
        await clock.pass_pause(30)
        await run.handler.until(lambda: run.handler.notices)
        assert f"not renewed yet: no data on {A}" in run.handler.notices[0]
        await old.send(A, depth_frame(3))
        await run.handler.until_frames(3)
        assert not run.handler.interruptions


async def test_refused_renewal_keeps_the_old_connection(server: MarketServer) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, clock=clock, settings=settings) as run:
        old = await server.subscribed(A)
        await old.send(A, depth_frame(1))
        await run.handler.until_frames(1)
        server.refuse_always = 429
        await clock.run(36)
        await run.handler.until(lambda: run.handler.notices)
        assert "connection not renewed yet: handshake refused: HTTP 429" in run.handler.notices[0]
        await old.send(A, depth_frame(2))
        await run.handler.until_frames(2)
        assert not run.handler.interruptions


async def test_quiet_streams_are_called_interrupted_when_the_wait_is_over(
    server: MarketServer,
) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, RARE, clock=clock, settings=settings) as run:
        await grown_old(server, clock, run, A, RARE)
        await server.publish(A, depth_frame(2))
        await taken_over(run)
        assert run.handler.interruptions == [(frozenset({RARE}), "connection renewed")]


async def test_old_connection_cut_during_renewal_hands_over_to_the_new_one(
    server: MarketServer,
) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, B, clock=clock, settings=settings) as run:
        old, new = await grown_old(server, clock, run, A, B)
        await server.publish(A, depth_frame(2))
        await run.handler.until_frames(3)
        old.cut()
        await taken_over(run)
        await new.send(A, depth_frame(3))
        await run.handler.until(lambda: run.handler.updates(A) == [1, 2, 3])
        assert run.handler.interruptions == [(frozenset({B}), "connection lost")]
        assert server.attempts == 2


async def test_cancellation_during_renewal_closes_both(server: MarketServer) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=quiet, rollover_hours=SHORT_HOURS)
    async with running_stream(server.url, A, clock=clock, settings=settings) as run:
        await grown_old(server, clock, run, A)
    await server.until(lambda: not any(peer.is_open for peer in server.peers))
