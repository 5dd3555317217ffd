"""Geometry of the candle chart: prices and times to cells and glyphs."""

import math
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from botcore_tui.model.market import Bar
from botcore_tui.ui import format as fmt

_NONE, _WICK, _BODY = 0, 1, 2

_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000
_DAY_MS = 86_400_000
_TIME_STEPS_MS = (
    *(seconds * 1_000 for seconds in (1, 5, 10, 15, 30)),
    *(minutes * _MINUTE_MS for minutes in (1, 5, 10, 15, 30)),
    *(hours * _HOUR_MS for hours in (1, 2, 4, 6, 12)),
    *(days * _DAY_MS for days in (1, 2, 7, 14, 28)),
)


class Graph(StrEnum):
    """What candles are made of; the last needs no more than ASCII."""

    LINE = "line"
    BLOCK = "block"
    ASCII = "ascii"


# Nine glyphs each: upper half nothing, wick or body, times lower half the same. A falling body is
# not only another colour but another texture.
_RISING = {Graph.LINE: " ╷╻╵│╽╹╿┃", Graph.BLOCK: " ╷▄╵│▄▀▀█", Graph.ASCII: " |+||++++"}
_FALLING = {Graph.LINE: " ╷╻╵│╽╹╿┇", Graph.BLOCK: " ╷▒╵│▒▒▒▒", Graph.ASCII: " |-||----"}
_LEVELS = {
    Graph.LINE: " ▁▂▃▄▅▆▇█",
    Graph.BLOCK: " ▁▂▃▄▅▆▇█",
    Graph.ASCII: "    #####",
}
PRICE_LINE = {Graph.LINE: "┄", Graph.BLOCK: "┄", Graph.ASCII: "."}


class Scale(Struct, frozen=True):
    """Prices on so many rows, the highest in the first."""

    low: float
    high: float
    rows: int

    def holds(self, price: float) -> bool:
        """Whether a price has a place of its own on the scale."""
        return self.low <= price <= self.high

    def half(self, price: float) -> int:
        """Half row of a price, counted from the top; clamped to the scale."""
        halves = 2 * self.rows
        place = int((self.high - price) / (self.high - self.low) * halves)
        return min(halves - 1, max(0, place))

    def row(self, price: float) -> int:
        """Row of a price, counted from the top."""
        return self.half(price) // 2


def scale_of(low: float, high: float, rows: int, *, smallest: float) -> Scale:
    """A scale from ``low`` to ``high``; opened by half of ``smallest`` where they are the same."""
    if not high > low:
        margin = max(smallest / 2, abs(high) * 1e-9)
        low, high = low - margin, high + margin
    return Scale(low, high, rows)


def is_rising(bar: Bar) -> bool:
    """Whether the interval closed at or above where it opened."""
    return bar.close >= bar.open


@lru_cache(maxsize=1024)
def candle(bar: Bar, scale: Scale, graph: Graph) -> str:
    """One candle from the top to the bottom of the scale, a character a row."""
    glyphs = (_RISING if is_rising(bar) else _FALLING)[graph]
    wick = range(scale.half(bar.high), scale.half(bar.low) + 1)
    body = range(scale.half(max(bar.open, bar.close)), scale.half(min(bar.open, bar.close)) + 1)

    def part(half: int) -> int:
        return _BODY if half in body else _WICK if half in wick else _NONE

    first = min(wick.start, body.start) // 2
    last = (max(wick.stop, body.stop) - 1) // 2
    drawn = "".join(glyphs[3 * part(2 * row) + part(2 * row + 1)] for row in range(first, last + 1))
    return " " * first + drawn + " " * (scale.rows - last - 1)


def volume_column(volume: float, largest: float, rows: int, graph: Graph) -> str:
    """A column of volume from the top to the bottom, in eighths of a row."""
    glyphs = _LEVELS[graph]
    share = min(1.0, volume / largest) if largest > 0 else 0.0
    eighths = round(share * rows * 8)
    return "".join(glyphs[min(8, max(0, eighths - 8 * row))] for row in range(rows - 1, -1, -1))


def price_ticks(scale: Scale, *, decimals: int) -> Iterator[tuple[int, str]]:
    """Round prices for the axis, about one every four rows: row and text."""
    wanted = (scale.high - scale.low) / max(1.0, scale.rows / 4)
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor >= wanted * 0.99)
    step = max(step, 10.0**-decimals)
    for multiple in range(math.ceil(scale.low / step), math.floor(scale.high / step) + 1):
        price = multiple * step
        yield scale.row(price), fmt.fixed(price, decimals)


def time_ticks(
    right_ms: int, interval_ms: int, columns: int, *, width: int
) -> Iterator[tuple[int, str]]:
    """Round times for the axis: column and text, left to right, never overlapping.

    Args:
        right_ms: When the interval in the last column begins.
        interval_ms: Length of one column.
        columns: Columns of the chart.
        width: Cells that the labels may take; more than the chart where an axis stands beside it.
    """
    left_ms = right_ms - (columns - 1) * interval_ms
    longest = 8 if interval_ms < _MINUTE_MS else 5
    wanted = (longest + 3) * interval_ms
    step = next((each for each in _TIME_STEPS_MS if each >= wanted), _TIME_STEPS_MS[-1])
    first = -(-left_ms // step) * step
    for time_ms in range(first, right_ms + 1, step):
        column, remainder = divmod(time_ms - left_ms, interval_ms)
        if remainder == 0 and column + longest <= width:
            yield column, _time_text(time_ms, interval_ms)


def _time_text(time_ms: int, interval_ms: int) -> str:
    if interval_ms < _MINUTE_MS:
        return fmt.clock(time_ms)
    # At midnight the day says more than the hour.
    is_midnight = time_ms % _DAY_MS == 0
    return fmt.calendar_day(time_ms) if is_midnight else fmt.clock_minutes(time_ms)
