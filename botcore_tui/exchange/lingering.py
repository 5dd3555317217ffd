"""An embedded exchange that outlived the program that started it: found again, taken over.

Its trace is a file: where it is, its keys, and the command that started it. Whoever is killed
leaves the file; the next start reads it, and finds the same account.
"""

import contextlib
import logging
import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from botcore_tui.exchange.sim.ready import Ready

logger = logging.getLogger(__name__)

_LARGEST_FILE: Final = 65_536
_ANSWER_SECONDS: Final = 2.0
_GRACE_SECONDS: Final = 2.0
"""An exchange that was told to end and did not in this time is killed."""
_LOOK_SECONDS: Final = 0.2


class Trace(Struct, frozen=True):
    """What is needed to find an exchange again."""

    command: tuple[str, ...]
    """That started it: the same options, the same exchange."""
    ready: Ready


def read_trace(path: Path) -> Trace | None:
    """The trace that was left; None if there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_LARGEST_FILE), type=Trace)
    except (OSError, msgspec.MsgspecError):
        return None


def write_trace(path: Path, command: Sequence[str], ready: Ready) -> None:
    """Leave a trace, for nobody but this user to read.

    Raises:
        OSError: It cannot be written.
    """
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(msgspec.json.encode(Trace(tuple(command), ready)))
    beside.replace(path)


def remove_trace(path: Path) -> None:
    """Leave none."""
    with contextlib.suppress(OSError):
        path.unlink()


class AttachedExchange:
    """An exchange that is not our child: watched by its number, ended by signals.

    Args:
        ready: What it said of itself.
        pidfd: Of its process, to be closed here; None where the system has no such thing.
        on_change: Called when ``end`` has changed, in a thread of this object.

    Attributes:
        ready: Its addresses and keys.
        end: How it ended; empty while it runs.
    """

    def __init__(self, ready: Ready, pidfd: int | None, on_change: Callable[[], None]) -> None:
        self.ready: Ready | None = ready
        self.end = ""
        self._pid = ready.pid
        self._pidfd = pidfd
        self._on_change = on_change
        self._is_stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="exchange", daemon=True)

    @classmethod
    def attach(cls, ready: Ready, on_change: Callable[[], None]) -> Self | None:
        """Take over the exchange that said this; None if it is gone. Blocks for 2 s at most."""
        try:
            pidfd = _opened(ready.pid)
        except OSError:
            return None
        # The number might be another process's by now: the exchange is who answers there.
        if not _answers(ready.rest):
            if pidfd is not None:
                os.close(pidfd)
            return None
        attached = cls(ready, pidfd, on_change)
        attached._watcher.start()
        return attached

    def stop(self) -> None:
        """Let it end, after two seconds by force; returns at once and may be called again."""
        if not self._is_stopping.is_set():
            self._is_stopping.set()
            self._send(signal.SIGTERM)

    def wait_for_end(self, seconds: float) -> bool:
        """Block until it has ended; False if it has not in that time."""
        self._watcher.join(seconds)
        return bool(self.end)

    # --- thread -------------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._has_ended(_LOOK_SECONDS):
            if self._is_stopping.is_set() and not self._has_ended(_GRACE_SECONDS):
                self._send(signal.SIGKILL)
        if self._pidfd is not None:
            os.close(self._pidfd)
        # Its exit code is its parent's to know.
        self.end = "stopped" if self._is_stopping.is_set() else "ended"
        self._on_change()

    def _has_ended(self, seconds: float) -> bool:
        if self._pidfd is not None:  # ready as soon as the process has ended, reaped or not
            return bool(select.select([self._pidfd], [], [], seconds)[0])
        threading.Event().wait(seconds)
        return not _lives(self._pid)

    def _send(self, number: signal.Signals) -> None:
        with contextlib.suppress(OSError):
            if self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, number)
            else:
                os.kill(self._pid, number)


def _opened(pid: int) -> int | None:
    if pid <= 0:
        raise ProcessLookupError(pid)
    if hasattr(os, "pidfd_open"):
        return os.pidfd_open(pid)
    os.kill(pid, 0)
    return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _answers(rest: str) -> bool:
    try:
        where = urlsplit(rest)
        address = (where.hostname or "", where.port or 0)
        socket.create_connection(address, _ANSWER_SECONDS).close()
    except (OSError, ValueError):
        return False
    return True
