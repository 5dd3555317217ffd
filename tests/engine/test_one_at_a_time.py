"""One program at a time, and nobody waits long."""

import fcntl
import threading
from pathlib import Path

import pytest

from botcore_tui.engine import one_at_a_time as locking
from botcore_tui.engine.one_at_a_time import one_at_a_time


def _enters(directory: Path) -> threading.Event:
    """Set once another thread is inside; it leaves at once."""
    inside = threading.Event()

    def enter() -> None:
        with one_at_a_time(directory):
            inside.set()

    threading.Thread(target=enter).start()
    return inside


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.requirement("K6")
def test_second_one_waits_until_the_first_has_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "_TRIES", 100_000)
    with one_at_a_time(tmp_path):
        second = _enters(tmp_path)
        assert not second.is_set()
    assert second.wait(30)


@pytest.mark.requirement("K1")
def test_one_that_never_leaves_keeps_nobody(tmp_path: Path) -> None:
    with one_at_a_time(tmp_path):
        assert _enters(tmp_path).wait(30)


@pytest.mark.requirement("K1")
def test_where_there_is_nothing_to_lock_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one_at_a_time(tmp_path / "none"):
        pass
    (tmp_path / "file").touch()
    with one_at_a_time(tmp_path / "file"):
        pass

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(95, f"no locks: {descriptor} {operation}")

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = _open_files()
    with one_at_a_time(tmp_path):
        pass
    assert _open_files() == before


def test_what_goes_wrong_inside_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), one_at_a_time(tmp_path):
        (tmp_path / "none").stat()
    assert _enters(tmp_path).wait(30)
