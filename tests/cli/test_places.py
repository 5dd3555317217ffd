"""Where things are kept."""

import os
from pathlib import Path

import pytest

from botcore_tui.cli.places import places, socket_path, trace_path
from botcore_tui.errors import UnavailableError


def test_a_state_directory_holds_everything(tmp_path: Path) -> None:
    where = places(tmp_path)
    for path in (where.config_file, where.log_dir, where.lock_dir, where.theme_dir):
        assert path.is_relative_to(tmp_path)


def test_without_one_the_xdg_directories_are_used(home: Path) -> None:
    where = places(None)
    assert where.state_dir.is_relative_to(home)
    assert where.config_file.is_relative_to(home)


def test_nothing_is_made_before_it_is_needed(home: Path) -> None:
    where = places(None)
    assert list(home.iterdir()) == []
    where.make()
    where.make()
    assert where.log_dir.is_dir()
    assert where.lock_dir.is_dir()


def test_nobody_else_may_write_where_halts_and_locks_are(tmp_path: Path) -> None:
    where = places(tmp_path / "state")
    before = os.umask(0)
    try:
        where.make()
    finally:
        os.umask(before)
    for directory in (where.state_dir, where.log_dir, where.lock_dir):
        assert not directory.stat().st_mode & 0o022


@pytest.mark.requirement("R13")
def test_a_directory_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=r"file cannot be used \(.+\); .*--state-dir"):
        places(tmp_path / "file").make()


@pytest.mark.requirement("R13")
def test_a_read_only_directory_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    with pytest.raises(UnavailableError, match=r"is not writable; .*--state-dir"):
        places(tmp_path).make()


def test_what_two_programs_meet_at_is_in_the_state_directory(tmp_path: Path) -> None:
    assert socket_path(tmp_path, "demo") == tmp_path / "demo.sock"
    assert trace_path(tmp_path) == tmp_path / "demo-exchange.json"
