"""A ledger of the second version, with rows in it, becomes one of this version."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, a_fill, an_intent, ledger_url
from ledger_versions import make_earlier
from risk_rows import a_call, a_stream, a_trip

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter


def _of_the_second_version(url: str) -> None:
    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r1")
    for row in (an_intent(), a_fill(), a_trip(), a_stream()):
        writer.append(row)
    writer.close()
    make_earlier(url, "0002")


def _tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return {str(name) for (name,) in connection.execute(query)}


@pytest.mark.requirement("G6")
def test_a_ledger_of_the_second_version_is_copied_and_upgraded(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_second_version(url)
    assert "calls" not in _tables(path)
    with pytest.raises(UnavailableError, match="version 0002"):
        verify(url)

    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    writer.append(a_call(limited=2))
    writer.close()

    assert verify(url).is_intact
    with LedgerReader(url) as reader:
        (row,) = reader.everything("calls")
    assert (row["endpoint"], row["limited"]) == ("depth", 2)
    found = recall(url, ACCOUNT, NOW_MS)
    assert (len(found.orders), found.risk.latched) == (1, (a_trip(),))
    (copy,) = tmp_path.glob("ledger.db.backup-0002-*")
    assert "calls" not in _tables(copy)


def test_an_interrupted_upgrade_leaves_the_second_version(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_second_version(url)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE calls (x TEXT)")
    with pytest.raises(UnavailableError, match="calls"):
        LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0002",)]
