"""The line between the order lab's client and its exchange: late, cut, and never sent twice.

Requests and frames are the bytes of the real ones; what carries them is simulated time. A request
that has left arrives, whatever becomes of the client that sent it.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from random import Random
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from sim_rest import KEY
from virtual_time import VirtualTime
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response

from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.confined import (
    ENDPOINTS,
    ConfinedUsdm,
    NoReplyError,
    Parameters,
    Reply,
)
from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.http_messages import Fate, Request
from botcore_tui.exchange.sim.http_messages import Reply as VenueReply
from botcore_tui.exchange.sim.session import Session
from botcore_tui.exchange.sim.stream_addresses import stream_address

BASE: Final = "http://localhost"
_TIMEOUT_SECONDS: Final = 10.0
_KEEPALIVE_SECONDS: Final = 20.0
_VERSIONS: Final = {"fapiprivatev3": "v3"}
_ORDER_PATHS: Final = {
    "/fapi/v1/order": "newClientOrderId",
    "/fapi/v1/algoOrder": "clientAlgoId",
}


class LabTime(VirtualTime):
    """Simulated time that begins when a run wants it to."""

    def __init__(self, start_ms: int) -> None:
        super().__init__()
        self._start_ms = start_ms

    def now_ms(self) -> int:
        return self._start_ms + self.elapsed_ns() // 1_000_000

    def utc_ns(self) -> int:
        return self._start_ms * 1_000_000 + self.elapsed_ns()

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: the world goes on, and its monotonic clock does not."""
        self._start_ms += round(seconds * 1000)


