"""A door for other programs of the same user: commands and questions over a unix socket.

One JSON object a line goes in: a ``Command`` (its name under ``command``), with an operator's token
beside its fields where one is needed, or a ``Question``. One comes back: the ``Answer``, the
``AccountView``, a ``Status``, or a ``Refusal``.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from botcore_tui.clock import Clock
from botcore_tui.config.masking import printable
from botcore_tui.engine.answers import Answers
from botcore_tui.engine.port import Status
from botcore_tui.engine.unix_socket import Peer, bound, connected, peer_of
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Command, Halt, Resume, Scope
from botcore_tui.model.event import Answer, DeskCommand
from botcore_tui.model.trading import AccountView

logger = logging.getLogger(__name__)

_LONGEST_LINE: Final = 64 * 1024
_MOST_CLIENTS: Final = 16
_IDLE_SECONDS: Final = 30.0
_BUSY_SECONDS: Final = 0.5
"""So long one connection too many may take to say that it wants a halt."""
_ANSWER_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.005
_LATE: Final = "; it may still be carried out: botcore status tells"


class Question(Struct, frozen=True):
    """What somebody wants to know: status, orders, positions."""

    query: str


class Refusal(Struct, frozen=True, kw_only=True, tag=True):
    """A request that was not even taken for a command."""

    error: str
    code: str
    """``bad-request``, ``too-long``, ``no-account``, ``no-answer``, ``busy``, ``stranger``,
    ``not-admitted``."""


class Authority(Protocol):
    """Who may command what."""

    def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
        """The command in the name of who really sent it, with his scopes; or why not.

        Args:
            command: As it was sent.
            credential: The token that came with it, unchecked.
            peer: Who is at the other end, as the system tells it; empty if it does not.
        """


class Desk(Protocol):
    """The engine, as far as this door needs it; used in the engine's loop."""

    answers: Answers

    @property
    def has_commands(self) -> bool:
        """Whether commands wait that were not processed yet."""

    def halt(self, actor: str, reason: str, *, flattens: bool = False) -> None:
        """Latch HALTED."""

    def resume(
        self, actor: str, reason: str, *, command_id: str = "", scopes: tuple[Scope, ...] = ()
    ) -> None:
        """Ask for one step back."""

    def send(self, command: DeskCommand) -> None:
        """Ask for what is answered."""

    def status(self) -> Status:
        """How trading stands."""


Reply = Answer | AccountView | Status | Refusal


class ControlServer:
    """Serves one socket until cancelled; give ``run`` to the engine.

    Args:
        path: Of the socket; mode 0600. One left behind is replaced, one in use is not.
        desk: Whom to pass requests to.
        clock: Stamps answers.
        authority: Says who may command; without one everybody who can connect may, under the name
            that he gives, and with no scopes.
    """

    def __init__(
        self, path: Path, desk: Desk, clock: Clock, *, authority: Authority | None = None
    ) -> None:
        self._authority = authority
        self._path = path
        self._desk = desk
        self._clock = clock
        self._clients: set[asyncio.Task[None]] = set()
        self._numbers = count(1)

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
        peer = peer_of(writer.get_extra_info("socket"))
        if (stranger := _refused(peer)) is not None:
            await _write(writer, stranger)
            return
        if len(self._clients) > _MOST_CLIENTS:
            await _write(writer, await self._hurried(reader, "" if peer is None else str(peer)))
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
            await _write(writer, await self.reply(line, "" if peer is None else str(peer)))

    async def _hurried(self, reader: asyncio.StreamReader, peer: str) -> Reply:
        # A halt is never refused: others may hold their connections, and say nothing.
        with suppress(TimeoutError, ValueError, RecursionError, msgspec.MsgspecError):
            async with asyncio.timeout(_BUSY_SECONDS):
                line = await reader.readline()
            if isinstance(decoded(line), Halt):
                return await self.reply(line, peer)
        return Refusal(error=f"more than {_MOST_CLIENTS} connections", code="busy")

    # --- requests -----------------------------------------------------------------------------

    async def reply(self, line: bytes, peer: str = "") -> Reply:
        """What to answer to one request; bad ones change nothing.

        Args:
            line: The request.
            peer: Who sent it, as the system tells.
        """
        try:
            request = decoded(line)
            token = msgspec.json.decode(line, type=_Bearer).token
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return Refusal(error=f"request not understood: {error}", code="bad-request")
        if isinstance(request, Question):
            return self._told(request.query)
        command = self._admitted(_legible(request), token, peer)
        match command:
            case str():
                return Refusal(error=command, code="not-admitted")
            case Halt():
                self._desk.halt(command.actor, command.reason, flattens=command.flattens)
                return await self._changed_state()
            case Resume():
                return await self._resumed(command)
            case _:
                return await self._answer(command)

    def _admitted(self, command: Command, token: str | None, peer: str) -> Command | str:
        if self._authority is None:
            # Scopes are given by an authority, never by the one who sends.
            return command if isinstance(command, Halt) else replace(command, scopes=())
        try:
            admitted = self._authority.admit(command, token, peer)
        except Exception as error:  # a halt must pass whatever is wrong with the authority
            logger.exception("nobody could be admitted")
            admitted = f"the authority failed: {type(error).__name__}"
        # Halting is everybody's.
        return command if isinstance(command, Halt) and isinstance(admitted, str) else admitted

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

    async def _resumed(self, resume: Resume) -> Reply:
        identity = resume.command_id or f"resume-{next(self._numbers)}"
        answers: list[Answer] = []
        end = self._desk.answers.subscribe(answers.append)
        try:
            self._desk.resume(
                resume.actor, resume.reason, command_id=identity, scopes=resume.scopes
            )
            state = await self._changed_state()
        finally:
            end()
        # Where there is no account nobody answers; the state tells.
        return next((each for each in answers if each.command_id == identity), state)

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

    async def _answer(self, command: DeskCommand) -> Reply:
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


