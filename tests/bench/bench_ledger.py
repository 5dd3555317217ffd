"""How soon an order's intent is on the disk, how many rows a second, how fast a start remembers."""

import asyncio
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path

from bench.figures import Options, Row, Side, Target, compared, interleaved, quantile
from bench.machine import engines_core
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_position,
    an_intent,
    an_order,
    ledger_url,
    numbered,
)
from msgspec import Struct

from botcore_tui.engine.hygiene import loop_factory
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.session import Run, WriteSession
from botcore_tui.ledger.spill import Entry
from botcore_tui.ledger.store import Synchronous, writing_engine
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import EquityRow, LedgerRow
from botcore_tui.model.order import OrderState

NAME = "ledger"
ABOUT = "intents durable before they leave, rows a second, a start with a million rows"

_ROUNDS = 500
"""Intents, or appended blocks, measured in a round."""
_BLOCK_BYTES = 512
_PAGES = 5
_ROWS = 20_000
_MILLION = 1_000_000
_DAYS = 100
_DAY_MS = 86_400_000
_SYMBOLS = ("BTCUSDT", "ETHUSDT", "ADAUSDT", "SOLUSDT")
_POSITIONS = 10
# Of the design.
_DURABLE_P50 = Target(2.0)
_APPEND = Target(10.0, is_ratio=False)
_RECALL = Target(1.0, is_ratio=False)


class _Spread(Struct, frozen=True):
    p50: float
    p99: float


class _Durable(Struct, frozen=True):
    append: _Spread
    durable: _Spread


def run(options: Options) -> Iterator[Row]:
    """Measure on the disk that holds temporary files."""
    yield from _latency(options)
    yield from _throughput(options)
    yield from _memory(options)


def _latency(options: Options) -> Iterator[Row]:
    disk = _disk()
    with (
        engines_core(),
        _writer("FULL") as writer,
        tempfile.TemporaryDirectory(dir=disk) as directory,
    ):
        count = iter(range(10**9))
        floor, bare = Path(directory) / "floor", _Bare(Path(directory) / "bare.db")
        sides = [
            lambda: _in_loop(_durable(writer, count)),
            lambda: _synchronised(floor),
            bare.commits,
        ]
        found = interleaved(sides, runs=options.runs)
        bare.close()
    ours = [item for item in found[0] if isinstance(item, _Durable)]
    disks, sqlite = ([item for item in side if isinstance(item, _Spread)] for side in found[1:])
    yield compared(
        f"{NAME} intent durable p50",
        "us",
        ours=[item.durable.p50 for item in ours],
        beside=Side("write+fdatasync", [item.p50 for item in disks]),
        target=_DURABLE_P50,
        note="append to awakened waiter, one after the other; SQLite WAL, synchronous FULL",
    )
    yield compared(
        f"{NAME} intent durable p50",
        "us",
        ours=[item.durable.p50 for item in ours],
        beside=Side("sqlite3, as many pages", [item.p50 for item in sqlite]),
        note="what a commit to all its tables would take: five pages in one thread, nothing else",
    )
    yield compared(
        f"{NAME} intent durable p99",
        "us",
        ours=[item.durable.p99 for item in ours],
        beside=Side("write+fdatasync", [item.p99 for item in disks]),
        note="the few that come while rows go to their tables",
    )
    yield compared(
        f"{NAME} append p50", "us", ours=[item.append.p50 for item in ours], target=_APPEND
    )
    yield compared(f"{NAME} append p99", "us", ours=[item.append.p99 for item in ours])


def _throughput(options: Options) -> Iterator[Row]:
    sides = [lambda: _rows_per_second("FULL"), lambda: _rows_per_second("NORMAL")]
    for name, figures in zip(
        ("FULL", "NORMAL"), interleaved(sides, runs=options.runs), strict=True
    ):
        yield compared(
            f"{NAME} rows, synchronous {name}",
            "rows/s",
            ours=figures,
            note="state changes of orders: chained, present states kept, appended as fast as taken",
        )


def _memory(options: Options) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(dir=_disk()) as directory:
        url = ledger_url(Path(directory))
        seconds = _timed(lambda: _fill(url))
        now_ms = NOW_MS + _DAYS * _DAY_MS
        sides = [lambda: _timed(lambda: recall(url, ACCOUNT, now_ms))]
        (figures,) = interleaved(sides, runs=options.runs)
        yield compared(
            f"{NAME} recall, a million rows",
            "s",
            ours=figures,
            target=_RECALL,
            note=f"{_POSITIONS} positions and orders; the rows took {seconds:.0f} s to write",
        )
        sides = [lambda: _timed(lambda: verify(url))]
        (figures,) = interleaved(sides, runs=1, warms_up=False)
        yield compared(f"{NAME} verify, a million rows", "s", ours=figures)


