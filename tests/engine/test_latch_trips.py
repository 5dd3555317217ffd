"""What the halt file keeps of breakers that trip while somebody else's halt is in force."""

import pytest

from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.latch_writer import LatchWriter
from botcore_tui.model.command import NotedTrip
from botcore_tui.model.snapshot import HaltInfo

FIRST = HaltInfo("anna", "margin call", 1_700_000_000_000)
LOSS = HaltInfo("breaker", "A01 daily loss", 1_700_000_000_001)
BLIND = HaltInfo("breaker", "A05 equity is unknown", 1_700_000_000_001)


@pytest.mark.requirement("F14")
def test_breaker_that_trips_in_a_halt_of_others_stands_in_the_file_too(latch: HaltLatch) -> None:
    latch.account = "x"
    latch.set(FIRST)
    latch.set(LOSS)
    latch.set(BLIND)
    latch.set(LOSS)
    latch.renew(FIRST)
    kept = latch.read()
    assert kept is not None
    assert (kept.actor, kept.reason) == ("anna", "margin call")
    assert kept.trips == (
        NotedTrip("A01 daily loss", LOSS.time_ms, "x"),
        NotedTrip("A05 equity is unknown", LOSS.time_ms, "x"),
    )


@pytest.mark.requirement("F14")
def test_trip_that_found_no_room_is_written_with_the_halt_before_it(blocked: HaltLatch) -> None:
    writer = LatchWriter(blocked, lambda _: None)
    for halt in (FIRST, LOSS):
        writer.set(halt)
        assert writer.settle(5)
    blocked.path.parent.unlink()
    writer.retry()
    assert writer.settle(5)
    trips = (NotedTrip("A01 daily loss", LOSS.time_ms),)
    assert blocked.read() == HaltInfo("anna", "margin call", FIRST.time_ms, trips=trips)


def test_trip_of_no_time_is_damage(latch: HaltLatch) -> None:
    latch.set(FIRST)
    latch.set(LOSS)
    latch.path.write_bytes(latch.path.read_bytes().replace(b":1700000000001", b":-1"))
    found = latch.read()
    assert found is not None
    assert "is damaged: time of a trip" in found.reason


def test_what_a_terminal_would_obey_in_a_trip_is_spelled_out(latch: HaltLatch) -> None:
    latch.set(FIRST)
    latch.set(LOSS)
    latch.path.write_text(latch.path.read_text().replace("daily loss", r"\u001b[2J"))
    found = latch.read()
    assert found is not None
    assert [each.reason for each in found.trips] == [r"A01 \x1b[2J"]


@pytest.mark.requirement("F14")
def test_trip_of_another_account_outlasts_a_resume_of_this_one(latch: HaltLatch) -> None:
    """Its ledger may not have it; and the key was changed meanwhile."""
    latch.account = "x"
    latch.set(BLIND)
    latch.account = "y"
    latch.clear()
    assert latch.read() is None
    latch.account = "x"
    assert latch.read() == HaltInfo("breaker", BLIND.reason, BLIND.time_ms, "x")
    latch.clear()
    assert latch.read() is None
    assert list(latch.path.parent.iterdir()) == []
