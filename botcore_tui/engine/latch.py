"""A halt outlasts the program: a file says so until a person resumes."""

import contextlib
import errno
import os
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from botcore_tui.config.masking import printable, redacted
from botcore_tui.core.standing import is_of_leaving, joined
from botcore_tui.engine.noted_trips import LATEST_MS, NotedTrips, legible
from botcore_tui.engine.one_at_a_time import one_at_a_time
from botcore_tui.model.command import NotedTrip
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.small_file import (
    Identity,
    beginning_of,
    begun_beside,
    changed_ms,
    identity_of,
)

_LARGEST: Final = 64 * 1024


class _Content(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    environment: str
    actor: str
    reason: str
    time_ms: Annotated[int, Meta(ge=0, le=LATEST_MS)]
    account: str = ""
    trips: tuple[NotedTrip, ...] = ()


class HaltLatch:
    """The file of one environment; there while trading is halted.

    Args:
        path: Its directory is made if needed.
        environment: Said in the file; that of another one is taken for damage.
        account: That is traded, said in what is written; empty while not known.

    Attributes:
        account: The same; it may become known later.
        written: The last file that this one has written; None before.
    """

    def __init__(self, path: Path, environment: str, *, account: str = "") -> None:
        self.path = path
        self.environment = environment
        self.account = account
        self.written: Identity | None = None
        self._noted = NotedTrips(path.with_suffix(".trips"))
        self._bare_leave: tuple[Identity, HaltInfo] | None = None
        """A file of ours that has no words, of a halt that only belongs to a leave."""

    def read(self) -> HaltInfo | None:
        """Who halted; None if nobody did. What cannot be read counts as halted, and says so."""
        found = self._found()
        halt = self._damaged(found) if isinstance(found, str) else found
        return self._noted.added(halt, self.account)

    def _found(self) -> HaltInfo | str | None:
        """Who halted, or what is wrong with the file that is there; None if there is none."""
        try:
            raw = beginning_of(self.path, _LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        if self._bare_leave is not None and self._is_bare():
            return self._bare_leave[1]
        try:
            content = msgspec.json.decode(raw, type=_Content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return f"is damaged: {printable(str(error))}"
        if content.environment != self.environment:
            return f"is that of environment {content.environment!r}"
        trips = legible(content.trips)
        if trips is None:
            return "is damaged: time of a trip"
        # Anybody may have written it by hand: nothing that a terminal would obey is shown.
        actor, reason = printable(content.actor), printable(content.reason)
        return HaltInfo(actor, reason, content.time_ms, content.account, trips)

    def identity(self) -> Identity | None:
        """Which file is there now; None if there is none. Microseconds: asked before every send."""
        try:
            return identity_of(self.path)
        except FileNotFoundError:
            return None
        except OSError:
            return (0, 0, 0)  # what cannot be looked at counts as a halt

    def renew(self, halt: HaltInfo) -> None:
        """Write it as another file, durable when this returns: a halt by another program.

        The engine may be about to remove the one that is there. Who halted first stays in it,
        unless that was only to leave, and so does every breaker that tripped since.

        Raises:
            OSError: It cannot be written.
        """
        with one_at_a_time(self.path.parent):
            self._write(self._lasting(self._found(), halt))
        self.sync()

    def set(self, halt: HaltInfo) -> None:
        """Write it, durable when this returns; the first halt stays if there is one already.

        Raises:
            OSError: It cannot be written.
        """
        self.put(halt)
        self.sync()

    def put(self, halt: HaltInfo) -> None:
        """Have it outlast this program, though not yet the power; the first halt stays.

        But for one that only belongs to a leave, and would be forgotten with it.

        What a power failure leaves of it is damaged at worst, and that counts as halted.

        Raises:
            OSError: It cannot be written.
        """
        with one_at_a_time(self.path.parent):
            first = self._found()
            lasting = self._lasting(first, halt)
            is_news = isinstance(first, HaltInfo) and lasting != first
            if is_news or self._is_bare() or _yields(first, halt):
                self._write(lasting)

    def _write(self, halt: HaltInfo) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        actor, reason = _encodable(halt.actor), _encodable(halt.reason)
        account = halt.account or self.account
        trips = tuple(replace(each, reason=_encodable(each.reason)) for each in halt.trips)
        content = _Content(self.environment, actor, reason, halt.time_ms, account, trips)
        descriptor, temporary = begun_beside(self.path)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(content) + b"\n")
        except OSError:
            self._leave_bare(temporary, halt)
            raise
        self.written = identity_of(temporary)
        try:
            temporary.replace(self.path)
        except OSError:
            temporary.unlink()
            raise

    def _leave_bare(self, temporary: Path, halt: HaltInfo) -> None:
        # A full disk that has no room for words mostly has some for a name, and a file without
        # words counts as halted: the next start must not trade. One that says who halted stays.
        with contextlib.suppress(OSError):
            if _yields(self._found(), halt):
                # A leave that goes well must find its own again: nobody would resume from it.
                is_leave = is_of_leaving(halt)
                self._bare_leave = (identity_of(temporary), halt) if is_leave else None
                temporary.replace(self.path)
                self.sync()
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)

    def sync(self) -> None:
        """Have what was put outlast the power.

        Raises:
            OSError: It is not certain that it does.
        """
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._sync_directory()

    def clear(self, only: Collection[Identity | None] | None = None) -> None:
        """Remove it, for good when this returns; nothing happens if it is not there.

        Args:
            only: Files that may be removed; another one stays. None: whatever is there.

        Raises:
            OSError: It cannot be removed.
        """
        with one_at_a_time(self.path.parent):
            found = self._found()
            self._noted.settle(None if isinstance(found, str) else found, self.account)
            identity = self.identity()
            if identity is None or not (only is None or identity in only):
                return
            self._remove(only)
        self._sync_directory()

    def _remove(self, only: Collection[Identity | None] | None) -> None:
        if self.path.is_dir() and not self.path.is_symlink():  # moved aside it would stay there
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(self.path))
        aside = self.path.with_name(f".{self.path.name}.{os.getpid()}.old")
        with contextlib.suppress(FileNotFoundError):
            self.path.replace(aside)
            if only is not None and identity_of(aside) not in only:
                # Another program has halted since it was looked at: that file goes back.
                with contextlib.suppress(FileExistsError):
                    self.path.hardlink_to(aside)
            aside.unlink()

    def _lasting(self, first: HaltInfo | str | None, halt: HaltInfo) -> HaltInfo:
        """What is to stand in the file: what does already if it is whole and outlasts a leave."""
        if first is None:
            return halt
        if isinstance(first, str):
            # Words for it, but for a leave's: with them a halt of others would be forgotten.
            return self._damaged(first) if is_of_leaving(halt) else halt
        return joined(first, replace(halt, account=halt.account or self.account))

    def _is_bare(self) -> bool:
        return self._bare_leave is not None and self._bare_leave[0] == self.identity()

    def _sync_directory(self) -> None:
        # Else the name itself may be lost with the power, or come back.
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _damaged(self, why: str) -> HaltInfo:
        reason = f"halt file {self.path} {why}; taken for halted"
        return HaltInfo("latch", reason, changed_ms(self.path))


def _yields(first: HaltInfo | str | None, halt: HaltInfo) -> bool:
    """Whether what was found in a file, if there is one, makes room for the words of a halt."""
    if first is None or is_of_leaving(halt):
        return first is None
    return isinstance(first, str) or is_of_leaving(first)


def _encodable(text: str) -> str:
    # Half a character, as names of files have it, must not keep a halt from being written.
    return redacted(text).encode(errors="replace").decode()
