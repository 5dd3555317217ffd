"""A database that does not write, or too late: no new risk, and not a row is lost (F13, F14)."""

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from ledger_rows import (
    ACCOUNT,
    a_note,
    an_intent,
    ledger_url,
    numbered,
    tampered,
    written,
)
from ledger_stage import Held, foreign_texts, locked, writing_heard

from botcore_tui.ledger.queue import Group
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.spill import Entry, Spill
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import WriterOptions

_ID = "bc-r1-1-e"


@pytest.mark.requirement("F13")
async def test_a_locked_database_is_told_survived_and_loses_nothing(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url) as (writer, ear):
        with locked(tmp_path / "ledger.db"):
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
    assert foreign_texts(url) == [*map(str, range(10))]
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
    with writing_heard(ledger_url(tmp_path), WriterOptions(slow_seconds=0.01)) as (writer, ear):
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
    with writing_heard(url, options) as (writer, ear):
        with locked(tmp_path / "ledger.db"):
            for number in range(50):
                writer.append(a_note(text=str(number)))
            assert ear.waits_for(is_writable=False).reason
            assert writer.waiting == 20
            assert len(list(tmp_path.glob("*.jsonl"))) == 1, "the rest goes to a file"
        assert writer.flush(20), "which is brought in as soon as it can be"
        ear.waits_for(is_writable=True)
        writer.append(a_note(text="50"))
        assert writer.flush(10)
    assert foreign_texts(url) == [*map(str, range(51))]
    assert list(tmp_path.glob("*.jsonl*")) == []
    assert verify(url).is_intact


@pytest.mark.slow
@pytest.mark.requirement("F13")
def test_what_was_not_taken_until_the_end_comes_at_the_next_start(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    with writing_heard(url) as (writer, _):
        lock = locked(tmp_path / "ledger.db")
        lock.__enter__()
        for number in range(5):
            writer.append(a_note(text=str(number)))
    lock.__exit__(None, None, None)
    assert foreign_texts(url) == []
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
    # The lease could not be given back either; the next start is another process.
    tampered(url, "UPDATE lease SET born = 'another'")
    written(url, [a_note(text="next")])
    assert foreign_texts(url) == [*map(str, range(5)), "next"]
    assert verify(url).is_intact


@pytest.mark.requirement("F14")
def test_rows_that_belong_together_are_committed_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held(monkeypatch)
    url = ledger_url(tmp_path)
    with writing_heard(url) as (writer, _):
        writer.append(a_note(text="0"))
        assert held.is_reached.wait(20)
        for number in range(1, 500):
            writer.append(a_note(text=str(number)))
        writer.append(*(a_note(text=str(number)) for number in range(500, 503)))
        writer.append(a_note(text="503"))
        held.goes_on.set()
        assert writer.flush(20)
    assert held.sizes == [1, 502, 1], "the group of 500 is not a border for them"
    assert foreign_texts(url) == [*map(str, range(504))]


@pytest.mark.requirement("F13")
def test_closing_does_not_wait_for_a_database_that_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    held = Held(monkeypatch)
    url = ledger_url(tmp_path)
    with writing_heard(url) as (writer, _):
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
    assert foreign_texts(url) == ["1", "2", "3", "next"]
    with LedgerReader(url, ACCOUNT) as reader:
        assert len(list(reader.everything("intents"))) == 1
    assert list(tmp_path.glob("*.jsonl*")) == []
    assert verify(url).is_intact


@pytest.mark.requirement("F13")
async def test_an_intent_that_the_ledger_refuses_is_not_durable(tmp_path: Path) -> None:
    with writing_heard(ledger_url(tmp_path)) as (writer, _):
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
    with writing_heard(ledger_url(tmp_path), WriterOptions(most=3)) as (writer, _):
        with locked(tmp_path / "ledger.db"):
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
    with writing_heard(ledger_url(tmp_path)) as (writer, ear):
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
        with writing_heard(url) as (writer, ear):
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
