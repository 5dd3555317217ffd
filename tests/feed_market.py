"""A live feed on loopback servers, with a trader behind it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
from aiohttp import web
from market_server import MarketServer, Peer, market_server
from rest_server import Answer
from samples import sample
from stream_fakes import some_settings
from waiting import Changing, SteppedClock

from botcore_tui.core.book import OrderBook
from botcore_tui.core.trader import Trader
from botcore_tui.exchange.binance.feed import BinanceFeed, FeedSettings
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.event import Event, RequestSnapshot
from botcore_tui.model.market import BookDelta, BookState

REFUSED = Answer(400, '{"code":-1121,"msg":"Invalid symbol."}')
"""A refusal that no retry mends."""


class VenueRest(Changing):
    """Answers by endpoint: replies in order, the last one again and again."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.replies: dict[str, list[Answer]] = {
            "depth": [a_snapshot(3)],
            "klines": [Answer(body=sample("klines").decode())],
            "exchangeInfo": [Answer(body=sample("exchange_info").decode())],
        }

    async def answer(self, request: web.Request) -> web.Response:
        """Handle any request."""
        self.asked.append(request.path_qs)
        self.changed()
        replies = self.replies[request.path.rpartition("/")[2]]
        answer = replies.pop(0) if len(replies) > 1 else replies[0]
        return web.Response(status=answer.status, text=answer.body, content_type="application/json")

    def count(self, endpoint: str) -> int:
        """Requests for this endpoint so far."""
        return sum(f"/{endpoint}" in path for path in self.asked)

    async def until_asked(self, endpoint: str, count: int) -> None:
        """Return when the endpoint was asked so often."""
        await self.until(lambda: self.count(endpoint) >= count)


class TradingSink(Changing):
    """Feeds a trader and performs what it asks of the feed, as the engine does."""

    def __init__(self, feed: BinanceFeed) -> None:
        super().__init__()
        self.trader = Trader()
        self.events: list[Event] = []
        self.requests: list[RequestSnapshot] = []
        self._feed = feed

    def deliver(self, event: Event, received_ns: int) -> None:
        """Process at once."""
        self.events.append(event)
        for effect in self.trader.process(event):
            if isinstance(effect, RequestSnapshot):
                self.requests.append(effect)
                self._feed.request_snapshot(effect)
        self.changed()

    async def room(self) -> None:
        """There always is."""

    def book(self, symbol: str = "BTCUSDT") -> OrderBook:
        """The trader's book."""
        return self.trader.market.of(symbol).book

    async def until_book(self, state: BookState, symbol: str = "BTCUSDT") -> None:
        """Return when the book is in this state."""
        await self.until(lambda: self.book(symbol).state is state)

    def count(self, kind: type[object]) -> int:
        """Events of a kind so far."""
        return sum(isinstance(event, kind) for event in self.events)

    async def until_count(self, kind: type[object], count: int) -> None:
        """Return when so many events of a kind came."""
        await self.until(lambda: self.count(kind) >= count)


class LiveFeed:
    """A running feed with all that belongs to it."""

    def __init__(
        self,
        feed: BinanceFeed,
        sink: TradingSink,
        clock: SteppedClock,
        *,
        public: MarketServer,
        market: MarketServer,
        rest: VenueRest,
    ) -> None:
        self.feed = feed
        self.sink = sink
        self.clock = clock
        self.public = public
        self.market = market
        self.rest = rest
        self.recorded: list[bytes] = []
        feed.receiver.record = self._write
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """True until it is stopped; a feed never ends by itself."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Run the feed."""
        self._task = asyncio.create_task(self.feed.run(self.sink))

    async def stop(self) -> None:
        """Cancel the feed; raises what it died of, if it did."""
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()

    def _write(self, _utc_ns: int, raw: bytes) -> None:
        self.recorded.append(raw)

    async def subscribed(self, *symbols: str, connections: int = 1) -> Peer:
        """Wait for the depth streams of these symbols."""
        names = [f"{symbol.lower()}@depth@100ms" for symbol in symbols or ("BTCUSDT",)]
        return await self.public.subscribed(*names, connections=connections)

    async def delta(self, first: int, last: int, previous: int, symbol: str = "BTCUSDT") -> None:
        """Publish a delta and wait until it was delivered."""
        # Other events may come meanwhile: only a delta says that this one has come.
        count = self.sink.count(BookDelta)
        await self.public.publish(
            f"{symbol.lower()}@depth@100ms", a_delta(first, last, previous, symbol)
        )
        await self.sink.until_count(BookDelta, count + 1)

    async def until_slept(self, seconds: float, times: int) -> None:
        """Return when somebody went to sleep for exactly so long, so many times."""
        await self.clock.until(lambda: self.clock.slept.count(seconds) >= times)

    async def come_alive(self) -> None:
        """Bring the first book to LIVE at update 5."""
        await self.subscribed()
        await self.delta(1, 5, 0)
        await self.clock.pass_pause(0.0)
        await self.sink.until_book(BookState.LIVE)


def a_delta(first: int, last: int, previous: int, symbol: str = "BTCUSDT") -> dict[str, object]:
    """A depth payload that sets one bid and one ask."""
    return {
        "e": "depthUpdate",
        "E": 1_700_000_000_000 + last,
        "s": symbol,
        "st": 1,
        "U": first,
        "u": last,
        "pu": previous,
        "b": [["61800.20", f"{last}.0"]],
        "a": [["61800.30", f"{last}.5"]],
    }


def a_snapshot(update: int) -> Answer:
    """A depth reply of two levels a side."""
    return Answer(
        body=msgspec.json.encode(
            {
                "lastUpdateId": update,
                "E": 1_700_000_000_000,
                "T": 1_700_000_000_000,
                "bids": [["61800.20", "1.000"], ["61800.10", "2.000"]],
                "asks": [["61800.30", "1.000"], ["61800.40", "2.000"]],
            }
        ).decode()
    )


@asynccontextmanager
async def live_feed(
    *symbols: str, rest: VenueRest | None = None, depth_interval_ms: int = 100
) -> AsyncIterator[LiveFeed]:
    """Run a feed for the length of the block."""
    rest = rest or VenueRest()
    async with AsyncExitStack() as stack:
        public = await stack.enter_async_context(market_server())
        market = await stack.enter_async_context(market_server())
        settings = FeedSettings(
            rest=await stack.enter_async_context(_serving(rest)),
            ws_public=public.url,
            ws_market=market.url,
            symbols=symbols or ("BTCUSDT",),
            streams=some_settings(),
            depth_interval_ms=depth_interval_ms,
            backoff_jitter_pct=0.0,
        )
        clock = SteppedClock()
        limiter = Limiter(1_200, clock)
        feed = BinanceFeed(settings, clock, random.Random(7), limiter=limiter)
        sink = TradingSink(feed)
        live = LiveFeed(feed, sink, clock, public=public, market=market, rest=rest)
        live.start()
        try:
            yield live
            assert live.is_running
        finally:
            await live.stop()


@asynccontextmanager
async def _serving(rest: VenueRest) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", rest.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
