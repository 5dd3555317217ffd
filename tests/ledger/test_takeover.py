"""A writer whose lease is gone learns who has the account, also later."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, a_note, ledger_url, writing

from botcore_tui.ledger import takeover
from botcore_tui.ledger.session import WriteSession
from botcore_tui.ledger.writer import LedgerWriter
from botcore_tui.model.account import LedgerHealth


class _Told:
    """What health was told, and a wait for it."""

    def __init__(self) -> None:
        self.is_bad, self.is_taken = threading.Event(), threading.Event()

    def __call__(self, health: LedgerHealth) -> None:
        self.is_bad.set()
        if health.is_taken:
            self.is_taken.set()


def _bereft(directory: Path, told: _Told) -> LedgerWriter:
    """A writer that slept while another one had its account, and has ended."""
    writer = LedgerWriter.open(ledger_url(directory), ACCOUNT, "testnet", on_health=told)
    with closing(sqlite3.connect(directory / "ledger.db")) as other, other:
        other.execute("DELETE FROM lease")
    writer.append(a_note(text="mine"))
    return writer


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeover, "_AGAIN_SECONDS", 0.01)
    monkeypatch.setattr("botcore_tui.ledger.writer._REFRESH_SECONDS", 0.01)


@pytest.mark.requirement("F20")
def test_a_program_that_comes_after_the_lease_was_lost_is_heard_of(
    tmp_path: Path,
) -> None:
    """Both would manage the stops: the first must know, however late the other one comes."""
    told = _Told()
    writer = _bereft(tmp_path, told)
    assert told.is_bad.wait(10)
    assert not writer.health.is_taken, "nobody has it"
    with writing(ledger_url(tmp_path)):
        assert told.is_taken.wait(10)
    writer.close()
    assert "another program" in writer.health.reason


@pytest.mark.requirement("F20")
def test_a_database_that_does_not_answer_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Semaphore(0)

    def refuse(_session: WriteSession, _now_ms: int) -> bool:
        asked.release()
        return False

    told = _Told()
    monkeypatch.setattr(WriteSession, "is_taken", refuse)
    writer = _bereft(tmp_path, told)
    for _ in range(3):
        assert asked.acquire(timeout=10)
    writer.close()
    assert not writer.health.is_taken
