"""Bars built from trades, second by second and minute by minute, and folded for display."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

from msgspec.structs import replace

from botcore_tui.model.market import Bar, Trade

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
_KEPT: Final = 4_000
"""Bars kept of each base interval: about an hour of seconds, nearly three days of minutes."""


class BarSeries:
    """Bars of one base interval; the last one grows, all others are closed.

    Intervals without a trade have no bar: nothing is invented. One of the venue's whose end was
    not told is not closed, until the venue's history tells it.

    Attributes:
        changes: Counts whatever may change the closed bars; as long as it stands still, so do they.
        past_changes: Likewise, of those that are not the newest.
    """

    def __init__(self, symbol: str, interval_ms: int) -> None:
        self.symbol = symbol
        self.interval_ms = interval_ms
        self.changes = 0
        self.past_changes = 0
        self._closed: deque[Bar] = deque(maxlen=_KEPT)
        self._start = -1
        self._open = self._high = self._low = self._close = self._volume = 0.0
        self._trades = 0
        self._is_ended = False

    def add(self, trade: Trade) -> None:
        """Count one trade. One older than the growing bar belongs to a closed one and is left out
        of it: a closed bar never changes."""
        price = trade.price
        start = trade.time_ms - trade.time_ms % self.interval_ms
        if start > self._start:
            self.changes += 1
            self._close_growing(is_closed=True)
            self._start = start
            self._is_ended = False
            self._open = self._high = self._low = price
            self._volume = 0.0
            self._trades = 0
        elif start < self._start or self._is_ended:
            return
        elif price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._close = price
        self._volume += trade.quantity
        self._trades += 1

    def put(self, bar: Bar) -> None:
        """Take the venue's own bar in place of ours for the same interval.

        A bar that was still growing when it was sent never replaces one that has ended: a reply
        to a request can be older than what the stream has told since.
        """
        self.changes += bar.is_closed or bar.open_time_ms != self._start
        if bar.open_time_ms >= self._start:
            if bar.open_time_ms > self._start:
                # Where the connection died meanwhile there is no final frame of it.
                self._close_growing(is_closed=self._is_ended)
            elif self._is_ended and not bar.is_closed:
                return
            self._is_ended = bar.is_closed
            self._start = bar.open_time_ms
            self._open, self._high, self._low, self._close = bar.open, bar.high, bar.low, bar.close
            self._volume, self._trades = bar.volume, bar.trades
            return
        closed = self._closed
        index = bisect_left(closed, bar.open_time_ms, key=_open_time_ms)
        if index < len(closed) and closed[index].open_time_ms == bar.open_time_ms:
            if bar.is_closed and closed[index] != bar:
                closed[index] = bar
                self.past_changes += 1
        elif len(closed) < _KEPT:
            closed.insert(index, bar)
            self.past_changes += 1
        elif index:
            closed.popleft()
            closed.insert(index - 1, bar)
            self.past_changes += 1

    def last(self, count: int) -> list[Bar]:
        """The newest ``count`` bars, oldest first, the growing one last."""
        bars: list[Bar] = []
        if self._start >= 0 and count > 0:
            bars.append(self._bar(is_closed=self._is_ended))
        bars += islice(reversed(self._closed), max(0, count - len(bars)))
        bars.reverse()
        return bars

    def _close_growing(self, *, is_closed: bool) -> None:
        if self._start >= 0:
            self._closed.append(self._bar(is_closed=is_closed))

    def _bar(self, *, is_closed: bool) -> Bar:
        return Bar(
            symbol=self.symbol,
            interval_ms=self.interval_ms,
            open_time_ms=self._start,
            open=self._open,
            high=self._high,
            low=self._low,
            close=self._close,
            volume=self._volume,
            trades=self._trades,
            is_closed=is_closed,
        )


def _open_time_ms(bar: Bar) -> int:
    return bar.open_time_ms


def fold(bars: Iterable[Bar], interval_ms: int) -> list[Bar]:
    """Join bars into longer ones.

    Args:
        bars: Oldest first, of one interval that divides ``interval_ms``.
        interval_ms: Length of the result's bars.

    Returns:
        Oldest first; intervals without a bar are absent; a joined bar is closed when the last
        base interval inside it is, or when a later one has begun; unless the end of one inside it
        was not told.
    """
    folded: list[Bar] = []
    is_whole = True
    for bar in bars:
        start = bar.open_time_ms - bar.open_time_ms % interval_ms
        if folded and folded[-1].open_time_ms == start:
            folded[-1] = _joined(folded[-1], bar)
        else:
            if folded and folded[-1].is_closed is not is_whole:
                folded[-1] = replace(folded[-1], is_closed=is_whole)
            folded.append(_stretched(bar, start, interval_ms))
            is_whole = True
        is_whole &= bar.is_closed
    if folded and folded[-1].is_closed and not is_whole:
        folded[-1] = replace(folded[-1], is_closed=False)
    return folded


def _stretched(bar: Bar, start: int, interval_ms: int) -> Bar:
    if bar.interval_ms == interval_ms and bar.open_time_ms == start:
        return bar
    is_closed = _ends(bar, start, interval_ms)
    return replace(bar, interval_ms=interval_ms, open_time_ms=start, is_closed=is_closed)


def _joined(left: Bar, right: Bar) -> Bar:
    return Bar(
        symbol=left.symbol,
        interval_ms=left.interval_ms,
        open_time_ms=left.open_time_ms,
        open=left.open,
        high=max(left.high, right.high),
        low=min(left.low, right.low),
        close=right.close,
        volume=left.volume + right.volume,
        trades=left.trades + right.trades,
        is_closed=_ends(right, left.open_time_ms, left.interval_ms),
    )


def _ends(bar: Bar, start: int, interval_ms: int) -> bool:
    return bar.is_closed and bar.open_time_ms + bar.interval_ms == start + interval_ms
