"""Durations in buckets: constant memory, a fraction of a microsecond to record."""

from typing import Final

from botcore_tui.model.snapshot import Percentiles

_STEPS: Final = 8
"""Buckets per power of two: readings are at most an eighth too high."""
_BUCKETS: Final = 64 * _STEPS


class Histogram:
    """Distribution of durations over the present and the last window.

    ``rotate`` starts a new window; what is older than two windows is forgotten, so the figures
    are about now and not about the start of the run.
    """

    def __init__(self) -> None:
        self._now = [0] * _BUCKETS
        self._before = [0] * _BUCKETS
        self._max_now = 0
        self._max_before = 0

    def record(self, duration_ns: int) -> None:
        """Count one duration; a negative one counts as zero."""
        if duration_ns > self._max_now:  # noqa: PLR1730 - max() would cost a call a frame
            self._max_now = duration_ns
        if duration_ns < _STEPS:
            self._now[max(duration_ns, 0)] += 1
            return
        power = duration_ns.bit_length() - 4
        self._now[(power + 1) * _STEPS + ((duration_ns >> power) & 7)] += 1

    def rotate(self) -> None:
        """Begin a window; the one that ends stays in the figures until the next rotation."""
        self._before, self._now = self._now, [0] * _BUCKETS
        self._max_before, self._max_now = self._max_now, 0

    def percentiles(self) -> Percentiles:
        """Both windows together; upper edges of buckets, microseconds."""
        counts = [now + before for now, before in zip(self._now, self._before, strict=True)]
        total = sum(counts)
        highest = max(self._max_now, self._max_before)
        return Percentiles(
            count=total,
            p50_us=min(_quantile(counts, total, 0.50), highest) / 1000,
            p99_us=min(_quantile(counts, total, 0.99), highest) / 1000,
            max_us=highest / 1000,
        )


def _quantile(counts: list[int], total: int, share: float) -> int:
    seen = 0
    for index, count in enumerate(counts):
        seen += count
        if count and seen >= total * share:
            return _upper_edge(index)
    return 0


def _upper_edge(index: int) -> int:
    octave, step = divmod(index, _STEPS)
    return index if octave == 0 else (_STEPS + step + 1 << octave - 1) - 1
