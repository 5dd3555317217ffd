"""A ledger of the third version, with rows in it, becomes one of this version."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, a_fill, an_intent, ledger_url, numbered
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


def _tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {str(name) for (name,) in found}


@pytest.mark.requirement("G6")
def test_a_ledger_of_the_third_version_is_copied_and_upgraded(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_third_version(url)
    assert "intake" not in _tables(path)
    with pytest.raises(UnavailableError, match="version 0003"):
        verify(url)

    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    writer.append(numbered(an_intent(), 2))
    writer.close()

    verdict = verify(url)
    assert verdict.is_intact
    assert verdict.rows == 8
    (copy,) = tmp_path.glob("ledger.db.backup-0003-*")
    assert "intake" not in _tables(copy)


def test_an_interrupted_upgrade_leaves_the_third_version(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_third_version(url)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE intake (x TEXT)")
    with pytest.raises(UnavailableError, match="intake"):
        LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0003",)]
