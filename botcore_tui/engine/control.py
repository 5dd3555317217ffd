"""A door for other programs of the same user: commands and questions over a unix socket.

One JSON object a line goes in: a ``Command`` (its name under ``command``) or a ``Question``. One
comes back: the ``Answer``, the ``AccountView``, a ``Status``, or a ``Refusal``.
"""

import asyncio
import logging
import os
import socket
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.engine.answers import Answers
from botcore_tui.engine.port import Status
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Command, Halt, Resume
from botcore_tui.model.event import Answer, OrderCommand
from botcore_tui.model.trading import AccountView

logger = logging.getLogger(__name__)

_LONGEST_LINE: Final = 64 * 1024
_MOST_CLIENTS: Final = 16
_IDLE_SECONDS: Final = 30.0
_ANSWER_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.005
_LONGEST_PATH: Final = 103
"""Bytes that fit into a socket's address on every system that we know."""
_OPEN_FILES: Final = Path("/proc/self/fd")
_UCRED: Final = struct.Struct("3i")


class Question(Struct, frozen=True):
    """What somebody wants to know: status, orders, positions."""

    query: str


class Refusal(Struct, frozen=True, kw_only=True, tag=True):
    """A request that was not even taken for a command."""

    error: str
    code: str
    """``bad-request``, ``too-long``, ``no-account``, ``no-answer``, ``busy``, ``stranger``."""


class Desk(Protocol):
    """The engine, as far as this door needs it; used in the engine's loop."""

    answers: Answers

    @property
    def has_commands(self) -> bool:
        """Whether commands wait that were not processed yet."""

    def halt(self, actor: str, reason: str) -> None:
        """Latch HALTED."""

    def resume(self, actor: str, reason: str) -> None:
        """Ask for one step back."""

    def send(self, command: OrderCommand) -> None:
        """Ask for an order, or for what becomes of one."""

    def status(self) -> Status:
        """How trading stands."""


Reply = Answer | AccountView | Status | Refusal


