"""What is known of the venue's clock is told when it changes, and now and then besides."""

import asyncio
from collections.abc import Callable

import pytest
from virtual_time import VirtualTime

from botcore_tui.exchange.binance.clock_watch import health_of, watch_clock
from botcore_tui.exchange.binance.venue_clock import VenueClock
from botcore_tui.model.account import ClockHealth
from botcore_tui.model.event import Event


class Heard:
    """A sink."""

    def __init__(self) -> None:
        self.told: list[ClockHealth] = []

    def deliver(self, event: Event, _received_ns: int) -> None:
        assert isinstance(event, ClockHealth)
        self.told.append(event)

    async def room(self) -> None:
        """There is."""


def a_clock(time: VirtualTime) -> VenueClock:
    async def ask(_leaving: Callable[[], None]) -> int:
        return time.now_ms() + 40

    return VenueClock(time, ask, lambda: None)


@pytest.mark.requirement("P23")
def test_clock_is_told_once_it_is_measured_and_again_when_it_is_doubted() -> None:
    time = VirtualTime()
    venue, heard = a_clock(time), Heard()

    async def main() -> None:
        task = asyncio.create_task(watch_clock(venue, heard, time))
        await asyncio.sleep(0.5)  # virtual, as all below
        assert heard.told == []
        await venue.measure()
        await asyncio.sleep(1)
        assert [(round(one.offset_ms), one.has_stepped) for one in heard.told] == [(40, False)]
        await asyncio.sleep(9)
        assert len(heard.told) == 1
        await asyncio.sleep(1)
        assert len(heard.told) == 2
        venue.doubt()
        await asyncio.sleep(1)
        assert [one.has_stepped for one in heard.told] == [False, False, True]
        task.cancel()
        await asyncio.wait([task])

    time.run(main)


@pytest.mark.requirement("P23")
def test_nothing_is_known_before_the_first_measurement() -> None:
    time = VirtualTime()
    venue = a_clock(time)
    assert health_of(venue, time) is None
    time.run(venue.measure)
    health = health_of(venue, time)
    assert health is not None
    assert health.uncertainty_ms == 0
