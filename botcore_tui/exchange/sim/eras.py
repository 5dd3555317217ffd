"""Bars, and long rows of them in little memory."""

from array import array
from collections.abc import Iterator

from msgspec import Struct


class Bar(Struct, gc=False):
    """One interval of trading; prices in ticks."""

    open_ms: int
    end_ms: int
    """When the next one opens."""
    open: int
    high: int
    low: int
    close: int
    lots: int
    quote: int
    """Worth of the lots, ticks x lots."""
    buy_lots: int
    """Where the taker bought."""
    buy_quote: int
    trades: int
    first_id: int
    """Of the first trade; of the next one to come where there was none."""

    @property
    def last_id(self) -> int:
        """Of the last trade; below ``first_id`` where there was none."""
        return self.first_id + self.trades - 1


class Era:
    """Bars of one length without gap, in columns: little memory, quick sums.

    Args:
        length_ms: Of each bar.
        first_ms: When the first one opens.
    """

    __slots__ = (
        "buy_lots",
        "buy_quotes",
        "closes",
        "first_ids",
        "first_ms",
        "highs",
        "length_ms",
        "lots",
        "lows",
        "opens",
        "quotes",
        "trades",
    )

    def __init__(self, length_ms: int, first_ms: int) -> None:
        self.length_ms = length_ms
        self.first_ms = first_ms
        self.opens = array("q")
        self.highs = array("q")
        self.lows = array("q")
        self.closes = array("q")
        self.lots = array("q")
        self.quotes = array("q")
        self.buy_lots = array("q")
        self.buy_quotes = array("q")
        self.trades = array("q")
        self.first_ids = array("q")

    @property
    def end_ms(self) -> int:
        """When the last bar ended."""
        return self.first_ms + len(self.opens) * self.length_ms

    def append(self, bar: Bar) -> None:
        """Add what follows the last bar."""
        self.opens.append(bar.open)
        self.highs.append(bar.high)
        self.lows.append(bar.low)
        self.closes.append(bar.close)
        self.lots.append(bar.lots)
        self.quotes.append(bar.quote)
        self.buy_lots.append(bar.buy_lots)
        self.buy_quotes.append(bar.buy_quote)
        self.trades.append(bar.trades)
        self.first_ids.append(bar.first_id)

    def reverse(self) -> None:
        """Turn the order round, after newer ones were appended first."""
        for column in (self.opens, self.highs, self.lows, self.closes, self.lots):
            column.reverse()
        for column in (self.quotes, self.buy_lots, self.buy_quotes, self.trades, self.first_ids):
            column.reverse()

    def each(self, start_ms: int, end_ms: int) -> Iterator[Bar]:
        """The bars between two times, one by one."""
        start = max(0, (start_ms - self.first_ms) // self.length_ms)
        end = min(len(self.opens), (end_ms - self.first_ms) // self.length_ms)
        for index in range(start, end):
            open_ms = self.first_ms + index * self.length_ms
            yield Bar(
                open_ms,
                open_ms + self.length_ms,
                self.opens[index],
                self.highs[index],
                self.lows[index],
                self.closes[index],
                self.lots[index],
                self.quotes[index],
                self.buy_lots[index],
                self.buy_quotes[index],
                self.trades[index],
                self.first_ids[index],
            )

    def total(self, start_ms: int, end_ms: int) -> Bar | None:
        """All bars between two times as one; None where there are none."""
        start = max(0, (start_ms - self.first_ms) // self.length_ms)
        end = min(len(self.opens), (end_ms - self.first_ms) // self.length_ms)
        if start >= end:
            return None
        if end - start == 1:
            high, low = self.highs[start], self.lows[start]
        else:
            high, low = max(self.highs[start:end]), min(self.lows[start:end])
        return Bar(
            start_ms,
            end_ms,
            self.opens[start],
            high,
            low,
            self.closes[end - 1],
            sum(self.lots[start:end]),
            sum(self.quotes[start:end]),
            sum(self.buy_lots[start:end]),
            sum(self.buy_quotes[start:end]),
            sum(self.trades[start:end]),
            self.first_ids[start],
        )
