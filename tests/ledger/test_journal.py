"""What an order waits for is on the disk before the database has it, and comes in exactly once."""

import asyncio
import errno
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_rows import ACCOUNT, a_fill, a_note, an_intent, ledger_url, numbered, tampered, written

from botcore_tui.ledger import journal as journals
from botcore_tui.ledger.durability import Durability
from botcore_tui.ledger.journal import Journal, JournalFile
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.spill import Entry, lines_of, read
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter


@contextmanager
def _journal(path: Path) -> Iterator[tuple[Journal, Durability]]:
    durability = Durability()
    journal = Journal(path, durability)
    try:
        yield journal, durability
    finally:
        journal.end(forget=False)


def _intent(number: int) -> Entry:
    return Entry("r1", numbered(an_intent(), number), number=number)


def _note(number: int) -> Entry:
    return Entry("r1", a_note(text=str(number)), number=number)


def _numbers(path: Path) -> list[int]:
    return [entry.number for entry in read(path).entries]


@pytest.mark.requirement("P22")
async def test_an_intent_takes_along_all_that_came_before_it(tmp_path: Path) -> None:
    with _journal(tmp_path / "j") as (journal, durability):
        journal.add([_note(1), _note(2)])
        assert _numbers(tmp_path / "j") == []
        journal.add([_intent(3), _note(4)])
        assert await durability.wait("bc-r1-3-e", 10)
        assert _numbers(tmp_path / "j") == [1, 2, 3, 4]


async def test_what_the_database_has_is_not_written_any_more(tmp_path: Path) -> None:
    with _journal(tmp_path / "j") as (journal, durability):
        journal.add([_note(1), _note(2)])
        journal.committed(1)
        journal.add([_intent(3)])
        assert await durability.wait("bc-r1-3-e", 10)
        assert _numbers(tmp_path / "j") == [2, 3]


async def test_a_long_file_is_emptied_once_the_database_has_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "_BYTES", 10)
    with _journal(tmp_path / "j") as (journal, durability):
        for number in (1, 2):
            journal.add([_intent(number)])
            assert await durability.wait(f"bc-r1-{number}-e", 10)
        assert _numbers(tmp_path / "j") == [1, 2], "the database has none of them"
        journal.committed(2)
        journal.add([_intent(3)])
        assert await durability.wait("bc-r1-3-e", 10)
        assert _numbers(tmp_path / "j") == [3]


@pytest.mark.requirement("F13")
async def test_what_the_disk_does_not_take_stays_in_line_and_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = threading.Semaphore(0)

    def full(_self: JournalFile, _content: bytes) -> None:
        tried.release()
        raise OSError(errno.ENOSPC, "No space left on device")

    with _journal(tmp_path / "j") as (journal, durability):
        with monkeypatch.context() as patch:
            patch.setattr(JournalFile, "write", full)
            for number in (1, 2):
                journal.add([_intent(number)])
                assert await asyncio.to_thread(tried.acquire, timeout=20)
        journal.add([_intent(3)])
        assert await durability.wait("bc-r1-1-e", 10)
        assert await durability.wait("bc-r1-3-e", 10)
        assert _numbers(tmp_path / "j") == [1, 2, 3]
        assert not journal.is_failing
    assert caplog.text.count("orders wait for the database: ") == 1
    assert "No space left on device" in caplog.text


def test_an_ended_journal_leaves_its_file_only_if_it_is_needed(tmp_path: Path) -> None:
    for is_needed in (True, False):
        path = tmp_path / "j"
        journal = Journal(path, Durability())
        journal.end(forget=not is_needed)
        assert path.exists() is is_needed
        assert journal.is_failing
        journal.end(forget=True)
        assert not path.exists()


# --- in the writer ------------------------------------------------------------------------------


def _crashed(directory: Path) -> str:
    """The ledger as it is on the disk now; its program is gone."""
    copy = directory / "crashed"
    copy.mkdir()
    with sqlite3.connect(directory / "ledger.db") as source:
        with sqlite3.connect(copy / "ledger.db") as target:
            source.backup(target)
        target.close()
    source.close()
    for path in directory.glob("ledger.db.*"):
        shutil.copy(path, copy)
    url = ledger_url(copy)
    tampered(url, "UPDATE lease SET born = 'another'")
    return url


