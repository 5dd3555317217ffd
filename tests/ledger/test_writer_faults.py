"""A database that does not write, or too late: no new risk, and not a row is lost (F13, F14)."""

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from ledger_rows import (
    ACCOUNT,
    a_note,
    a_position,
    an_intent,
    an_order,
    ledger_url,
    numbered,
    tampered,
    written,
)
from msgspec import structs
from sqlalchemy.exc import OperationalError

from botcore_tui.clock import ManualClock
from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.spill import Entry, Spill, read
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.account import LedgerHealth
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.model.order import OrderState

_ID = "bc-r1-1-e"


class _Ear:
    """Hears of a ledger's health; waits for it to become so."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.told: list[LedgerHealth] = []

    def hear(self, health: LedgerHealth) -> None:
        with self._changed:
            self.told.append(health)
            self._changed.notify_all()

    def waits_for(self, *, is_writable: bool) -> LedgerHealth:
        with self._changed:
            assert self._changed.wait_for(
                lambda: bool(self.told) and self.told[-1].is_writable is is_writable, timeout=20
            )
            return self.told[-1]


@contextmanager
def _writing(url: str, options: WriterOptions | None = None) -> Iterator[tuple[LedgerWriter, _Ear]]:
    ear = _Ear()
    writer = LedgerWriter.open(url, ACCOUNT, "testnet", on_health=ear.hear, options=options)
    try:
        yield writer, ear
    finally:
        writer.close()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def _texts(url: str) -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        rows = [row for row in reader.everything("audit") if row["code"] == "order.foreign"]
    return [str(row["text"]) for row in rows]


def _patient() -> WriterOptions:
    """Rows wait for intents as long as it takes, however slow the machine is."""
    return WriterOptions(linger_seconds=60, clock=ManualClock())


def _spilled(directory: Path) -> list[LedgerRow]:
    (path,) = directory.glob("*.jsonl")
    return [entry.row for entry in read(path).entries]


@pytest.mark.requirement("F13")
async def test_a_locked_database_is_told_survived_and_loses_nothing(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with _writing(url) as (writer, ear):
        with _locked(tmp_path / "ledger.db"):
            writer.append(an_intent())
            assert not await writer.durable(_ID, 10), "told at once, not when time is up"
            assert "locked" in ear.waits_for(is_writable=False).reason
            for number in range(10):
                writer.append(a_note(text=str(number)))
            assert not await writer.durable(_ID, 10)
            assert not writer.flush(0)
        ear.waits_for(is_writable=True)
        assert writer.flush(10)
        assert await writer.durable(_ID, 10)
    assert _texts(url) == [*map(str, range(10))]
    assert verify(url).is_intact


@pytest.mark.requirement("F13")
async def test_a_commit_that_takes_too_long_is_told_while_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    real = WriteSession.keep

    def slow(self: WriteSession, groups: Sequence[Group]) -> list[Group]:
        assert goes_on.wait(20)
        return real(self, groups)

    monkeypatch.setattr(WriteSession, "keep", slow)
    with _writing(ledger_url(tmp_path), WriterOptions(slow_seconds=0.01)) as (writer, ear):
        writer.append(an_intent())
        assert not await writer.durable(_ID, 0.05)
        assert "0.05 s" in ear.waits_for(is_writable=False).reason
        writer.append(a_note())
        assert "longer than 0.01 s" in writer.health.reason
        goes_on.set()
        assert await writer.durable(_ID, 10)
        ear.waits_for(is_writable=True)


@pytest.mark.requirement("F13")
def test_too_many_rows_in_line_are_told_and_none_is_lost(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    options = WriterOptions(capacity=10, most=20)
    with _writing(url, options) as (writer, ear):
        with _locked(tmp_path / "ledger.db"):
            for number in range(50):
                writer.append(a_note(text=str(number)))
            assert ear.waits_for(is_writable=False).reason
            assert writer.waiting == 20
            assert len(list(tmp_path.glob("*.jsonl"))) == 1, "the rest goes to a file"
        assert writer.flush(20), "which is brought in as soon as it can be"
        ear.waits_for(is_writable=True)
        writer.append(a_note(text="50"))
        assert writer.flush(10)
    assert _texts(url) == [*map(str, range(51))]
    assert list(tmp_path.glob("*.jsonl*")) == []
    assert verify(url).is_intact


@pytest.mark.slow
@pytest.mark.requirement("F13")
def test_what_was_not_taken_until_the_end_comes_at_the_next_start(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with _writing(url) as (writer, _):
        lock = _locked(tmp_path / "ledger.db")
        lock.__enter__()
        for number in range(5):
            writer.append(a_note(text=str(number)))
    lock.__exit__(None, None, None)
    assert _texts(url) == []
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
    # The lease could not be given back either; the next start is another process.
    tampered(url, "UPDATE lease SET born = 'another'")
    written(url, [a_note(text="next")])
    assert _texts(url) == [*map(str, range(5)), "next"]
    assert verify(url).is_intact


class _Held:
    """Holds up whatever is to be written, and notes how many rows each commit has."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_reached = threading.Event()
        self.goes_on = threading.Event()
        self.sizes: list[int] = []
        real = WriteSession.write

        def write(session: WriteSession, entries: list[Entry], number: int) -> int:
            self.is_reached.set()
            assert self.goes_on.wait(20)
            self.sizes.append(len(entries))
            return real(session, entries, number)

        monkeypatch.setattr(WriteSession, "write", write)


