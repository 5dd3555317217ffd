"""Rates under one timer."""

import pytest

from botcore_tui.ui.pace import Pace

FRAME_NS = 100_000_000


def times(pace: Pace, period_ns: float, *, frames: int) -> int:
    return sum(pace.is_due("x", frame * FRAME_NS, period_ns) for frame in range(frames))


@pytest.mark.parametrize(("hertz", "count"), [(10, 100), (4, 40), (3, 30), (1, 10), (20, 100)])
def test_rate_is_kept_on_average(hertz: int, count: int) -> None:
    assert times(Pace(), 1e9 / hertz, frames=100) == pytest.approx(count, abs=1)


def test_missed_times_are_not_made_up_for() -> None:
    pace = Pace()
    assert pace.is_due("x", 0, 1e9)
    assert pace.is_due("x", 60_000_000_000, 1e9)
    assert not pace.is_due("x", 60_000_000_001, 1e9)


def test_hurried_thing_is_due_at_once_and_alone() -> None:
    pace = Pace()
    assert pace.is_due("x", 0, 1e9)
    assert pace.is_due("y", 0, 1e9)
    pace.hurry("x")
    assert pace.is_due("x", 1, 1e9)
    assert not pace.is_due("y", 1, 1e9)
