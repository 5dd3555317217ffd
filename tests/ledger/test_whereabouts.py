"""Whether the file of a ledger is still the one that was opened."""

import fcntl
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger import whereabouts
from botcore_tui.ledger.whereabouts import Whereabouts

_LOCKS = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(3)
"""


@pytest.fixture(params=[True, False], ids=["as the system can", "by name"], autouse=True)
def _looks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(whereabouts, "_UNOPENED", None)


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


def test_a_log_that_was_never_there_is_no_trouble(tmp_path: Path) -> None:
    file, log = _files(tmp_path)
    log.unlink()
    there = Whereabouts(file)
    there.after_commit()
    log.touch()
    there.after_commit()
    log.unlink()
    with pytest.raises(UnavailableError, match="removed or replaced"):
        there.after_commit()


def test_a_look_takes_no_lock_from_this_process_and_leaves_nothing_open(tmp_path: Path) -> None:
    file, log = _files(tmp_path)
    number = os.dup(0)
    os.close(number)
    with log.open("r+b") as held:
        fcntl.lockf(held, fcntl.LOCK_EX)
        there = Whereabouts(file)
        for _ in range(3):
            there.after_commit()
            there.before_opening()
        there.after_commit()
        there.close()
        tried = subprocess.run([sys.executable, "-c", _LOCKS, log], check=False)
        assert tried.returncode == 3
    assert os.dup(0) == number
    os.close(number)


def test_a_directory_that_was_moved_and_left_a_link_is_no_trouble(tmp_path: Path) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    state.mkdir()
    _, log = _files(state)
    there = Whereabouts(state / "l.db")
    there.after_commit()
    state.rename(elsewhere)
    state.symlink_to(elsewhere)
    there.after_commit()
    assert not there.is_gone
    (tmp_path / "other").touch()
    (tmp_path / "other").rename(log)
    with pytest.raises(UnavailableError, match="removed or replaced"):
        there.after_commit()


def test_a_look_that_finds_no_descriptor_free_is_by_name(tmp_path: Path) -> None:
    file, log = _files(tmp_path)
    there = Whereabouts(file)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        there.after_commit()
        there.after_commit()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    log.unlink()
    with pytest.raises(UnavailableError, match="removed or replaced"):
        there.after_commit()


def test_a_system_that_no_longer_tells_what_is_open_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, log = _files(tmp_path)
    there = Whereabouts(file)
    there.after_commit()
    monkeypatch.setattr(whereabouts, "_OWN_FILES", str(tmp_path / "unmounted"))
    there.after_commit()
    log.unlink()
    with pytest.raises(UnavailableError, match="removed or replaced"):
        there.after_commit()


def test_postgresql_has_no_file() -> None:
    there = Whereabouts(None)
    there.before_opening()
    there.after_commit()
    assert not there.is_gone
