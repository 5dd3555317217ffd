"""One client of the receive bench, in a process of its own.

Arguments: CLIENT URL FRAMES. It prints how many messages it took and when the last one was done.
"""

import asyncio
import sys
import time
from collections.abc import Callable

import msgspec
import uvloop
from bench.floors import FloorDepth, ReferenceBook, decode_floor, decode_floor_snapshot
from bench.loopback import STREAMS, LoopbackFeed
from msgspec import Struct
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from botcore_tui.clock import SystemClock
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.port import EngineSettings

OURS, BARE, BARE_BOOK, CCXT = "ours", "bare", "book", "ccxt"


class Taken(Struct, frozen=True):
    """What a client managed."""

    frames: int
    end_ns: int
    """Monotonic."""
    cpu_seconds: float
    """Of the whole process, imports left out."""


def take_ours(url: str, frames_expected: int) -> Taken:
    """MarketStream, Receiver, inbox and trader, in the engine's own thread."""
    trader = Trader()
    feed = LoopbackFeed(url, frames_expected + 1)  # the first confirms the subscription
    settings = EngineSettings("bench", pins_cores=False, ends_with_feed=True)
    engine = Engine(trader, feed, SystemClock(), settings)
    cpu_seconds = time.process_time()
    engine.start()
    engine.finished.wait()
    end_ns, cpu_seconds = time.monotonic_ns(), time.process_time() - cpu_seconds
    engine.stop()
    book = trader.market.of("BTCUSDT").book
    assert book.applied, book.reason
    assert not book.gaps, book.reason
    return Taken(feed.receiver.frames - 1, end_ns, cpu_seconds)


def take_bare(url: str, _frames_expected: int) -> Taken:
    """``recv`` and a typed decode, nothing else."""

    def take(raw: bytes) -> None:
        try:
            decode_floor(raw)
        except msgspec.ValidationError:
            decode_floor_snapshot(raw)

    return _run_bare(url, take)


def take_bare_with_book(url: str, _frames_expected: int) -> Taken:
    """``recv``, a typed decode, and the reference book."""
    book: ReferenceBook | None = None

    def take(raw: bytes) -> None:
        nonlocal book
        try:
            data = decode_floor(raw).data
        except msgspec.ValidationError:
            snapshot = decode_floor_snapshot(raw)
            snapshot = snapshot.data or snapshot
            book = ReferenceBook(snapshot.bids, snapshot.asks)
        else:
            if book is not None and type(data) is FloorDepth:
                book.apply(data)

    return _run_bare(url, take)


def _run_bare(url: str, take: Callable[[bytes], object]) -> Taken:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_receive_bare(url, take))


async def _receive_bare(url: str, take: Callable[[bytes], object]) -> Taken:
    frames = 0
    cpu_seconds = time.process_time()
    message = {"method": "SUBSCRIBE", "params": STREAMS, "id": 1}
    async with connect(f"{url}/stream", proxy=None, max_size=None) as socket:
        await socket.send(msgspec.json.encode(message).decode())
        await socket.recv()
        recv = socket.recv
        try:
            while True:
                raw = await recv(decode=False)
                frames += 1
                take(raw)
        except ConnectionClosed:
            return Taken(frames, time.monotonic_ns(), time.process_time() - cpu_seconds)


def _client(name: str) -> Callable[[str, int], Taken]:
    if name == CCXT:
        from bench.ccxt_client import take_ccxt  # noqa: PLC0415 - half a second and 100 MB

        return take_ccxt
    return {OURS: take_ours, BARE: take_bare, BARE_BOOK: take_bare_with_book}[name]


if __name__ == "__main__":
    taken = _client(sys.argv[1])(sys.argv[2], int(sys.argv[3]))
    print(msgspec.json.encode(taken).decode())
