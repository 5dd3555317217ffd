"""Bars of every interval, put together from minutes, and from what the past is kept in."""

from collections.abc import Iterator

from botcore_tui.exchange.binance.wire import INTERVALS
from botcore_tui.exchange.sim.eras import Bar, Era
from botcore_tui.exchange.sim.intervals import DAY_MS, MINUTE_MS, following, opening
from botcore_tui.exchange.sim.prints import TradePrint

__all__ = ["Bar", "Bars", "Era"]


class Bars:
    """A market's bars: those it made, and a past before them.

    Args:
        start_ms: When the market begins.
        ticks: Price it begins with.
        trade_id: Number of its first trade.
        past: What was before the minute it begins in, newest first, without gap; each bar of an
            era within a bar of the one before, if that has longer ones.
    """

    def __init__(self, start_ms: int, ticks: int, trade_id: int, past: Iterator[Era]) -> None:
        minute = opening("1m", start_ms)
        self._now = Bar(
            minute, minute + MINUTE_MS, ticks, ticks, ticks, ticks, 0, 0, 0, 0, 0, trade_id
        )
        self._eras = [Era(MINUTE_MS, minute)]
        self._past = past

    def add(self, print_: TradePrint) -> None:
        """Count trades at one price."""
        bar = self._now
        if print_.time_ms >= bar.end_ms:
            bar = self.roll(print_.time_ms)
        ticks, lots, first_id = print_.ticks, print_.lots, print_.first_id
        if not bar.trades:
            bar.open = bar.high = bar.low = ticks
            bar.first_id = first_id
        elif ticks > bar.high:
            bar.high = ticks
        elif ticks < bar.low:
            bar.low = ticks
        bar.close = ticks
        bar.lots += lots
        quote = ticks * lots
        bar.quote += quote
        if not print_.is_sell:
            bar.buy_lots += lots
            bar.buy_quote += quote
        bar.trades += print_.last_id - first_id + 1

    def roll(self, now_ms: int) -> Bar:
        """Close the minutes that are over; returns the open one."""
        bar = self._now
        while now_ms >= bar.end_ms:
            self._eras[-1].append(bar)
            end, close = bar.end_ms, bar.close
            bar = self._now = Bar(
                end, end + MINUTE_MS, close, close, close, close, 0, 0, 0, 0, 0, bar.last_id + 1
            )
        return bar

    def current(self, interval: str, now_ms: int) -> Bar:
        """The bar of an interval that is still open."""
        self.roll(now_ms)
        start = opening(interval, now_ms)
        bar = self._total(start, following(interval, start))
        assert bar is not None
        return bar

    def closed(self, interval: str, now_ms: int) -> Bar | None:
        """The bar of an interval that closed last; None where the past does not reach so far."""
        self.roll(now_ms)
        end = opening(interval, now_ms)
        start = opening(interval, end - 1)
        return self._total(start, end) if start >= self._oldest(interval, start) else None

    def day(self, now_ms: int) -> Bar:
        """The last 24 hours, to the minute."""
        self.roll(now_ms)
        end = opening("1m", now_ms) + MINUTE_MS
        self._reach(end - DAY_MS)
        bar = self._total(end - DAY_MS, end)
        assert bar is not None
        return bar

    def klines(
        self,
        interval: str,
        *,
        now_ms: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = 500,
    ) -> list[Bar]:
        """Bars that opened between two times, oldest first; the last one may be still open.

        Without ``start_ms`` they are the latest ones up to ``end_ms``.
        """
        bars: list[Bar] = []
        for start, end in self.spans(
            interval, now_ms=now_ms, start_ms=start_ms, end_ms=end_ms, limit=limit
        ):
            bar = self._total(start, end)
            assert bar is not None
            bars.append(bar)
        return bars

    def spans(
        self,
        interval: str,
        *,
        now_ms: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = 500,
    ) -> list[tuple[int, int]]:
        """When the bars that ``klines`` returns open, and the ones after them."""
        self.roll(now_ms)
        last = opening(interval, now_ms if end_ms is None else min(now_ms, end_ms))
        if start_ms is None:
            first = last
            for _ in range(limit - 1):
                first = opening(interval, first - 1)
        else:
            first = _not_before(interval, start_ms)
        first = max(first, _not_before(interval, self._oldest(interval, first)))
        spans: list[tuple[int, int]] = []
        while first <= last and len(spans) < limit:
            after = following(interval, first)
            spans.append((first, after))
            first = after
        return spans

    def before(self, start_ms: int, end_ms: int) -> Iterator[Bar]:
        """The bars that the past is kept in, between two times before the beginning."""
        self._reach(start_ms)
        for era in self._eras[:-1]:
            if start_ms < era.end_ms and era.first_ms < end_ms:
                yield from era.each(start_ms, end_ms)

    def _oldest(self, interval: str, wanted_ms: int) -> int:
        """When the first bar of an interval opens that there is everything for.

        What is made up of the past is made up as far as ``wanted_ms``, no further.
        """
        length = INTERVALS.get(interval, DAY_MS)
        self._reach(wanted_ms)
        oldest = self._eras[-1].first_ms
        for era in reversed(self._eras):
            if length % era.length_ms:
                break
            oldest = era.first_ms
        return oldest

    def _reach(self, time_ms: int) -> None:
        while self._eras[0].first_ms > time_ms:
            era = next(self._past, None)
            if era is None:
                return
            self._eras.insert(0, era)

    def _total(self, start_ms: int, end_ms: int) -> Bar | None:
        self._reach(start_ms)
        parts = [
            part
            for era in self._eras
            if start_ms < era.end_ms and era.first_ms < end_ms
            if (part := era.total(start_ms, end_ms)) is not None
        ]
        if start_ms <= self._now.open_ms < end_ms:
            parts.append(self._now)
        elif len(parts) == 1:
            return parts[0]
        return _joined(parts, start_ms, end_ms) if parts else None


def _not_before(interval: str, time_ms: int) -> int:
    start = opening(interval, time_ms)
    return start if start == time_ms else following(interval, start)


def _joined(parts: list[Bar], start_ms: int, end_ms: int) -> Bar:
    first = parts[0]
    return Bar(
        start_ms,
        end_ms,
        first.open,
        max([part.high for part in parts]),
        min([part.low for part in parts]),
        parts[-1].close,
        sum([part.lots for part in parts]),
        sum([part.quote for part in parts]),
        sum([part.buy_lots for part in parts]),
        sum([part.buy_quote for part in parts]),
        sum([part.trades for part in parts]),
        first.first_id,
    )
