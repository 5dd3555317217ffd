"""How much the embedded exchange bears: orders, frames, an hour of trading, its start."""

import asyncio
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Options, Row, Target, compared, interleaved
from bench.processes import bench_environment
from bench.venue_client import FrameCounter, orders_per_second
from sim_process import Sim, running_sim

NAME = "exchange"
ABOUT = "the embedded exchange: orders/s, frames/s, memory after a simulated hour, start"

_ORDERS = Target(2_000, is_ratio=False, is_least=True)
_FRAMES = Target(20_000, is_ratio=False, is_least=True)
_MEMORY = Target(120.0, is_ratio=False)
_READY = Target(1.5, is_ratio=False)
_SYMBOLS = "BTCUSDT,ETHUSDT,SOLUSDT,BNBUSDT"
_REQUESTS = 8_000
_FRAME_SECONDS = 3.0
_HOUR_MINUTES = 60


def run(options: Options) -> Iterator[Row]:
    """Measure each by itself: the exchange has no other to stand beside."""
    yield from _order_rows(options)
    yield from _frame_rows(options)
    (hours,) = interleaved([_resident_after_an_hour], runs=1, warms_up=False)
    yield compared(
        f"{NAME} memory after an hour",
        "MiB",
        ours=hours,
        target=_MEMORY,
        note="four symbols, 2,400 orders placed and cancelled in simulated time",
    )
    (starts,) = interleaved([_seconds_to_ready], runs=options.runs)
    yield compared(
        f"{NAME} ready line", "s", ours=starts, target=_READY, note="from exec, four symbols"
    )


def _order_rows(options: Options) -> Iterator[Row]:
    with running_sim("--no-limits") as sim:
        levels = (1, 8, 32)
        sides = [lambda level=level: _orders(sim, level) for level in levels]
        for level, figures in zip(levels, interleaved(sides, runs=options.runs), strict=True):
            yield compared(
                f"{NAME} orders, concurrency {level}",
                "orders/s",
                ours=figures,
                target=_ORDERS if level == 8 else None,
                note="signed POST and DELETE of limit orders, hand-made HTTP",
            )


def _orders(sim: Sim, concurrency: int) -> float:
    return asyncio.run(
        orders_per_second(
            sim, concurrency=concurrency, orders=_REQUESTS if concurrency > 1 else 2_000
        )
    )


def _frame_rows(options: Options) -> Iterator[Row]:
    with running_sim("--symbols", _SYMBOLS, "--speed", "1000") as sim:
        counts = (1, 5, 20)
        sides = [lambda count=count: _frames(sim, count) for count in counts]
        for count, figures in zip(counts, interleaved(sides, runs=options.runs), strict=True):
            yield compared(
                f"{NAME} frames, {count} subscribers",
                "frames/s",
                ours=figures,
                target=_FRAMES if count == 1 else None,
                note="all of them together; book tickers, depth of four symbols, time as fast as it"
                " goes",
            )


def _frames(sim: Sim, subscribers: int) -> float:
    streams = [
        f"{symbol.lower()}@{kind}"
        for symbol in sim.symbols
        for kind in ("bookTicker", "depth@100ms", "depth20@100ms")
    ]
    counters = [FrameCounter(sim, streams) for _ in range(subscribers)]
    try:
        _read_for(counters, 0.5)
        before = sum(counter.frames for counter in counters)
        started = time.perf_counter()
        _read_for(counters, _FRAME_SECONDS)
        seconds = time.perf_counter() - started
        return (sum(counter.frames for counter in counters) - before) / seconds
    finally:
        for counter in counters:
            counter.close()


def _read_for(counters: list[FrameCounter], seconds: float) -> None:
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        readable, _, _ = select.select(counters, [], [], 0.05)
        for counter in readable:
            counter.read()


def _resident_after_an_hour() -> float:
    with running_sim("--symbols", _SYMBOLS, "--speed", "0", "--no-limits") as sim:
        for _ in range(_HOUR_MINUTES):
            asyncio.run(orders_per_second(sim, concurrency=1, orders=80))
            sim.advance(60_000)
        status = Path(f"/proc/{sim.pid}/status").read_text(encoding="ascii")
        values = dict(line.split(":", 1) for line in status.splitlines())
        return int(values["VmRSS"].split()[0]) / 1024


def _seconds_to_ready() -> float:
    command = [sys.executable, "-m", "botcore_tui", "sim", "--json", "--symbols", _SYMBOLS]
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=bench_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - started
        process.kill()
    return seconds
