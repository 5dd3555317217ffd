"""Lets a thread of its own wait for the disk and for whoever reads standard error."""

import logging
import threading
from collections.abc import Sequence
from copy import copy
from logging.handlers import QueueHandler
from queue import Empty, Full, Queue
from typing import Final

from botcore_tui.cli.secrecy import message_of

_WAITING: Final = 10_000
"""Records that may wait for a slow disk; more are lost, and counted."""

_PLAIN: Final = logging.Formatter()


class LogWriter(QueueHandler):
    """Passes records on to handlers that may block; never blocks whoever logs.

    A terminal that does not read, or a disk that hangs, would otherwise hold the lock of its
    handler, and the engine's next line would wait for it.

    Args:
        targets: Handlers that write.

    Attributes:
        lost: Records that found no room.
    """

    def __init__(self, targets: Sequence[logging.Handler]) -> None:
        self._records: Queue[logging.LogRecord | None] = Queue(_WAITING)
        super().__init__(self._records)
        self.lost = 0
        self._targets = targets
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)

    def start(self) -> None:
        """Begin to write; records until then wait. After signals are blocked, not before."""
        self._thread.start()

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """As text, since what it was made from may change; the traceback stays apart."""
        prepared = copy(record)
        prepared.msg, prepared.args = message_of(record), None
        if record.exc_info and not record.exc_text:
            prepared.exc_text = _PLAIN.formatException(record.exc_info)
        prepared.exc_info = None
        return prepared

    def enqueue(self, record: logging.LogRecord) -> None:
        """Take a record, or count it as lost."""
        try:
            self._records.put_nowait(record)
        except Full:
            self.lost += 1

    def finish(self, timeout_seconds: float = 2.0) -> None:
        """Write what waits, for at most so long; without a thread, here and now."""
        if not self._thread.is_alive():
            self._write_waiting()
            return
        try:
            self._records.put(None, timeout=timeout_seconds)
        except Full:
            return  # nothing moves any more: what is stuck stays stuck
        self._thread.join(timeout_seconds)

    def close(self) -> None:
        """Close the targets as well."""
        for target in self._targets:
            target.close()
        super().close()

    def _write(self) -> None:
        while (record := self._records.get()) is not None:
            self._pass_on(record)

    def _write_waiting(self) -> None:
        while True:
            try:
                record = self._records.get_nowait()
            except Empty:
                return
            if record is not None:
                self._pass_on(record)

    def _pass_on(self, record: logging.LogRecord) -> None:
        for target in self._targets:
            target.handle(record)
