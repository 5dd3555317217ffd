"""Brings a ledger's tables to the version that this program knows, after a copy of the old ones."""

import fcntl
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text
from sqlmodel import SQLModel

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger import lease

VERSION: Final = "0004"
"""Of the tables, as this program knows them."""
_VERSIONS: Final = Path(__file__).parent / "migrations"


def migrate(engine: Engine, name: str, *, path: Path | None, backup_keep: int, now_ms: int) -> None:
    """Make or upgrade the tables.

    Args:
        engine: Of the writer.
        name: Of the ledger, for messages.
        path: File of SQLite, copied beside itself before an upgrade; None of PostgreSQL.
        backup_keep: How many such copies stay, newest first.
        now_ms: Becomes part of the copy's name.

    Raises:
        UnavailableError: A newer program has written it, or an older one writes it now.
    """
    with engine.connect() as connection:
        present = version_of(connection)
        if present == VERSION:
            return
        _refuse_newer(present, name)
        if present is not None and (account := lease.any_held(connection, now_ms)):
            raise UnavailableError(
                f"ledger {name} has tables of version {present}, with which a program writes for"
                f" {account} now; end that one first, or it could not open them again"
            )
    if path is not None and present is not None:
        _back_up(path, present, backup_keep, now_ms)
    with engine.begin() as connection:
        _upgrade(connection)


def check_version(connection: Connection, name: str) -> None:
    """Refuse to read what has other tables than ours.

    Raises:
        UnavailableError: It was written by another version, or is no ledger.
    """
    present = version_of(connection)
    _refuse_newer(present, name)
    if present != VERSION:
        what = "has no tables yet" if present is None else f"has tables of version {present}"
        raise UnavailableError(f"ledger {name} {what}; a run with trading enabled sees to it")


def version_of(connection: Connection) -> str | None:
    """Version of the tables; None if there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _refuse_newer(present: str | None, name: str) -> None:
    # Versions are numbered, so that an older program can tell a newer one's from a stranger's.
    if present is not None and present > VERSION:
        raise UnavailableError(
            f"ledger {name} was written by a newer botcore (tables {present}, this one knows"
            f" {VERSION}); use that one, or name another ledger with ledger.url"
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a third of a second, for upgrades only
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", str(_VERSIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = SQLModel.metadata
    command.upgrade(config, VERSION)


def _back_up(path: Path, present: str, keep: int, now_ms: int) -> None:
    copy = path.with_name(f"{path.name}.backup-{present}-{now_ms}")
    # Half a copy has another name: a person who restores one cannot tell it from a whole one.
    part = path.with_name(f".{copy.name}.part")
    _remove(_halves(path))
    try:
        with _begun(part):
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
                # At once: in parts it begins anew with every row that others write meanwhile.
                source.backup(target)
            _sync(part)
            part.replace(copy)
        _sync(copy.parent)
    except (sqlite3.Error, OSError) as error:
        # Half a copy is none, and takes the room that is missing.
        _remove(_halves(path))
        raise UnavailableError(
            f"ledger {path}: its copy {copy.name} cannot be written: {error}"
        ) from error
    found = path.parent.glob(f"{path.name}.backup-*")
    copies = sorted((each for each in found if each.is_file()), key=_made_ms)
    for old in copies[: max(0, len(copies) - keep)]:
        old.unlink(missing_ok=True)  # another program, of another account, may be about the same


@contextmanager
def _begun(part: Path) -> Iterator[None]:
    """A new file that nobody else reads, and that other programs see to be in the making."""
    fileno = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with suppress(OSError):  # where there are no locks
            fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(fileno)  # which ends the lock


def _is_in_the_making(part: Path) -> bool:
    try:
        fileno = os.open(part, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fileno)
    return False


def _halves(path: Path) -> set[Path]:
    """Of copies that were begun and not ended, older programs' too, which gave them their names."""
    beside, mark = path.parent, f"{path.name}.backup-*"
    parts = {
        each
        for each in beside.glob(f".{mark}.part*")
        # Programs of several accounts may start at once, and each makes its copy.
        if not _is_in_the_making(each.with_name(each.name.removesuffix("-journal")))
    }
    journals = set(beside.glob(f"{mark}-journal"))
    halves = {journal.with_name(journal.name.removesuffix("-journal")) for journal in journals}
    empty = {each for each in beside.glob(mark) if each.is_file() and not each.stat().st_size}
    return {*parts, *journals, *halves, *empty}


def _remove(files: Iterable[Path]) -> None:
    for each in files:
        with suppress(OSError):
            each.unlink()


def _sync(path: Path) -> None:
    fileno = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fileno)
    finally:
        os.close(fileno)


def _made_ms(copy: Path) -> int:
    stamp = copy.name.rpartition("-")[2]
    return int(stamp) if stamp.isdecimal() else 0
