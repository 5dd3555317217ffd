"""Two programs that change the halt file at the same moment, and what stands in the way of it."""

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from botcore_tui.core.standing import LEAVING, trips_of
from botcore_tui.engine import one_at_a_time as locking
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.latch_writer import LatchWriter
from botcore_tui.model.command import NotedTrip
from botcore_tui.model.snapshot import HaltInfo

PERSON = HaltInfo("ann", "margin call", 1_700_000_000_000)
LOSS = HaltInfo("breaker", "A01 daily loss", 1_700_000_000_001)
OF_LEAVING = HaltInfo(LEAVING, "the program leaves this environment", 1_700_000_000_000)


def both(
    patch: pytest.MonkeyPatch, latch: HaltLatch, first: Callable[[], None], second: HaltInfo
) -> HaltInfo | None:
    """What is kept where another program halts between what the first one reads and writes."""
    latch.path.parent.mkdir()
    other, found, flock = HaltLatch(latch.path, "testnet"), HaltLatch._found, fcntl.flock
    came, thread = threading.Event(), threading.Thread(target=lambda: other.renew(second))

    def lock(descriptor: int, operation: int) -> None:
        try:
            flock(descriptor, operation)
        except BlockingIOError:
            came.set()
            raise

    def found_slowly(self: HaltLatch) -> HaltInfo | str | None:
        what = found(self)
        if self is latch and thread.ident is None:
            thread.start()
            assert came.wait(30), "nothing keeps the other one from writing now"
        return what

    patch.setattr(locking, "_TRIES", 100_000)
    patch.setattr(fcntl, "flock", lock)
    patch.setattr(HaltLatch, "_found", found_slowly)
    first()
    thread.join(30)
    return HaltLatch(latch.path, "testnet").read()


@pytest.mark.requirement("F14")
@pytest.mark.requirement("K6")
def test_trip_is_not_lost_to_a_person_who_halts_at_the_same_moment(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = both(monkeypatch, latch, lambda: latch.renew(PERSON), LOSS)
    assert kept is not None
    assert NotedTrip(LOSS.reason, LOSS.time_ms) in trips_of(kept)


@pytest.mark.requirement("K6")
def test_halt_of_a_person_is_not_lost_to_a_leave_at_the_same_moment(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leave that goes well forgets what it finds of itself: the next start would trade."""
    assert both(monkeypatch, latch, lambda: latch.set(OF_LEAVING), PERSON) == PERSON


@pytest.mark.requirement("K6")
def test_halt_is_not_lost_to_a_resume_at_the_same_moment(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both(monkeypatch, latch, latch.clear, PERSON) == PERSON


# --- what is in the way ------------------------------------------------------------------------


@pytest.mark.requirement("K1")
@pytest.mark.parametrize("put", [os.mkdir, os.mkfifo, lambda path: path.symlink_to("/none/x")])
def test_whatever_has_the_name_of_the_new_file_keeps_no_halt_from_being_written(
    latch: HaltLatch, put: Callable[[Path], None]
) -> None:
    latch.path.parent.mkdir()
    for name in (f"{os.getpid()}", f"{os.getpid()}-0"):
        put(latch.path.with_name(f".{latch.path.name}.{name}.new"))

    latch.set(PERSON)

    assert latch.read() == PERSON
    assert len(list(latch.path.parent.iterdir())) == 3


@pytest.mark.requirement("K1")
def test_halt_that_cannot_take_its_place_leaves_nothing_beside_it(latch: HaltLatch) -> None:
    latch.path.mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        latch.renew(PERSON)
    assert list(latch.path.parent.iterdir()) == [latch.path]


@pytest.mark.requirement("K1")
@pytest.mark.requirement("K7")
def test_halt_that_cannot_be_removed_stays_in_force(latch: HaltLatch) -> None:
    told: list[str] = []
    latch.path.mkdir(parents=True)
    writer = LatchWriter(latch, told.append)

    writer.clear()

    assert writer.settle(30)
    assert told == [f"halt file {latch.path} cannot be removed: Is a directory"]
    assert list(latch.path.parent.iterdir()) == [latch.path]
    news = writer.news()
    assert news is not None
    assert "cannot be read: Is a directory" in news.reason
    latch.path.rmdir()
    assert not writer.has_news()


@pytest.mark.requirement("K7")
def test_directory_that_a_link_leads_to_is_not_touched(latch: HaltLatch, tmp_path: Path) -> None:
    latch.path.parent.mkdir()
    latch.path.symlink_to(tmp_path)
    latch.clear()
    assert latch.read() is None
