"""A WebSocket connection's wire: frames out in batches, requests, pings and pongs in."""

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import WSMessage, WSMsgType, web

from botcore_tui.exchange.sim.mailbox import Mailbox
from botcore_tui.exchange.sim.session import POLICY_VIOLATION

_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A
"""First bytes of frames: final, and which kind (RFC 6455, 5.2)."""
_SHORT, _MEDIUM = 126, 65_536
_PING_NS: Final = 180_000_000_000
_PONG_NS: Final = 600_000_000_000
_FAREWELL_SECONDS: Final = 2.0
"""How long a client may take to answer the end of the connection."""
_NORMAL: Final = 1000


class StreamConnection:
    """Carries the frames of a mailbox over a WebSocket that was opened.

    Args:
        mailbox: What is to be sent.
        socket: Opened, reading only; frames are written past it, many at once.
        transport: Of the socket.
        now_ns: The machine's time, monotonic.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport,
        now_ns: Callable[[], int],
    ) -> None:
        self._mailbox = mailbox
        self._socket = socket
        self._transport = transport
        self._now_ns = now_ns
        self._pinged_ns = self._heard_ns = now_ns()
        self._loop = asyncio.get_running_loop()
        self._is_due = False
        self._is_ending = False
        mailbox.wake = self._wake
        if mailbox.outbox or mailbox.close_code:
            self._wake()

    @property
    def waiting_bytes(self) -> int:
        """What the client has not taken yet."""
        return 0 if self._transport.is_closing() else self._transport.get_write_buffer_size()

    async def serve(self, receive: Callable[[str], None], note: Callable[[], bool]) -> None:
        """Hear the client until the connection ends.

        Args:
            receive: Takes a text frame.
            note: Counts any other frame; whether it is to be heeded.
        """
        while True:
            message = await self._socket.receive()
            if message.type is WSMsgType.TEXT:
                receive(message.data)
            elif message.type is WSMsgType.BINARY:
                receive(message.data.decode(errors="replace"))
            elif message.type is WSMsgType.PING:
                if note():
                    self._write(_frame(_PONG, message.data))
            elif message.type is WSMsgType.PONG:
                note()
                self._heard_ns = self._now_ns()
            else:
                await self._leave(message)
                return

    async def _leave(self, message: WSMessage) -> None:
        if message.type is not WSMsgType.CLOSE or self._is_ending:
            self._transport.close()
        elif self._mailbox.is_mute:
            # Half open: not even the goodbye is answered. Ends when the client gives up.
            await self._loop.create_future()
        else:
            await self._socket.close(code=message.data or _NORMAL)

    def beat(self) -> None:
        """Ping when it is time; end a connection whose client has long been silent."""
        now_ns = self._now_ns()
        if now_ns - self._heard_ns > _PONG_NS:
            self._mailbox.cut(POLICY_VIOLATION, "Pong timeout")
        elif now_ns - self._pinged_ns >= _PING_NS and not self._mailbox.is_mute:
            self._pinged_ns = now_ns
            self._write(_frame(_PING, str(now_ns // 1_000_000).encode()))

    def flush(self) -> None:
        """Write what waits in the outbox, and the end of the connection if it has come."""
        self._is_due = False
        outbox = self._mailbox.outbox
        if outbox:
            parts: list[bytes] = []
            for payload in outbox:
                parts.append(_head(_TEXT, len(payload)))
                parts.append(payload)
            outbox.clear()
            self._write(b"".join(parts))
        if self._mailbox.close_code:
            self.end(self._mailbox.close_code, self._mailbox.close_reason)

    def end(self, code: int, reason: str = "") -> None:
        """Say goodbye; the client has some seconds to answer."""
        if not self._is_ending:
            self._is_ending = True
            self._write(_frame(_CLOSE, code.to_bytes(2, "big") + reason.encode()))
            self._loop.call_later(_FAREWELL_SECONDS, self.abort)

    def abort(self) -> None:
        """End it at once."""
        self._transport.abort()

    def _wake(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self.flush)

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)


def _frame(kind: int, payload: bytes) -> bytes:
    return _head(kind, len(payload)) + payload


def _head(kind: int, length: int) -> bytes:
    if length < _SHORT:
        return bytes((kind, length))
    if length < _MEDIUM:
        return bytes((kind, _SHORT)) + length.to_bytes(2, "big")
    return bytes((kind, _SHORT + 1)) + length.to_bytes(8, "big")