@pytest.mark.requirement("F14")
def test_rows_that_belong_together_are_committed_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = _Held(monkeypatch)
    url = ledger_url(tmp_path)
    with _writing(url) as (writer, _):
        writer.append(a_note(text="0"))
        assert held.is_reached.wait(20)
        for number in range(1, 500):
            writer.append(a_note(text=str(number)))
        writer.append(*(a_note(text=str(number)) for number in range(500, 503)))
        writer.append(a_note(text="503"))
        held.goes_on.set()
        assert writer.flush(20)
    assert held.sizes == [1, 502, 1], "the group of 500 is not a border for them"
    assert _texts(url) == [*map(str, range(504))]


@pytest.mark.requirement("F13")
def test_closing_does_not_wait_for_a_database_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = _Held(monkeypatch)
    url = ledger_url(tmp_path)
    with _writing(url) as (writer, _):
        writer.append(an_intent(), a_note(text="1"))
        assert held.is_reached.wait(20)
        writer.append(a_note(text="2"))
        assert writer.close(0.01) == 3
        assert "did not end within 0.01 s" in caplog.text
        assert "1 rows are kept in ledger.db." in caplog.text.replace(f"{tmp_path}/", "")
        writer.append(a_note(text="3"))
        held.goes_on.set()  # it was committed after all, but nobody knew in time
        assert writer.close() == 4
    written(url, [a_note(text="next")])
    assert _texts(url) == ["1", "2", "3", "next"]
    with LedgerReader(url, ACCOUNT) as reader:
        assert len(list(reader.everything("intents"))) == 1
    assert list(tmp_path.glob("*.jsonl*")) == []
    assert verify(url).is_intact


