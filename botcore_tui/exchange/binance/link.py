"""One WebSocket connection to a combined-stream address: dial, subscribe at a bearable pace, close.

Frames are read elsewhere, straight from ``Link.socket``: the receive path has no layer in between.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Literal, Protocol
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Struct, UnsetType
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from botcore_tui.clock import Clock
from botcore_tui.exchange.binance.backoff import retry_after_seconds
from botcore_tui.exchange.binance.pacing import Pacer
from botcore_tui.exchange.binance.texts import one_line, reason_of

MOST_STREAMS = 1024
"""Per connection; Binance WebSocket limits."""
_MOST_NAMES = 100
_MOST_BYTES = 16 * 1024 * 1024
_CLOSE_SECONDS = 0.2
_REPLY_BYTES = 16_384


class LinkError(Exception):
    """A connection could not be made or has ended.

    Attributes:
        wait_seconds: Shortest pause that the venue demanded; 0 if none.
    """

    def __init__(self, reason: str, wait_seconds: float = 0.0) -> None:
        self.wait_seconds = wait_seconds
        super().__init__(reason)


class Transport(Protocol):
    """What lies under a socket."""

    def abort(self) -> None:
        """Drop the connection without a word."""


class Socket(Protocol):
    """What is used of a WebSocket connection; ``picows.websockets`` offers the same."""

    @property
    def transport(self) -> Transport:
        """The connection below."""

    async def recv(self, decode: Literal[False]) -> bytes:
        """Next message, as bytes whatever its opcode."""

    async def send(self, message: str) -> None:
        """Send a text message."""

    async def ping(self) -> Awaitable[float]:
        """Send a ping; what is returned waits for its answer, and says how long that took."""

    async def close(self) -> None:
        """Closing handshake, bounded by the close time-out."""


async def dial(url: str) -> Socket:
    """Open a WebSocket; the one place that names the library."""
    return await connect(
        url,
        proxy=None if is_loopback(url) else True,
        open_timeout=None,
        close_timeout=_CLOSE_SECONDS,
        ping_interval=20,
        ping_timeout=20,
        max_size=_MOST_BYTES,
    )


def is_loopback(url: str) -> bool:
    """True if the address is this machine, which no proxy must carry."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def closing(error: ConnectionClosed) -> LinkError:
    """Say in one line why a connection ended."""
    if error.rcvd is not None and error.rcvd_then_sent is not False:
        text = f"closed by the venue: {error.rcvd.code} {error.rcvd.reason}".rstrip()
    elif error.sent is not None:
        text = f"closed by us: {error.sent.code} {error.sent.reason}".rstrip()
    else:
        text = "connection lost"
    return LinkError(one_line(text))


