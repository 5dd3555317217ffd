"""Small files, and what stands in their place."""

import os
from pathlib import Path

import pytest

from botcore_tui.engine.small_file import beginning_of, changed_ms


def test_beginning_of_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"words")

    assert beginning_of(path, 64) == b"words"
    assert beginning_of(path, 3) == b"wor"


def test_nobody_is_waited_for_at_a_named_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(OSError, match="it is no file"):
        beginning_of(path, 64)


def test_directory_and_absence_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        beginning_of(tmp_path, 64)
    with pytest.raises(FileNotFoundError):
        beginning_of(tmp_path / "none", 64)


def test_time_of_the_last_change_is_known_where_one_may_look(tmp_path: Path) -> None:
    path = tmp_path / "small"
    assert changed_ms(path) == 0
    path.write_text("x")
    os.utime(path, ns=(0, 1_700_000_000_123_000_000))
    assert changed_ms(path) == 1_700_000_000_123
