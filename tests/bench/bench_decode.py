"""Microseconds to decode a frame: ``wire.decode`` beside a bare typed decoder."""

import time
from collections.abc import Callable, Iterator, Sequence

from bench.figures import Options, Row, Side, Target, compared, interleaved
from bench.floors import decode_floor
from bench.frames import available_sources, by_kind, frames, is_snapshot

from botcore_tui.exchange.binance.wire import decode

NAME = "decode"
ABOUT = "wire.decode beside a bare typed msgspec decoder, CPU time"

_FRAMES = 20_000
"""Of a kind, at most; so many in a row are one round."""
_TARGET = Target(1.15)


def run(options: Options) -> Iterator[Row]:
    """Measure each kind of frame by itself, and all of them in the order they came."""
    for source in available_sources():
        kinds = by_kind(frames(source))
        mix = [raw for raw in frames(source) if not is_snapshot(raw)]
        yield _row(f"{source} mix", mix, options)
        for kind, raws in kinds.items():
            yield _row(f"{source} {kind}", raws[:_FRAMES], options)


def _row(name: str, raws: Sequence[bytes], options: Options) -> Row:
    ours, floor = interleaved(
        [lambda: _seconds(decode, raws), lambda: _seconds(decode_floor, raws)], runs=options.runs
    )
    scale = 1e6 / len(raws)
    return compared(
        f"{NAME} {name}",
        "us a frame",
        ours=[seconds * scale for seconds in ours],
        beside=Side("bare typed decode", [seconds * scale for seconds in floor]),
        target=_TARGET,
        note=f"{len(raws):,} frames of {sum(map(len, raws)) / len(raws):.0f} B",
    )


def _seconds(decoder: Callable[[bytes], object], raws: Sequence[bytes]) -> float:
    started = time.thread_time()
    for raw in raws:
        decoder(raw)
    return time.thread_time() - started