def _in_loop(what: Coroutine[None, None, _Durable]) -> _Durable:
    """In a loop as the engine's is."""
    with asyncio.Runner(loop_factory=loop_factory(uses_uvloop=True)) as runner:
        return runner.run(what)


async def _durable(writer: LedgerWriter, count: Iterator[int]) -> _Durable:
    appends: list[float] = []
    waits: list[float] = []
    for _ in range(_ROUNDS):
        row = numbered(an_intent(), next(count))
        begun = time.perf_counter()
        writer.append(row)
        appends.append(time.perf_counter() - begun)
        assert await writer.durable(row.request.client_order_id, 60)
        waits.append(time.perf_counter() - begun)
    return _Durable(_spread(appends), _spread(waits))


class _Bare:
    """SQLite alone: commits of as many pages as an intent changes.

    They are those of the intent, the order's state, an index of each, and the end of the chain.
    """

    def __init__(self, path: Path) -> None:
        self._count = 0
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._tables = [f"t{number}" for number in range(_PAGES)]
        for table in self._tables:
            self._connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, text)")

    def commits(self) -> _Spread:
        """How long they take."""
        text, waits = "x" * 200, []
        for _ in range(_ROUNDS):
            self._count += 1
            begun = time.perf_counter()
            self._connection.execute("BEGIN IMMEDIATE")
            for table in self._tables:
                self._connection.execute(
                    f"INSERT INTO {table} VALUES (?, ?)",
                    (self._count, text),
                )
            self._connection.execute("COMMIT")
            waits.append(time.perf_counter() - begun)
        return _spread(waits)

    def close(self) -> None:
        """Free everything."""
        self._connection.close()


def _synchronised(path: Path) -> _Spread:
    fileno = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    block = b"x" * _BLOCK_BYTES
    waits: list[float] = []
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        os.write(fileno, block)
        os.fdatasync(fileno)
        waits.append(time.perf_counter() - begun)
    os.close(fileno)
    return _spread(waits)


def _spread(seconds: list[float]) -> _Spread:
    return _Spread(quantile(seconds, 0.5) * 1e6, quantile(seconds, 0.99) * 1e6)


def _rows_per_second(synchronous: Synchronous) -> float:
    rows = [
        an_order(OrderState.OPEN, client_order_id=f"bc-r1-{number % 500}-e", order_id=number)
        for number in range(_ROWS)
    ]
    with _writer(synchronous) as writer:
        begun = time.perf_counter()
        for row in rows:
            writer.append(row)
        assert writer.flush(120)
        return _ROWS / (time.perf_counter() - begun)


def _fill(url: str) -> None:
    LedgerWriter.open(url, "another", "testnet").close()
    # Past the queue, which does not hold a million rows.
    session = WriteSession(writing_engine(url, "NORMAL"), url, ACCOUNT)
    session.begin(Run(run_id="r1", environment="", version="", config_hash=""), NOW_MS)
    rows = _history()
    while batch := [Entry("r1", row) for row in islice(rows, 500)]:
        session.write(batch)
    session.end(NOW_MS)
    session.close()


def _history() -> Iterator[LedgerRow]:
    rounds = _MILLION // 5
    for number in range(rounds):
        time_ms = NOW_MS + number * _DAYS * _DAY_MS // rounds
        name = f"bc-r1-{number}-e"
        yield numbered(an_intent(created_ms=time_ms), number)
        yield an_order(OrderState.IN_FLIGHT, client_order_id=name, time_ms=time_ms)
        yield a_fill(number + 1, symbol=_SYMBOLS[number % 4], realized="0.1", time_ms=time_ms)
        yield an_order(OrderState.FILLED, client_order_id=name, filled="0.01", time_ms=time_ms)
        if number % 100:
            yield a_position("0.01", symbol=_SYMBOLS[number % 4], time_ms=time_ms)
        else:
            yield EquityRow(wallet=Decimal(5_000), unrealized=Decimal(1), time_ms=time_ms)
    for number in range(_POSITIONS):
        yield numbered(an_intent(), rounds + number)
        yield a_position("0.01", symbol=f"COIN{number}USDT")


def _timed(do: Callable[[], object]) -> float:
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def _disk() -> str:
    # Where temporary files are in memory, synchronisation costs nothing and proves nothing.
    return "/var/tmp" if Path("/var/tmp").is_dir() else tempfile.gettempdir()


@contextmanager
def _writer(synchronous: Synchronous) -> Iterator[LedgerWriter]:
    with tempfile.TemporaryDirectory(dir=_disk()) as directory:
        options = WriterOptions(synchronous=synchronous, capacity=10**6, most=10**7)
        # The run that the rows' orders are of: those of another one would be looked for first.
        writer = LedgerWriter.open(
            ledger_url(Path(directory)), ACCOUNT, "testnet", run_id="r1", options=options
        )
        try:
            yield writer
        finally:
            writer.close()
