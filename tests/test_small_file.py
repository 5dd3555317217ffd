"""Small files, and what stands in their place."""

import os
from pathlib import Path

import pytest

from botcore_tui.small_file import (
    beginning_of,
    begun_beside,
    changed_ms,
    identity_of,
    replace_content,
)


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


def test_file_that_is_begun_is_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "file"
    begun = [begun_beside(path) for _ in range(3)]
    for descriptor, _ in begun:
        os.close(descriptor)
    assert len({identity_of(beside) for _, beside in begun}) == 3
    assert {beside.stat().st_mode & 0o777 for _, beside in begun} == {0o600}


def test_file_is_begun_within_so_many_names(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f".file.{os.getpid()}-{number}.new").mkdir()
    with pytest.raises(FileExistsError):
        begun_beside(tmp_path / "file")


def test_content_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"first", b"2"):
        replace_content(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_content_that_cannot_be_put_in_its_place_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_content(tmp_path / "taken", b"x")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]
