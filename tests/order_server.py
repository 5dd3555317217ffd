"""A loopback stand-in for the venue's signed REST: fails as the test lays out, and remembers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web
from msgspec import Struct
from rest_server import Answer
from waiting import Changing

from botcore_tui.clock import SystemClock

CUT: Final = "CUT"
"""Body of an answer that never comes: the request was read, then the connection is reset."""
HANG: Final = "HANG"
"""Body of an answer that never comes: the connection stays open."""
SHORT: Final = "SHORT"
"""Body of an answer whose end is missing, by its own Content-Length."""


class Asked(Struct, frozen=True):
    """One request as it arrived."""

    method: str
    path: str
    text: str
    """Query and body, one after the other: what was signed, and the signature."""
    api_key: str

    @property
    def name(self) -> str:
        """Such as ``POST /fapi/v1/order``."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> dict[str, str]:
        """All parameters, decoded."""
        return dict(parse_qsl(self.text, keep_blank_values=True))


class OrderServer(Changing):
    """Tells its time, and answers all else in the order of ``answers``, then with ``usual``."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        """All but questions for the time."""
        self.times = 0
        """Questions for the time."""
        self.time_status = 200
        """HTTP status of its answers to those."""
        self.step_ms = 0
        """How far its clock is from that of this machine."""
        self.answers: list[Answer] = []
        self.usual = Answer()
        self.url = ""
        self._clock = SystemClock()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Handle any request."""
        if request.path == "/fapi/v1/time":
            self.times += 1
            told = {"serverTime": self._clock.now_ms() + self.step_ms}
            return web.json_response(told, status=self.time_status)
        text = request.query_string + await request.text()
        key = request.headers.get("X-MBX-APIKEY", "")
        self.asked.append(Asked(request.method, request.path, text, key))
        self.changed()
        answer = self.answers.pop(0) if self.answers else self.usual
        assert request.transport is not None
        if answer.body == HANG:
            await asyncio.Event().wait()
        if answer.body == CUT:
            request.transport.abort()
        if answer.body == SHORT:
            reply = web.StreamResponse(headers={"Content-Length": "100"})
            await reply.prepare(request)
            await reply.write(b'{"orderId":')
            request.transport.close()
            return reply
        return web.Response(
            status=answer.status,
            text=answer.body,
            headers=answer.headers,
            content_type="application/json",
        )


@asynccontextmanager
async def order_server() -> AsyncIterator[OrderServer]:
    """Serve on a free port of this machine."""
    server = OrderServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()
