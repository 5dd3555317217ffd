"""The embedded exchange's wire: HTTP and WebSocket on one port, and time that passes."""

import asyncio
import logging
import socket
import struct
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, Final

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from msgspec import Meta, Struct

from botcore_tui.clock import Clock
from botcore_tui.exchange.sim.control import Answer
from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.http_messages import Fate, Reply, Request
from botcore_tui.exchange.sim.mailbox import GOING_AWAY, Mailbox
from botcore_tui.exchange.sim.pace import Pace
from botcore_tui.exchange.sim.stream_addresses import StreamAddress, stream_address
from botcore_tui.exchange.sim.stream_connection import StreamConnection
from botcore_tui.exchange.sim.ws_api import PATH as API_PATH

_PACE_SECONDS: Final = 0.01
_STEP_MS: Final = 100
"""Simulated time that passes before others get a turn."""
_MOST_AHEAD_MS: Final = 1_000
"""Simulated time that one request may make up for."""
_BEAT_SECONDS: Final = 5.0
_MANY_BYTES: Final = 1024 * 1024
_MOST_BYTES: Final = 8 * 1024 * 1024
"""A client that lets so much pile up in real time is cut, as the venue cuts slow readers."""
_PATIENCE_NS: Final = 10_000_000_000
_GOODBYE_SECONDS: Final = 0.3
_LONGEST_LINE: Final = 64 * 1024
"""Of a request: batches of orders may stand in it."""
_KEEP_ALIVE_SECONDS: Final = 3_600.0
_JSON: Final = {"Content-Type": "application/json"}
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class _Advance(Struct, forbid_unknown_fields=True):
    ms: Annotated[int, Meta(ge=0, le=86_400_000)]


_ADVANCE: Final = msgspec.json.Decoder(_Advance)


