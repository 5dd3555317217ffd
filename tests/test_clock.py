"""Time is an argument: the machine's for the program, a turned one for tests."""

import asyncio

import pytest
from waiting import settle

from botcore_tui.clock import Clock, ManualClock, SystemClock


@pytest.fixture(params=[SystemClock, ManualClock])
def clock(request: pytest.FixtureRequest) -> Clock:
    made = request.param()
    assert isinstance(made, SystemClock | ManualClock)
    return made


def test_milliseconds_are_the_nanoseconds_rounded_down(clock: Clock) -> None:
    before = clock.utc_ns() // 1_000_000
    now = clock.now_ms()
    assert before <= now <= clock.utc_ns() // 1_000_000


def test_monotonic_time_never_goes_back(clock: Clock) -> None:
    stamps = [clock.monotonic_ns() for _ in range(100)]
    assert stamps == sorted(stamps)


async def test_sleeping_lets_others_run(clock: Clock) -> None:
    ran = asyncio.Event()
    other = asyncio.ensure_future(_set(ran))
    await clock.sleep(0)
    assert ran.is_set()
    await other


async def _set(event: asyncio.Event) -> None:
    event.set()


async def test_sleep_of_the_machines_clock_waits() -> None:
    sleeper = asyncio.ensure_future(SystemClock().sleep(3_600))
    await settle()
    assert not sleeper.done()
    sleeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeper


def test_turned_clock_stands_still_until_it_is_advanced() -> None:
    clock = ManualClock(1_700_000_000_000)
    assert clock.utc_ns() == clock.monotonic_ns() == 1_700_000_000_000_000_000
    assert (clock.now_ms(), clock.now_ms()) == (1_700_000_000_000, 1_700_000_000_000)
    clock.advance(1.5)
    assert clock.now_ms() == 1_700_000_001_500


def test_turned_clock_adds_small_steps_without_drift() -> None:
    clock = ManualClock(0)
    for _ in range(1_000):
        clock.advance(0.1)
    assert clock.monotonic_ns() == 100_000_000_000


async def test_sleep_of_a_turned_clock_advances_it_at_once_and_is_noted() -> None:
    clock = ManualClock(0)
    await clock.sleep(3_600)
    await clock.sleep(0.25)
    assert clock.slept == [3_600, 0.25]
    assert clock.now_ms() == 3_600_250
