"""What became of the requests, recorded at a low rate (R60, R62, R64).

After the first minute, then every ten, at the end of a UTC day, within a second of a refusal for a
broken limit, and at the end. The order path only counts; nothing here stands in its way.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from botcore_tui.clock import Clock
from botcore_tui.engine.uptime import Append
from botcore_tui.model.ledger import CallRow
from botcore_tui.model.snapshot import EndpointCalls

_LOOK_SECONDS: Final = 1.0
_FIRST_MS: Final = 60_000
_RECORD_MS: Final = 600_000
_TROUBLE_MS: Final = 10_000
"""Refusals that follow each other are told together."""
_DAY_MS: Final = 86_400_000
_NS_PER_MS: Final = 1_000_000


class Counts(Protocol):
    """Counts requests by endpoint."""

    @property
    def has_trouble(self) -> bool:
        """Whether there is news of a refusal for a broken limit."""

    def news(self) -> Sequence[EndpointCalls]:
        """What came since this was last asked; told once."""


class CallLog:
    """Records as long as it runs.

    Args:
        counts: Of the venue that is traded at; None while there is none.
        ledger: Where rows go; None while there is none, then they wait.
        clock: See there.
    """

    def __init__(
        self,
        counts: Callable[[], Counts | None],
        ledger: Callable[[], Append | None],
        clock: Clock,
    ) -> None:
        self._counts = counts
        self._ledger = ledger
        self._clock = clock
        self._recorded_ns = 0
        self._day = 0
        self._due_ms = _FIRST_MS

    async def run(self) -> None:
        """Look and record until cancelled."""
        self._recorded_ns = self._clock.monotonic_ns()
        self._day = self._clock.now_ms() // _DAY_MS
        try:
            while True:
                await self._clock.sleep(_LOOK_SECONDS)
                if self._is_due():
                    self._record()
        finally:
            self._record()

    def _waited_ms(self) -> int:
        return (self._clock.monotonic_ns() - self._recorded_ns) // _NS_PER_MS

    def _is_due(self) -> bool:
        waited_ms = self._waited_ms()
        if waited_ms >= self._due_ms or self._clock.now_ms() // _DAY_MS != self._day:
            return True
        counts = self._counts()
        is_first = self._due_ms == _FIRST_MS
        return counts is not None and counts.has_trouble and (is_first or waited_ms >= _TROUBLE_MS)

    def _record(self) -> None:
        append, counts = self._ledger(), self._counts()
        if append is None or counts is None:
            return
        now_ms, span_ms = self._clock.now_ms(), self._waited_ms()
        # A span that ends at midnight belongs to the day that it was in.
        is_midnight = now_ms // _DAY_MS != self._day and now_ms % _DAY_MS <= 2 * _TROUBLE_MS
        time_ms = now_ms - now_ms % _DAY_MS - 1 if is_midnight else now_ms
        for calls in counts.news():
            append(
                CallRow(
                    endpoint=calls.endpoint,
                    attempts=calls.attempts,
                    repeated=calls.repeated,
                    saved=calls.saved,
                    given_up=calls.given_up,
                    failed=calls.failed,
                    limited=calls.limited,
                    banned=calls.banned,
                    span_ms=span_ms,
                    time_ms=time_ms,
                )
            )
        self._recorded_ns = self._clock.monotonic_ns()
        self._day = now_ms // _DAY_MS
        self._due_ms = _RECORD_MS
