"""Keys that steer a tape, as commands."""

import pytest
from builders import a_replay
from fake_engine import FakeEngine

from botcore_tui.clock import ManualClock
from botcore_tui.engine.port import Pause, Play, Seek, SetSpeed, Step
from botcore_tui.ui.tape import SPEEDS, TapeKeys, next_speed


@pytest.mark.parametrize(
    ("speed", "slower", "faster"),
    [(1.0, 0.5, 2.0), (0.25, 0.25, 0.5), (100.0, 50.0, None), (None, 100.0, None), (3.0, 2.0, 5.0)],
)
def test_speed_keys_go_through_the_speeds_and_stop_at_the_ends(
    speed: float | None, slower: float | None, faster: float | None
) -> None:
    assert next_speed(speed, faster=False) == slower
    assert next_speed(speed, faster=True) == faster


def test_odd_slow_speed_is_not_made_faster_by_the_slower_key() -> None:
    assert next_speed(0.1, faster=False) == 0.1
    assert next_speed(0.1, faster=True) == SPEEDS[0]


def test_pause_key_toggles_by_what_the_picture_says() -> None:
    engine = FakeEngine()
    keys = TapeKeys(engine, ManualClock().monotonic_ns)
    keys.pause(a_replay(is_paused=False))
    keys.pause(a_replay(is_paused=True))
    keys.step()
    keys.change_speed(a_replay(speed=1.0), faster=True)
    assert engine.commands == [Pause(), Play(), Step(1), SetSpeed(2.0)]


def test_quick_seeks_add_up_although_the_picture_stands_still() -> None:
    engine, clock = FakeEngine(), ManualClock()
    keys = TapeKeys(engine, clock.monotonic_ns)
    tape = a_replay(position_seconds=100.0, total_seconds=125.0)
    for seconds in (10, 10, 10, -10):
        keys.seek(tape, seconds)
        clock.advance(0.2)
    clock.advance(1.0)
    keys.seek(tape, -200)
    aims = [command.seconds for command in engine.commands if isinstance(command, Seek)]
    assert aims == [110.0, 120.0, 125.0, 115.0, 0.0]


def test_endless_tape_has_no_end_to_stop_a_seek() -> None:
    engine = FakeEngine()
    keys = TapeKeys(engine, ManualClock().monotonic_ns)
    keys.seek(a_replay(position_seconds=5.0, total_seconds=None), 10)
    assert engine.commands == [Seek(15.0)]


def test_quick_speed_keys_add_up_although_the_picture_stands_still() -> None:
    engine, clock = FakeEngine(), ManualClock()
    keys = TapeKeys(engine, clock.monotonic_ns)
    for _ in range(3):
        keys.change_speed(a_replay(speed=1.0), faster=True)
    clock.advance(2)
    keys.change_speed(a_replay(speed=1.0), faster=True)
    assert engine.commands == [SetSpeed(2.0), SetSpeed(5.0), SetSpeed(10.0), SetSpeed(2.0)]
