"""The embedded exchange on a real socket, inside the test's process."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from sim_exchange import CREDENTIALS, an_exchange
from sim_rest import signature
from yarl import URL

from botcore_tui.clock import Clock, SystemClock
from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.http_messages import Request
from botcore_tui.exchange.sim.pace import Pace
from botcore_tui.exchange.sim.server import Server

PATIENCE_SECONDS: Final = 10.0
"""Never waited for in a passing test."""
Json = dict[str, object]


class Running:
    """A server that answers, and its client.

    Attributes:
        authority: Host and port.
        session: Of the client.
    """

    def __init__(
        self, exchange: Exchange, server: Server, authority: str, session: aiohttp.ClientSession
    ) -> None:
        self.exchange = exchange
        self.server = server
        self.authority = authority
        self.session = session

    async def ask(
        self, method: str, target: str, body: str | bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Status and body of the reply to a request, sent as it is."""
        async with self.session.request(
            method,
            URL(f"http://{self.authority}{target}", encoded=True),
            data=body,
            headers={"X-MBX-APIKEY": CREDENTIALS.api_key, **headers},
        ) as reply:
            return reply.status, await reply.read()

    async def ask_json(self, method: str, target: str, body: str | None = None) -> Json:
        """The same, decoded."""
        decoded: Json = json.loads((await self.ask(method, target, body))[1])
        return decoded

    async def ask_signed(self, method: str, path: str, query: str = "") -> tuple[int, bytes]:
        """The reply to a request by the owner of the account."""
        query = f"{query}{'&' if query else ''}timestamp={self.exchange.now_ms}"
        target = f"/fapi/v1/{path}?{query}&signature={signature(query)}"
        return await self.ask(method, target)

    async def advance(self, milliseconds: int) -> None:
        """Let simulated time pass."""
        status, body = await self.ask("POST", "/sim/advance", f'{{"ms": {milliseconds}}}')
        assert status == 200, body

    async def listen(self, target: str) -> aiohttp.ClientWebSocketResponse:
        """A WebSocket that does not answer pings by itself."""
        return await self.session.ws_connect(
            f"ws://{self.authority}{target}", autoping=False, autoclose=False
        )

    async def listen_key(self) -> str:
        """Of the user's stream."""
        return str((await self.ask_json("POST", "/fapi/v1/listenKey"))["listenKey"])

    def control(self, request: Request) -> Exchange:
        """The exchange, after a request that needs no socket."""
        self.exchange.control(request, self.exchange.now_ms)
        return self.exchange

    def arm(self, name: str, **more: object) -> None:
        """Arm a fault."""
        body = json.dumps({"name": name, **more})
        self.control(Request(method="POST", path="/sim/faults", body=body))


@asynccontextmanager
async def a_running_server(
    *symbols: str, speed: float = 0, clock: Clock | None = None, seed: int = 5
) -> AsyncIterator[Running]:
    """A server whose time stands still unless another speed is asked for."""
    clock = clock or SystemClock()
    pace = Pace(clock, speed)
    exchange = an_exchange(*symbols, seed=seed, start_ms=pace.start_ms)
    server = Server(exchange, pace, clock)
    listening = socket.create_server(("127.0.0.1", 0))
    host, port = listening.getsockname()
    ready = asyncio.Event()
    serving = asyncio.ensure_future(server.serve(listening, ready.set))
    try:
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await asyncio.wait_for(ready.wait(), PATIENCE_SECONDS)
            yield Running(exchange, server, f"{host}:{port}", session)
    finally:
        server.stop()
        await asyncio.wait_for(serving, PATIENCE_SECONDS)
