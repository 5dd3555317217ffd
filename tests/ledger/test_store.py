"""Where a ledger is, and how it is opened."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_rows import an_intent, ledger_url, numbered, written
from sqlalchemy.exc import OperationalError

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger import session
from botcore_tui.ledger.store import (
    default_url,
    file_of,
    grow_log,
    reading_engine,
    shown,
    writing_engine,
)
from botcore_tui.ledger.writer import LedgerWriter


def test_the_default_is_a_file_beside_the_other_state(tmp_path: Path) -> None:
    assert file_of(default_url(tmp_path, "demo")) == tmp_path / "ledger-demo.db"


@pytest.mark.requirement("R16")
def test_nobody_else_reads_the_file_nor_what_stands_beside_it(tmp_path: Path) -> None:
    writer = LedgerWriter.open(ledger_url(tmp_path), "a", "testnet")
    modes = {path.suffix: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    writer.close()
    assert modes == {".db": 0o600, ".db-wal": 0o600, ".db-shm": 0o600}


@pytest.mark.requirement("R16")
def test_opening_it_again_takes_no_locks_from_this_process(tmp_path: Path) -> None:
    # Locks of files are those of a process: they go when it closes any descriptor of the file.
    # Without them another program takes itself for the last one, and removes the log.
    url = ledger_url(tmp_path)
    written(url, [])
    held, again = writing_engine(url), writing_engine(url)
    with held.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM runs").all()
        connection.commit()
        again.connect().close()
        program = f"import sqlite3; c = sqlite3.connect({str(tmp_path / 'ledger.db')!r});"
        program += " c.execute('SELECT * FROM runs').fetchall(); c.close()"
        subprocess.run([sys.executable, "-c", program], check=True)
        has_log = (tmp_path / "ledger.db-wal").exists()
    held.dispose()
    again.dispose()
    assert has_log


def test_a_directory_with_odd_letters_is_no_trouble(tmp_path: Path) -> None:
    odd = tmp_path / "a b%20c?d#é"
    odd.mkdir()
    url = default_url(odd, "demo")
    written(url, [])
    assert [path.name for path in odd.glob("*.db")] == ["ledger-demo.db"]
    reading_engine(url).dispose()


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite://", "nonsense", "postgresql://h/d", ""])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(UnavailableError, match=r"ledger\.url"):
        writing_engine(url)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in shown("postgresql+psycopg://ada:hunter2@localhost/l")


def test_a_ledger_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="there is no ledger"):
        reading_engine(ledger_url(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.requirement("P22")
@pytest.mark.parametrize(("synchronous", "number"), [("FULL", 2), ("NORMAL", 1)])
def test_commits_reach_the_disk_as_configured(
    tmp_path: Path, synchronous: str, number: int
) -> None:
    engine = writing_engine(ledger_url(tmp_path), "FULL" if synchronous == "FULL" else "NORMAL")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == number
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [])
    engine = reading_engine(url)
    with engine.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.exec_driver_sql("DELETE FROM runs")
    engine.dispose()


def test_a_reader_does_not_hold_up_the_writer(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [])
    reader = reading_engine(url)
    with reader.connect() as connection, connection.begin():
        connection.exec_driver_sql("SELECT * FROM runs").all()
        writer = writing_engine(url)
        with writer.begin() as writing:
            writing.exec_driver_sql("UPDATE runs SET ended_ms = 1")
        writer.dispose()
    reader.dispose()


@pytest.mark.slow
def test_a_writer_waits_for_a_lock_only_so_long(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [])
    other = sqlite3.connect(file_of(url) or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    engine = writing_engine(url)
    with engine.connect() as connection, pytest.raises(OperationalError, match="locked"):
        connection.begin()
    other.close()
    engine.dispose()


def test_postgresql_without_its_driver_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnavailableError, match=r"botcore-tui\[postgresql\]"):
        writing_engine("postgresql+psycopg://localhost/l")


def test_the_log_of_a_writer_has_its_size_before_the_first_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "grow_log", grow_log)
    path, log = tmp_path / "ledger.db", tmp_path / "ledger.db-wal"
    url = ledger_url(tmp_path)
    written(url, [])
    size = path.stat().st_size
    writer = LedgerWriter.open(url, "a", "testnet")
    grown = log.stat().st_size
    # What was written for it is not there.
    assert path.stat().st_size == size
    for number in range(200):
        writer.append(numbered(an_intent(), number))
        assert writer.flush(10)
    assert log.stat().st_size == grown
    assert grown >= 1_000 * 4_096
    with reading_engine(url).connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    writer.close()
    assert "room" not in names


def test_a_log_that_cannot_grow_works_as_it_is(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [])
    engine = writing_engine(url)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.rollback()
        grow_log(connection)
        with connection.begin():
            connection.exec_driver_sql("UPDATE heads SET sequence = sequence")
        assert connection.exec_driver_sql("PRAGMA cache_size").scalar_one() == -2_000
    engine.dispose()


def test_a_log_that_another_connection_writes_is_let_alone(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [])
    engine, other = writing_engine(url), writing_engine(url)
    with engine.connect() as connection, other.connect() as holder:
        with holder.begin():
            holder.exec_driver_sql("UPDATE heads SET sequence = sequence")
            grow_log(connection)
        with connection.begin():
            connection.exec_driver_sql("UPDATE heads SET sequence = sequence")
    engine.dispose()
    other.dispose()
