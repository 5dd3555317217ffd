"""A halt that outlasts the program."""

import os
import threading
from pathlib import Path

import pytest

from botcore_tui.engine.latch import HaltLatch, LatchWriter
from botcore_tui.model.snapshot import HaltInfo

FIRST = HaltInfo("anna", "margin call", 1_700_000_000_000)
SECOND = HaltInfo("breaker", "loss of the day", 1_700_000_000_001)


@pytest.fixture
def latch(tmp_path: Path) -> HaltLatch:
    return HaltLatch(tmp_path / "state" / "testnet.halted", "testnet")


@pytest.mark.requirement("F14")
def test_halt_is_read_back_until_it_is_cleared(latch: HaltLatch) -> None:
    assert latch.read() is None

    latch.set(FIRST)
    assert latch.read() == FIRST
    assert latch.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in latch.path.parent.iterdir()] == ["testnet.halted"]

    latch.clear()
    latch.clear()
    assert latch.read() is None


def test_first_halt_stays(latch: HaltLatch) -> None:
    latch.set(FIRST)
    latch.set(SECOND)

    assert latch.read() == FIRST


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"environment":"testn'])
def test_damaged_file_counts_as_halted_and_says_so(latch: HaltLatch, content: bytes) -> None:
    latch.path.parent.mkdir()
    latch.path.write_bytes(content)

    told = latch.read()

    assert told is not None
    assert told.actor == "latch"
    assert "is damaged" in told.reason
    assert told.time_ms > 0
    latch.set(FIRST)
    assert latch.read() == FIRST


def test_file_of_another_environment_counts_as_halted(latch: HaltLatch) -> None:
    HaltLatch(latch.path, "demo").set(FIRST)

    told = latch.read()

    assert told is not None
    assert "that of environment 'demo'" in told.reason
    latch.set(SECOND)
    assert latch.read() == SECOND


def test_file_that_cannot_be_read_counts_as_halted(latch: HaltLatch) -> None:
    latch.path.mkdir(parents=True)

    told = latch.read()

    assert told is not None
    assert "cannot be read: Is a directory" in told.reason


def test_place_that_is_no_directory_counts_as_halted(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")

    told = HaltLatch(tmp_path / "state" / "x", "demo").read()

    assert told is not None
    assert (told.time_ms, told.actor) == (0, "latch")


# --- the writer --------------------------------------------------------------------------------


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


def test_trouble_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state").write_text("a file")
    told: list[str] = []
    writer = LatchWriter(HaltLatch(tmp_path / "state" / "halted", "testnet"), told.append)

    writer.set(FIRST)

    assert writer.settle(30)
    (text,) = told
    assert "cannot be written: " in text
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]


def test_trouble_with_the_removal_is_told(tmp_path: Path) -> None:
    (tmp_path / "halted").mkdir()
    told: list[str] = []
    writer = LatchWriter(HaltLatch(tmp_path / "halted", "testnet"), told.append)

    writer.clear()

    assert writer.settle(30)
    assert "cannot be removed: " in told[0]


def test_without_a_thread_it_is_written_at_once(
    latch: HaltLatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    LatchWriter(latch, pytest.fail).set(FIRST)

    assert latch.read() == FIRST
