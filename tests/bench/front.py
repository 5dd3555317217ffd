"""A venue's front door on loopback: passes everything on, says when requests came, adds frames.

What stands behind it is the embedded exchange. Clients are pointed here; what they cannot tell of
themselves, when a frame was on its way to them and when their order was there, is seen here.
"""

import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from bench.figures import FailedError
from msgspec import Struct
from sim_process import Sim

_HEAD_END: Final = b"\r\n\r\n"
_UPGRADED: Final = b"HTTP/1.1 101"
_EXTENSIONS: Final = re.compile(rb"(?i)sec-websocket-extensions:[^\r]*\r\n")
_BAR: Final = b'"e":"kline"'
_CHUNK: Final = 1 << 16
_LOOK_SECONDS: Final = 0.0005
PUBLIC: Final = "/public"
MARKET: Final = "/market"


class Request(Struct, frozen=True):
    """One that has come."""

    at_ns: int
    """Monotonic, when its first bytes were here."""
    what: str
    """Method and path."""


class _Stream:
    """The way of frames to one client; frames of the venue and added ones never mix."""

    def __init__(self, path: str, client: socket.socket) -> None:
        self.path = path
        self._client = client
        self._lock = threading.Lock()
        self._rest = b""
        self._has_added_bars = False

    def pass_on(self, data: bytes) -> None:
        """Send what the venue sent, whole frames at a time; no bars once there are added ones."""
        frames, self._rest = _whole_frames(self._rest + data)
        if self._has_added_bars:
            frames = [frame for frame in frames if _BAR not in frame]
        with self._lock:
            self._client.sendall(b"".join(frames))

    def add(self, stream: str, payload: bytes) -> None:
        """Send a frame of our own."""
        self._has_added_bars = self._has_added_bars or _BAR in payload
        is_combined = "/stream" in self.path
        text = b'{"stream":"%s","data":%s}' % (stream.encode(), payload) if is_combined else payload
        with self._lock:
            self._client.sendall(framed(text))


class _Way:
    """One connection through the door."""

    def __init__(self, client: socket.socket, venue: socket.socket) -> None:
        self.client = client
        self.venue = venue
        self.upgrade = ""
        """Path that a stream of frames was asked for under; it may come after plain requests."""


class Front:
    """The door; use ``open_front``.

    Attributes:
        address: Host and port.
        requests: Whatever has come over HTTP, in order.
    """

    def __init__(self, sim: Sim) -> None:
        host, _, port = sim.rest.removeprefix("http://").partition(":")
        self._venue = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[Request] = []
        self._streams: list[_Stream] = []
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._listen, name="front", daemon=True).start()

    def add(self, route: str, stream: str, payload: bytes) -> int:
        """Send a frame to every client of a route, or whose address names none.

        Returns:
            When it left, monotonic nanoseconds.
        """
        streams = [each for each in self._streams if _is_on(route, each.path)]
        if not streams:
            raise FailedError(f"nobody follows {route}")
        at_ns = time.monotonic_ns()
        for each in streams:
            with suppress(OSError):  # it has gone; its reader takes it off
                each.add(stream, payload)
        return at_ns

    def is_followed(self, route: str) -> bool:
        """Whether anybody would get a frame of a route."""
        return any(_is_on(route, each.path) for each in self._streams)

    def wait_for(self, what: str | tuple[str, ...], after: int, seconds: float) -> Request | None:
        """The first of that kind, or those kinds, from a number on; None if none comes."""
        deadline = time.monotonic() + seconds
        looked, kinds = after, (what,) if isinstance(what, str) else what
        while time.monotonic() < deadline:
            while looked < len(self.requests):
                if self.requests[looked].what in kinds:
                    return self.requests[looked]
                looked += 1
            time.sleep(_LOOK_SECONDS)  # until the deadline above
        return None

    def close(self) -> None:
        """Let nobody in any more, and send everybody away."""
        for each in (self._listener, *self._sockets):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        venue = socket.create_connection(self._venue)
        for each in (client, venue):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(each)
        way = _Way(client, venue)
        threading.Thread(target=self._pass_up, args=(way,), daemon=True).start()
        stream: _Stream | None = None
        with suppress(OSError):
            while data := venue.recv(_CHUNK):
                if stream is None and way.upgrade and data.startswith(_UPGRADED):
                    head, _, data = data.partition(_HEAD_END)
                    client.sendall(head + _HEAD_END)
                    stream = _Stream(way.upgrade, client)
                    self._streams.append(stream)
                if stream is None:
                    client.sendall(data)
                else:
                    stream.pass_on(data)
        if stream is not None:
            self._streams.remove(stream)
        client.close()
        venue.close()

    def _pass_up(self, way: _Way) -> None:
        with suppress(OSError):
            while data := way.client.recv(_CHUNK):
                at_ns = time.monotonic_ns()
                # Clients write each request at once, so that it begins a chunk.
                line, _, _ = data.partition(b"\r\n")
                if line.endswith(b" HTTP/1.1"):
                    what = line.removesuffix(b" HTTP/1.1").partition(b"?")[0].decode()
                    self.requests.append(Request(at_ns, what))
                    if b"upgrade: websocket" in data.lower():
                        way.upgrade = line.split(b" ")[1].decode()
                        # What is compressed could not be looked into.
                        data = _EXTENSIONS.sub(b"", data)
                way.venue.sendall(data)
            way.venue.shutdown(socket.SHUT_WR)


@contextmanager
def open_front(sim: Sim) -> Iterator[Front]:
    """A door to an exchange, until the block ends."""
    front = Front(sim)
    try:
        yield front
    finally:
        front.close()


def framed(raw: bytes) -> bytes:
    """A text frame as a server sends it (RFC 6455, 5.2: final, without mask)."""
    size = len(raw)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + raw
    return struct.pack("!BBH", 0x81, 126, size) + raw


def _is_on(route: str, path: str) -> bool:
    return path.startswith(route) or not path.startswith((PUBLIC, MARKET, "/private"))


def _whole_frames(data: bytes) -> tuple[list[bytes], bytes]:
    frames: list[bytes] = []
    start = 0
    while start + 2 <= len(data):
        length, header = data[start + 1] & 0x7F, 2
        if length >= 126:
            header = 4 if length == 126 else 10
            length = int.from_bytes(data[start + 2 : start + header], "big")
        end = start + header + length
        if start + header > len(data) or end > len(data):
            break
        frames.append(data[start:end])
        start = end
    return frames, data[start:]
