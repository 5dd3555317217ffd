"""A writer of the ledger whose database fails, and what it tells."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import (
    ACCOUNT,
)

from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.session import Run, WriteSession
from botcore_tui.ledger.spill import Entry
from botcore_tui.ledger.store import writing_engine
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.account import LedgerHealth


class Ear:
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
def writing_heard(
    url: str, options: WriterOptions | None = None
) -> Iterator[tuple[LedgerWriter, Ear]]:
    ear = Ear()
    writer = LedgerWriter.open(url, ACCOUNT, "testnet", on_health=ear.hear, options=options)
    try:
        yield writer, ear
    finally:
        writer.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def foreign_texts(url: str) -> list[str]:
    with LedgerReader(url, ACCOUNT) as reader:
        rows = [row for row in reader.everything("audit") if row["code"] == "order.foreign"]
    return [str(row["text"]) for row in rows]


class Held:
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


def begun(url: str, run: Run) -> WriteSession:
    """A session of a ledger that has tables, with its run begun."""
    session = WriteSession(writing_engine(url, "NORMAL"), url, ACCOUNT)
    try:
        session.begin(run, NOW_MS)
    except BaseException:  # whatever it was: the ledger must not stay open
        session.close()
        raise
    return session
