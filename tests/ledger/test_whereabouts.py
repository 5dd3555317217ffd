"""Whether the file of a ledger is still the one that was opened."""

from pathlib import Path

import pytest

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.whereabouts import Whereabouts


def _files(directory: Path) -> tuple[Path, Path]:
    file, log = directory / "l.db", directory / "l.db-wal"
    file.touch()
    log.touch()
    return file, log


def test_what_stays_where_it_is_is_no_trouble(tmp_path: Path) -> None:
    file, log = _files(tmp_path)
    there = Whereabouts(file)
    there.before_opening()
    there.after_commit()
    there.after_commit()
    log.unlink()  # with its last connection
    there.before_opening()
    log.touch()
    there.after_commit()
    assert not there.is_gone


@pytest.mark.parametrize("name", ["l.db", "l.db-wal"])
def test_what_is_removed_or_replaced_is_told(tmp_path: Path, name: str) -> None:
    file, _ = _files(tmp_path)
    there = Whereabouts(file)
    there.after_commit()
    (tmp_path / "other").touch()
    (tmp_path / "other").rename(tmp_path / name)
    with pytest.raises(UnavailableError, match="removed or replaced"):
        there.after_commit()
    assert there.is_gone


def test_a_file_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    file, _ = _files(tmp_path)
    there = Whereabouts(file)
    there.after_commit()
    file.unlink()
    with pytest.raises(UnavailableError, match="removed or replaced"):
        there.before_opening()


def test_postgresql_has_no_file() -> None:
    there = Whereabouts(None)
    there.before_opening()
    there.after_commit()
    assert not there.is_gone
