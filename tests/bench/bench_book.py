"""Microseconds from the bytes of a depth update to the best price, guards and all."""

import time
from collections.abc import Callable, Iterator

from bench.books import SYMBOL, Best, Book, BookFrames, CcxtBook, FloorBook, OurBook
from bench.figures import Options, Row, Side, SkippedError, Target, compared, interleaved
from bench.frames import DEPTH, available_sources, frames

NAME = "book"
ABOUT = "bytes to best price beside a dict with a sorted top, and beside ccxt.pro, CPU time"

_FRAMES = 6_000
_READS = 20_000
_TO_REFERENCE = Target(1.5)
_TO_CCXT = Target(0.33)
_TOP_READ = Target(5.0, is_ratio=False)


def run(options: Options) -> Iterator[Row]:
    """Measure each source; ccxt only where it can be imported."""
    for source in available_sources():
        book_frames = BookFrames(frames(source, DEPTH)[:_FRAMES])
        yield _beside(
            f"{source} apply", book_frames, Peer("reference", FloorBook, _TO_REFERENCE), options
        )
        try:
            peer = Peer("ccxt.pro handler", CcxtBook, _TO_CCXT)
            yield _beside(f"{source} apply beside ccxt.pro", book_frames, peer, options)
        except SkippedError as skipped:
            print(f"  {skipped}")
        yield _top(source, book_frames, options)


class Peer:
    """What ours is held against."""

    def __init__(self, name: str, make: Callable[[BookFrames], Book], target: Target) -> None:
        self.name = name
        self.make = make
        self.target = target


def _beside(name: str, source: BookFrames, peer: Peer, options: Options) -> Row:
    bests: set[Best] = set()

    def seconds(make: Callable[[BookFrames], Book]) -> float:
        book = make(source)
        started = time.thread_time()
        best = book.play(source.rest)
        elapsed = time.thread_time() - started
        bests.add(best)
        assert len(bests) == 1, f"{name}: the two books disagree: {bests}"
        return elapsed

    ours, theirs = interleaved(
        [lambda: seconds(OurBook), lambda: seconds(peer.make)], runs=options.runs
    )
    scale = 1e6 / len(source.rest)
    return compared(
        f"{NAME} {name}",
        "us an update",
        ours=[elapsed * scale for elapsed in ours],
        beside=Side(peer.name, [elapsed * scale for elapsed in theirs]),
        target=peer.target,
        note=f"{len(source.rest):,} updates; both ended at the same best prices",
    )


def _top(source: str, book_frames: BookFrames, options: Options) -> Row:
    book = OurBook(book_frames)
    book.play(book_frames.rest)
    bids, asks = book.trader.market.of(SYMBOL).book.bids, book.trader.market.of(SYMBOL).book.asks

    def microseconds() -> float:
        started = time.thread_time()
        for _ in range(_READS):
            bids.top(20)
            asks.top(20)
        return (time.thread_time() - started) * 1e6 / _READS

    (ours,) = interleaved([microseconds], runs=options.runs)
    return compared(
        f"{NAME} {source} top 20",
        "us a read",
        ours=ours,
        target=_TOP_READ,
        note="both sides, best first, with quantities",
    )
