"""A loopback stand-in for the venue's REST, which answers what the test lays out."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from msgspec import Struct
from waiting import Changing


class Answer(Struct, frozen=True):
    """One reply."""

    status: int = 200
    body: str = "{}"
    headers: Mapping[str, str] = {}


class RestServer(Changing):
    """Answers in the order of ``answers``, then with ``usual``; remembers what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.answers: list[Answer] = []
        self.usual = Answer()
        self.is_frozen = False
        self.date = ""
        """Clock that replies show; this machine's if empty."""
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Handle any request."""
        self.asked.append(request.path_qs)
        self.changed()
        if self.is_frozen:
            await asyncio.Event().wait()
        answer = self.answers.pop(0) if self.answers else self.usual
        if answer.body == "CUT":
            assert request.transport is not None
            request.transport.abort()
        return web.Response(
            status=answer.status,
            text=answer.body,
            headers={**({"Date": self.date} if self.date else {}), **answer.headers},
            content_type="application/json",
        )


@asynccontextmanager
async def rest_server() -> AsyncIterator[RestServer]:
    """Serve on a free port of this machine."""
    rest = RestServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", rest.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    rest.url = f"http://127.0.0.1:{port}"
    try:
        yield rest
    finally:
        await runner.cleanup()
