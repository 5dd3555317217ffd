"""A halt outlasts the program: a file says so until a person resumes."""

import contextlib
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from botcore_tui.model.snapshot import HaltInfo

logger = logging.getLogger(__name__)

_LARGEST: Final = 64 * 1024
_PATIENCE_SECONDS: Final = 0.02
"""What a halt entails leaves within milliseconds; the file should be in its place before."""


class _Content(Struct, frozen=True, forbid_unknown_fields=True):
    environment: str
    actor: str
    reason: str
    time_ms: int


class HaltLatch:
    """The file of one environment; there while trading is halted.

    Args:
        path: Its directory is made if needed.
        environment: Said in the file; that of another one is taken for damage.
    """

    def __init__(self, path: Path, environment: str) -> None:
        self.path = path
        self.environment = environment

    def read(self) -> HaltInfo | None:
        """Who halted; None if nobody did. What cannot be read counts as halted, and says so."""
        try:
            with self.path.open("rb") as file:
                raw = file.read(_LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            return self._damaged(f"cannot be read: {error.strerror}")
        try:
            content = msgspec.json.decode(raw, type=_Content)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self._damaged(f"is damaged: {error}")
        if content.environment != self.environment:
            return self._damaged(f"is that of environment {content.environment!r}")
        return HaltInfo(content.actor, content.reason, content.time_ms)

    def set(self, halt: HaltInfo) -> None:
        """Write it, durable when this returns; the first halt stays if there is one already.

        Raises:
            OSError: It cannot be written.
        """
        self.put(halt)
        self.sync()

    def put(self, halt: HaltInfo) -> None:
        """Have it outlast this program, though not yet the power; the first halt stays.

        What a power failure leaves of it is damaged at worst, and that counts as halted.

        Raises:
            OSError: It cannot be written.
        """
        if self._is_whole():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        content = _Content(self.environment, halt.actor, halt.reason, halt.time_ms)
        temporary = self.path.with_name(f".{self.path.name}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(content) + b"\n")
        temporary.replace(self.path)

    def sync(self) -> None:
        """Have what was put outlast the power.

        Raises:
            OSError: It is not certain that it does.
        """
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._sync_directory()

    def clear(self) -> None:
        """Remove it, for good when this returns; nothing happens if it is not there.

        Raises:
            OSError: It cannot be removed.
        """
        if self.path.exists():
            self.path.unlink(missing_ok=True)
            self._sync_directory()

    def _is_whole(self) -> bool:
        try:
            with self.path.open("rb") as file:
                content = msgspec.json.decode(file.read(_LARGEST), type=_Content)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return False
        return content.environment == self.environment

    def _sync_directory(self) -> None:
        # Else the name itself may be lost with the power, or come back.
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _damaged(self, why: str) -> HaltInfo:
        time_ms = 0
        with contextlib.suppress(OSError):
            time_ms = self.path.stat().st_mtime_ns // 1_000_000
        return HaltInfo("latch", f"halt file {self.path} {why}; taken for halted", time_ms)


class LatchWriter:
    """Writes the latch in a thread of its own, in the order asked for: no halt waits for a sync.

    The thread lives only while there is something to write.

    Args:
        latch: The file.
        on_trouble: Told, in that thread, why it could not be written; must not raise.
        patience_seconds: Longest that a halt waits for the file to be in its place.
    """

    def __init__(
        self,
        latch: HaltLatch,
        on_trouble: Callable[[str], None],
        *,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._latch = latch
        self._on_trouble = on_trouble
        self._patience_seconds = patience_seconds
        self._is_kept = False
        self._wishes: deque[HaltInfo | None] = deque()
        self._changed = threading.Condition()
        self._is_writing = False

    def set(self, halt: HaltInfo) -> None:
        """Have it written; any thread. In its place when this returns, unless that takes long."""
        self._want(halt)
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_kept or not self._is_writing, self._patience_seconds
            )

    def clear(self) -> None:
        """Have it removed soon; any thread."""
        self._want(None)

    def settle(self, seconds: float) -> bool:
        """Wait until all is written; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_writing, seconds)

    def _want(self, wish: HaltInfo | None) -> None:
        with self._changed:
            self._wishes.append(wish)
            self._is_kept = self._is_kept and wish is not None
            if self._is_writing:
                return
            self._is_writing = True
        # No daemon: a program that ends right after a halt ends with the file written.
        try:
            threading.Thread(target=self._write_all, name="halt-latch").start()
        except RuntimeError:  # no more threads: late is better than never
            self._write_all()

    def _write_all(self) -> None:
        while True:
            with self._changed:
                if not self._wishes:
                    self._is_writing = False
                    self._changed.notify_all()
                    return
                wish = self._wishes.popleft()
            self._write(wish)

    def _write(self, wish: HaltInfo | None) -> None:
        try:
            if wish is None:
                self._latch.clear()
            else:
                self._latch.put(wish)
                with self._changed:
                    self._is_kept = True
                    self._changed.notify_all()
                self._latch.sync()
        except OSError as error:
            what = "removed" if wish is None else "written"
            text = f"halt file {self._latch.path} cannot be {what}: {error.strerror}"
            logger.critical("%s", text)
            self._on_trouble(text)
