"""Messages a second at saturation: our receive path beside bare clients, over loopback."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from bench.figures import Options, Row, Side, Target, compared, interleaved
from bench.frames import DEPTH, available_sources, best_source, frames
from bench.processes import Sender, a_sender, bench_environment
from bench.receive_program import BARE, BARE_BOOK, CCXT, OURS, Taken
from msgspec import Struct

NAME = "receive"
ABOUT = "a websocket read as fast as it goes: stream, decode, inbox, book; beside bare clients"

_RATES = {BARE: Target(0.8, is_least=True), CCXT: Target(4.0, is_least=True)}
_CPU = {BARE_BOOK: Target(1.3)}
_LONGEST_SECONDS = 60.0
_NAMES = {
    BARE: "bare recv + decode",
    BARE_BOOK: "bare recv + decode + book",
    CCXT: "ccxt.pro watch_order_book",
}


def run(options: Options) -> Iterator[Row]:
    """Measure each source beside the bare loop, and the depth updates beside ccxt.pro."""
    for source in available_sources():
        with a_sender(source) as sender:
            load = Load(f"{source} mix", sender, len(frames(source)))
            yield from _rows(load, (BARE, BARE_BOOK), options)
    if importlib.util.find_spec("ccxt") is None:
        print("  ccxt is not installed: not held against it")
        return
    source = best_source()
    with a_sender(source, part=DEPTH) as sender:
        load = Load(f"{source} depth only", sender, len(frames(source, DEPTH)))
        yield from _rows(load, (CCXT,), options)


class Load(Struct):
    """What is sent."""

    name: str
    sender: Sender
    count: int


class Pass(Struct, frozen=True):
    """What one client made of the load."""

    rate: float
    """Messages a second."""
    cpu_us: float
    """A message."""


def _rows(load: Load, others: Sequence[str], options: Options) -> Iterator[Row]:
    ours, *rest = interleaved(
        [partial(_pass, load, client) for client in (OURS, *others)], runs=options.runs
    )
    for other, theirs in zip(others, rest, strict=True):
        name = f"{NAME} {load.name}{' and book' if other == BARE_BOOK else ''}"
        yield compared(
            name,
            "messages/s",
            ours=[item.rate for item in ours],
            beside=Side(_NAMES[other], [item.rate for item in theirs]),
            target=_RATES.get(other),
            note=f"{load.count:,} messages, each client a process of its own, both on uvloop",
        )
        yield compared(
            f"{name} CPU",
            "us a message",
            ours=[item.cpu_us for item in ours],
            beside=Side(_NAMES[other], [item.cpu_us for item in theirs]),
            target=_CPU.get(other),
        )


def _pass(load: Load, client: str) -> Pass:
    done = subprocess.run(
        [sys.executable, "-m", "bench.receive_program", client, load.sender.url, str(load.count)],
        env=bench_environment(),
        stdout=subprocess.PIPE,
        check=True,
        timeout=_LONGEST_SECONDS,
    )
    taken = msgspec.json.decode(done.stdout, type=Taken)
    start_ns = load.sender.line("start")
    if client != CCXT:
        assert taken.frames == load.count, f"{client} took {taken.frames} of {load.count}"
    seconds = (taken.end_ns - start_ns) / 1e9
    return Pass(taken.frames / seconds, taken.cpu_seconds * 1e6 / taken.frames)