class Line:
    """Carries requests and frames.

    Attributes:
        submits: How often each order was sent off, by client id.
        is_cut: Nothing passes in either direction.
        story: Told what passes, if anybody wants to know.
    """

    def __init__(self, exchange: Exchange, time: LabTime, dice: Random, *, skew_ms: int) -> None:
        self.submits: Counter[str] = Counter()
        self.is_cut = False
        self.story: Callable[[str], None] | None = None
        self._exchange = exchange
        self._time = time
        self._dice = dice
        self._skew_ms = skew_ms
        self._sockets: list[LabSocket] = []

    def venue_ms(self) -> int:
        """Simulated time at the venue."""
        return self._time.now_ms() + self._skew_ms

    def delay(self) -> float:
        """Seconds of one way."""
        if self._dice.random() < 0.02:
            return self._dice.uniform(0.1, 1.5)
        return self._dice.uniform(0.002, 0.03)

    def cut(self) -> None:
        """Let nothing pass from now on; open connections are dead, and nobody is told."""
        self.is_cut = True
        for socket in self._sockets:
            socket.is_dead = True

    def mend(self) -> None:
        """Let new requests and connections pass."""
        self.is_cut = False

    async def carry(self, request: Request) -> Reply:
        """Send a request and wait for its reply.

        Raises:
            NoReplyError: There was none.
        """
        if self.is_cut and self._dice.random() < 0.5:
            await asyncio.sleep(0.01)  # virtual, as all time of the lab
            raise NoReplyError("connection refused", is_unsent=True)
        self._note(request)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reply] = loop.create_future()

        def give(reply: VenueReply, date: str) -> None:
            if answer.done() or self.is_cut:
                return
            if reply.fate is Fate.ABORT:
                answer.set_exception(NoReplyError("connection reset"))
            else:
                text = reply.body.decode()
                answer.set_result(Reply(reply.status, "", {**reply.headers, "Date": date}, text))

        def arrive() -> None:
            if self.is_cut:
                return
            now_ms = self.venue_ms()
            reply = self._exchange.handle(request, now_ms)
            date = formatdate(now_ms // 1000, usegmt=True)  # as each server of HTTP says
            if self.story is not None:
                self.story(f"  venue {_short(request)} -> {reply.status} {reply.fate.value}")
            if reply.fate is not Fate.HANG:
                loop.call_later(self.delay() + reply.delay_ms / 1000, give, reply, date)

        loop.call_later(self.delay(), arrive)
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                return await answer
        except TimeoutError:
            raise NoReplyError(f"no reply within {_TIMEOUT_SECONDS:g} s") from None

    async def dial(self, url: str) -> "LabSocket":
        """Open the user stream's connection."""
        await asyncio.sleep(self.delay())  # virtual, as above
        if self.is_cut:
            raise OSError("no route to host")
        parts = urlsplit(url)
        address = stream_address(parts.path, parts.query)
        assert address is not None, url
        opened = self._exchange.connect(address, "127.0.0.1", self.venue_ms())
        if isinstance(opened, VenueReply):
            raise InvalidStatus(Response(opened.status, "", Headers(opened.headers)))
        socket = LabSocket(self, self._exchange, opened)
        self._sockets.append(socket)
        return socket

    def forget(self, socket: "LabSocket") -> None:
        """A connection was dropped by the client."""
        if socket in self._sockets:
            self._sockets.remove(socket)

    def _note(self, request: Request) -> None:
        name = _ORDER_PATHS.get(request.path) if request.method == "POST" else None
        if name is not None:
            self.submits[dict(parse_qsl(request.query))[name]] += 1


class LabSocket:
    """Implements ``link.Socket`` on a connection of the exchange."""

    def __init__(self, line: Line, exchange: Exchange, session: Session) -> None:
        self.is_dead = False
        self._line = line
        self._exchange = exchange
        self._session = session
        self._loop = asyncio.get_running_loop()
        self._frames: deque[bytes] = deque()
        self._end: ConnectionClosedError | None = None
        self._changed = asyncio.Event()
        self._last = 0.0
        self._is_closed = False
        session.wake = self._collect_soon
        self._watch = self._loop.call_later(_KEEPALIVE_SECONDS, self._keep_alive)

    @property
    def transport(self) -> "LabSocket":
        return self

    def abort(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._watch.cancel()
            self._exchange.hub.close(self._session)
            self._line.forget(self)

    async def close(self) -> None:
        self._lose(ConnectionClosedError(None, Close(1000, "")))

    async def send(self, message: str) -> None:
        self._exchange.receive(self._session, message, self._line.venue_ms())

    async def ping(self) -> Awaitable[float]:
        pong: asyncio.Future[float] = self._loop.create_future()

        def answer() -> None:
            if not pong.done():
                pong.set_result(0.02)

        if not self.is_dead and self._session.note_message(self._line.venue_ms()):
            self._loop.call_later(0.02, answer)
        return pong

    async def recv(self, decode: Literal[False]) -> bytes:
        while not self._frames:
            if self._end is not None:
                raise self._end
            self._changed.clear()
            await self._changed.wait()
        return self._frames.popleft()

    def _collect_soon(self) -> None:
        self._loop.call_soon(self._collect)

    def _collect(self) -> None:
        frames = tuple(self._session.outbox)
        self._session.outbox.clear()
        end: ConnectionClosedError | None = None
        if self._session.close_code:
            close = Close(self._session.close_code, self._session.close_reason)
            end = ConnectionClosedError(close, close, rcvd_then_sent=True)
        self._last = max(self._last, self._loop.time() + self._line.delay())
        self._loop.call_at(self._last, self._arrive, frames, end)

    def _arrive(self, frames: tuple[bytes, ...], end: ConnectionClosedError | None) -> None:
        if self.is_dead:
            return
        self._frames.extend(frames)
        self._changed.set()
        if end is not None:
            self._lose(end)

    def _lose(self, end: ConnectionClosedError) -> None:
        self._end = self._end or end
        self._changed.set()

    def _keep_alive(self) -> None:
        # As the library does: a ping every 20 s, and 20 s for its answer.
        if self.is_dead or self._exchange.hub.is_half_open(self._session):
            self.is_dead = True
            lost = ConnectionClosedError(None, None)
            self._watch = self._loop.call_later(_KEEPALIVE_SECONDS, self._lose, lost)
        else:
            self._watch = self._loop.call_later(_KEEPALIVE_SECONDS, self._keep_alive)


class LabUsdm(ConfinedUsdm):
    """The client's endpoints, at the end of a line."""

    def __init__(self, line: Line) -> None:
        super().__init__(BASE, _TIMEOUT_SECONDS)
        self._line = line
        self._has_ended = False

    async def send(
        self,
        name: str,
        parameters: Parameters,
        about_to_send: Callable[[], Parameters],
        leaving: Callable[[], None] = lambda: None,
    ) -> Reply:
        if self._has_ended:
            raise FetchError("this client was closed")
        group, method, _ = ENDPOINTS[name].split("_", 2)
        path = name.rpartition(" ")[2]
        query = urlencode({**parameters, **about_to_send()})
        request = Request(
            method=method.upper(),
            path=f"/fapi/{_VERSIONS.get(group, 'v1')}/{path}",
            query=query,
            api_key=KEY,
            is_trusted=True,
        )
        leaving()
        return await self._line.carry(request)

    async def close(self) -> None:
        self._has_ended = True


def _short(request: Request) -> str:
    kept = ("symbol", "newClientOrderId", "clientAlgoId", "origClientOrderId", "orderId", "fromId")
    words = [f"{key}={value}" for key, value in parse_qsl(request.query) if key in kept]
    return f"{request.method} {request.path.rpartition('/')[2]} {' '.join(words)}"
