"""From the bytes of the halt key in the terminal to the engine latched."""

import random
import sys
import time
from collections.abc import Iterator

import msgspec
from bench.cockpit_program import Latched, Wish
from bench.figures import FailedError, Options, Row, Target, compared, interleaved, quantile
from bench.frames import best_source
from bench.processes import Program, a_program, a_sender
from pty_harness import F12

NAME = "halt"
ABOUT = "F12 written to the terminal until the trader is HALTED, cockpit on, resumed in between"

PRESSES = 100
"""In a run."""
_RATES = (1_000, 5_000)
_P99 = Target(5.0, is_ratio=False)
_LOST_SECONDS = 2.0
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.16, 0.26
"""Seconds between two presses: every phase of a picture is met."""


def run(options: Options) -> Iterator[Row]:
    """Press at both rates in turns."""
    found = interleaved(
        [lambda: _milliseconds(_RATES[0]), lambda: _milliseconds(_RATES[1])],
        runs=options.runs,
        warms_up=False,
    )
    for rate, runs in zip(_RATES, found, strict=True):
        name = f"{NAME} {rate:,} messages/s"
        note = f"{PRESSES * options.runs} presses"
        yield compared(f"{name} p50", "ms", ours=[quantile(run, 0.5) for run in runs])
        yield compared(
            f"{name} p99", "ms", ours=[quantile(run, 0.99) for run in runs], target=_P99, note=note
        )
        yield compared(f"{name} max", "ms", ours=[max(run) for run in runs])


def _milliseconds(rate: float) -> list[float]:
    with a_sender(best_source(), rate=rate) as sender:
        wish = Wish(sender.url, counts_halts=True, seconds=0.5)
        argument = msgspec.json.encode(wish).decode()
        command = [sys.executable, "-m", "bench.cockpit_program", argument]
        with a_program(command, columns=160, rows=48) as program:
            program.line()  # warm: its own costs, which this bench does not want
            return [_press(program) for _ in range(PRESSES)]


def _press(program: Program) -> float:
    while True:
        time.sleep(random.uniform(_SHORTEST_PAUSE, _LONGEST_PAUSE))  # at any moment of a picture
        while program.has_line():
            # One press halts twice, from the raw bytes and as a key of the app. The second can
            # come so late that trading was resumed already: halted again, it resumes again.
            program.line()
            time.sleep(_LONGEST_PAUSE)
        pressed_ns = time.monotonic_ns()
        program.type(F12)
        try:
            latched = msgspec.json.decode(program.line(_LOST_SECONDS), type=Latched)
        except FailedError:
            continue  # it met a trader that such a late second halt had just halted
        if latched.at_ns >= pressed_ns:
            return (latched.at_ns - pressed_ns) / 1e6
