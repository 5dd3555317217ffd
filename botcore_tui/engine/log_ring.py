"""The last lines of the log in memory, for whoever looks, and the logging handler that fills it."""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

from botcore_tui.model.event import Severity
from botcore_tui.model.snapshot import LogLine

_SEVERITIES: Final = {
    logging.DEBUG: Severity.DEBUG,
    logging.INFO: Severity.INFO,
    logging.WARNING: Severity.WARNING,
    logging.ERROR: Severity.ERROR,
    logging.CRITICAL: Severity.CRITICAL,
}
LEVELS: Final = {severity: level for level, severity in _SEVERITIES.items()}
"""Logging level of each severity."""


class LogRing(logging.Handler):
    """Newest lines; writers in any thread, readers in any other.

    A record may carry ``time_ms`` and ``code`` (as ``extra``), which then stand in for the time
    of writing and the logger's name: in a replay the log shows the tape's time.
    """

    def __init__(self, capacity: int = 5_000) -> None:
        super().__init__()
        self.end = 0
        self._lines: deque[LogLine] = deque(maxlen=capacity)
        self._reading = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record; called under the handler's lock."""
        severity = _SEVERITIES.get(record.levelno, Severity.INFO)
        time_ms = int(getattr(record, "time_ms", record.created * 1000))
        source, text = told(record)
        with self._reading:
            self._lines.append(LogLine(self.end + 1, time_ms, severity, source, text))
            self.end += 1

    def since(self, sequence: int) -> Sequence[LogLine]:
        """Lines after ``sequence``, oldest first, as far as they are still kept."""
        with self._reading:
            missing = self.end - sequence
            if missing <= 0:
                return ()
            lines = list(self._lines)
        return lines[-missing:]


def told(record: logging.LogRecord) -> tuple[str, str]:
    """Source and text of a record, one line; whatever its arguments are."""
    source = str(getattr(record, "code", record.name.removeprefix("botcore_tui.")))
    text = _text_of(record)
    if record.exc_info and record.exc_info[1] is not None:
        # The traceback goes to the log file; here its last line is enough.
        text = f"{text}: {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
    return source, text


def _text_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit must not stop the engine
        return f"{record.msg} {record.args}"
