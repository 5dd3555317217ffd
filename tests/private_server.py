"""A loopback stand-in for the venue's user stream, and a listen key that does what a test says."""

import asyncio
import http
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec.structs import replace
from user_samples import KEY
from waiting import Changing, SteppedClock, settle
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.listen_keys import ListenKeys
from botcore_tui.exchange.binance.user_stream import UserStream, UserStreamSettings
from botcore_tui.model.account import UserStreamDown, UserStreamUp
from botcore_tui.model.event import Event


class ScriptedKeys(Changing):
    """A ``ListenKeys`` without a venue.

    Attributes:
        key: The one that is valid.
        failures: Raised by ``open``, one a call.
        keep_failures: Raised by ``keep``, one a call.
        keep_always_fails: Raised by every ``keep``.
        opened: Calls of ``open``.
        kept: Keys that were to be extended.
        hold: What every ``keep`` waits for; None: for nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.key = KEY
        self.failures: list[FetchError] = []
        self.keep_failures: list[FetchError] = []
        self.keep_always_fails: FetchError | None = None
        self.opened = 0
        self.kept: list[str] = []
        self.hold: asyncio.Event | None = None

    async def open(self) -> str:
        """Hand out the key."""
        self.opened += 1
        self.changed()
        if self.failures:
            raise self.failures.pop(0)
        return self.key

    async def keep(self, key: str) -> None:
        """Extend it."""
        self.kept.append(key)
        self.changed()
        if self.hold is not None:
            await self.hold.wait()
        if self.keep_failures:
            raise self.keep_failures.pop(0)
        if self.keep_always_fails is not None:
            raise self.keep_always_fails


class PrivateServer(Changing):
    """Takes connections on any address.

    Attributes:
        sockets: In the order they came, ended ones too.
        paths: That they asked for.
        refuse: Status with which handshakes are refused; 0: they are not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sockets: list[ServerConnection] = []
        self.paths: list[str] = []
        self.refuse = 0
        self.attempts = 0
        self.url = ""

    async def connected(self, count: int = 1) -> ServerConnection:
        """The newest of so many connections."""
        await self.until(lambda: len(self.sockets) >= count)
        return self.sockets[-1]

    def answer_handshake(self, _socket: ServerConnection, request: Request) -> Response | None:
        """Let a client in or not."""
        self.attempts += 1
        self.changed()
        if not self.refuse:
            return None
        return Response(self.refuse, http.HTTPStatus(self.refuse).phrase, Headers(), b"")

    async def serve_peer(self, socket: ServerConnection) -> None:
        """Keep one client until it goes; nothing is expected of it."""
        assert socket.request is not None
        self.sockets.append(socket)
        self.paths.append(socket.request.path)
        self.changed()
        try:
            async for message in socket:
                raise AssertionError(f"the user stream sends nothing, but {message!r} came")
        except ConnectionClosed:
            pass
        finally:
            self.changed()


@asynccontextmanager
async def private_server() -> AsyncIterator[PrivateServer]:
    """Serve on a free port of this machine."""
    private = PrivateServer()
    server: Server
    async with serve(
        private.serve_peer,
        "127.0.0.1",
        0,
        process_request=private.answer_handshake,
        close_timeout=0.1,
        ping_interval=None,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        private.url = f"ws://127.0.0.1:{port}/private"
        yield private
        server.close(close_connections=False)
        for socket in private.sockets:
            socket.transport.abort()


class RunningUser(Changing):
    """A user stream under test with all that belongs to it.

    Attributes:
        events: Everything that was delivered.
    """

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.stream: UserStream

    def deliver(self, event: Event, received_ns: int) -> None:
        """Remember."""
        is_news = isinstance(event, UserStreamUp | UserStreamDown)
        assert (received_ns == 0) is is_news
        self.events.append(event)
        self.changed()

    @property
    def story(self) -> list[str]:
        """Ups and downs."""
        return [
            "up" if isinstance(event, UserStreamUp) else f"down: {event.reason}"
            for event in self.events
            if isinstance(event, UserStreamUp | UserStreamDown)
        ]

    @property
    def told(self) -> list[Event]:
        """All but ups and downs."""
        return [each for each in self.events if not isinstance(each, UserStreamUp | UserStreamDown)]

    async def until_story(self, *story: str) -> None:
        """Return when this, and nothing else, has happened."""
        await self.until(lambda: len(self.story) >= len(story))
        await settle()
        assert self.story == list(story)

    async def until_told(self, count: int) -> None:
        """Return when so much was delivered."""
        await self.until(lambda: len(self.told) >= count)


def user_settings(**values: object) -> UserStreamSettings:
    """Settings without jitter in the back-off."""
    return replace(UserStreamSettings(backoff_jitter_pct=0.0), **values)


@asynccontextmanager
async def running_user(
    url: str,
    keys: ListenKeys | None = None,
    *,
    clock: Clock | None = None,
    settings: UserStreamSettings | None = None,
) -> AsyncIterator[RunningUser]:
    """Run a user stream for the length of the block."""
    run = RunningUser()
    run.stream = UserStream(
        url,
        listen_keys=keys or ScriptedKeys(),
        settings=settings or user_settings(),
        clock=clock or SteppedClock(),
        rng=random.Random(7),
        deliver=run.deliver,
    )
    task = asyncio.create_task(run.stream.run())
    try:
        yield run
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
