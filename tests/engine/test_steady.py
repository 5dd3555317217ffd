"""What the core takes for the time never goes back, and comes back to the truth."""

import pytest

from botcore_tui.clock import ManualClock
from botcore_tui.engine.steady import SteadyTime


class TwoClocks(ManualClock):
    step_ms = 0

    def now_ms(self) -> int:
        return super().now_ms() + self.step_ms


def test_it_is_the_time_of_the_machine() -> None:
    clock = TwoClocks()
    steady = SteadyTime(clock)
    for seconds in (0.25, 0.25, 1_000):
        clock.advance(seconds)
        assert steady.now_ms() == clock.now_ms()


def test_step_forward_is_followed() -> None:
    clock = TwoClocks()
    steady = SteadyTime(clock)
    clock.step_ms = 600_000
    assert steady.now_ms() == clock.now_ms()


@pytest.mark.parametrize("step_ms", [-5_000, -600_000])
def test_after_a_step_back_it_goes_on_more_slowly_until_the_machine_has_caught_up(
    step_ms: int,
) -> None:
    clock = TwoClocks()
    steady = SteadyTime(clock)
    before = steady.now_ms()
    clock.step_ms = step_ms
    clock.advance(0.8)
    assert steady.now_ms() == before + 700
    clock.advance(-8 * step_ms / 1000)
    assert steady.now_ms() == clock.now_ms()
