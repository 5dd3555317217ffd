"""The two halves of a terminal that must not hold up a trading program: output and halt key.

Nothing here knows Textual; ``driver.py`` joins it to the app.
"""

import logging
import os
import re
import select
import termios
import threading
from collections import deque
from collections.abc import Callable

logger = logging.getLogger(__name__)

_PENDING_LIMIT = 256 * 1024
_CHUNK = 4096
_STOP_SECONDS = 0.25
_STALL_SECONDS = 0.1

_LONGEST_HALT = 32
_HALT = re.compile(
    rb"\x1b\[24(?:;\d{1,4}(?::\d{1,2})?)?~"  # F12, with any modifier
    # Control byte of ctrl+k. A pasted vertical tab halts as well: telling the two apart would make
    # the halt key wait for the end of a paste that may never come.
    rb"|\x0b"
    # kitty: alternate keys; ctrl, with or without caps lock (64) and num lock (128); press or
    # repeat, not release (event type 3). Then the same key as modifyOtherKeys of xterm and tmux.
    rb"|\x1b\[107(?::\d{0,7}){0,2};(?:5|69|133|197)(?::[12]?)?u"
    rb"|\x1b\[27;(?:5|69|133|197);107~"
)


class HaltMatcher:
    """Finds the halt keys in raw input, however the bytes were cut into reads."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[str]:
        """Names ("F12", "ctrl+k") of the halt keys that end in ``data``, in order."""
        data = self._tail + data
        keys = []
        end = 0
        for match in _HALT.finditer(data):
            keys.append("F12" if match[0].startswith(b"\x1b[24") else "ctrl+k")
            end = match.end()
        start = data.rfind(b"\x1b", end)
        may_go_on = start >= 0 and len(data) - start < _LONGEST_HALT
        self._tail = data[start:] if may_go_on else b""
        return keys


class TerminalWriter(threading.Thread):
    """Writes frames in a thread of its own; whoever calls it never waits for the terminal.

    Above 256 kB of pending output whole frames are dropped until all before them is written; then
    ``on_drained`` is called, once, to ask for a full repaint. A single frame is always taken,
    however large. ``on_lost`` is called, once, when the terminal refuses a write for good. Both are
    called in the writer's thread.
    """

    def __init__(
        self, fileno: int, *, on_drained: Callable[[], None], on_lost: Callable[[], None]
    ) -> None:
        super().__init__(name="cockpit-output", daemon=True)
        self._fileno = fileno
        self._output = _open_privately(fileno)
        self._on_drained = on_drained
        self._on_lost = on_lost
        self._changed = threading.Condition()
        self._frames: deque[bytes] = deque()
        self._pending = 0
        self._farewell = b""
        self._is_dropping = False
        self._is_ending = False
        self._is_cut = False

    def write(self, frame: bytes) -> None:
        """Take a frame or drop it."""
        with self._changed:
            if self._is_ending or self._is_dropping:
                return
            if self._pending and self._pending + len(frame) > _PENDING_LIMIT:
                self._is_dropping = True
                return
            self._frames.append(frame)
            self._pending += len(frame)
            self._changed.notify()

    def stop(self, farewell: bytes) -> None:
        """End with ``farewell``; frames before it only if the terminal reads them.

        Takes at most half a second.
        """
        with self._changed:
            self._farewell = farewell
            self._is_ending = True
            self._changed.notify()
        self.join(_STOP_SECONDS)
        if self.is_alive():
            self.cut()
            self.join(_STOP_SECONDS)

    def cut(self) -> None:
        """Stop writing frames and discard those that nobody has read.

        The kernel's buffer is emptied too, which makes room for a farewell.
        """
        with self._changed:
            self._is_ending = self._is_cut = True
            self._frames.clear()
            self._changed.notify()
        try:
            termios.tcflush(self._fileno, termios.TCOFLUSH)
        except termios.error as error:
            logger.debug("terminal output cannot be discarded: %s", error)

    def run(self) -> None:
        """Write until stopped or until the terminal is gone."""
        try:
            while (frame := self._next()) is not None:
                self._put(frame)
                if self._is_drained(len(frame)):
                    self._on_drained()
            self._put_farewell()
        except OSError as error:
            logger.warning("terminal takes no output any more: %s", error)
            with self._changed:
                was_leaving = self._is_ending
                self._is_ending = True
                self._frames.clear()
            if not was_leaving:
                self._on_lost()
        finally:
            os.close(self._output)

    def _next(self) -> bytes | None:
        with self._changed:
            while not (self._frames or self._is_ending):
                self._changed.wait()
            return self._frames.popleft() if self._frames else None

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self._is_cut:
            try:
                view = view[os.write(self._output, view[:_CHUNK]) :]
            except BlockingIOError:
                select.select([], [self._output], [], _STALL_SECONDS)

    def _put_farewell(self) -> None:
        # Cut while it was being written, it went the way of the frames: once more then.
        while True:
            self._is_cut = False
            self._put(self._farewell)
            if not self._is_cut:
                return

    def _is_drained(self, written: int) -> bool:
        with self._changed:
            self._pending -= written
            if self._frames or self._is_ending or not self._is_dropping:
                return False
            self._is_dropping = False
            return True


def _open_privately(fileno: int) -> int:
    # Non-blocking mode belongs to the open file, which the shell shares with us; so a file of our
    # own. A thread that blocks in a write would keep the terminal locked against the farewell.
    try:
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY
        return os.open(os.ttyname(fileno), flags)
    except OSError as error:
        # The terminal of another user (su) or of another mount namespace: blocking then, which
        # costs the restored screen if we leave while it is stalled.
        logger.info("terminal cannot be opened again: %s", error)
        return os.dup(fileno)
