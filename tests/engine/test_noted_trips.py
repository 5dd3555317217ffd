"""Trips that wait for their account to be opened again."""

import os
from pathlib import Path

import pytest

from botcore_tui.core.standing import LEAVING
from botcore_tui.engine.noted_trips import NotedTrips
from botcore_tui.model.command import NotedTrip
from botcore_tui.model.snapshot import HaltInfo

PERSON = HaltInfo("ann", "by hand", 7)
OF_X = HaltInfo("breaker", "A05 blind", 8, "x")
BOTH = HaltInfo("ann", "by hand", 7, trips=(NotedTrip("A13 o", 8, "x"), NotedTrip("A16 d", 9, "z")))


@pytest.fixture
def noted(tmp_path: Path) -> NotedTrips:
    return NotedTrips(tmp_path / "halt.trips")


@pytest.mark.requirement("F14")
def test_trips_of_others_are_kept_until_they_are_resumed(noted: NotedTrips) -> None:
    noted.settle(OF_X, "y")
    noted.settle(BOTH, "y")
    noted.settle(BOTH, "y")
    assert noted.added(None, "y") is noted.added(None, "") is None
    assert noted.added(PERSON, "y") == PERSON
    trips = (NotedTrip("A13 o", 8, "x"),)
    assert noted.added(None, "x") == HaltInfo("breaker", "A05 blind", 8, "x", trips)
    assert noted.added(None, "z") == HaltInfo("breaker", "A16 d", 9, "z")
    beside = (NotedTrip("A05 blind", 8, "x"), *trips)
    assert noted.added(PERSON, "x") == HaltInfo("ann", "by hand", 7, trips=beside)
    noted.settle(None, "x")
    assert noted.added(None, "x") is None
    noted.settle(PERSON, "z")
    assert not noted.path.exists()


def test_nothing_is_kept_where_no_account_is_known_or_nobody_else_tripped(
    noted: NotedTrips,
) -> None:
    noted.settle(OF_X, "")
    noted.settle(OF_X, "x")
    noted.settle(HaltInfo("breaker", "A05 blind", 8), "x")
    noted.settle(None, "x")
    assert not noted.path.exists()


def test_named_pipe_keeps_nobody_waiting(
    noted: NotedTrips, caplog: pytest.LogCaptureFixture
) -> None:
    os.mkfifo(noted.path)
    assert noted.added(PERSON, "x") == PERSON
    assert "it is no file" in caplog.text


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'[{"reason":"A01 x","time_ms":1,"account":"x',
        b"",
        b'[{"reason":"A01 x","time_ms":253402300800000,"account":"x"}]',
        b'[{"reason":"A01 x","time_ms":-1,"account":"x"}]',
        b'[{"x":' + b"[" * 50_000,
    ],
    ids=["brace", "cut", "empty", "late", "early", "nested"],
)
def test_damage_counts_as_a_halt_until_it_is_resumed(noted: NotedTrips, content: bytes) -> None:
    noted.path.write_bytes(content)

    told = noted.added(None, "x")
    assert told is not None
    assert told.actor == "latch"
    assert "cannot be read" in told.reason
    assert told.time_ms == noted.path.stat().st_mtime_ns // 1_000_000, "not 1970"
    assert noted.added(None, "") is None

    noted.settle(told, "x")
    assert noted.added(None, "x") is None
    assert noted.path.with_name("halt.trips.damaged").read_bytes() == content


@pytest.mark.requirement("F14")
def test_leave_that_goes_well_does_not_make_damage_forgotten(noted: NotedTrips) -> None:
    """No person has seen it."""
    noted.path.write_text("{")
    told = noted.added(HaltInfo(LEAVING, "the program leaves", 7), "x")
    assert told is not None
    assert told.actor == "latch"


def test_trips_of_others_are_kept_beside_damage(noted: NotedTrips) -> None:
    noted.path.mkdir()

    noted.settle(OF_X, "y")

    assert noted.added(None, "x") == HaltInfo("breaker", "A05 blind", 8, "x")


def test_what_a_terminal_would_obey_is_spelled_out(noted: NotedTrips) -> None:
    noted.settle(OF_X, "y")
    noted.path.write_text(noted.path.read_text().replace("blind", r"\u001b[2J"))
    assert noted.added(None, "x") == HaltInfo("breaker", r"A05 \x1b[2J", 8, "x")


def test_damage_is_told(noted: NotedTrips, caplog: pytest.LogCaptureFixture) -> None:
    noted.path.write_text("{")
    assert noted.added(PERSON, "x") == PERSON
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("time_ms", [0, 4_070_908_800_000])
def test_trip_of_long_ago_or_of_a_year_to_come_is_one(noted: NotedTrips, time_ms: int) -> None:
    noted.path.write_text(f'[{{"reason":"A01 x","time_ms":{time_ms},"account":"x"}}]')
    assert noted.added(None, "x") == HaltInfo("breaker", "A01 x", time_ms, "x")


def test_trips_that_cannot_be_kept_leave_no_file_behind(
    noted: NotedTrips, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, f"No space left: {descriptor}")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        noted.settle(OF_X, "y")
    assert list(noted.path.parent.iterdir()) == []
