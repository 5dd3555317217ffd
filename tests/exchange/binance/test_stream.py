import asyncio
import gc
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from market_server import MarketServer, market_server
from stream_fakes import depth_frame, running_stream, some_settings
from waiting import SteppedClock, settle

A = "btcusdt@depth@100ms"
B = "ethusdt@depth@100ms"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MarketServer]:
    async with market_server() as market:
        yield market


async def test_subscribed_frames_reach_the_handler_in_order(server: MarketServer) -> None:
    async with running_stream(server.url, A, B) as run:
        peer = await server.subscribed(A, B)
        assert peer.path == "/public/stream"
        for update in range(1, 201):
            await server.publish(A, depth_frame(update))
        await run.handler.until_frames(200)
        assert run.handler.updates(A) == list(range(1, 201))
        state = run.stream.state()
        assert [(each.name, each.status, each.frames) for each in state] == [
            (A, "live", 200),
            (B, "waiting", 0),
        ]
        assert state[0].last_frame_ns > 0
        assert not run.handler.interruptions


async def test_sequence_gap_passes_through_untouched(server: MarketServer) -> None:
    async with running_stream(server.url, A) as run:
        await server.subscribed(A)
        for update in (1, 2, 9):
            await server.publish(A, depth_frame(update))
        await run.handler.until_frames(3)
        assert run.handler.updates(A) == [1, 2, 9]


async def test_garbage_and_binary_frames_change_nothing(server: MarketServer) -> None:
    async with running_stream(server.url, A) as run:
        peer = await server.subscribed(A)
        for rubbish in (
            "not json",
            b"\xff\x00\xfe",
            "[]",
            "{}",
            "null",
            '{"id":99}',
            "x" * 100_000,
        ):
            await peer.socket.send(rubbish)
        await peer.socket.send(b'{"stream":"%s","data":{"u":5}}' % A.encode())
        await run.handler.until_frames(1)
        assert run.status(A) == "live"
        assert len(server.peers) == 1
        assert not run.handler.notices


@pytest.mark.requirement("R05")
async def test_cut_connection_is_restored_with_all_subscriptions(server: MarketServer) -> None:
    clock = SteppedClock()
    async with running_stream(server.url, A, clock=clock) as run:
        first = await server.subscribed(A)
        run.stream.subscribe([B])
        await clock.run(1)
        await server.subscribed(B)
        first.cut()
        await run.handler.until(lambda: run.handler.interruptions)
        assert run.handler.interruptions == [(frozenset({A, B}), "connection lost")]
        assert run.status(A) == "down"
        assert "trying again in 0.5 s (failure 1)" in run.stream.state()[0].detail
        await clock.pass_pause(0.5)
        second = await server.subscribed(A, B, connections=2)
        assert sorted(second.asked[0].params) == sorted([A, B])
        await server.publish(A, depth_frame(7))
        await run.handler.until(lambda: run.handler.updates(A) == [7])
        assert [each.reconnects for each in run.stream.state()] == [1, 1]
        both = " ".join(sorted((A, B)))
        assert run.handler.story == [f"interrupted {both}", f"interrupted {both}", f"{A} 7"]


@pytest.mark.requirement("F06")
async def test_acknowledged_stream_without_data_is_asked_again_and_then_reconnected(
    server: MarketServer,
) -> None:
    clock = SteppedClock()
    server.wrong_route.add(B)
    async with running_stream(server.url, A, B, clock=clock) as run:
        peer = await server.subscribed(A, B)
        for second in range(11):
            await server.publish(A, depth_frame(second))
            await run.handler.until_frames(second + 1)
            await clock.run(1)
        assert run.status(A) == "live"
        assert run.status(B) == "waiting"
        assert any(f"{B}: ACK without data for 10." in each for each in run.handler.notices)
        await server.until(lambda: len(peer.asked) == 2)
        assert peer.asked[1].params == [B]
        for second in range(11, 22):
            await server.publish(A, depth_frame(second))
            await run.handler.until_frames(second + 1)
            await clock.run(1)
            if run.handler.interruptions:
                break
        assert "silent after subscribing again" in run.handler.interruptions[0][1]


@pytest.mark.requirement("F06")
async def test_when_every_stream_is_silent_the_connection_is_given_up_at_once(
    server: MarketServer,
) -> None:
    clock = SteppedClock()
    async with running_stream(server.url, A, B, clock=clock) as run:
        peer = await server.subscribed(A, B)
        for update in range(20):
            await server.publish(A, depth_frame(update))
            await server.publish(B, depth_frame(update))
            await run.handler.until_frames(2 * update + 2)
            await clock.run(0.25)
        peer.is_mute = True
        peer.socket.transport.pause_reading()
        await clock.run(4.5)
        assert len(server.peers) == 1
        await clock.run(1)
        assert "silent on every stream" in run.handler.interruptions[0][1]
        await clock.pass_pause(0.5)
        await server.subscribed(A, B, connections=2)
        assert len(peer.asked) == 1


