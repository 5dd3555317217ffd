"""Clients of the embedded exchange that cost little: what is measured is the other side."""

import asyncio
import hashlib
import hmac
import socket
import time
from collections.abc import Iterator
from typing import Final

from sim_process import Sim

_HEADER_END: Final = b"\r\n\r\n"
_BUFFER_BYTES: Final = 1 << 20


async def orders_per_second(sim: Sim, *, concurrency: int, orders: int) -> float:
    """Place and cancel limit orders on so many connections, one after the other on each.

    Args:
        sim: Must not limit requests.
        concurrency: Connections.
        orders: Requests in all; half of them place.
    """
    bid, _ = sim.best(sim.symbols[0])
    price = f"{bid * 97 // 100:.1f}0"
    each = orders // concurrency // 2
    connections = [_Connection(sim, price, number) for number in range(concurrency)]
    for connection in connections:
        await connection.open()
    started = time.perf_counter()
    await asyncio.gather(*(connection.trade(each) for connection in connections))
    seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return each * 2 * concurrency / seconds


class _Connection:
    """One keep-alive connection with hand-made HTTP."""

    def __init__(self, sim: Sim, price: str, number: int) -> None:
        self._key = sim.api_key.encode()
        self._hmac = hmac.new(sim.api_secret.encode(), digestmod=hashlib.sha256)
        self._host, _, port = sim.rest.removeprefix("http://").partition(":")
        self._port = int(port)
        self._symbol = sim.symbols[0]
        self._price = price
        self._number = number

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    def close(self) -> None:
        """Disconnect."""
        self._writer.close()

    async def trade(self, count: int) -> None:
        """Place an order and cancel it, so many times."""
        for index in range(count):
            name = f"b{self._number}-{index}"
            await self._send(
                b"POST",
                f"symbol={self._symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.002"
                f"&price={self._price}&newClientOrderId={name}",
            )
            await self._send(b"DELETE", f"symbol={self._symbol}&origClientOrderId={name}")

    async def _send(self, method: bytes, query: str) -> None:
        text = f"{query}&timestamp={time.time_ns() // 1_000_000}".encode()
        digest = self._hmac.copy()
        digest.update(text)
        self._writer.write(
            b"%s /fapi/v1/order?%s&signature=%s HTTP/1.1\r\nHost: venue\r\n"
            b"X-MBX-APIKEY: %s\r\nContent-Length: 0\r\n\r\n"
            % (method, text, digest.hexdigest().encode(), self._key)
        )
        head = await self._reader.readuntil(_HEADER_END)
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise AssertionError(f"{head.splitlines()[0]!r}: {body!r}")


class FrameCounter:
    """One subscriber that counts frames and looks at nothing else of them.

    Args:
        sim: The exchange.
        streams: Of the public route.
    """

    def __init__(self, sim: Sim, streams: list[str]) -> None:
        host, _, port = sim.rest.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._socket.sendall(
            f"GET /public/stream?streams={'/'.join(streams)} HTTP/1.1\r\nHost: venue\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        self._left = b""
        while _HEADER_END not in self._left:
            self._left += self._socket.recv(_BUFFER_BYTES)
        self._left = self._left.partition(_HEADER_END)[2]
        self._socket.setblocking(False)  # noqa: FBT003 - the name of the call says it
        self.frames = 0

    def fileno(self) -> int:
        """For ``select``."""
        return self._socket.fileno()

    def read(self) -> None:
        """Count the frames that have arrived."""
        data = self._left + self._socket.recv(_BUFFER_BYTES)
        end = 0
        for end in _frame_ends(data):  # noqa: B007 - the last one is wanted
            self.frames += 1
        self._left = data[end:]

    def close(self) -> None:
        """Disconnect."""
        self._socket.close()


def _frame_ends(data: bytes) -> Iterator[int]:
    # RFC 6455, 5.2: servers do not mask; 126 and 127 announce longer lengths.
    start, size = 0, len(data)
    while start + 2 <= size:
        length, header = data[start + 1], 2
        if length >= 126:
            header = 4 if length == 126 else 10
            if start + header > size:
                return
            length = int.from_bytes(data[start + 2 : start + header], "big")
        start += header + length
        if start > size:
            return
        yield start