def _texts(url: str) -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        rows = [row for row in reader.everything("audit") if row["code"] == "order.foreign"]
    return [str(row["text"]) for row in rows]


def _intents(url: str) -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        return [str(row["client_order_id"]) for row in reader.everything("intents")]


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("is_committed", [False, True])
async def test_a_crash_loses_nothing_that_was_durable_and_nothing_comes_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_committed: bool
) -> None:
    url = ledger_url(tmp_path)
    reached, goes_on = threading.Event(), threading.Event()
    real = WriteSession.write

    def held(self: WriteSession, entries: list[Entry]) -> int:
        done = real(self, entries) if is_committed else 0
        reached.set()
        assert goes_on.wait(20)
        return done or real(self, entries)

    monkeypatch.setattr(WriteSession, "write", held)
    writer = LedgerWriter.open(url, ACCOUNT, "testnet")
    try:
        writer.append(a_fill(), a_note(text="1"))
        writer.append(an_intent(), a_note(text="2"))
        assert await writer.durable("bc-r1-1-e", 10)
        assert await asyncio.to_thread(reached.wait, 20)
        crashed = _crashed(tmp_path)
        assert _intents(crashed) == (["bc-r1-1-e"] if is_committed else [])
    finally:
        goes_on.set()
        writer.close()
    monkeypatch.undo()
    written(crashed, [a_note(text="next")])
    written(crashed, [a_note(text="later")])
    for ledger, texts in ((crashed, ["1", "2", "next", "later"]), (url, ["1", "2"])):
        assert _intents(ledger) == ["bc-r1-1-e"]
        assert _texts(ledger) == texts
        assert verify(ledger).is_intact
    assert await asyncio.to_thread(lambda: [*tmp_path.rglob("*.journal")]) == []


def test_rows_in_a_file_and_in_the_journal_come_in_once(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    run_id = written(url, [])
    entries = [
        Entry(run_id, numbered(an_intent(), 1), number=1),
        *(Entry(run_id, a_note(text=str(number)), number=number) for number in range(2, 6)),
    ]
    for name, some in (("journal", entries[:3]), ("jsonl", entries[1:])):
        _file_of(url, name).write_bytes(lines_of(some))
    written(url, [])
    assert _intents(url) == ["bc-r1-1-e"]
    assert _texts(url) == ["2", "3", "4", "5"]


def _file_of(url: str, kind: str) -> Path:
    """Where the writer keeps what the database does not have."""
    directory = Path(url.removeprefix("sqlite:///")).parent
    name = "".join(letter if letter.isalnum() else "-" for letter in ACCOUNT)
    return directory / f"ledger.db.{name}.{kind}"


@settings(deadline=None)
@given(
    committed=st.integers(0, 6),
    journaled=st.integers(0, 6),
    begun=st.integers(1, 7),
    is_torn=st.booleans(),
)
def test_whatever_database_and_journal_have_all_of_it_is_there_once(
    tmp_path_factory: pytest.TempPathFactory,
    committed: int,
    journaled: int,
    begun: int,
    *,
    is_torn: bool,
) -> None:
    directory = tmp_path_factory.mktemp("ledger")
    url = ledger_url(directory)
    run_id = written(url, [a_note(text=str(number)) for number in range(1, committed + 1)])
    # It was emptied when the database had what was before; it never lacks a row in between.
    begun = min(begun, committed + 1)
    last = max(committed, journaled)
    lines = range(begun, last + 1)
    entries = (Entry(run_id, a_note(text=str(number)), number=number) for number in lines)
    torn = b'{"run_id":"' if is_torn else b""
    _file_of(url, "journal").write_bytes(lines_of(entries) + torn + bytes(500))
    written(url, [a_note(text="next")])
    assert _texts(url) == [*map(str, range(1, last + 1)), "next"]
    assert verify(url).is_intact
