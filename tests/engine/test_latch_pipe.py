"""What anybody may have put in the place of the halt file."""

import os
from pathlib import Path

import pytest

from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.model.snapshot import HaltInfo

OF_LEAVING = HaltInfo(LEAVING, "the program leaves this environment", 1_700_000_000_000)
NESTED = (
    b'{"environment":"testnet","actor":"ann","reason":"x","time_ms":1,"trips":[{"x":'
    + b"[" * 50_000
)
SECOND = HaltInfo("breaker", "loss of the day", 1_700_000_000_001)


@pytest.mark.requirement("K1")
@pytest.mark.requirement("F14")
def test_named_pipe_counts_as_halted_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    latch = HaltLatch(tmp_path / "testnet.halted", "testnet")
    os.mkfifo(latch.path)

    told = latch.read()
    assert told is not None
    assert "cannot be read: it is no file" in told.reason
    with pytest.raises(OSError, match="Invalid argument"):  # a leave puts no words in its place
        latch.set(OF_LEAVING)
    latch.set(SECOND)
    assert latch.read() == SECOND

    latch.clear()
    os.mkfifo(latch.path)
    latch.clear()
    assert latch.identity() is None


@pytest.mark.requirement("K1")
@pytest.mark.requirement("F14")
def test_what_is_nested_too_deeply_is_damage_that_a_halt_replaces(latch: HaltLatch) -> None:
    """``botcore halt`` ended there, and told neither the engine nor the venue."""
    latch.set(OF_LEAVING)
    latch.path.write_bytes(NESTED)
    told = latch.read()
    assert told is not None
    assert "is damaged" in told.reason

    latch.renew(SECOND)
    assert latch.read() == SECOND


def test_what_a_terminal_would_obey_is_spelled_out_in_what_is_wrong(latch: HaltLatch) -> None:
    latch.set(SECOND)
    latch.path.write_text(latch.path.read_text().replace("reason", r"\u001b[2J\nresumed"))
    told = latch.read()
    assert told is not None
    assert r"unknown field `\x1b[2J\nresumed`" in told.reason
