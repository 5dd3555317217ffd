"""The venue's time: measured by the good samples, and again whenever it may be wrong."""

import asyncio
from collections.abc import Callable
from typing import Final

import pytest
from waiting import SteppedClock, settle

from botcore_tui.clock import ManualClock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.venue_clock import VenueClock

START_MS: Final = 1_700_000_000_000


class SteppingClock(ManualClock):
    """A clock whose UTC can be set, or that has slept while only UTC went on."""

    def __init__(self) -> None:
        super().__init__(START_MS)
        self.step_ns = 0

    def now_ms(self) -> int:
        return self.utc_ns() // 1_000_000

    def utc_ns(self) -> int:
        return super().utc_ns() + self.step_ns


class Venue:
    """Tells its time, after trips of given lengths."""

    def __init__(self, clock: ManualClock, ahead_ms: int = 0) -> None:
        self.clock = clock
        self.ahead_ms = ahead_ms
        self.trips: list[tuple[float, float]] = []
        """Seconds there and back, of the next questions; at once after that."""
        self.waits: list[float] = []
        """Seconds that the next questions wait for their turn."""
        self.asked = 0
        self.error = ""
        self.is_frozen = False
        self.measured = 0

    async def ask(self, leaving: Callable[[], None]) -> int:
        self.asked += 1
        self.clock.advance(self.waits.pop(0) if self.waits else 0.0)
        leaving()
        if self.is_frozen:
            await asyncio.Event().wait()
        if self.error:
            raise FetchError(self.error)
        there, back = self.trips.pop(0) if self.trips else (0.0, 0.0)
        self.clock.advance(there)
        told_ms = ManualClock.now_ms(self.clock) + self.ahead_ms
        self.clock.advance(back)
        return told_ms

    def note(self) -> None:
        self.measured += 1

    def watched(self) -> VenueClock:
        return VenueClock(self.clock, self.ask, self.note)


def a_venue(ahead_ms: int = 0) -> tuple[Venue, VenueClock, SteppingClock]:
    clock = SteppingClock()
    venue = Venue(clock, ahead_ms)
    return venue, venue.watched(), clock


def is_sure(watched: VenueClock) -> bool:
    return watched.is_sure


@pytest.mark.requirement("P23")
async def test_offset_is_known_once_it_was_measured() -> None:
    venue, watched, _ = a_venue(ahead_ms=-700)
    assert (watched.now_ms(), watched.offset_ms, watched.uncertainty_ms) == (START_MS, None, None)
    assert not is_sure(watched)
    await watched.measure()
    assert (watched.now_ms(), watched.offset_ms) == (START_MS - 700, -700.0)
    assert is_sure(watched)
    assert (venue.asked, venue.measured) == (5, 1)


async def test_median_of_the_good_samples_counts() -> None:
    venue, watched, clock = a_venue(ahead_ms=1_000)
    venue.trips = [
        (0.9, 0.3),  # longer than a second
        (0.010, 0.010),
        (0.012, 0.008),
        (0.300, 0.010),  # thirty times the best
        (0.008, 0.012),
        (0.010, 0.012),
        (0.011, 0.010),
    ]
    await watched.measure()
    assert venue.asked == 7
    offset = watched.offset_ms
    assert offset is not None
    assert abs(offset - 1_000) <= 1
    assert watched.uncertainty_ms == pytest.approx(11)
    # Behind by what is uncertain: being ahead is refused first.
    assert watched.timestamp_ms() == watched.now_ms() - 11
    assert watched.timestamp_ms() <= ManualClock.now_ms(clock) + 1_000


async def test_wait_for_the_turn_is_no_part_of_the_trip() -> None:
    venue, watched, _ = a_venue(ahead_ms=50)
    venue.waits = [20.0] * 5
    await watched.measure()
    assert (watched.offset_ms, watched.uncertainty_ms) == (50.0, 0.0)


async def test_venue_that_is_always_slow_is_not_measured() -> None:
    venue, watched, _ = a_venue()
    venue.trips = [(0.8, 0.8)] * 12
    with pytest.raises(FetchError, match="too slowly"):
        await watched.measure()
    assert watched.offset_ms is None
    assert venue.measured == 0


@pytest.mark.requirement("F12")
async def test_setting_this_machines_clock_changes_nothing_at_the_venue() -> None:
    venue, watched, clock = a_venue(ahead_ms=300)
    await watched.measure()
    clock.step_ns = 5_000_000_000
    assert watched.now_ms() == START_MS + 300
    assert watched.offset_ms == -4_700
    assert not is_sure(watched)
    await watched.be_sure()
    assert is_sure(watched)
    assert (watched.now_ms(), watched.offset_ms) == (START_MS + 300, -4_700)
    assert venue.asked == 10


@pytest.mark.requirement("F12")
async def test_machine_that_slept_asks_before_it_signs() -> None:
    venue, watched, clock = a_venue()
    await watched.measure()
    # Ten minutes that the monotonic clock did not count.
    clock.step_ns = 600_000_000_000
    venue.ahead_ms = 600_000
    await watched.be_sure()
    assert watched.timestamp_ms() == clock.now_ms()


async def test_who_is_sure_does_not_ask() -> None:
    venue, watched, _ = a_venue()
    await watched.measure()
    await watched.be_sure()
    assert venue.asked == 5
    watched.doubt()
    await watched.be_sure()
    assert venue.asked == 10


async def test_many_who_want_to_be_sure_ask_once() -> None:
    venue, watched, _ = a_venue()
    await asyncio.gather(*(watched.be_sure() for _ in range(10)))
    assert venue.asked == 5


async def test_request_is_not_held_up_by_a_clock_that_cannot_be_measured(
    caplog: pytest.LogCaptureFixture,
) -> None:
    venue, watched, _ = a_venue()
    venue.error = "no route"
    await watched.be_sure()
    assert "not measured before a request: no route" in caplog.text
    assert watched.now_ms() == START_MS


async def test_venue_that_does_not_answer_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("botcore_tui.exchange.binance.venue_clock._HURRY_SECONDS", 0.01)
    venue, watched, _ = a_venue()
    venue.is_frozen = True
    await watched.be_sure()
    assert "not measured before a request: TimeoutError" in caplog.text


async def test_it_is_measured_again_every_three_minutes_and_when_in_doubt() -> None:
    clock = SteppedClock()
    venue = Venue(clock, ahead_ms=10)
    watched = venue.watched()
    task = asyncio.create_task(watched.run())
    await settle()
    assert venue.asked == 5
    await clock.run(178)
    assert venue.asked == 5
    await clock.run(4)
    assert venue.asked == 10
    watched.doubt()
    await clock.run(1)
    assert venue.asked == 15
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_failed_measurement_is_repeated_after_growing_pauses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = SteppedClock()
    venue = Venue(clock)
    venue.error = "no route"
    watched = venue.watched()
    task = asyncio.create_task(watched.run())
    await clock.run(7.5)  # asked at 0, 1, 3 and 7 s
    assert venue.asked == 4
    await clock.run(3600)
    before = venue.asked
    await clock.run(60)
    assert venue.asked == before + 2
    assert "not measured (1 times): no route" in caplog.text
    venue.error = ""
    await clock.run(31)
    assert is_sure(watched)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_offset_that_rounds_to_zero_is_told_without_a_sign_of_less(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    _, watched, clock = a_venue()
    clock.step_ns = 300_000
    await watched.measure()
    assert watched.offset_ms is not None
    assert watched.offset_ms < 0
    assert "venue's clock is +0 ms from ours" in caplog.text
