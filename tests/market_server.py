"""A loopback stand-in for the venue's combined streams, told by the test how to misbehave."""

import http
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import msgspec
from msgspec import Struct
from waiting import Changing
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response


class Asked(Struct, frozen=True):
    """A message of the client."""

    method: str
    params: list[str]
    id: int


class Peer:
    """One connection as the server sees it."""

    def __init__(self, socket: ServerConnection, path: str) -> None:
        self.socket = socket
        self.path = path
        self.asked: list[Asked] = []
        self.streams: set[str] = set()
        self.is_mute = False
        self.is_open = True

    async def send(self, stream: str, data: Mapping[str, object]) -> None:
        """Send one data frame, subscribed or not."""
        await self.socket.send(msgspec.json.encode({"stream": stream, "data": data}).decode())

    def cut(self) -> None:
        """Drop the connection without a word."""
        self.socket.transport.abort()


class MarketServer(Changing):
    """Acknowledges subscriptions, sends what the test publishes, remembers what it was asked.

    Attributes:
        refusals: Handshakes to refuse, in order: status and headers.
        refuse_always: Status with which every handshake is refused; 0 for none.
        errors: Streams whose subscription is answered with an error.
        wrong_route: Streams that are acknowledged and then never sent.
    """

    def __init__(self) -> None:
        super().__init__()
        self.peers: list[Peer] = []
        self.attempts = 0
        self.refusals: list[tuple[int, dict[str, str]]] = []
        self.refuse_always = 0
        self.errors: set[str] = set()
        self.wrong_route: set[str] = set()
        self.url = ""

    @property
    def last(self) -> Peer:
        """The newest connection."""
        return self.peers[-1]

    async def subscribed(self, *streams: str, connections: int = 1) -> Peer:
        """Wait until the newest of so many connections carries these streams."""
        await self.until(
            lambda: len(self.peers) >= connections and self.last.streams >= set(streams)
        )
        return self.last

    async def publish(self, stream: str, data: Mapping[str, object]) -> None:
        """Send a frame on every connection that carries the stream."""
        for peer in self.peers:
            carries = stream in peer.streams and stream not in self.wrong_route
            if peer.is_open and carries and not peer.is_mute:
                with suppress(ConnectionClosed):
                    await peer.send(stream, data)

    def answer_handshake(self, _socket: ServerConnection, request: Request) -> Response | None:
        """Let a client in or not."""
        self.attempts += 1
        self.changed()
        status, headers = self.refuse_always, dict[str, str]()
        if self.refusals:
            status, headers = self.refusals.pop(0)
        if not status and request.path == "/public/stream":
            return None
        status = status or 404
        return Response(status, http.HTTPStatus(status).phrase, Headers(headers), b"")

    async def serve_peer(self, socket: ServerConnection) -> None:
        """Answer one client until it goes."""
        peer = Peer(socket, socket.request.path if socket.request else "")
        self.peers.append(peer)
        self.changed()
        try:
            async for message in socket:
                await self._answer(peer, msgspec.json.decode(message, type=Asked))
                self.changed()
        except ConnectionClosed:
            pass
        finally:
            peer.is_open = False
            self.changed()

    async def _answer(self, peer: Peer, asked: Asked) -> None:
        peer.asked.append(asked)
        if peer.is_mute:
            return
        reply: dict[str, object] = {"result": None, "id": asked.id}
        if self.errors & set(asked.params):
            reply = {"error": {"code": 2, "msg": "Invalid request: no such stream"}, "id": asked.id}
        elif asked.method == "SUBSCRIBE":
            peer.streams.update(asked.params)
        else:
            peer.streams.difference_update(asked.params)
        await peer.socket.send(msgspec.json.encode(reply).decode())


@asynccontextmanager
async def market_server(compression: str | None = "deflate") -> AsyncIterator[MarketServer]:
    """Serve on a free port of this machine."""
    market = MarketServer()
    server: Server
    async with serve(
        market.serve_peer,
        "127.0.0.1",
        0,
        process_request=market.answer_handshake,
        compression=compression,
        close_timeout=0.1,
        ping_interval=None,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        market.url = f"ws://127.0.0.1:{port}/public"
        yield market
        server.close(close_connections=False)
        for peer in market.peers:
            peer.cut()
