"""A ledger of the third version, with rows in it, becomes one of this version."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, a_fill, a_note, an_intent, ledger_url
from ledger_versions import make_earlier
from risk_rows import a_call

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter


def _of_the_third_version(url: str) -> None:
    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r1")
    for row in (an_intent(), a_fill(), a_call()):
        writer.append(row)
    writer.close()
    make_earlier(url, "0003")


def _heads(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM heads").fetchall()


@pytest.mark.requirement("G6")
def test_a_ledger_of_the_third_version_is_copied_and_upgraded(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_third_version(url)
    ((account, sequence, head),) = _heads(path)
    with pytest.raises(UnavailableError, match="version 0003"):
        verify(url)

    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    writer.append(a_note(), a_note())
    assert writer.flush(10)
    (row,) = _heads(path)
    assert (row[0], row[3:]) == (account, ("r2", 2))
    writer.close()

    assert verify(url).is_intact
    (copy,) = tmp_path.glob("ledger.db.backup-0003-*")
    assert _heads(copy) == [(account, sequence, head)]


def test_an_interrupted_upgrade_leaves_the_third_version(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_third_version(url)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE heads ADD COLUMN taken TEXT")
    with pytest.raises(UnavailableError, match="taken"):
        LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0003",)]
