"""Tables are made, upgraded after a copy, and refused where they are newer."""

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, an_intent, ledger_url, tampered, written
from sqlalchemy import Engine, create_engine

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger import migrate as migrating
from botcore_tui.ledger.migrate import VERSION, check_version, migrate, version_of
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.store import reading_engine, writing_engine
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter


def _an_older_file(url: str) -> None:
    """As a version before the first would have left it: one table of it is not there yet."""
    written(url, [an_intent()])
    tampered(url, "UPDATE alembic_version SET version_num = '0000'")


def _noted_upgrades(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Upgrades that are asked for from here on, instead of Alembic's."""
    asked: list[str] = []

    def upgrade(connection: object) -> None:
        asked.append(str(connection))

    monkeypatch.setattr(migrating, "_upgrade", upgrade)
    return asked


def test_a_new_file_gets_the_newest_tables_and_no_copy(tmp_path: Path) -> None:
    LedgerWriter.open(ledger_url(tmp_path), ACCOUNT, "testnet").close()
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        assert connection.execute("SELECT * FROM alembic_version").fetchall() == [(VERSION,)]
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.db"]


def test_tables_of_today_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrades = _noted_upgrades(monkeypatch)
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{VERSION}')")
    migrate(engine, "l", path=path, backup_keep=3, now_ms=NOW_MS)
    engine.dispose()
    assert upgrades == []


@pytest.mark.requirement("G6")
def test_an_older_file_is_copied_before_it_is_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, path = ledger_url(tmp_path), tmp_path / "ledger.db"
    _an_older_file(url)
    (tmp_path / "ledger.db.backup-of-mine").mkdir()
    upgrades = _noted_upgrades(monkeypatch)
    engine = writing_engine(url)
    for number in range(4):
        migrate(engine, "l", path=path, backup_keep=2, now_ms=NOW_MS + number)
    engine.dispose()
    assert len(upgrades) == 4
    copies = sorted(path.name for path in tmp_path.glob("*.backup-*") if path.is_file())
    assert copies == [f"ledger.db.backup-0000-{NOW_MS + number}" for number in (2, 3)]
    assert (tmp_path / copies[-1]).stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(tmp_path / copies[-1])) as copy:
        found = copy.execute("SELECT client_order_id FROM intents").fetchall()
    assert found == [("bc-r1-1-e",)]


class _Ended(sqlite3.Connection):
    """Its program ends in the middle of a copy."""

    def backup(self, target: sqlite3.Connection, **_: object) -> None:
        target.execute("CREATE TABLE half (number INTEGER)")
        raise KeyboardInterrupt


def _an_older_engine(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    _an_older_file(ledger_url(directory))
    _noted_upgrades(monkeypatch)
    return writing_engine(ledger_url(directory))


@pytest.mark.requirement("G6")
def test_half_a_copy_never_has_the_name_of_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, engine = tmp_path / "ledger.db", _an_older_engine(tmp_path, monkeypatch)
    with engine.connect(), monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=_Ended))
        with pytest.raises(KeyboardInterrupt):
            migrate(engine, "l", path=path, backup_keep=2, now_ms=NOW_MS)
    assert list(tmp_path.glob("ledger.db.backup-*")) == []
    (tmp_path / f".ledger.db.backup-0000-{NOW_MS}.part-journal").write_bytes(b"left")

    migrate(engine, "l", path=path, backup_keep=2, now_ms=NOW_MS + 1)
    engine.dispose()

    assert [each.name for each in tmp_path.glob("*backup-*")] == [
        f"ledger.db.backup-0000-{NOW_MS + 1}"
    ]


@pytest.mark.requirement("G6")
def test_programs_that_start_at_once_leave_each_other_their_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, engine = tmp_path / "ledger.db", _an_older_engine(tmp_path, monkeypatch)
    others = [NOW_MS + 1]

    class Slow(sqlite3.Connection):
        def backup(self, target: sqlite3.Connection, *, pages: int = -1, **_: object) -> None:
            super().backup(target, pages=pages)
            while others:  # another program begins and ends meanwhile
                migrate(engine, "l", path=path, backup_keep=9, now_ms=others.pop())

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Slow))
        migrate(engine, "l", path=path, backup_keep=9, now_ms=NOW_MS)
    engine.dispose()

    names = [f"ledger.db.backup-0000-{NOW_MS + number}" for number in (0, 1)]
    assert sorted(each.name for each in tmp_path.glob("*backup-*")) == names
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in names} == {0o600}
    for name in names:
        with closing(sqlite3.connect(tmp_path / name)) as copy:
            assert copy.execute("SELECT client_order_id FROM intents").fetchall()


