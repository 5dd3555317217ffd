import asyncio

import pytest
from market_server import market_server
from stream_fakes import RememberingHandler, depth_frame
from waiting import SteppedClock

from botcore_tui.exchange.binance import overlap as module
from botcore_tui.exchange.binance.link import Link, LinkError
from botcore_tui.exchange.binance.overlap import Crossover
from botcore_tui.exchange.binance.seam import FrameSequence


class TellingHandler(RememberingHandler):
    """Says so when a frame's place is read."""

    def sequence(self, raw: bytes) -> FrameSequence | None:
        """Read the numbers."""
        self.changed()
        return super().sequence(raw)


def raw(stream: str, update: int) -> bytes:
    return b'{"stream":"%s","data":{"U":%d,"u":%d,"pu":%d}}' % (
        stream.encode(),
        update,
        update,
        update - 1,
    )


async def test_more_frames_than_can_be_held_end_the_new_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_HELD", 3)
    clock = SteppedClock()
    async with market_server() as server:
        link = await Link.open(f"{server.url}/stream", seconds=5.0, clock=clock, per_second=8.0)
        overlap = Crossover(RememberingHandler(), clock).begin(link, ["a"], ["a"])
        await server.until(lambda: server.peers)
        for update in range(4):
            await server.last.send("a", depth_frame(update))
        with pytest.raises(LinkError, match="did not meet within 3 frames"):
            await overlap.hold()
        await link.close()


async def test_frame_without_a_place_leaves_with_the_frames_that_came_after_it() -> None:
    clock = SteppedClock()
    handler = TellingHandler()
    crossover = Crossover(handler, clock)
    async with market_server() as server:
        link = await Link.open(f"{server.url}/stream", seconds=5.0, clock=clock, per_second=8.0)
        overlap = crossover.begin(link, ["a"], ["a"])
        holding = asyncio.create_task(overlap.hold())
        await server.until(lambda: server.peers)
        peer = server.last
        for frame in (b"early", raw("a", 1), b"late", raw("a", 2)):
            await peer.socket.send(frame)
        await handler.until(lambda: overlap.held and overlap.held[-1].raw == raw("a", 2))
        crossover.take(raw("a", 1), 1)
        assert [frame.raw for frame in overlap.held] == [raw("a", 2)]
        holding.cancel()
        await asyncio.wait([holding])
        crossover.switch()
        while crossover.take_held():
            pass
        assert handler.garbage == [b"late"], "only what came after the old connection's last"
        assert handler.updates("a") == [1, 2]
        await link.close()


async def test_new_connection_cut_while_held_back_is_an_error() -> None:
    clock = SteppedClock()
    async with market_server() as server:
        link = await Link.open(f"{server.url}/stream", seconds=5.0, clock=clock, per_second=8.0)
        overlap = Crossover(RememberingHandler(), clock).begin(link, ["a"], ["a"])
        await server.until(lambda: server.peers)
        server.last.cut()
        with pytest.raises(LinkError, match="connection lost"):
            await overlap.hold()
        await link.close()


async def test_duplicates_are_looked_for_only_so_long_after_the_switch() -> None:
    clock = SteppedClock()
    handler = RememberingHandler()
    crossover = Crossover(handler, clock)
    async with market_server() as server:
        link = await Link.open(f"{server.url}/stream", seconds=5.0, clock=clock, per_second=8.0)
        crossover.begin(link, ["a"], ["a"])
        assert crossover.is_crossing
        assert crossover.take(raw("a", 5), 1) == "a"
        assert crossover.take(b"garbage", 1) is None
        assert crossover.switch() == (link, frozenset({"a"}))
        assert not crossover.take_held()
        assert crossover.take(raw("a", 4), 1) == "a"
        assert crossover.take(b"garbage", 1) is None
        assert handler.updates("a") == [5], "a repeat was dropped, garbage goes its usual way"
        assert len(handler.garbage) == 2
        crossing = []
        for seconds in (29, 2):
            clock.advance(seconds)
            crossover.expire(30.0)
            crossing.append(crossover.is_crossing)
        assert crossing == [True, False]
        await link.close()
