"""Tells when the ledger ceases to be writable, and when it is again."""

import logging
import threading
from collections.abc import Callable

from botcore_tui.clock import Clock
from botcore_tui.model.account import LedgerHealth

logger = logging.getLogger(__name__)


class HealthReport:
    """The last word on a ledger; writable until something else is told.

    Args:
        on_health: Told of changes, in order, from whichever thread noticed.
        clock: For the time of a change.
    """

    def __init__(self, on_health: Callable[[LedgerHealth], None], clock: Clock) -> None:
        self._on_health, self._clock = on_health, clock
        # Re-entrant: whoever is told may append a row, which may tell again.
        self._lock = threading.RLock()
        self.now = LedgerHealth(is_writable=True, reason="", time_ms=clock.now_ms())
        """As last told."""

    def good(self) -> None:
        """Rows are written."""
        if not self.now.is_writable:
            self._tell(is_writable=True, reason="")

    def bad(self, reason: str, *, is_taken: bool = False) -> None:
        """Rows are not written, or too late; what follows on ``is_taken`` is told no more."""
        self._tell(is_writable=False, reason=reason, is_taken=is_taken)

    def _tell(self, *, is_writable: bool, reason: str, is_taken: bool = False) -> None:
        with self._lock:
            before = self.now
            is_same = (before.is_writable, before.reason) == (is_writable, reason)
            if before.is_taken or (is_same and not is_taken):
                return
            self.now = LedgerHealth(is_writable, reason, self._clock.now_ms(), is_taken)
            if is_writable:
                logger.info("ledger is writable again")
            elif before.is_writable:
                logger.error("ledger is not writable: %s", reason)
            self._on_health(self.now)
