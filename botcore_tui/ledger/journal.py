"""Rows on their way to the database: on the disk before it has them, as soon as an order waits.

A commit changes several pages and its indexes; a line at the end of a file does not. What a crash
leaves in the file is brought in at the next start, as far as the database does not have it.
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from botcore_tui.ledger.durability import Durability
from botcore_tui.ledger.spill import Entry, lines_of
from botcore_tui.model.ledger import IntentRow

logger = logging.getLogger(__name__)

_BYTES: Final = 262_144
"""Of a new file: what changes no file's length needs one write of the disk, and not two."""
_END_SECONDS: Final = 1.0


class JournalFile:
    """A file of a length given in advance, each write of which is on the disk when it returns.

    Args:
        path: Made anew.
        length: In bytes; more than that can be written, only not as quickly.

    Attributes:
        used: Bytes that were written since it was empty.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, path: Path, length: int) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_DSYNC
        self._fileno = os.open(path, flags, 0o600)
        self.used = length
        try:
            self.empty()
            _sync_directory(path.parent)
        except OSError:
            self.close()
            raise

    def write(self, content: bytes) -> None:
        """Put it behind what was written before.

        Raises:
            OSError: It is not there; the next write takes its place.
        """
        view, at = memoryview(content), self.used
        while view:
            done = os.pwrite(self._fileno, view, at)
            view, at = view[done:], at + done
        self.used = at

    def empty(self) -> None:
        """Have nothing in it any more.

        Raises:
            OSError: There still is.
        """
        length, self.used = self.used, 0
        self.write(bytes(length))
        self.used = 0

    def close(self) -> None:
        """Free it."""
        os.close(self._fileno)


class Journal:
    """The journal of one account, written by a thread of its own until it is ended.

    Args:
        path: Of its file, which is made anew: what was there was brought in.
        durability: Told which intents are on the disk.

    Attributes:
        path: See above.
        is_failing: Whether it could not be written the last time: orders wait for the database.

    Raises:
        OSError: The file cannot be made.
    """

    def __init__(self, path: Path, durability: Durability) -> None:
        self.path = path
        self._file = JournalFile(path, _BYTES)
        self._durability = durability
        # Threads add at its end without a lock, and take from its begin with one.
        self._pending: deque[Entry] = deque()
        self._taking = threading.Lock()
        # Wakes its thread in a quarter of the time that a Condition takes.
        self._wanted: SimpleQueue[None] = SimpleQueue()
        self._is_over = False
        self._written = self._committed = 0
        self.is_failing = False
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def add(self, entries: Sequence[Entry]) -> None:
        """Take rows, numbered; an intent among them is to be on the disk soon. Any thread."""
        self._pending += entries
        for entry in entries:
            if type(entry.row) is IntentRow:
                self._wanted.put(None)
                return

    def committed(self, number: int) -> None:
        """The database has all rows up to this one. Any thread."""
        self._committed = number
        self._drop(number)

    def end(self, *, forget: bool) -> None:
        """Write nothing any more. Idempotent.

        Args:
            forget: Remove the file: its rows are in the database or in another file.
        """
        self._is_over = True
        self._wanted.put(None)
        self._thread.join(_END_SECONDS)
        if forget:
            self.path.unlink(missing_ok=True)

    # --- its thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while True:
                self._wanted.get()
                if self._is_over:
                    return
                # What an order waited for may be written or committed already.
                if entries := list(self._pending):
                    self._write(entries)
        finally:
            self.is_failing = True
            self._file.close()

    def _write(self, entries: list[Entry]) -> None:
        try:
            if self._file.used > _BYTES // 2 and self._written <= self._committed:
                self._file.empty()
            self._file.write(lines_of(entries))
            self._written = entries[-1].number
        except OSError as error:
            # They stay in line, before those that come: the next try writes all of them.
            if not self.is_failing:
                logger.warning("orders wait for the database: %s: %s", self.path, error.strerror)
            self.is_failing = True
            return
        self.is_failing = False
        # First of all: an order waits for this.
        self._durability.succeeded(entries)
        self._drop(entries[-1].number)

    def _drop(self, number: int) -> None:
        with self._taking:
            while self._pending and self._pending[0].number <= number:
                self._pending.popleft()


def _sync_directory(directory: Path) -> None:
    # The entry of a new file is on the disk only then.
    fileno = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fileno)
    finally:
        os.close(fileno)
