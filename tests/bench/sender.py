"""A program that serves market frames on loopback, as fast as they are read or at a pace.

Arguments: SOURCE PART RATE. It prints its port, then ``start NS`` (monotonic) for each connection,
when its first data frame leaves. Without a pace every connection gets each frame once and is then
closed. With one the frames come round and round, and the update id of each bookTicker is replaced
by the monotonic time of sending, so that the receiver knows how long it took.
"""

import re
import select
import socket
import struct
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle

import msgspec
from bench.frames import frames
from msgspec import Struct
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

_BURST_BYTES = 256 * 1024
_FRAMES_BETWEEN_ANSWERS = 1_000
_UPDATE_ID = re.compile(rb'"u":[0-9]+')
_TICKER = b'"e":"bookTicker"'


class _Asked(Struct):
    id: int


class _Peer:
    """One connection: the handshake by the library, data frames as ready bytes."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = connection
        self._protocol = ServerProtocol()

    def accept(self) -> None:
        """Shake hands, then confirm the first subscription."""
        while True:
            self._protocol.receive_data(self.connection.recv(65536))
            for event in self._protocol.events_received():
                if isinstance(event, Request):
                    self._protocol.send_response(self._protocol.accept(event))
                elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    asked = msgspec.json.decode(event.data, type=_Asked)
                    self._protocol.send_text(b'{"result":null,"id":%d}' % asked.id)
                    self._flush()
                    return
            self._flush()

    def answer(self) -> None:
        """Answer the pings that have arrived; a client that gets none leaves after 40 s."""
        if select.select([self.connection], [], [], 0)[0]:
            self._protocol.receive_data(self.connection.recv(65536))
            self._flush()

    def close(self) -> None:
        """Say goodbye."""
        self._protocol.send_close(1000)
        self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            self.connection.sendall(data)


def main(source: str, part: str, rate: float) -> None:
    """Serve one client after the other until killed."""
    raws = frames(source, part)
    bursts = list(_bursts(raws))
    listener = socket.create_server(("127.0.0.1", 0))
    _tell(f"port {listener.getsockname()[1]}")
    while True:
        connection, _ = listener.accept()
        with connection:
            peer = _Peer(connection)
            try:
                peer.accept()
                _tell(f"start {time.monotonic_ns()}")
                if rate:
                    _send_paced(peer, raws, rate)
                else:
                    for burst in bursts:
                        connection.sendall(burst)
                    peer.close()
            except (ConnectionError, TimeoutError):
                continue  # the client has seen enough


def _send_paced(peer: _Peer, raws: Sequence[bytes], rate: float) -> None:
    started_ns = time.monotonic_ns()
    period_ns = 1e9 / rate
    for number, raw in enumerate(_stamped(raws)):
        while (ahead_ns := started_ns + number * period_ns - time.monotonic_ns()) > 0:
            time.sleep(ahead_ns / 1e9)  # the pace that was asked for
        peer.connection.sendall(_framed(raw()))
        if number % _FRAMES_BETWEEN_ANSWERS == 0:
            peer.answer()


class _Stamp:
    """A frame, with the time in it if it is one that can carry it."""

    def __init__(self, raw: bytes) -> None:
        match = _UPDATE_ID.search(raw) if _TICKER in raw else None
        self._raw = raw
        self._cut = match.span() if match else None

    def __call__(self) -> bytes:
        if self._cut is None:
            return self._raw
        start, end = self._cut
        return b'%b"u":%d%b' % (self._raw[:start], time.monotonic_ns(), self._raw[end:])


def _stamped(raws: Iterable[bytes]) -> Iterator[_Stamp]:
    return cycle([_Stamp(raw) for raw in raws])


def _bursts(raws: Iterable[bytes]) -> Iterator[bytes]:
    burst = bytearray()
    for raw in raws:
        burst += _framed(raw)
        if len(burst) >= _BURST_BYTES:
            yield bytes(burst)
            burst.clear()
    yield bytes(burst)


def _framed(raw: bytes) -> bytes:
    # RFC 6455, 5.2: a final text frame without mask.
    size = len(raw)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + raw
    if size < 65536:
        return struct.pack("!BBH", 0x81, 126, size) + raw
    return struct.pack("!BBQ", 0x81, 127, size) + raw


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
