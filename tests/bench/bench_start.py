"""How long until something is seen, and how much memory it takes."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import FailedError, Options, Row, Target, compared, interleaved
from bench.processes import Program, a_program, bench_environment, without_escapes
from msgspec import Struct

from botcore_tui.cli.first_start import Acknowledgements

NAME = "start"
ABOUT = "the botcore command: help, first paint, market moving (demo), memory with four symbols"

_HELP = Target(0.5, is_ratio=False)
_PAINT = Target(0.5, is_ratio=False)
_MOVING = Target(3.0, is_ratio=False)
_MEMORY = Target(150.0, is_ratio=False)
_SYMBOLS = "BTCUSDT,ETHUSDT,SOLUSDT,BNBUSDT"
_DEADLINE_SECONDS = 20.0
_SETTLED_SECONDS = 10.0
"""After which memory is read: all panes painted, the collector has run."""
_WORD = re.compile(rb"[A-Za-z]{3,}")
_PRICE = re.compile(rb"6[0-9],?[0-9]{3}\.[0-9]{1,2}")
_PRICES_MOVING = 40
"""Prices painted: a whole ladder, and then some rows of it again."""


class Start(Struct, frozen=True):
    """One start of the demo."""

    paint_seconds: float
    moving_seconds: float
    resident_mb: float
    peak_mb: float


def run(options: Options) -> Iterator[Row]:
    """Measure the help and the demo in turns."""
    helps: list[float] = []

    def both() -> Start:
        helps.append(_help_seconds())
        return _start()

    (starts,) = interleaved([both], runs=options.runs)
    helps = helps[-options.runs :]  # the first was to warm up
    yield compared(f"{NAME} --help", "s", ours=helps, target=_HELP)
    yield compared(
        f"{NAME} first paint",
        "s",
        ours=[start.paint_seconds for start in starts],
        target=_PAINT,
        note="from exec until the first word is on the terminal, 160x48",
    )
    yield compared(
        f"{NAME} market moving",
        "s",
        ours=[start.moving_seconds for start in starts],
        target=_MOVING,
        note=f"from exec until {_PRICES_MOVING} prices were painted",
    )
    yield compared(
        f"{NAME} memory, four symbols",
        "MiB",
        ours=[start.resident_mb for start in starts],
        target=_MEMORY,
        note=f"resident after {_SETTLED_SECONDS:g} s of demo, its exchange not counted; "
        f"peak {max(start.peak_mb for start in starts):.0f}",
    )


def _help_seconds() -> float:
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "botcore_tui", "--help"],
        env=bench_environment(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def _start() -> Start:
    with tempfile.TemporaryDirectory() as state_dir:
        # The first screen of all would lie over the prices that are waited for.
        Acknowledgements(Path(state_dir)).keep("bench", "demo")
        command = [sys.executable, "-m", "botcore_tui", "--state-dir", str(Path(state_dir))]
        command += ["--symbols", _SYMBOLS]
        with a_program(command, columns=160, rows=48) as program:
            paint_ns = _seen_ns(program, _WORD, 1)
            moving_ns = _seen_ns(program, _PRICE, _PRICES_MOVING)
            time.sleep(_SETTLED_SECONDS)  # what is resident then is measured
            resident_mb, peak_mb = program.memory_mb()
            return Start(
                (paint_ns - program.started_ns) / 1e9,
                (moving_ns - program.started_ns) / 1e9,
                resident_mb,
                peak_mb,
            )


def _seen_ns(program: Program, wanted: re.Pattern[bytes], count: int) -> int:
    """When so many matches had been painted, monotonic."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    output, taken = b"", 0
    while time.monotonic() < deadline:
        chunks = program.chunks
        while taken < len(chunks):
            at_ns, data = chunks[taken]
            taken += 1
            output += data
            if len(wanted.findall(without_escapes(output))) >= count:
                return at_ns
        time.sleep(0.005)  # until the deadline above
    raise FailedError(f"{wanted.pattern!r} was not painted {count} times")
