"""A live market without an account: nobody else would say what time it is at the venue.

Its books and marks are called late by that alone: on a line that is too slow they come without a
pause, and each is older than the one before.
"""

import asyncio
import random
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.binance.clock_watch import watch_clock
from botcore_tui.exchange.binance.feed import BinanceFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.rest import PublicRest
from botcore_tui.exchange.binance.venue_clock import VenueClock
from botcore_tui.model.event import RequestSnapshot
from botcore_tui.model.snapshot import FeedState


class ClockedFeed:
    """Implements ``MarketFeed``: that of a venue, and the venue's clock.

    Args:
        feed: Of the venue.
        base_url: Scheme and host of its REST.
        limiter: Of this process.
        clock: All waiting goes through it.
        rng: Jitter.
    """

    owns_time = False

    def __init__(
        self,
        feed: BinanceFeed,
        base_url: str,
        *,
        limiter: Limiter,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self.feed: Final = feed
        self.receiver: Final = feed.receiver
        self._base_url = base_url
        self._limiter = limiter
        self._gate = limiter.gate(base_url)
        self._clock = clock
        self._rng = rng

    async def run(self, sink: Sink) -> None:
        """Deliver until cancelled; may be run again after that."""
        rest = PublicRest(self._base_url, limiter=self._limiter, clock=self._clock, rng=self._rng)

        def note_offset() -> None:
            self._gate.clock_offset_ms = venue_clock.offset_ms

        venue_clock = VenueClock(self._clock, rest.time, note_offset)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.feed.run(sink))
                group.create_task(venue_clock.run())
                group.create_task(watch_clock(venue_clock, sink, self._clock))
        finally:
            await rest.close()

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """See ``BinanceFeed``."""
        self.feed.request_snapshot(request)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """See ``BinanceFeed``."""
        return self.feed.states(now_ns)

    def counters(self) -> tuple[int, int]:
        """See ``BinanceFeed``."""
        return self.feed.counters()
