"""How long each stream delivered: looked at every second, recorded every ten minutes (R61)."""

from collections.abc import Callable, Sequence
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.model.ledger import LedgerRow, StreamRow
from botcore_tui.model.snapshot import FeedState

Append = Callable[[LedgerRow], None]
"""Of a ledger."""

_LOOK_SECONDS: Final = 1.0
_RECORD_MS: Final = 600_000
_NS_PER_MS: Final = 1_000_000
_UP: Final = "live"
_MOST_UP_MS: Final = 2_000
_NO_STREAMS: Final = frozenset({"exchange"})
"""The row of an exchange of our own that is not there; its streams have none meanwhile."""


class StreamUptime:
    """Measures as long as it runs; everything but a live stream counts as down.

    When nobody looked for long, as the loop stood still or the machine slept, two seconds of it
    may count as up, the rest as down.

    Args:
        states: Rows of the feed; takes monotonic nanoseconds.
        ledger: Where rows go; None while there is none, then they wait.
        clock: See there.
    """

    def __init__(
        self,
        states: Callable[[int], Sequence[FeedState]],
        ledger: Callable[[], Append | None],
        clock: Clock,
    ) -> None:
        self._states = states
        self._ledger = ledger
        self._clock = clock
        self._spans: dict[str, list[int]] = {}
        """Milliseconds that were looked at, and those of them that were up; by name."""
        self._looked_ns = 0
        self._recorded_ns = 0

    async def run(self) -> None:
        """Look and record until cancelled."""
        self._looked_ns = self._recorded_ns = self._clock.monotonic_ns()
        try:
            while True:
                await self._clock.sleep(_LOOK_SECONDS)
                self._look()
                if (self._looked_ns - self._recorded_ns) // _NS_PER_MS >= _RECORD_MS:
                    self._record()
        finally:
            self._record()

    def _look(self) -> None:
        now_ns = self._clock.monotonic_ns()
        took_ms = (now_ns - self._looked_ns) // _NS_PER_MS
        self._looked_ns += took_ms * _NS_PER_MS
        live: set[str] = set()
        for state in self._states(now_ns):
            if state.rest is None and state.name not in _NO_STREAMS:
                self._spans.setdefault(state.name, [0, 0])
                live |= {state.name} if state.status == _UP else set()
        # A stream whose session has ended has no row any more, and is down.
        for name, span in self._spans.items():
            span[0] += took_ms
            span[1] += min(took_ms, _MOST_UP_MS) if name in live else 0

    def _record(self) -> None:
        append = self._ledger()
        if append is None:
            return
        self._recorded_ns = self._looked_ns
        time_ms = self._clock.now_ms()
        for name, (span_ms, up_ms) in self._spans.items():
            if span_ms:
                append(StreamRow(name=name, span_ms=span_ms, up_ms=up_ms, time_ms=time_ms))
                self._spans[name] = [0, 0]
