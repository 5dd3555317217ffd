"""Lag and message rate of each stream, from counts taken a few times a second."""

from collections import deque
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.binance.receiver import StreamCount

_RATE_WINDOW_NS: Final = 2_000_000_000
_BASELINE_SAMPLES: Final = 1_200
"""Two minutes at the ten snapshots a second that are drawn while somebody looks."""


class StreamRate(Struct, frozen=True):
    """What one stream did lately."""

    lag_ms: float | None
    """Beyond the fastest frame of the last minutes: the clocks' offset is unknown."""
    frames_per_second: float


class StreamRates:
    """Remembers counts long enough to tell rates and the fastest delivery."""

    def __init__(self) -> None:
        self._counts: dict[str, deque[tuple[int, int]]] = {}
        self._delays: deque[float] = deque(maxlen=_BASELINE_SAMPLES)
        self._fastest = 0.0

    def forget(self) -> None:
        """Start anew, because time jumped."""
        self._counts.clear()
        self._delays.clear()

    def sample(self, streams: dict[str, StreamCount], now_ns: int) -> dict[str, StreamRate]:
        """Take the present counts and say what they mean.

        Args:
            streams: Counts by stream name.
            now_ns: Time of sampling on the clock that rates refer to (a tape's own in a replay).
        """
        delays = {
            name: count.last_utc_ns / 1e6 - count.last_event_ms
            for name, count in streams.items()
            if count.last_event_ms
        }
        if delays:
            self._delays.append(min(delays.values()))
            self._fastest = min(self._delays)
        return {
            name: StreamRate(
                lag_ms=delays[name] - self._fastest if name in delays else None,
                frames_per_second=self._rate(name, count.frames, now_ns),
            )
            for name, count in streams.items()
        }

    def _rate(self, name: str, frames: int, now_ns: int) -> float:
        points = self._counts.setdefault(name, deque())
        if points and now_ns < points[-1][0]:
            points.clear()
        points.append((now_ns, frames))
        while len(points) > 2 and now_ns - points[1][0] >= _RATE_WINDOW_NS:
            points.popleft()
        elapsed = now_ns - points[0][0]
        return (frames - points[0][1]) / (elapsed / 1e9) if elapsed else 0.0
