"""Halts are written by a thread of their own, and what another program writes is news."""

import os
import threading
from pathlib import Path

import pytest

from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.latch_writer import LatchWriter
from botcore_tui.model.snapshot import HaltInfo

FIRST = HaltInfo("anna", "margin call", 1_700_000_000_000)
SECOND = HaltInfo("breaker", "loss of the day", 1_700_000_000_001)
OF_LEAVING = HaltInfo(LEAVING, "the program leaves this environment", 1_700_000_000_000)


class SlowLatch(HaltLatch):
    """Its disk waits for a test."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "testnet")
        self.gate = threading.Event()

    def put(self, halt: HaltInfo) -> None:
        assert self.gate.wait(30)
        super().put(halt)


@pytest.mark.requirement("F18")
def test_writer_makes_nobody_wait_and_keeps_the_order(tmp_path: Path) -> None:
    latch = SlowLatch(tmp_path / "halted")
    before = set(threading.enumerate())
    writer = LatchWriter(latch, pytest.fail)

    writer.set(FIRST)
    writer.clear()
    writer.set(SECOND)
    assert not writer.settle(0)
    assert latch.read() is None
    latch.gate.set()

    assert writer.settle(30)
    assert latch.read() == SECOND
    writer.clear()
    assert writer.settle(30)
    assert latch.read() is None
    for thread in set(threading.enumerate()) - before:
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.requirement("F14")
def test_halt_outlasts_the_program_before_anybody_goes_on_however_slow_the_disk(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _: gate.wait(30))
    writer = LatchWriter(latch, pytest.fail, patience_seconds=30)

    writer.set(FIRST)

    assert latch.read() == FIRST
    assert not writer.settle(0)
    gate.set()
    assert writer.settle(30)


def test_trouble_is_told(blocked: HaltLatch, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    writer = LatchWriter(blocked, told.append)

    writer.set(FIRST)

    assert writer.settle(30)
    (text,) = told
    assert "cannot be written: " in text
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


@pytest.mark.requirement("K1")
def test_defect_of_one_halt_does_not_keep_the_next_from_being_written(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, told = HaltLatch.put, list[str]()

    def defective(self: HaltLatch, halt: HaltInfo) -> None:
        if halt == FIRST:
            raise ValueError("by nothing")
        put(self, halt)

    monkeypatch.setattr(HaltLatch, "put", defective)
    writer = LatchWriter(latch, told.append)
    writer.set(FIRST)
    writer.set(SECOND)

    assert writer.settle(30)
    assert latch.read() == SECOND
    assert [text.partition(" cannot ")[2] for text in told] == ["be written: by nothing"]


def test_trouble_with_the_removal_is_told(tmp_path: Path) -> None:
    (tmp_path / "halted").mkdir()
    told: list[str] = []
    writer = LatchWriter(HaltLatch(tmp_path / "halted", "testnet"), told.append)

    writer.clear()

    assert writer.settle(30)
    assert "cannot be removed: " in told[0]


@pytest.mark.requirement("K1")
@pytest.mark.requirement("F13")
def test_halt_that_found_no_room_is_written_when_there_is_some(blocked: HaltLatch) -> None:
    told: list[str] = []
    writer = LatchWriter(blocked, told.append)
    writer.set(FIRST)
    assert writer.settle(30)
    writer.retry()
    assert writer.settle(30)
    assert len(told) == 1  # not at every try
    blocked.path.parent.unlink()

    writer.retry()

    assert writer.settle(30)
    assert blocked.read() == FIRST
    writer.clear()
    writer.retry()
    assert writer.settle(30)
    assert blocked.read() is None


@pytest.mark.requirement("K1")
def test_halt_that_found_no_room_is_not_replaced_by_that_of_the_leave(blocked: HaltLatch) -> None:
    writer = LatchWriter(blocked, lambda _: None)
    writer.set(HaltInfo("leave", "ctrl+q", 1))
    writer.set(FIRST)
    writer.set(SECOND)
    assert writer.settle(30)
    blocked.path.parent.unlink()

    writer.set(HaltInfo("signal", "SIGTERM", 3))

    assert writer.settle(30)
    assert blocked.read() == FIRST


def test_without_a_thread_it_is_written_at_once(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    LatchWriter(latch, pytest.fail).set(FIRST)

    assert latch.read() == FIRST


# --- a halt by another program -----------------------------------------------------------------


@pytest.mark.requirement("K6")
def test_halt_by_another_program_is_news_until_it_is_removed(latch: HaltLatch) -> None:
    writer = LatchWriter(latch, lambda _: None)
    assert (writer.has_news(), writer.news()) == (False, None)

    latch.renew(FIRST)
    assert writer.has_news()
    assert writer.news() == FIRST

    writer.clear()
    assert writer.settle(10)
    assert not writer.has_news()
    assert latch.read() is None


@pytest.mark.requirement("K6")
@pytest.mark.requirement("F13")
def test_halt_by_another_program_is_news_while_the_disk_keeps_a_removal_waiting(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LatchWriter(latch, pytest.fail)
    writer.set(FIRST)
    assert writer.settle(30)
    gone, goes_on = threading.Event(), threading.Event()
    sync = HaltLatch._sync_directory

    def slow(self: HaltLatch) -> None:
        if self is latch:
            gone.set()
            assert goes_on.wait(30)
        sync(self)

    monkeypatch.setattr(HaltLatch, "_sync_directory", slow)
    writer.clear()
    assert gone.wait(30)
    assert not writer.has_news()
    HaltLatch(latch.path, "testnet").renew(SECOND)

    assert writer.news() == SECOND
    goes_on.set()
    assert writer.settle(30)
    assert latch.read() == SECOND


@pytest.mark.requirement("K6")
def test_own_file_that_is_written_late_is_removed_and_no_news(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    put = HaltLatch.put

    def late(self: HaltLatch, halt: HaltInfo) -> None:
        goes_on.wait(10)
        put(self, halt)

    monkeypatch.setattr(HaltLatch, "put", late)
    writer = LatchWriter(latch, lambda _: None, patience_seconds=0)
    writer.set(FIRST)
    writer.clear()
    goes_on.set()
    assert writer.settle(10)

    assert latch.read() is None
    assert not writer.has_news()
    latch.renew(SECOND)
    assert writer.news() == SECOND


@pytest.mark.requirement("K6")
def test_place_that_cannot_be_looked_at_counts_as_a_halt(blocked: HaltLatch) -> None:
    assert blocked.identity() == (0, 0, 0)
    assert LatchWriter(blocked, lambda _: None).has_news()
