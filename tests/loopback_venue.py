"""A venue on this machine that trades the synthetic market, in a thread of its own."""

import asyncio
import json
import random
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from aiohttp import web
from market_server import MarketServer, market_server
from real_program import DEADLINE_SECONDS
from samples import sample

from botcore_tui.exchange.sim.synthetic import SyntheticMarket

_SLOT_SECONDS = 0.02
"""Real time of a depth interval: five times as fast as the market's own."""


class LoopbackVenue:
    """Publishes frames on the streams, answers REST from the same market.

    Attributes:
        depths: Depth updates sent since the book was asked for.
    """

    def __init__(self) -> None:
        self.depths = 0
        self.rest = self.stream = ""
        self._market = SyntheticMarket(
            random.Random(7), "BTCUSDT", start_ms=time.time_ns() // 1_000_000
        )
        self._frames = iter(self._market)
        self._ready, self._stopping = threading.Event(), threading.Event()
        self._changed = threading.Condition()

    def variables(self) -> dict[str, str]:
        """What points the program here."""
        return {
            "BOTCORE__HOSTS__REST": self.rest,
            "BOTCORE__HOSTS__WS_PUBLIC": self.stream,
            "BOTCORE__HOSTS__WS_MARKET": self.stream,
        }

    def wait_for_depths(self, count: int) -> None:
        """Return when so many more depth updates were sent."""
        with self._changed:
            aim = self.depths + count
            assert self._changed.wait_for(lambda: self.depths >= aim, DEADLINE_SECONDS)

    def run(self) -> None:
        """Serve until told to stop."""
        asyncio.run(self._serve())

    def wait_until_open(self) -> None:
        """Return when it can be asked."""
        assert self._ready.wait(DEADLINE_SECONDS)

    def close(self) -> None:
        """Stop serving."""
        self._stopping.set()

    async def _serve(self) -> None:
        async with market_server() as streams, self._rest_server():
            self.stream = streams.url
            self._ready.set()
            while not self._stopping.is_set():
                await self._play_slot(streams)
                await asyncio.sleep(_SLOT_SECONDS)

    async def _play_slot(self, streams: MarketServer) -> None:
        for _, raw in self._frames:
            frame: Mapping[str, object] = json.loads(raw)
            stream, data = str(frame["stream"]), frame["data"]
            assert isinstance(data, dict)
            await streams.publish(stream, data)
            if "@depth@100ms" in stream:
                with self._changed:
                    self.depths += 1
                    self._changed.notify_all()
                return

    @asynccontextmanager
    async def _rest_server(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.rest = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("/depth"):
            body = json.dumps(json.loads(self._market.snapshot())["data"]).encode()
        elif request.path.endswith("/exchangeInfo"):
            body = sample("exchange_info")
        else:
            body = b"[]"
        return web.Response(body=body, content_type="application/json")


@contextmanager
def loopback_venue() -> Iterator[LoopbackVenue]:
    """Serve for the time of a test."""
    venue = LoopbackVenue()
    thread = threading.Thread(target=venue.run, name="venue")
    thread.start()
    try:
        venue.wait_until_open()
        yield venue
    finally:
        venue.close()
        thread.join(DEADLINE_SECONDS)