@pytest.mark.requirement("F13")
async def test_what_is_in_the_intake_when_it_ends_is_left_to_the_next_start(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with _writing(url, _patient()) as (writer, _):
        writer.append(an_intent(), a_note(text="1"))
        assert await writer.durable(_ID, 10)
        writer.append(a_note(text="2"))
        with _locked(tmp_path / "ledger.db"):
            assert writer.close() == 3
    assert _spilled(tmp_path) == [a_note(text="2")]
    tampered(url, "UPDATE lease SET born = 'another'")
    written(url, [a_note(text="next")])
    assert _texts(url) == ["1", "2", "next"]
    with LedgerReader(url, ACCOUNT) as reader:
        assert len(list(reader.everything("intents"))) == 1
    assert verify(url).is_intact


@pytest.mark.requirement("F14")
async def test_states_do_not_go_back_when_it_ends_without_its_database(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with _writing(url, _patient()) as (writer, _):
        writer.append(a_position("0.01"), an_order(OrderState.OPEN))
        writer.append(an_intent(), a_position("0.02"), an_order(OrderState.FILLED))
        assert await writer.durable(_ID, 10)
        writer.append(a_position("0.03"))
        with _locked(tmp_path / "ledger.db"):
            assert writer.close() == 6
    tampered(url, "UPDATE lease SET born = 'another'")
    written(url, [])
    with LedgerReader(url, ACCOUNT) as reader:
        found = [str(row["quantity"]) for row in reader.everything("position_events")]
    assert found == ["0.01", "0.02", "0.03"]
    assert verify(url).is_intact


@pytest.mark.requirement("F13")
async def test_what_the_intake_may_have_is_written_once_from_there_or_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ledger_url(tmp_path)
    keep = WriteSession.keep

    def unconfirmed(session: WriteSession, groups: Sequence[Group]) -> list[Group]:
        keep(session, groups)
        raise OperationalError("COMMIT", None, RuntimeError("the connection broke"))

    with monkeypatch.context() as patch, _writing(url, _patient()) as (writer, _):
        patch.setattr(WriteSession, "keep", unconfirmed)
        writer.append(a_note(text="1"))
        writer.append(an_intent(), a_note(text="2"))
        assert not await writer.durable(_ID, 10)
        writer.append(a_note(text="3"))
        writer.close()
    assert len(_spilled(tmp_path)) == 4
    written(url, [a_note(text="next")])
    assert _texts(url) == ["1", "2", "3", "next"]
    with LedgerReader(url, ACCOUNT) as reader:
        assert len(list(reader.everything("intents"))) == 1
    assert verify(url).is_intact


class _Word(str):
    __slots__ = ()


@pytest.mark.requirement("F13")
def test_a_row_that_no_file_takes_is_told_and_costs_no_other_way_out(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    note = structs.replace(a_note(), symbol=_Word("X"))  # as a fault of ours might
    with _writing(url) as (writer, ear):
        writer.append(an_intent(), note)
        assert writer.flush(10)
        assert writer.health.is_writable
        with _locked(tmp_path / "ledger.db"):
            writer.append(note)
            assert ear.waits_for(is_writable=False).reason
            writer.close()
        assert writer.lost == 1
    assert not writer.health.is_writable


@pytest.mark.requirement("F13")
async def test_an_intent_does_not_wait_for_rows_before_it(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with _writing(url, _patient()) as (writer, _):
        writer.append(a_note(text="1"))
        writer.append(an_intent())
        assert await writer.durable(_ID, 10)
        assert _texts(url) == [], "they come later"
        for number in range(2, 1_000):
            writer.append(a_note(text=str(number)))
        assert writer.flush(10)
        assert len(_texts(url)) == 999


@pytest.mark.requirement("F13")
async def test_intents_without_a_pause_do_not_keep_rows_from_their_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int]] = []
    goes_on = threading.Event()
    keep, write = WriteSession.keep, WriteSession.write

    def kept(session: WriteSession, groups: Sequence[Group]) -> list[Group]:
        assert goes_on.wait(20)
        calls.append(("keep", len(groups)))
        return keep(session, groups)

    def wrote(session: WriteSession, entries: list[Entry], number: int) -> int:
        calls.append(("write", len(entries)))
        return write(session, entries, number)

    monkeypatch.setattr(WriteSession, "keep", kept)
    monkeypatch.setattr(WriteSession, "write", wrote)
    with _writing(ledger_url(tmp_path), _patient()) as (writer, _):
        for number in range(1_200):
            writer.append(numbered(an_intent(), number))
        goes_on.set()
        assert await writer.durable("bc-r1-1199-e", 20)
    told = calls.index(("write", 500))
    assert calls[told + 1 :], "not only when all of them are kept"
    assert verify(writer.url).rows == 1_202


@pytest.mark.requirement("F13")
def test_rows_go_to_their_tables_in_small_pieces_while_orders_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = _Held(monkeypatch)
    with _writing(ledger_url(tmp_path), _patient()) as (writer, _):
        for number in range(150):
            writer.append(numbered(an_intent(), number))
        assert held.is_reached.wait(20)
        held.goes_on.set()
        assert writer.flush(20)
    assert held.sizes[0] == 16
    assert sum(held.sizes) == 150


@pytest.mark.requirement("F13")
async def test_an_intent_that_the_ledger_refuses_is_not_durable(tmp_path: Path) -> None:
    with _writing(ledger_url(tmp_path)) as (writer, _):
        writer.append(an_intent())
        assert await writer.durable(_ID, 10)
        bad = numbered(an_intent(created_ms=2**70), 2)
        writer.append(bad, numbered(an_intent(), 3))
        assert await writer.durable("bc-r1-3-e", 10)
        assert not await writer.durable("bc-r1-2-e", 0)


@pytest.mark.requirement("F13")
def test_rows_that_nothing_takes_are_counted_and_told_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Spill, _entries: list[Entry]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Spill, "add", full)
    with _writing(ledger_url(tmp_path), WriterOptions(most=3)) as (writer, _):
        with _locked(tmp_path / "ledger.db"):
            for _ in range(5):
                writer.append(a_note())
        assert writer.flush(10)
        writer.append(a_note())
        assert writer.flush(10)
        assert writer.lost == 2
        assert not writer.health.is_writable


@pytest.mark.requirement("F13")
def test_a_writer_that_dies_of_a_fault_of_ours_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: WriteSession, _entries: list[Entry], _number: int) -> int:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(WriteSession, "write", broken)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with _writing(ledger_url(tmp_path)) as (writer, ear):
        writer.append(a_note())
        assert ear.waits_for(is_writable=False).reason
    assert len(list(tmp_path.glob("*.jsonl"))) == 1, "its rows are kept"


