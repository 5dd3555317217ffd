"""Lines are added and none is ever lost or passed over."""

import os
from pathlib import Path

import pytest

from botcore_tui.errors import UnavailableError
from botcore_tui.operators.register import (
    Issued,
    Revoked,
    append,
    issued_path,
    make_directory,
    records,
    revoked_path,
)

ISSUED = Issued(
    jti="0123456789abcdef",
    sub="ada",
    scopes=("trade",),
    exp=1_790_000_000,
    kid="0123456789abcdef",
    time_ms=1,
    actor="root",
)


def revoked(token_id: str) -> Revoked:
    return Revoked(jti=token_id, reason="lost", actor="ada", time_ms=1)


def test_what_was_added_is_read_back_in_its_order(tmp_path: Path) -> None:
    directory = tmp_path / "operators"
    assert records(revoked_path(directory), Revoked) == ()
    append(issued_path(directory), ISSUED)
    for token_id in ("one", "two"):
        append(revoked_path(directory), revoked(token_id))
    assert records(issued_path(directory), Issued) == (ISSUED,)
    assert records(revoked_path(directory), Revoked) == (revoked("one"), revoked("two"))


@pytest.mark.requirement("R16")
def test_only_this_user_can_look_into_the_records(tmp_path: Path) -> None:
    directory = tmp_path / "operators"
    append(issued_path(directory), ISSUED)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert issued_path(directory).stat().st_mode & 0o777 == 0o600


def test_a_line_is_on_the_disk_before_anybody_relies_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(number: int) -> None:
        synced.append(Path(f"/proc/self/fd/{number}").readlink().name)
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    append(revoked_path(tmp_path), revoked("one"))
    assert synced == ["revoked.jsonl", tmp_path.name]


@pytest.mark.requirement("R17")
def test_a_line_that_a_crash_cut_is_told_and_swallows_no_other(tmp_path: Path) -> None:
    path = revoked_path(tmp_path)
    append(path, revoked("one"))
    path.write_bytes(path.read_bytes()[:-5])
    append(path, revoked("two"))
    assert path.read_bytes().splitlines()[1].startswith(b'{"jti":"two"')
    with pytest.raises(UnavailableError, match="line 1, is damaged; repair it"):
        records(path, Revoked)


@pytest.mark.parametrize("line", ["{}", "null", '{"jti": 5}', "\udcff"])
def test_a_line_that_says_something_else_is_told(tmp_path: Path, line: str) -> None:
    path = revoked_path(tmp_path)
    path.write_bytes(b"\n" + line.encode(errors="surrogateescape") + b"\n")
    with pytest.raises(UnavailableError, match="line 2, is damaged"):
        records(path, Revoked)


def test_trouble_with_files_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableError, match="cannot be made"):
        make_directory(tmp_path / "file" / "operators")
    revoked_path(tmp_path).mkdir()
    with pytest.raises(UnavailableError, match="cannot be written: Is a directory"):
        append(revoked_path(tmp_path), revoked("one"))
    with pytest.raises(UnavailableError, match="cannot be read: Is a directory"):
        records(revoked_path(tmp_path), Revoked)
