"""The venue's time by our ticks, for telling how late something comes."""

import pytest
from msgspec.structs import replace

from botcore_tui.core.venue_time import VenueTime
from botcore_tui.model.account import ClockHealth

pytestmark = pytest.mark.requirement("A07")

HEALTH = ClockHealth(offset_ms=0.0, uncertainty_ms=0.0, has_stepped=False, time_ms=1_000_000)


def told(health: ClockHealth = HEALTH, *, is_told: bool = True) -> VenueTime:
    """Both clocks were compared, then time passed."""
    venue = VenueTime(is_told=is_told)
    venue.on_clock(health)
    venue.on_tick(1_000_000)
    return venue


def test_before_both_clocks_were_compared_nothing_is_late() -> None:
    venue = VenueTime()
    venue.on_tick(1_000_000)
    assert (venue.now_ms, venue.lead_ms, venue.late_ms(0)) == (None, None, 0)
    venue.on_clock(HEALTH)
    assert venue.late_ms(0) == 0


def test_what_comes_is_as_late_as_its_stamp_says() -> None:
    assert [told().late_ms(stamp_ms) for stamp_ms in (980_000, 999_950, 1_000_500)] == [
        20_000,
        50,
        0,
    ]


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("off_ms", [-60_000.4, 60_000.4])
def test_clock_of_ours_that_is_off_makes_nothing_late_or_young(off_ms: float) -> None:
    venue = told(replace(HEALTH, offset_ms=off_ms))
    assert venue.late_ms(980_000 + round(off_ms)) == 20_000


def test_time_goes_on_between_measurements() -> None:
    venue = told()
    venue.on_tick(1_007_000)
    assert venue.late_ms(1_000_000) == 7_000


def test_what_is_uncertain_counts_for_the_line() -> None:
    assert told(replace(HEALTH, uncertainty_ms=299.5)).late_ms(999_000) == 700


@pytest.mark.requirement("F12")
def test_ticks_that_run_ahead_of_a_clock_that_was_set_back_are_reckoned_with() -> None:
    venue = told(replace(HEALTH, time_ms=400_000, offset_ms=0.0))
    assert (venue.lead_ms, venue.late_ms(399_000)) == (600_000, 1_000)


@pytest.mark.requirement("F12")
def test_step_says_nothing_until_the_next_measurement() -> None:
    venue = told()
    venue.on_clock(replace(HEALTH, offset_ms=-300_000.0, has_stepped=True))
    venue.on_tick(1_000_250)
    assert venue.late_ms(1_000_000) == 250
    venue.on_clock(replace(HEALTH, offset_ms=-300_000.0, time_ms=1_000_500))
    venue.on_tick(1_000_500)
    assert venue.late_ms(695_000) == 5_750  # between two ticks it was as late as that


def test_another_session_begins_without_knowing() -> None:
    venue = told()
    venue.on_clock(HEALTH)
    venue.forget()
    venue.on_tick(1_000_250)
    assert venue.late_ms(0) == 0


def test_venue_whose_clock_has_a_pace_of_its_own_is_not_reckoned_with() -> None:
    assert told(is_told=False).late_ms(0) == 0