@pytest.mark.requirement("G6")
def test_copy_ends_though_another_program_writes_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, engine = tmp_path / "ledger.db", _an_older_engine(tmp_path, monkeypatch)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE bulk (content)")
        writer.execute("INSERT INTO bulk VALUES (zeroblob(20000000))")
        looks: list[int] = []

        class Watched(sqlite3.Connection):
            def backup(self, target: sqlite3.Connection, *, pages: int = -1, **_: object) -> None:
                super().backup(target, pages=pages, progress=write)

        def write(_status: int, left: int, _total: int) -> None:
            looks.append(left)
            assert len(looks) < 20
            writer.execute("INSERT INTO bulk VALUES (1)")

        with monkeypatch.context() as patch:
            patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Watched))
            migrate(engine, "l", path=path, backup_keep=9, now_ms=NOW_MS)
    engine.dispose()
    assert looks[-1] == 0


@pytest.mark.requirement("G6")
def test_halves_that_older_programs_left_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, engine = tmp_path / "ledger.db", _an_older_engine(tmp_path, monkeypatch)
    whole = f"ledger.db.backup-0000-{NOW_MS - 1}"
    for name, content in ((whole, b"x"), ("ledger.db.backup-0000-7", b"x")):
        (tmp_path / name).write_bytes(content)
    (tmp_path / "ledger.db.backup-0000-7-journal").write_bytes(b"x")
    (tmp_path / "ledger.db.backup-0000-8").touch()

    migrate(engine, "l", path=path, backup_keep=9, now_ms=NOW_MS)
    engine.dispose()

    assert sorted(each.name for each in tmp_path.glob("*backup-*")) == [
        whole,
        f"ledger.db.backup-0000-{NOW_MS}",
    ]


@pytest.mark.requirement("G6")
def test_a_copy_outlasts_the_power_before_the_tables_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, engine = tmp_path / "ledger.db", _an_older_engine(tmp_path, monkeypatch)
    synced: list[str] = []

    def fsync(fileno: int) -> None:
        synced.append(Path(f"/proc/self/fd/{fileno}").readlink().name)

    monkeypatch.setattr(os, "fsync", fsync)
    migrate(engine, "l", path=path, backup_keep=9, now_ms=NOW_MS)
    engine.dispose()
    assert synced == [f".ledger.db.backup-0000-{NOW_MS}.part", tmp_path.name]


@pytest.mark.requirement("G6")
def test_a_copy_that_cannot_get_its_name_is_told_and_nothing_is_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, engine = tmp_path / "ledger.db", _an_older_engine(tmp_path, monkeypatch)
    upgrades = _noted_upgrades(monkeypatch)
    (tmp_path / f"ledger.db.backup-0000-{NOW_MS}").mkdir()
    with pytest.raises(UnavailableError, match=r"cannot be written: .*directory"):
        migrate(engine, "l", path=path, backup_keep=9, now_ms=NOW_MS)
    engine.dispose()
    assert (upgrades, list(tmp_path.glob(".*backup*"))) == ([], [])


def test_a_ledger_of_a_newer_program_is_refused_and_untouched(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    written(url, [an_intent()])
    tampered(url, "UPDATE alembic_version SET version_num = '0999'")
    before = (tmp_path / "ledger.db").read_bytes()
    with pytest.raises(UnavailableError, match="newer botcore"):
        LedgerWriter.open(url, ACCOUNT, "testnet")
    with pytest.raises(UnavailableError, match="newer botcore"):
        recall(url, ACCOUNT, NOW_MS)
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_what_has_no_tables_yet_is_no_ledger_to_read(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").touch()
    with pytest.raises(UnavailableError, match="no tables yet"):
        verify(ledger_url(tmp_path))


def test_older_tables_are_not_read(tmp_path: Path) -> None:
    _an_older_file(ledger_url(tmp_path))
    engine = reading_engine(ledger_url(tmp_path))
    with engine.connect() as connection, pytest.raises(UnavailableError, match="version 0000"):
        check_version(connection, "l")
    engine.dispose()


def test_an_upgrade_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "VERSION", "0998")
    engine = writing_engine(ledger_url(tmp_path))
    with pytest.raises(Exception, match="0998"):
        migrate(engine, "l", path=tmp_path / "ledger.db", backup_keep=1, now_ms=NOW_MS)
    with engine.connect() as connection:
        assert version_of(connection) is None
    engine.dispose()


def test_an_empty_table_of_versions_counts_as_no_version() -> None:
    with create_engine("sqlite://").connect() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
        assert version_of(connection) is None
