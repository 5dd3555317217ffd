"""Where log lines go: a rotating file, the ring that the cockpit shows, standard error."""

import logging
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from botcore_tui.config import LoggingSettings
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.errors import UnavailableError

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-8s %(threadName)s %(name)s: %(message)s"


class Logs:
    """Handlers of one run.

    Args:
        path: Log file; its directory exists.
        settings: Level and rotation.
        to_stderr: Also write to standard error: when there is no screen to spoil.

    Raises:
        UnavailableError: The file cannot be written.
    """

    def __init__(self, path: Path, settings: LoggingSettings, *, to_stderr: bool) -> None:
        self.path = path
        self.ring = LogRing()
        try:
            file = RotatingFileHandler(
                path,
                maxBytes=settings.file_mb * 1_000_000,
                backupCount=settings.keep_files,
                encoding="utf-8",
            )
        except OSError as error:
            raise UnavailableError(
                f"log file {path} cannot be written ({error.strerror}); use --state-dir"
            ) from None
        handlers: list[logging.Handler] = [file, self.ring]
        if to_stderr:
            handlers.append(logging.StreamHandler(sys.stderr))
        formatter = _UtcFormatter(_FORMAT, "%Y-%m-%dT%H:%M:%S")
        root = logging.getLogger()
        root.setLevel(logging.WARNING)
        for handler in handlers:
            handler.setFormatter(formatter)
            root.addHandler(handler)
        logging.getLogger("botcore_tui").setLevel(settings.level)
        # A handler that fails must not print a traceback over the screen.
        logging.raiseExceptions = False
        logging.captureWarnings(capture=True)


class _UtcFormatter(logging.Formatter):
    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
