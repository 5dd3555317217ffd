"""Keeps secrets out of everything that is written or shown, wherever they turn up."""

import logging
import os

from botcore_tui.cli.credentials import secrets_in_files
from botcore_tui.config.masking import keep_secret, redacted, secrets_in


def without_secrets(text: str) -> str:
    """The text with every secret of this process blanked out, and what looks like one."""
    keep_secrets()
    return redacted(text)


def keep_secrets() -> None:
    """Have whatever is secret in this process's environment, used or not, be shown nowhere."""
    keep_secret(secrets_in(os.environ) | secrets_in_files(os.environ))


class SecrecyFilter(logging.Filter):
    """Blanks out secrets in log records, message and traceback, before any handler writes."""

    def __init__(self) -> None:
        super().__init__()
        keep_secrets()
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, cleaned."""
        text = message_of(record)
        cleaned = redacted(text)
        if cleaned != text:
            record.msg, record.args = cleaned, ()
        trace = self._trace(record)
        if redacted(trace) != trace:
            # Without the exception itself, so that nobody formats it anew.
            record.exc_text, record.exc_info = redacted(trace), None
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return True

    def _trace(self, record: logging.LogRecord) -> str:
        if record.exc_text or not record.exc_info:
            return record.exc_text or ""
        return self._formatter.formatException(record.exc_info)


def message_of(record: logging.LogRecord) -> str:
    """Its text; with arguments that do not fit, text and arguments as they are."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args}"