class _Bearer(Struct, frozen=True):
    token: str | None = None


def _no_answer() -> Refusal:
    text = f"the engine did not answer within {_ANSWER_SECONDS:g} s; it may still do it"
    return Refusal(error=text, code="no-answer")


def decoded(line: bytes) -> Command | Question:
    """The request in a line.

    Raises:
        msgspec.MsgspecError: It is none.
        UnicodeDecodeError: It is no UTF-8.
    """
    if b'"query"' in line and b'"command"' not in line:
        return msgspec.json.decode(line, type=Question)
    command: Command = msgspec.json.decode(line, type=Command)
    return command


def _legible(command: Command) -> Command:
    """The same without what a log would take for a new line, or a terminal would obey."""
    texts = ((name, getattr(command, name)) for name in command.__struct_fields__)
    odd = {
        name: printable(text)
        for name, text in texts
        if isinstance(text, str) and not text.isprintable()
    }
    return replace(command, **odd) if odd else command


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    writer.write(msgspec.json.encode(reply) + b"\n")
    async with asyncio.timeout(_IDLE_SECONDS):
        await writer.drain()


def _refused(peer: Peer | None) -> Refusal | None:
    """Why this one may not ask; None of the same user, and where the system does not tell."""
    if peer is None or peer.uid == os.getuid():
        return None
    return Refusal(error=f"user {peer.uid} may not command this engine", code="stranger")


# --- the other side --------------------------------------------------------------------------


def ask(path: Path, request: Command | Question, seconds: float, token: str | None = None) -> bytes:
    """Send one request to a running engine; its reply, one line of JSON.

    Args:
        path: Of the engine's socket.
        request: What is wanted.
        seconds: Longest silence that is borne.
        token: Of the operator, where he has one.

    Raises:
        UnavailableError: Nobody serves there, or no whole reply came.
    """
    try:
        with connected(path, seconds) as client:
            with suppress(BrokenPipeError):  # refused unread: why, stands in the reply
                client.sendall(_line_of(request, token))
            return _line(client.recv)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise UnavailableError(f"no engine serves {path}; start one with botcore run") from error
    except TimeoutError:
        # Silence is no answer: it may lie in the socket of an engine that stands still.
        late = "" if isinstance(request, Question) else _LATE
        raise UnavailableError(f"no reply from {path} within {seconds:g} s{late}") from None
    except OSError as error:
        raise UnavailableError(f"no reply from {path}: {error.strerror}") from error


def _line_of(request: Command | Question, token: str | None) -> bytes:
    if token is None:
        return msgspec.json.encode(request) + b"\n"
    fields: dict[str, object] = msgspec.to_builtins(request)
    return msgspec.json.encode({**fields, "token": token}) + b"\n"


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
