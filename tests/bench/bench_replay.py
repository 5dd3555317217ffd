"""``botcore replay --speed max --headless`` as a library call, beside bare decoding."""

import time
from collections.abc import Callable, Iterator, Sequence

from bench.figures import Options, Row, Side, Target, compared, interleaved
from bench.floors import decode_floor
from bench.frames import CAPTURE, frames, is_snapshot, lines, need_capture
from shared_tape import SHARED_TAPE

from botcore_tui.clock import SystemClock
from botcore_tui.core.trader import Trader
from botcore_tui.engine.book_check import BookCheck
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.player import Opener, Player, PlayerSettings
from botcore_tui.engine.port import EngineSettings
from botcore_tui.engine.tape import Line, Tape
from botcore_tui.model.event import Effect, Event

NAME = "replay"
ABOUT = "a tape through Player, Receiver, Engine and Trader, beside bare decoding of its frames"

_TO_DECODE = Target(5.0)
_RATE = Target(200_000, is_ratio=False, is_least=True)
_TO_UNCHECKED = Target(1.5)


def run(options: Options) -> Iterator[Row]:
    """Measure the file, the same frames from memory, and the file with the book checked."""
    need_capture()
    memory = list(_batches(lines(CAPTURE)))
    raws = [raw for raw in frames(CAPTURE) if not is_snapshot(raw)]
    decoding, from_file, from_memory, checked = interleaved(
        [
            lambda: _decode_all(raws),
            lambda: _replay(lambda: iter(Tape(SHARED_TAPE))),
            lambda: _replay(lambda: (batch for batch in memory)),
            lambda: _replay(lambda: iter(Tape(SHARED_TAPE)), is_checked=True),
        ],
        runs=options.runs,
    )
    floor = Side("bare typed decode", decoding)
    yield compared(f"{NAME} tape file", "s", ours=from_file, beside=floor, target=_TO_DECODE)
    yield compared(
        f"{NAME} tape file rate",
        "frames/s",
        ours=[len(lines(CAPTURE)) / seconds for seconds in from_file],
        target=_RATE,
    )
    yield compared(
        f"{NAME} frames in memory",
        "s",
        ours=from_memory,
        beside=floor,
        target=_TO_DECODE,
        note="without gunzip and splitting into lines",
    )
    yield compared(
        f"{NAME} with book check",
        "s",
        ours=checked,
        beside=Side("without check", from_file),
        target=_TO_UNCHECKED,
    )


def _batches(all_lines: Sequence[Line], size: int = 500) -> Iterator[list[Line]]:
    for start in range(0, len(all_lines), size):
        yield list(all_lines[start : start + size])


def _decode_all(raws: Sequence[bytes]) -> float:
    started = time.perf_counter()
    for raw in raws:
        decode_floor(raw)
    return time.perf_counter() - started


def _replay(opened: Opener, *, is_checked: bool = False) -> float:
    check = BookCheck() if is_checked else None
    player = Player(
        opened, PlayerSettings("tape", None, takes_latency=False), clock := SystemClock()
    )
    engine = Engine(
        Trader(),
        player,
        clock,
        EngineSettings("replay", "REPLAY", pins_cores=False, ends_with_feed=True),
        observer=_observer(check) if check is not None else None,
    )
    started = time.perf_counter()
    engine.start()
    engine.finished.wait()
    elapsed = time.perf_counter() - started
    engine.stop()
    assert not engine.failure, engine.failure
    assert player.receiver.frames == len(lines(CAPTURE))
    if check is not None:
        check.finish()
        assert check.checks > 1_000, check.checks
        assert not check.mismatches, check.examples
    return elapsed


def _observer(check: BookCheck) -> Callable[[Event, Sequence[Effect], Trader], None]:
    def observe(event: Event, _effects: Sequence[Effect], trader: Trader) -> None:
        check.observe(event, trader)

    return observe
