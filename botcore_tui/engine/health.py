"""How the engine is doing: heartbeat, loop lag, latency, memory, rates, faults."""

import gc
import logging
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.engine.histogram import Histogram
from botcore_tui.engine.hygiene import ThreadHygiene
from botcore_tui.engine.publisher import resident_mb
from botcore_tui.model.snapshot import EngineHealth

logger = logging.getLogger(__name__)

_PROBE_SECONDS: Final = 0.05
_PROBE_NS: Final = 50_000_000
_SECOND_NS: Final = 1_000_000_000
_WINDOW_NS: Final = 60 * _SECOND_NS
_FREEZE_AFTER_NS: Final = (_SECOND_NS, 3 * _SECOND_NS)
"""Twice: what was imported meanwhile takes long to look at, and is there before orders are."""
_COLLECT_EVERY_NS: Final = 300 * _SECOND_NS
_SILENT_SCREEN_NS: Final = 3 * _SECOND_NS
_FAULTS_KEPT: Final = 5


class HealthMonitor:
    """Counts and probes; written in the engine's thread.

    Attributes:
        heartbeat_ns: When the loop last turned, monotonic.
        latency: Frame received to state updated.
        events: Events processed.
        looked_ns: When a screen last asked for a picture; 0 if never.
        is_idle: Set by the engine: nothing waits, nothing is open; a collection hurts nobody.
    """

    def __init__(self, clock: Clock, hygiene: ThreadHygiene) -> None:
        self.heartbeat_ns = 0
        self.latency = Histogram()
        self.events = 0
        self.looked_ns = 0
        self.is_idle = True
        self._clock = clock
        self._hygiene = hygiene
        self._lag = Histogram()
        self._started_ns = clock.monotonic_ns()
        self._frozen = 0
        self._is_screen_silent = False
        self._window_ns = self._second_ns = self._collected_ns = self._started_ns
        self._events_before = 0
        self._events_per_second = 0.0
        self._resident_mb = resident_mb()
        self._faults: tuple[str, ...] = ()

    async def probe(self) -> None:
        """Measure the loop's lag twenty times a second, for ever."""
        while True:
            before = self._clock.monotonic_ns()
            await self._clock.sleep(_PROBE_SECONDS)
            now = self.heartbeat_ns = self._clock.monotonic_ns()
            self._lag.record(now - before - _PROBE_NS)
            if now - self._second_ns >= _SECOND_NS:
                self._each_second(now)

    def add_fault(self, text: str) -> None:
        """Remember that something died."""
        self._faults = (*self._faults[1 - _FAULTS_KEPT :], text)

    def report(self, *, inbox: tuple[int, int, int], refused: tuple[int, int]) -> EngineHealth:
        """Everything as one value.

        Args:
            inbox: Events waiting, most ever waiting, capacity.
            refused: Frames that could not be decoded, frames of unknown types.
        """
        waiting, peak, capacity = inbox
        decode_errors, unknown = refused
        return EngineHealth(
            started_ns=self._started_ns,
            events=self.events,
            events_per_second=self._events_per_second,
            inbox=waiting,
            inbox_peak=peak,
            inbox_capacity=capacity,
            decode_errors=decode_errors,
            unknown_events=unknown,
            loop_lag=self._lag.percentiles(),
            latency=self.latency.percentiles(),
            rss_mb=self._resident_mb,
            hygiene=self._hygiene.report,
            faults=self._faults,
        )

    def _each_second(self, now: int) -> None:
        seconds = (now - self._second_ns) / _SECOND_NS
        self._events_per_second = (self.events - self._events_before) / seconds
        self._events_before = self.events
        self._second_ns = now
        self._resident_mb = resident_mb()
        if now - self._window_ns >= _WINDOW_NS:
            self._window_ns = now
            self._lag.rotate()
            self.latency.rotate()
        self._watch_screen(now)
        self._collect(now)

    def _watch_screen(self, now: int) -> None:
        is_silent = bool(self.looked_ns) and now - self.looked_ns > _SILENT_SCREEN_NS
        if is_silent and not self._is_screen_silent:
            logger.warning("no screen has asked for a picture for 3 s; the engine goes on")
        self._is_screen_silent = is_silent

    def _collect(self, now: int) -> None:
        # Freezing waits until the screen stands; afterwards a full collection looks only at what
        # came since, and is made when nothing waits for it.
        is_starting = self._frozen < len(_FREEZE_AFTER_NS)
        if is_starting and now - self._started_ns > _FREEZE_AFTER_NS[self._frozen]:
            self._frozen += 1
            self._hygiene.freeze()
            self._collected_ns = now
        elif self.is_idle and now - self._collected_ns > _COLLECT_EVERY_NS:
            self._collected_ns = now
            gc.collect()
