"""Simulated time runs as fast as asked for."""

import pytest

from botcore_tui.clock import ManualClock
from botcore_tui.exchange.sim.pace import STANDARD_START_MS, Pace

NOW_MS = 1_700_000_000_000


def test_real_time_is_the_machines_also_where_that_steps() -> None:
    clock = ManualClock(NOW_MS)
    pace = Pace(clock, 1)
    assert (pace.start_ms, pace.now_ms(), pace.is_real) == (NOW_MS, NOW_MS, True)
    clock.advance(600)
    assert pace.now_ms() == pace.wall_ms() == NOW_MS + 600_000


@pytest.mark.parametrize(("speed", "passed_ms"), [(10, 20_000), (0.5, 1_000)])
def test_other_time_runs_from_the_beginning_at_its_speed(speed: float, passed_ms: int) -> None:
    clock = ManualClock(NOW_MS)
    pace = Pace(clock, speed)
    clock.advance(2)
    assert (pace.start_ms, pace.now_ms(), pace.is_real) == (NOW_MS, NOW_MS + passed_ms, False)
    assert pace.wall_ms() == NOW_MS + 2_000


def test_standing_time_begins_at_the_same_moment_and_moves_by_hand_only() -> None:
    clock = ManualClock(NOW_MS)
    pace = Pace(clock, 0)
    clock.advance(5)
    assert (pace.start_ms, pace.now_ms()) == (STANDARD_START_MS, STANDARD_START_MS)
    pace.move(250)
    assert pace.now_ms() == STANDARD_START_MS + 250


def test_real_time_that_was_moved_is_not_the_machines_any_more() -> None:
    clock = ManualClock(NOW_MS)
    pace = Pace(clock, 1)
    pace.move(60_000)
    clock.advance(1)
    assert (pace.now_ms(), pace.is_real) == (NOW_MS + 61_000, False)