class ControlServer:
    """Serves one socket until cancelled; give ``run`` to the engine.

    Args:
        path: Of the socket; mode 0600. One left behind is replaced, one in use is not.
        desk: Whom to pass requests to.
        clock: Stamps answers.
    """

    def __init__(self, path: Path, desk: Desk, clock: Clock) -> None:
        self._path = path
        self._desk = desk
        self._clock = clock
        self._clients: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve; where the socket cannot be made that is told, and the engine goes on without."""
        try:
            listener = bound(self._path)
        except (OSError, UnavailableError) as error:
            logger.error("no commands from other programs: %s", error)  # noqa: TRY400 - no defect
            return
        try:
            server = await asyncio.start_unix_server(
                self._serve, sock=listener, limit=_LONGEST_LINE
            )
            try:
                await asyncio.Event().wait()
            finally:
                server.close()
        finally:
            listener.close()
            self._path.unlink(missing_ok=True)
            # A server that closes leaves its connections alone.
            for client in tuple(self._clients):
                client.cancel()
            await asyncio.gather(*self._clients, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, TimeoutError):
            pass  # it went away, or stayed silent
        finally:
            self._clients.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stranger = _refused_peer(writer.get_extra_info("socket"))
        if stranger is not None or len(self._clients) > _MOST_CLIENTS:
            busy = Refusal(error=f"more than {_MOST_CLIENTS} connections", code="busy")
            await _write(writer, stranger or busy)
            return
        while True:
            try:
                async with asyncio.timeout(_IDLE_SECONDS):
                    line = await reader.readline()
            except ValueError:  # what asyncio makes of a line beyond its limit
                text = f"a request is longer than {_LONGEST_LINE} bytes"
                await _write(writer, Refusal(error=text, code="too-long"))
                return
            if not line:
                return
            await _write(writer, await self.reply(line))

    # --- requests -----------------------------------------------------------------------------

    async def reply(self, line: bytes) -> Reply:
        """What to answer to one request; bad ones change nothing."""
        try:
            request = decoded(line)
        except msgspec.MsgspecError as error:
            return Refusal(error=f"request not understood: {error}", code="bad-request")
        match request:
            case Question():
                return self._told(request.query)
            case Halt():
                self._desk.halt(request.actor, request.reason)
                return await self._changed_state()
            case Resume():
                self._desk.resume(request.actor, request.reason)
                return await self._changed_state()
            case _:
                return await self._answer(request)

    def _told(self, query: str) -> Reply:
        status = self._desk.status()
        if query == "status":
            return status
        if query not in {"orders", "positions"}:
            text = f"no such query: {query!r}; status, orders, positions"
            return Refusal(error=text, code="bad-request")
        if status.account is None:
            text = "trading is not enabled here: there is no account"
            return Refusal(error=text, code="no-account")
        return status.account

    async def _changed_state(self) -> Reply:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                while self._desk.has_commands:
                    await self._clock.sleep(_LOOK_SECONDS)
        except TimeoutError:
            return _no_answer()
        state, now_ms = self._desk.status().state, self._clock.now_ms()
        text = f"trading is {state}"
        return Answer(command_id="", is_accepted=True, code="", text=text, time_ms=now_ms)

    async def _answer(self, command: OrderCommand) -> Reply:
        coming: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def listen(answer: Answer) -> None:
            if answer.command_id == command.command_id and not coming.done():
                coming.set_result(answer)

        end = self._desk.answers.subscribe(listen)
        try:
            self._desk.send(command)
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await coming
        except TimeoutError:
            return _no_answer()
        finally:
            end()


def _no_answer() -> Refusal:
    text = f"the engine did not answer within {_ANSWER_SECONDS:g} s; it may still do it"
    return Refusal(error=text, code="no-answer")


def decoded(line: bytes) -> Command | Question:
    """The request in a line.

    Raises:
        msgspec.MsgspecError: It is none.
    """
    if b'"query"' in line and b'"command"' not in line:
        return msgspec.json.decode(line, type=Question)
    command: Command = msgspec.json.decode(line, type=Command)
    return command


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(msgspec.json.encode(reply) + b"\n")
    async with asyncio.timeout(_IDLE_SECONDS):
        await writer.drain()


def _refused_peer(connection: socket.socket) -> Refusal | None:
    """Why this one may not ask; None of the same user, and where the system does not tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.fromfd(connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    uid = _UCRED.unpack(raw)[1]
    if uid == os.getuid():
        return None
    return Refusal(error=f"user {uid} may not command this engine", code="stranger")


# --- the socket ------------------------------------------------------------------------------


def bound(path: Path) -> socket.socket:
    """A listening socket; only this user can connect to it.

    Raises:
        UnavailableError: Another engine serves there, or something else stands there.
        OSError: It cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            listener.bind(address)
        # Nobody can connect before it listens.
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        listener.listen()
        listener.setblocking(False)  # noqa: FBT003 - positional by its nature
    except (OSError, UnavailableError):
        listener.close()
        raise
    return listener


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise UnavailableError(f"{path} is there and is no socket; move it away")
    try:
        _connected(path, 1.0).close()
    except OSError:
        path.unlink(missing_ok=True)
    else:
        raise UnavailableError(f"another engine serves {path}")


@contextmanager
def _address(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    # The kernel takes a short name for a long one: that of the directory as an open file.
    if not _OPEN_FILES.is_dir():
        raise UnavailableError(f"{path} is too long for a socket; use a shorter --state-dir")
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"{_OPEN_FILES}/{directory}/{path.name}"
    finally:
        os.close(directory)


def _connected(path: Path, seconds: float) -> socket.socket:
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.settimeout(seconds)
        with _address(path) as address:
            client.connect(address)
    except (OSError, UnavailableError):
        client.close()
        raise
    return client


# --- the other side --------------------------------------------------------------------------


def ask(path: Path, request: Command | Question, seconds: float) -> bytes:
    """Send one request to a running engine; its reply, one line of JSON.

    Args:
        path: Of the engine's socket.
        request: What is wanted.
        seconds: Longest silence that is borne.

    Raises:
        UnavailableError: Nobody serves there, or no whole reply came.
    """
    try:
        with _connected(path, seconds) as client:
            with suppress(BrokenPipeError):  # refused unread: why, stands in the reply
                client.sendall(msgspec.json.encode(request) + b"\n")
            return _line(client.recv)
    except (FileNotFoundError, ConnectionRefusedError):
        raise UnavailableError(f"no engine serves {path}; start one with botcore run") from None
    except TimeoutError:
        raise UnavailableError(f"no reply from {path} within {seconds:g} s") from None
    except OSError as error:
        raise UnavailableError(f"no reply from {path}: {error.strerror}") from error


def reply_of(line: bytes) -> Reply:
    """What a reply says.

    Raises:
        msgspec.MsgspecError: It is none.
    """
    kinds: dict[str, type[Reply]] = {"Answer": Answer, "Status": Status, "Refusal": Refusal}
    kind = msgspec.json.decode(line, type=_Kind).type
    reply: Reply = msgspec.json.decode(line, type=kinds.get(kind, AccountView))
    return reply


class _Kind(Struct, frozen=True):
    type: str = ""


def _line(receive: Callable[[int], bytes]) -> bytes:
    pieces: list[bytes] = []
    while chunk := receive(64 * 1024):
        pieces.append(chunk)
        if chunk.endswith(b"\n"):
            return b"".join(pieces).rstrip(b"\n")
    raise ConnectionResetError(0, "the connection ended before the reply did")
