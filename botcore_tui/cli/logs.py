"""Where log lines go: a rotating file, the ring that the cockpit shows, standard error."""

import contextlib
import logging
import os
import re
import sys
import threading
import time
from copy import copy
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from botcore_tui.cli.claim import Claim
from botcore_tui.cli.log_writer import LogWriter
from botcore_tui.cli.places import Places
from botcore_tui.cli.secrecy import SecrecyFilter
from botcore_tui.config import LoggingSettings
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.errors import UnavailableError

logger = logging.getLogger(__name__)

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-8s %(threadName)s %(name)s: %(message)s"
_TIME = "%Y-%m-%dT%H:%M:%S"
_FRAME: Final = '  File "'
_GROUP: Final = "+ Exception Group Traceback"
_MARGIN: Final = re.compile(r"^ +(\| ?|\+.*)", re.MULTILINE)
"""Left of the lines about an exception of several, and between those."""
_MOST_PROGRAMS: Final = 9
"""Programs that write a log in one state directory at the same time."""


class Logs:
    """Handlers of one run.

    A program that finds the log in use by another writes one of its own, ``botcore-2.log`` and so
    on: two that rotate the same file would lose lines of both.

    Args:
        where: Directories; made if they are not there.
        settings: Level and rotation.
        to_stderr: Also write to standard error: when there is no screen to spoil.

    Attributes:
        path: The log file.
        ring: The newest lines.

    Raises:
        UnavailableError: The file cannot be written.
    """

    def __init__(self, where: Places, settings: LoggingSettings, *, to_stderr: bool) -> None:
        where.make()
        self.ring = LogRing()
        self.path, self._claim = _free_log(where)
        try:
            file = _LogFile(self.path, settings, self.ring)
        except OSError as error:
            self._claim.release()
            raise UnavailableError(
                f"log file {self.path} cannot be written ({error.strerror}); "
                "name another directory with --state-dir"
            ) from error
        file.setFormatter(_UtcFormatter(_FORMAT, _TIME))
        targets: list[logging.Handler] = [file]
        if to_stderr:
            terminal = logging.StreamHandler(sys.stderr)
            terminal.setFormatter(_BriefFormatter(_FORMAT, _TIME))
            targets.append(terminal)
        # A writer each: a terminal that does not read must not keep lines from the file.
        self._writers = [LogWriter([target]) for target in targets]
        secrecy = SecrecyFilter()
        root = logging.getLogger()
        root.setLevel(logging.WARNING)
        for handler in (self.ring, *self._writers):
            handler.addFilter(secrecy)
            root.addHandler(handler)
        logging.getLogger("botcore_tui").setLevel(settings.level)
        # A handler that fails must not print a traceback over the screen.
        logging.raiseExceptions = False
        logging.captureWarnings(capture=True)

    def start(self) -> None:
        """Begin to write, in a thread; and take note of threads that die."""
        for writer in self._writers:
            writer.start()
        threading.excepthook = _tell_thread_died
        sys.unraisablehook = _tell_unraisable

    def finish(self) -> None:
        """Write what waits; bounded, as the disk may hang."""
        for writer in self._writers:
            writer.finish()


def _tell_thread_died(died: threading.ExceptHookArgs) -> None:
    # Python would print the traceback over the screen.
    name = died.thread.name if died.thread is not None else "unknown"
    logger.critical("thread %s died", name, exc_info=died.exc_value)


def _tell_unraisable(lost: "sys.UnraisableHookArgs") -> None:
    logger.error(
        "%s: %r", lost.err_msg or "exception ignored", lost.object, exc_info=lost.exc_value
    )


class _LogFile(RotatingFileHandler):
    """Says in the cockpit that the disk takes no more lines, once each time that it fills up.

    A file that logrotate or a person has moved away or removed is begun anew: lines would
    otherwise go for months where nobody finds them.
    """

    def __init__(self, path: Path, settings: LoggingSettings, ring: LogRing) -> None:
        self._opened: os.stat_result | None = None
        """What is written to; None while nothing is."""
        super().__init__(
            path,
            maxBytes=settings.file_mb * 1_000_000,
            backupCount=settings.keep_files,
            encoding="utf-8",
            errors="backslashreplace",
        )
        self._ring = ring
        self._has_failed = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if not self._is_in_place():
                self._begin_anew()
        except OSError:
            self.handleError(record)
            return
        super().emit(record)

    def _is_in_place(self) -> bool:
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            return False
        return self._opened is not None and os.path.samestat(there, self._opened)

    def _begin_anew(self) -> None:
        self._opened = None
        if self.stream is not None:  # as it is after a rotation that failed
            with contextlib.suppress(OSError):
                self.stream.close()
        self.stream = self._open()

    def _open(self) -> TextIOWrapper:
        stream = open(  # noqa: SIM115 - the handler closes it
            self.baseFilename,
            "a",
            encoding=self.encoding,
            errors=self.errors,
            opener=_without_waiting,
        )
        self._opened = os.fstat(stream.fileno())
        return stream

    def flush(self) -> None:
        super().flush()
        self._has_failed = False  # after each line that is written; a failure comes before this

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        reason = sys.exception()
        if self._has_failed or not isinstance(reason, OSError):
            return
        self._has_failed = True
        text = f"log lines are lost: {self.baseFilename} cannot be written ({reason.strerror})"
        self._ring.handle(
            logging.LogRecord(__name__, logging.ERROR, record.pathname, 0, text, (), None)
        )


def _without_waiting(path: str, flags: int) -> int:
    # A named pipe in its place would hold the start until somebody reads it.
    return os.open(path, flags | os.O_NONBLOCK, 0o666)


class _UtcFormatter(logging.Formatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return time.strftime(datefmt or _TIME, time.gmtime(record.created))


class _BriefFormatter(_UtcFormatter):
    """For a terminal: of a traceback what went wrong; the whole of it is in the file."""

    def format(self, record: logging.LogRecord) -> str:
        trace, brief = record.exc_text, copy(record)
        brief.exc_text = None
        line = super().format(brief)
        return line if trace is None else f"{line}: {_gist(trace)} (more in the log file)"


def _gist(trace: str) -> str:
    # The first line behind the last frame: what follows may be the rest of a long message.
    gist = ""
    is_behind_frame = True
    if _GROUP in trace:  # that a task failed says nothing: the last one in it says why
        trace = _MARGIN.sub("", trace)
    for line in trace.strip().splitlines():
        if line.startswith(_FRAME):
            is_behind_frame = True
        elif line and is_behind_frame and not line.startswith(" "):
            gist, is_behind_frame = line, False
    return gist


def _free_log(where: Places) -> tuple[Path, Claim]:
    for number in range(1, _MOST_PROGRAMS + 1):
        name = "botcore" if number == 1 else f"botcore-{number}"
        claim = Claim.take(where.lock_dir / f"{name}.log.lock")
        if claim is not None:
            return where.log_dir / f"{name}.log", claim
    raise UnavailableError(
        f"{_MOST_PROGRAMS} programs write logs in {where.log_dir} already; "
        "end one, or name another directory with --state-dir"
    )
