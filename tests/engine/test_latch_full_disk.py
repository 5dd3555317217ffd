"""A halt on a full disk: without its words, and in force all the same."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.latch_writer import LatchWriter
from botcore_tui.model.snapshot import HaltInfo

FIRST = HaltInfo("anna", "margin call", 1_700_000_000_000)
SECOND = HaltInfo("ben", "me too", 1_700_000_000_001)
OF_LEAVING = HaltInfo(LEAVING, "the program leaves this environment", 1_700_000_000_000)


@pytest.fixture
def latch(tmp_path: Path) -> HaltLatch:
    return HaltLatch(tmp_path / "halt-testnet.json", "testnet")


def fill_up(patch: pytest.MonkeyPatch) -> None:
    """Let files begin, and no byte get into them."""
    opened = os.fdopen

    def full(descriptor: int, mode: str) -> IO[bytes]:
        file: IO[bytes] = opened(descriptor, mode)
        reader = os.open("/dev/full", os.O_WRONLY)
        os.dup2(reader, descriptor)
        os.close(reader)
        return file

    patch.setattr(os, "fdopen", full)


@contextmanager
def no_room(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is done here finds the disk full, and says so."""
    with monkeypatch.context() as patch:
        fill_up(patch)
        with pytest.raises(OSError, match="No space left"):
            yield


@pytest.mark.requirement("F13", "K1")
def test_halt_outlasts_the_program_though_the_disk_is_full(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fill_up(patch)
        with pytest.raises(OSError, match="No space left") as told:
            latch.renew(FIRST)
        assert told.value.errno == errno.ENOSPC

    found = HaltLatch(latch.path, "testnet").read()

    assert found is not None, "the next start would trade"
    assert "taken for halted" in found.reason
    assert [path.name for path in latch.path.parent.iterdir()] == [latch.path.name]


@pytest.mark.requirement("F13")
def test_who_halted_first_is_not_forgotten_on_a_full_disk(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    latch.set(FIRST)
    with no_room(monkeypatch):
        latch.renew(SECOND)

    assert latch.read() == FIRST
    assert [path.name for path in latch.path.parent.iterdir()] == [latch.path.name]


@pytest.mark.requirement("F13", "K1")
def test_halt_of_a_leave_yields_on_a_full_disk_too(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    latch.set(OF_LEAVING)
    with no_room(monkeypatch):
        latch.set(SECOND)

    found = latch.read()
    assert found is not None
    assert found.actor == "latch", "it would be forgotten with the leave"


@pytest.mark.requirement("F13")
def test_words_follow_when_there_is_room_and_a_resume_removes_it(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles: list[str] = []
    writer = LatchWriter(latch, troubles.append)
    with monkeypatch.context() as patch:
        fill_up(patch)
        writer.set(FIRST)
        assert writer.settle(5)
    assert ["No space left" in each for each in troubles] == [True]

    writer.retry()
    assert writer.settle(5)
    assert latch.read() == FIRST

    writer.clear()
    assert writer.settle(5)
    assert latch.read() is None


@pytest.mark.requirement("F13", "K1")
def test_halt_of_others_without_words_is_not_forgotten_with_a_leave(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with no_room(monkeypatch):
        HaltLatch(latch.path, "testnet").renew(FIRST)

    latch.set(OF_LEAVING)  # the disk has room again

    found = latch.read()
    assert found is not None
    assert found.actor == "latch", "a leave that goes well would remove it"


@pytest.mark.requirement("F13")
def test_leave_knows_its_own_halt_though_the_disk_had_no_words_for_it(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fill_up(patch)
        with pytest.raises(OSError, match="No space left"):
            latch.set(OF_LEAVING)
        assert latch.read() == OF_LEAVING, "every later start would be halted, by nobody"
        with pytest.raises(OSError, match="No space left"):
            latch.set(SECOND)

    found = latch.read()
    assert found is not None
    assert found.actor == "latch"


@pytest.mark.requirement("F13")
def test_words_of_a_leave_follow_too(latch: HaltLatch, monkeypatch: pytest.MonkeyPatch) -> None:
    with no_room(monkeypatch):
        latch.set(OF_LEAVING)

    latch.set(OF_LEAVING)

    assert HaltLatch(latch.path, "testnet").read() == OF_LEAVING
