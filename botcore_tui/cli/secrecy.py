"""Keeps the values of credential variables out of everything that is written or shown."""

import logging
import os

from botcore_tui.cli.credentials import secrets_in_files
from botcore_tui.config.masking import HIDDEN, secrets_in


def without_secrets(text: str) -> str:
    """The text with every credential of this process's environment blanked out."""
    for secret in _secrets():
        text = text.replace(secret, HIDDEN)
    return text


class SecrecyFilter(logging.Filter):
    """Blanks out credentials in log records, message and traceback, before any handler writes."""

    def __init__(self) -> None:
        super().__init__()
        self._secrets = tuple(_secrets())
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, cleaned."""
        if not self._secrets:
            return True
        record.msg, record.args = self._cleaned(_message(record)), ()
        if record.exc_info:
            trace = self._formatter.formatException(record.exc_info)
            if any(secret in trace for secret in self._secrets):
                record.exc_text = self._cleaned(trace)
                record.exc_info = None
        return True

    def _cleaned(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text


def _secrets() -> frozenset[str]:
    return secrets_in(os.environ) | secrets_in_files(os.environ)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit: show them as they are
        return f"{record.msg} {record.args}"
