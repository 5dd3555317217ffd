"""Tells somebody who does not look at the screen, with a command of the user's (R54, R74).

A logging handler takes what is CRITICAL, every halt among it, and never waits. A thread of its own
runs the command: neither the engine nor the screen knows how long that takes.
"""

import logging
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from botcore_tui.config.masking import printable, redacted
from botcore_tui.core.utc import utc_time
from botcore_tui.engine.errand import Outcome, run_errand
from botcore_tui.engine.log_ring import told

logger = logging.getLogger(__name__)

_WAITING: Final = 1_000
"""Lines that may wait; of more the oldest are lost, and counted."""
_MOST_LINES: Final = 20
"""Of one alert."""
_LONGEST_LINE: Final = 500


class AlertTerms(Struct, frozen=True):
    """How it is told."""

    command: tuple[str, ...]
    """Executed; the text comes on its standard input."""
    timeout_seconds: float
    pause_seconds: float
    """Shortest time between two."""


def send_alert(terms: AlertTerms, environment: str, lines: Sequence[str]) -> Outcome:
    """Tell it now; blocks for as long as the command takes.

    Args:
        terms: With a command.
        environment: Where it happened.
        lines: What happened, oldest first.
    """
    more = len(lines) - _MOST_LINES
    shown = [f"botcore {environment} on {socket.gethostname()}", *lines[:_MOST_LINES]]
    if more > 0:
        shown.append(f"... and {more} more: see the log")
    text = "".join(f"{printable(line)[:_LONGEST_LINE]}\n" for line in shown)
    return run_errand(terms.command, text, terms.timeout_seconds)


class Alerts(logging.Handler):
    """Sends what is CRITICAL; what happens while it pauses goes into the next alert.

    An alert that failed is told in the log as an ERROR, so that it never causes another.

    Args:
        terms: With a command.
        send: Tells it; replaced in tests.
        gather_seconds: How long more is waited for after a first line.

    Attributes:
        environment: Where the next lines come from.
        lost: Lines that found no room, and were not told of yet.
    """

    def __init__(
        self,
        terms: AlertTerms,
        send: Callable[[AlertTerms, str, Sequence[str]], Outcome] = send_alert,
        *,
        gather_seconds: float = 0.5,
    ) -> None:
        self._gather_seconds = gather_seconds
        super().__init__(logging.CRITICAL)
        self.environment = ""
        self.lost = 0
        self._terms = terms
        self._send = send
        self._lines: deque[tuple[str, str]] = deque(maxlen=_WAITING)
        self._changed = threading.Condition()
        self._is_ending = False
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin to send; lines until then wait. After signals are blocked, not before."""
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; never waits for a command."""
        source, text = told(record)
        when = utc_time(round(record.created * 1000))
        line = f"{record.levelname} {when}Z {source}: {redacted(text)}"
        with self._changed:
            self.lost += len(self._lines) == _WAITING
            self._lines.append((self.environment, line))
            self._changed.notify_all()

    def finish(self, seconds: float) -> None:
        """Send what waits without a pause, for at most so long."""
        with self._changed:
            self._is_ending = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while lines := self._next():
            # Of one environment at a time: the first line says where it happened.
            environment = lines[0][0]
            texts = [line for _, line in lines]
            outcome = self._send(self._terms, environment, texts)
            if outcome.trouble:
                what = "alert" if len(texts) == 1 else f"alert with {len(texts)} lines"
                logger.error("%s not sent: %s", what, outcome.trouble)
            with self._changed:
                self._changed.wait_for(lambda: self._is_ending, self._terms.pause_seconds)

    def _next(self) -> list[tuple[str, str]]:
        """What waits, of one environment; empty at the end."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._lines) or self._is_ending)
            # What belongs to a halt comes within moments of it.
            self._changed.wait_for(lambda: self._is_ending, self._gather_seconds)
            lines: list[tuple[str, str]] = []
            while self._lines and (not lines or self._lines[0][0] == lines[0][0]):
                lines.append(self._lines.popleft())
            if lines and self.lost:
                lines.insert(
                    0, (lines[0][0], f"{self.lost} lines before these are in the log only")
                )
                self.lost = 0
            return lines
