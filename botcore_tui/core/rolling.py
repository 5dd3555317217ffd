"""The highest equity of the last while, quick to tell however often it is asked."""

from collections import deque
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

_SPAN_MS: Final = 60_000
_DAY_MS: Final = 86_400_000


class Bucket(Struct, eq=False):
    """Equity of about a minute."""

    from_ms: int
    to_ms: int
    """Of the last value in it."""
    high: Decimal


class Buckets:
    """Equity of the last day, its highest of each minute; oldest first."""

    def __init__(self) -> None:
        self._all: deque[Bucket] = deque()
        self._is_cut = True

    def __iter__(self) -> Iterator[Bucket]:
        return iter(self._all)

    def see(self, value: Decimal, time_ms: int) -> Bucket:
        """Take a value; the bucket that it is in now."""
        last = self._all[-1] if self._all else None
        if last is None or self._is_cut or time_ms - last.from_ms >= _SPAN_MS:
            last = Bucket(time_ms, time_ms, value)
            self._all.append(last)
            self._is_cut = False
            while self._all[0].to_ms < time_ms - _DAY_MS:
                self._all.popleft()
        last.to_ms = time_ms
        last.high = max(last.high, value)
        return last

    def cut(self) -> None:
        """What follows is not mixed with what was."""
        self._is_cut = True


class Window:
    """Highest value of a span of time up to now; loses nothing before the span is over.

    Args:
        span_ms: Its length; what is in a bucket with a part of it counts as a whole.
    """

    def __init__(self, span_ms: int) -> None:
        self._span_ms = span_ms
        self._peaks: deque[Bucket] = deque()
        """Each is higher than all after it."""
        self.from_ms = 0
        """What was before does not count: a person set it anew."""

    def see(self, bucket: Bucket) -> None:
        """The newest bucket is new or has risen."""
        peaks = self._peaks
        if bucket.from_ms < self.from_ms:
            return
        if peaks and peaks[-1] is bucket:
            peaks.pop()
        while peaks and peaks[-1].high <= bucket.high:
            peaks.pop()
        peaks.append(bucket)

    def high(self, time_ms: int) -> Decimal | None:
        """The highest value; None if there is none."""
        peaks = self._peaks
        while peaks and peaks[0].to_ms < time_ms - self._span_ms:
            peaks.popleft()
        return peaks[0].high if peaks else None

    def rebuild(self, buckets: Iterable[Bucket]) -> None:
        """Look at all of them anew."""
        self._peaks.clear()
        for bucket in buckets:
            self.see(bucket)
