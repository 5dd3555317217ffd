"""A market that is only watched knows what time it is at the venue, too."""

import asyncio
from random import Random

from feed_market import TradingSink, VenueRest, live_feed
from rest_server import Answer
from waiting import settle

from botcore_tui.exchange.binance.clocked_feed import ClockedFeed
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.account import ClockHealth
from botcore_tui.model.event import RequestSnapshot


async def test_venue_clock_is_told_beside_the_market() -> None:
    rest = VenueRest()
    async with live_feed(rest=rest) as live:
        await live.stop()
        now_ms = live.clock.now_ms()
        rest.replies["time"] = [Answer(body=f'{{"serverTime":{now_ms + 60_000}}}')]
        url = live.feed._settings.rest
        limiter = Limiter(1_200, live.clock)
        feed = ClockedFeed(live.feed, f"{url}/", limiter=limiter, clock=live.clock, rng=Random(1))
        assert not feed.owns_time
        sink = TradingSink(live.feed)
        task = asyncio.create_task(feed.run(sink))
        await rest.until_asked("time", 5)
        while limiter.gate(url).clock_offset_ms is None:
            await settle()
        await live.clock.run(1.0)
        (health, *_) = [event for event in sink.events if isinstance(event, ClockHealth)]
        assert health.offset_ms == 60_000
        assert limiter.gate(url).clock_offset_ms == 60_000

        before = rest.count("depth")
        feed.request_snapshot(RequestSnapshot("BTCUSDT", 0, "again", now_ms))
        await live.clock.run(1.0)
        await rest.until_asked("depth", before + 1)
        assert [row.name for row in feed.states(0)][-1] == "rest"
        assert feed.counters() == (0, 0)

        task.cancel()
        await asyncio.wait([task])
        live.start()
