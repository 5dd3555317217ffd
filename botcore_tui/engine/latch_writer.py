"""Writes a halt's file in a thread of its own: no halt waits for a disk."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from botcore_tui.core.standing import joined
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.small_file import Identity

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 0.02
"""What a halt entails leaves within milliseconds; the file should be in its place before."""


class _Removal(Struct, frozen=True):
    seen: Identity | None
    """The file that was there when it was wished for."""


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
        self._own: Identity | None = None
        self._given_up: Identity | None = None
        self._removed_own: Identity | None = None
        self._wishes: deque[HaltInfo | _Removal] = deque()
        self._changed = threading.Condition()
        self._is_writing = False
        self._is_removing = False
        self._lost: HaltInfo | None = None
        """A halt that should be in the file, and could not be written."""
        self._trouble = ""

    def set(self, halt: HaltInfo) -> None:
        """Have it written; any thread. In its place when this returns, unless that takes long."""
        self._want(halt)
        with self._changed:
            self._changed.wait_for(
                lambda: self._is_kept or not self._is_writing, self._patience_seconds
            )

    def clear(self) -> None:
        """Have it removed soon; any thread. A halt that another program writes now stays."""
        self._given_up = self._latch.identity()
        self._want(_Removal(self._given_up))

    def retry(self) -> None:
        """Try again to write a halt that could not be written; any thread, waits for nothing.

        A full disk has room again some day, and what was halted then must outlast the program too.
        """
        with self._changed:
            lost = None if self._is_writing else self._lost
        if lost is not None:
            self._want(lost)

    def has_news(self) -> bool:
        """Whether a file is there that is not about to be removed; microseconds, any thread."""
        if self._is_removing and self._is_writing:
            return False  # trading was resumed just now, to reducing: no entry leaves anyway
        identity = self._latch.identity()
        return identity is not None and identity not in {self._given_up, self._removed_own}

    def news(self) -> HaltInfo | None:
        """Who halted by a file that is there and not about to be removed; None if nobody did."""
        return self._latch.read() if self.has_news() else None

    def settle(self, seconds: float) -> bool:
        """Wait until all is written; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_writing, seconds)

    def _want(self, wish: "HaltInfo | _Removal") -> None:
        with self._changed:
            self._wishes.append(wish)
            self._is_removing = isinstance(wish, _Removal)
            self._is_kept = self._is_kept and isinstance(wish, HaltInfo)
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

    def _write(self, wish: "HaltInfo | _Removal") -> None:
        is_removal = isinstance(wish, _Removal)
        try:
            if isinstance(wish, _Removal):
                self._removed_own = self._own
                with self._changed:
                    # From here on any other file is news, however long the disk takes.
                    self._is_removing = any(isinstance(each, _Removal) for each in self._wishes)
                self._lost = None
                self._latch.clear({wish.seen, self._own})
            else:
                self._put(wish)
                self._own = self._latch.written
                with self._changed:
                    self._is_kept = True
                    self._changed.notify_all()
                self._latch.sync()
                self._lost = None
            self._trouble = ""
        except Exception as error:  # noqa: BLE001 - those after it must still be written
            if isinstance(wish, HaltInfo) and isinstance(error, OSError):
                self._lose(wish)
            if is_removal:  # what is still there is in force, as it will be at the next start
                self._given_up = self._removed_own = None
            what = "removed" if is_removal else "written"
            why = getattr(error, "strerror", None) or error
            self._tell(f"halt file {self._latch.path} cannot be {what}: {why}")

    def _put(self, halt: HaltInfo) -> None:
        """The one before it first, if that could not be written: it stays in the file."""
        if self._lost is not None:
            self._latch.put(self._lost)
        self._latch.put(halt)

    def _lose(self, halt: HaltInfo) -> None:
        lost = self._lost
        self._lost = halt if lost is None or lost is halt else joined(lost, halt)

    def _tell(self, text: str) -> None:
        if text == self._trouble:
            return  # it was tried again, and nothing is new
        self._trouble = text
        logger.critical("%s", text)
        self._on_trouble(text)
