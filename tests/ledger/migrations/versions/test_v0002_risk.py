"""A ledger of the first version, with rows in it, becomes one of this version."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, a_fill, a_position, an_intent, an_order, ledger_url
from ledger_versions import make_earlier
from risk_rows import a_trip, an_anchor

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.risk_tables import RISK
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter
from botcore_tui.model.order import OrderState


def _of_the_first_version(url: str) -> None:
    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r1")
    for row in (an_intent(), an_order(OrderState.OPEN), a_fill(), a_position()):
        writer.append(row)
    writer.close()
    make_earlier(url, "0001")


def _tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table'"
        return {str(name) for (name,) in connection.execute(query)}


@pytest.mark.requirement("G6")
def test_a_ledger_of_the_first_version_is_copied_and_upgraded(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_first_version(url)
    new = {str(table.name) for table in RISK}
    assert not new & _tables(path)
    with pytest.raises(UnavailableError, match="version 0001"):
        verify(url)

    writer = LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    writer.append(an_anchor())
    writer.append(a_trip())
    writer.close()

    assert new <= _tables(path)
    assert verify(url).is_intact
    found = recall(url, ACCOUNT, NOW_MS)
    assert (len(found.orders), len(found.positions), len(found.trades)) == (1, 1, 1)
    assert (found.risk.day, found.risk.latched) == (an_anchor(), (a_trip(),))
    (copy,) = tmp_path.glob("ledger.db.backup-0001-*")
    assert not new & _tables(copy)


def test_an_interrupted_upgrade_leaves_the_first_version(tmp_path: Path) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _of_the_first_version(url)
    with closing(sqlite3.connect(path)) as connection, connection:
        # The last table that the upgrade makes is there already.
        connection.execute("CREATE TABLE trips (x TEXT)")
    with pytest.raises(UnavailableError, match="trips"):
        LedgerWriter.open(url, ACCOUNT, "testnet", run_id="r2")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [("0001",)]
    assert "anchors" not in _tables(path)