class Server:
    """Serves an exchange.

    Args:
        exchange: What is behind the wire.
        pace: How fast its time runs.
        clock: The machine's.
    """

    def __init__(self, exchange: Exchange, pace: Pace, clock: Clock) -> None:
        self._exchange = exchange
        self._pace = pace
        self._clock = clock
        self._connections: dict[StreamConnection, None] = {}
        self._stopping = asyncio.Event()
        self._moving = asyncio.Lock()

    @property
    def followers(self) -> int:
        """Streams that clients follow now."""
        return len(self._connections)

    def stop(self) -> None:
        """Let ``serve`` end."""
        self._stopping.set()

    async def serve(self, listening: socket.socket, ready: Callable[[], None]) -> None:
        """Serve on a listening socket until ``stop``.

        Args:
            listening: Bound; is closed at the end.
            ready: Called once requests are answered.
        """
        web_server = web.Server(
            self._handle,
            handler_cancellation=True,
            access_log=None,
            logger=_quiet_logger(),
            keepalive_timeout=_KEEP_ALIVE_SECONDS,
            max_line_size=_LONGEST_LINE,
        )
        listener = await asyncio.get_running_loop().create_server(web_server, sock=listening)
        try:
            ready()
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(self._let_time_pass()),
                    tasks.create_task(self._beat()),
                ]
                await self._stopping.wait()
                for task in running:
                    task.cancel()
        finally:
            self._stopping.set()
            listener.close()
            for connection in self._connections:
                connection.flush()
                connection.end(GOING_AWAY)
            web_server.pre_shutdown()
            await web_server.shutdown(_GOODBYE_SECONDS)

    # --- time -----------------------------------------------------------------------------------

    def _now_ms(self) -> int:
        # One request must not pay for all the time that a slow machine is behind.
        return min(self._pace.now_ms(), self._exchange.now_ms + _MOST_AHEAD_MS)

    def _clocks(self, now_ms: int) -> tuple[int, ...]:
        wall_ms = self._pace.wall_ms()
        if self._pace.is_real and abs(wall_ms - now_ms) < _MOST_AHEAD_MS:
            return ()
        return (wall_ms,)

    async def _let_time_pass(self) -> None:
        while True:
            await self._catch_up()
            await self._clock.sleep(_PACE_SECONDS)

    async def _catch_up(self) -> None:
        exchange = self._exchange
        async with self._moving:
            target_ms = self._pace.now_ms()
            while exchange.now_ms < target_ms:
                exchange.advance(min(target_ms, exchange.now_ms + _STEP_MS))
                await asyncio.sleep(0)  # frames are written, requests answered
                if not self._pace.is_real:
                    await self._wait_for_slow_readers()
        self._cut_slow_readers(_MOST_BYTES)

    def _cut_slow_readers(self, most_bytes: int) -> None:
        for connection in self._connections:
            if connection.waiting_bytes > most_bytes:
                connection.abort()

    async def _wait_for_slow_readers(self) -> None:
        # Time that runs faster than a client reads waits for it, within reason.
        deadline_ns = self._clock.monotonic_ns() + _PATIENCE_NS
        while any(each.waiting_bytes > _MANY_BYTES for each in self._connections):
            if self._clock.monotonic_ns() > deadline_ns:
                self._cut_slow_readers(_MANY_BYTES)
            await self._clock.sleep(0.001)

    async def _beat(self) -> None:
        while True:
            await self._clock.sleep(_BEAT_SECONDS)
            for connection in self._connections:
                connection.beat()

    # --- requests -------------------------------------------------------------------------------

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        target = request.raw_path.encode(errors="surrogateescape").decode(errors="replace")
        path, _, query = target.partition("?")
        address = stream_address(path, query)
        if address is not None:
            return await self._stream(request, address)
        if path == API_PATH:
            return await self._requests(request)
        try:
            body = (await request.read()).decode(errors="replace") if request.can_read_body else ""
        except web.RequestPayloadError as error:
            answer = _refusal(400, f"the body cannot be read: {error}")
            return web.Response(status=answer.status, body=answer.body, headers=_JSON)
        asked = Request(
            method=request.method,
            path=path,
            query=query,
            body=body,
            api_key=request.headers.get("X-MBX-APIKEY", ""),
            remote=request.remote or "",
        )
        if path.startswith("/sim/"):
            # A page in a browser of this machine is not who this is for.
            is_page = "Origin" in request.headers
            answer = _refusal(403, "not for web pages") if is_page else await self._control(asked)
            return web.Response(status=answer.status, body=answer.body, headers=_JSON)
        now_ms = self._now_ms()
        reply = self._exchange.handle(asked, now_ms, *self._clocks(now_ms))
        if reply.delay_ms or reply.fate is not Fate.SEND:
            await self._withhold(request, reply)
        return _response(reply)

    async def _withhold(self, request: web.BaseRequest, reply: Reply) -> None:
        if reply.delay_ms:
            arrived = asyncio.get_running_loop().create_future()

            def arrive() -> None:
                if not arrived.done():
                    arrived.set_result(None)

            self._exchange.agenda.at(self._exchange.now_ms + reply.delay_ms, arrive)
            await arrived
        if reply.fate is Fate.ABORT and request.transport is not None:
            # A reset, not an orderly end.
            connection = request.transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            request.transport.abort()
        if reply.fate is not Fate.SEND:
            await self._stopping.wait()

    async def _control(self, asked: Request) -> Answer:
        if not ip_address(asked.remote).is_loopback:
            return _refusal(403, f"{asked.path} is for this machine only")
        if (asked.method, asked.path) == ("POST", "/sim/advance"):
            return await self._advance(asked.body)
        answer = self._exchange.control(asked, self._now_ms())
        return answer or _refusal(404, f"{asked.method} {asked.path} is nothing that can be asked")

    async def _advance(self, body: str) -> Answer:
        try:
            wanted = _ADVANCE.decode(body)
        except msgspec.DecodeError as error:
            return _refusal(400, f'{error}; send {{"ms": 1000}}')
        self._pace.move(wanted.ms)
        await self._catch_up()
        for connection in self._connections:
            connection.flush()
        return Answer(200, msgspec.json.encode({"time_ms": self._exchange.now_ms}))

    # --- connections ----------------------------------------------------------------------------

    async def _stream(self, request: web.BaseRequest, address: StreamAddress) -> web.StreamResponse:
        exchange, opened = self._exchange, _socket()
        if not opened.can_prepare(request):
            return _not_upgraded()
        session = exchange.connect(address, request.remote or "", self._now_ms())
        if isinstance(session, Reply):
            return _response(session)

        def receive(text: str) -> None:
            exchange.receive(session, text, self._now_ms())

        def note() -> bool:
            return session.note_message(exchange.now_ms)

        try:
            await self._carry(session, opened, request, receive, note)
        finally:
            exchange.hub.close(session)
        return opened

    async def _requests(self, request: web.BaseRequest) -> web.StreamResponse:
        exchange, opened, remote = self._exchange, _socket(), request.remote or ""
        if not opened.can_prepare(request):
            return _not_upgraded()
        mailbox = exchange.connect_api(remote, self._now_ms())
        if isinstance(mailbox, Reply):
            return _response(mailbox)

        def receive(text: str) -> None:
            now_ms = self._now_ms()
            exchange.receive_api(mailbox, text, remote, now_ms, *self._clocks(now_ms))

        await self._carry(mailbox, opened, request, receive, lambda: True)
        return opened

    async def _carry(
        self,
        mailbox: Mailbox,
        opened: web.WebSocketResponse,
        request: web.BaseRequest,
        receive: Callable[[str], None],
        note: Callable[[], bool],
    ) -> None:
        await opened.prepare(request)
        assert request.transport is not None
        connection = StreamConnection(mailbox, opened, request.transport, self._clock.monotonic_ns)
        self._connections[connection] = None
        try:
            await connection.serve(receive, note)
        finally:
            del self._connections[connection]


def _quiet_logger() -> logging.Logger:
    # What is no HTTP at all has been answered with 400, and who has gone needs no answer: neither
    # is a failure here.
    quiet = logging.getLogger(__name__)
    quiet.addFilter(_is_failure)
    return quiet


def _is_failure(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | ConnectionError)


def _socket() -> web.WebSocketResponse:
    return web.WebSocketResponse(autoping=False, autoclose=False, compress=False)


def _response(reply: Reply) -> web.Response:
    return web.Response(status=reply.status, body=reply.body, headers=reply.headers)


def _not_upgraded() -> web.Response:
    return web.Response(status=400, text="Bad Request: this is a WebSocket address")


def _refusal(status: int, problem: str) -> Answer:
    return Answer(status, msgspec.json.encode({"error": problem}))