class Link:
    """An open connection and what was asked for on it.

    Attributes:
        asked_ns: When each stream was last asked for, monotonic.
        acknowledged: Streams whose subscription was confirmed; that is not yet data.
        is_blocked: True while the consumer is full and nothing is read.
    """

    def __init__(self, socket: Socket, clock: Clock, per_second: float) -> None:
        self.socket = socket
        self.asked_ns: dict[str, int] = {}
        self.acknowledged: set[str] = set()
        self.is_blocked = False
        self._clock = clock
        self._pacer = Pacer(per_second)
        self._changed = asyncio.Event()
        self._again: set[str] = set()
        self._alone: set[str] = set()
        self._unanswered: dict[int, _Request] = {}
        self._last_id = 0

    @classmethod
    async def open(cls, url: str, *, seconds: float, clock: Clock, per_second: float) -> "Link":
        """Connect within so many seconds.

        Raises:
            LinkError: It did not work; the text is one line.
        """
        try:
            async with asyncio.timeout(seconds):
                return cls(await dial(url), clock, per_second)
        except TimeoutError:
            raise LinkError(f"no connection within {seconds:g} s") from None
        except InvalidStatus as error:
            status = error.response.status_code
            headers = dict(error.response.headers.raw_items())
            raise LinkError(
                f"handshake refused: HTTP {status}", retry_after_seconds(status, headers)
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise LinkError(f"cannot trust the server: {error.verify_message}") from error
        except (OSError, WebSocketException, EOFError, UnicodeError, ImportError) as error:
            # ImportError: the environment names a SOCKS proxy and python-socks is not installed.
            raise LinkError(f"cannot connect: {reason_of(error)}") from error

    async def close(self) -> None:
        """Say goodbye, briefly, and free the socket whatever happens."""
        try:
            async with asyncio.timeout(2 * _CLOSE_SECONDS):
                await self.socket.close()
        except TimeoutError:
            pass  # The peer reads nothing any more; there is nobody to say goodbye to.
        finally:
            self.socket.transport.abort()

    def wake(self) -> None:
        """The wanted streams changed."""
        self._changed.set()

    def ask_again(self, names: Iterable[str]) -> None:
        """Send another SUBSCRIBE for streams that are already subscribed."""
        self._again.update(names)
        self._changed.set()

    async def keep_subscribed(self, wanted: Callable[[], Iterable[str]], seconds: float) -> None:
        """Bring the venue's subscriptions to what is wanted, now and after each ``wake``.

        Raises:
            LinkError: The connection ended, or took no message for so many seconds.
        """
        while True:
            self._changed.clear()
            for request in tuple(self._differences(tuple(wanted()))):
                pause = self._pacer.claim(self._clock.monotonic_ns())
                if pause > 0:
                    await self._clock.sleep(pause)
                await self._send(request, seconds)
            await self._changed.wait()

    def reply(self, raw: bytes) -> "Reply | None":
        """Take the venue's answer to a request; None if the frame is no such thing."""
        if len(raw) > _REPLY_BYTES:
            return None
        try:
            answer = _decode_answer(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        refusal = answer.error
        if refusal is None and answer.code is not None:
            refusal = _Refusal(answer.code, answer.msg)
        if refusal is None and (answer.id is None or answer.result is UNSET):
            return None
        request = self._take_request(answer.id)
        if refusal is None:
            if request.method == "SUBSCRIBE":
                self.acknowledged.update(request.names)
            return Reply()
        if len(request.names) > 1 and request.method == "SUBSCRIBE":
            # One bad name spoils its whole message: ask for each by itself.
            self._alone.update(request.names)
            self._changed.set()
            return Reply()
        text = f"{request.method} refused: {one_line(refusal.msg)} ({refusal.code})"
        return Reply(request.names, text)

    def _take_request(self, request_id: int | None) -> "_Request":
        if request_id is None and self._unanswered:
            request_id = next(iter(self._unanswered))  # Malformed requests are refused without id.
        return self._unanswered.pop(request_id or 0, _Request("request", ()))

    def _differences(self, wanted: Sequence[str]) -> "Iterator[_Request]":
        unknown = self.asked_ns.keys() - set(wanted)
        asked = self.asked_ns.keys() - self._again
        alone = [name for name in wanted if name in self._alone]
        together = [name for name in wanted if name not in asked and name not in self._alone]
        for names in _chunks(sorted(unknown)):
            yield _Request("UNSUBSCRIBE", names)
        for names in _chunks(together):
            yield _Request("SUBSCRIBE", names)
        for name in alone:
            yield _Request("SUBSCRIBE", (name,))

    async def _send(self, request: "_Request", seconds: float) -> None:
        self._last_id += 1
        self._unanswered[self._last_id] = request
        self._note_asked(request)
        message = {"method": request.method, "params": request.names, "id": self._last_id}
        try:
            async with asyncio.timeout(seconds):
                await self.socket.send(msgspec.json.encode(message).decode())
        except TimeoutError:
            raise LinkError(f"the venue took no message for {seconds:g} s") from None
        except ConnectionClosed as error:
            raise closing(error) from error

    def _note_asked(self, request: "_Request") -> None:
        self._again.difference_update(request.names)
        self._alone.difference_update(request.names)
        if request.method == "UNSUBSCRIBE":
            for name in request.names:
                self.asked_ns.pop(name, None)
                self.acknowledged.discard(name)
            return
        now_ns = self._clock.monotonic_ns()
        for name in request.names:
            self.asked_ns[name] = now_ns


class Reply(Struct, frozen=True):
    """The venue's answer to a request: empty if it agreed."""

    names: tuple[str, ...] = ()
    text: str = ""


class _Request(Struct, frozen=True):
    method: str
    names: tuple[str, ...]


class _Refusal(Struct, frozen=True):
    code: int
    msg: str = ""


class _Answer(Struct, frozen=True):
    id: int | None = None
    result: msgspec.Raw | UnsetType = UNSET
    error: _Refusal | None = None
    code: int | None = None
    msg: str = ""


_decode_answer = msgspec.json.Decoder(_Answer).decode


def _chunks(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(names), _MOST_NAMES):
        yield tuple(names[start : start + _MOST_NAMES])