def _small_disk(directory: Path) -> None:
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(directory)]
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted: {done.stderr.strip()}")


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4_096):
            pass


@pytest.mark.requirement("F13")
async def test_a_full_disk_is_told_and_once_there_is_room_all_is_written(tmp_path: Path) -> None:
    _small_disk(tmp_path)
    url = ledger_url(tmp_path)
    try:
        with _writing(url) as (writer, ear):
            filler = tmp_path / "filler"
            _fill(filler)
            for number in range(100):
                writer.append(numbered(an_intent(), number))
            assert not await writer.durable("bc-r1-99-e", 10)
            assert "full" in ear.waits_for(is_writable=False).reason
            filler.unlink()
            ear.waits_for(is_writable=True)
            assert writer.flush(20)
            assert await writer.durable("bc-r1-99-e", 10)
        verdict = verify(url)
        assert verdict.is_intact
        assert verdict.rows == 102
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", str(tmp_path)], check=True)


_CRASHING = """
import asyncio, sys
from ledger_rows import *
from botcore_tui.ledger.writer import LedgerWriter

async def main(url):
    writer = LedgerWriter.open(url, ACCOUNT, "testnet")
    number = 0
    while True:
        for _ in range(3):
            number += 1
            writer.append(numbered(an_intent(), number))
            writer.append(a_note(text=str(number)))
        if await writer.durable(f"bc-r1-{number}-e", 10):
            print(number, flush=True)

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.slow
@pytest.mark.requirement("F14")
@pytest.mark.parametrize("lines", [1, 7, 40])
def test_a_killed_writer_loses_nothing_that_it_reported_durable(tmp_path: Path, lines: int) -> None:
    url = ledger_url(tmp_path)
    tests = Path(__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}"}
    command = [sys.executable, "-c", _CRASHING, url]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reported = [int(process.stdout.readline()) for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        reported += [int(line) for line in process.stdout]
    written(url, [a_note(text="next")])  # the lease of the dead is free at once
    with LedgerReader(url, ACCOUNT) as reader:
        numbers = [
            int(str(row["client_order_id"]).split("-")[2]) for row in reader.everything("intents")
        ]
    assert numbers == [*range(1, len(numbers) + 1)]
    assert len(numbers) >= reported[-1]
    assert verify(url).is_intact