@pytest.mark.requirement("F06")
async def test_quiet_stream_costs_the_others_no_connection(server: MarketServer) -> None:
    clock = SteppedClock()
    async with running_stream(server.url, A, B, clock=clock) as run:
        peer = await server.subscribed(A, B)
        await server.publish(B, depth_frame(1))
        await run.handler.until_frames(1)
        for second in range(60):
            await server.publish(A, depth_frame(second))
            await run.handler.until_frames(second + 2)
            await clock.run(1)
        assert (run.status(A), run.status(B)) == ("live", "stale")
        await server.until(lambda: len(peer.asked) == 4)
        assert [asked.params for asked in peer.asked[1:]] == [[B]] * 3
        assert len(server.peers) == 1
        assert not run.handler.interruptions


async def test_rare_stream_has_no_deadline(server: MarketServer) -> None:
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=lambda _name: None)
    async with running_stream(server.url, "!forceOrder@arr", clock=clock, settings=settings) as run:
        await server.subscribed("!forceOrder@arr")
        await clock.run(600)
        assert run.status("!forceOrder@arr") == "waiting"
        assert len(server.peers) == 1
        assert not run.handler.notices


@pytest.mark.requirement("R37")
async def test_full_consumer_stops_the_reading_and_loses_nothing() -> None:
    clock = SteppedClock()
    frames = 1200
    async with (
        market_server(compression=None) as server,
        running_stream(server.url, A, clock=clock) as run,
    ):
        peer = await server.subscribed(A)
        await peer.send(A, depth_frame(0))
        await run.handler.until_frames(1)
        run.handler.has_room.clear()
        sent = 0

        async def flood() -> None:
            nonlocal sent
            for update in range(1, frames):
                await peer.send(A, {**depth_frame(update), "padding": "x" * 60_000})
                sent = update

        flooding = asyncio.create_task(flood())
        await run.handler.until_frames(2)
        # The kernel's buffers take some megabytes, then the server's transport pauses its writer.
        async with asyncio.timeout(10):
            while not peer.socket.paused:  # noqa: ASYNC110 - the library tells nobody of it
                await asyncio.sleep(0)  # until the timeout above
        assert not flooding.done()
        assert sent < frames - 1
        await clock.run(30)
        assert run.status(A) == "live", "our own slowness is not the stream's silence"
        run.handler.has_room.set()
        await run.handler.until_frames(frames)
        await flooding
        assert run.handler.updates(A) == list(range(frames))
        assert not run.handler.interruptions


async def test_refused_subscription_is_reported_and_the_others_live(server: MarketServer) -> None:
    clock = SteppedClock()
    server.errors.add("nonsense")
    async with running_stream(server.url, A, "nonsense", B, clock=clock) as run:
        await server.until(lambda: server.peers and server.last.asked)
        for _ in range(4):
            await clock.pass_pause(0.25)
        await server.subscribed(A, B)
        await run.handler.until(lambda: run.handler.notices)
        assert (
            "nonsense: SUBSCRIBE refused: Invalid request: no such stream (2)"
            in (run.handler.notices[0])
        )
        for second in range(30):
            await server.publish(A, depth_frame(second))
            await server.publish(B, depth_frame(second))
            await run.handler.until_frames(2 * second + 2)
            await clock.run(1)
        assert run.status("nonsense") == "down"
        assert len(server.peers) == 1, "one bad name must not cost the others their connection"


async def test_many_streams_are_subscribed_in_paced_chunks(server: MarketServer) -> None:
    names = [f"s{number}@depth" for number in range(1024)]
    clock = SteppedClock()
    settings = some_settings(quiet_seconds=lambda _name: None)
    async with running_stream(server.url, *names, clock=clock, settings=settings) as run:
        await server.until(lambda: server.peers and server.last.asked)
        await clock.run(2.5)
        peer = await server.subscribed(*names)
        assert [len(asked.params) for asked in peer.asked] == [100] * 10 + [24]
        assert [asked.id for asked in peer.asked] == list(range(1, 12))
        with pytest.raises(ValueError, match="at most 1024 fit"):
            run.stream.subscribe(["one-more@depth"])
        run.stream.unsubscribe(names[:50])
        await clock.run(1)
        await server.until(lambda: len(peer.streams) == 974)
        assert len(run.stream.state()) == 974


async def test_stream_without_wishes_does_not_connect(server: MarketServer) -> None:
    async with running_stream(server.url) as run:
        await settle()
        assert server.attempts == 0
        run.stream.subscribe([A])
        await server.subscribed(A)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["backoff", "half-open", "full", "live"])
async def test_cancellation_is_prompt_and_leaves_nothing(server: MarketServer, moment: str) -> None:
    before = asyncio.all_tasks()
    clock = SteppedClock()
    server.refuse_always = 503 if moment == "backoff" else 0
    async with running_stream(server.url, A, clock=clock) as run:
        if moment == "backoff":
            await run.handler.until(lambda: run.handler.notices)
        else:
            peer = await server.subscribed(A)
            if moment == "half-open":
                peer.socket.transport.pause_reading()
            if moment == "full":
                await server.publish(A, depth_frame(1))
                await run.handler.until_frames(1)
                run.handler.has_room.clear()
                await server.publish(A, depth_frame(2))
                await run.handler.until_frames(2)
        started = time.monotonic()
    assert time.monotonic() - started < 0.5
    await server.until(
        lambda: not any(peer.is_open for peer in server.peers) or moment == "half-open"
    )
    await settle()
    ours = [t for t in asyncio.all_tasks() - before if "market_server" not in repr(t)]
    assert [
        t for t in ours if "MarketStream" in repr(t) or "websockets/asyncio/client" in repr(t)
    ] == []
    gc.collect()
