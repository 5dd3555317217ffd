"""Bars of mark price, index price and premium."""

from array import array
from enum import Enum
from math import pi, sin
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.sim.bars import Bars
from botcore_tui.exchange.sim.contracts import RATE
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.eras import Bar
from botcore_tui.exchange.sim.intervals import MINUTE_MS
from botcore_tui.exchange.sim.marks import Mark

_HOUR_MS: Final = 60 * MINUTE_MS
_WAVES: Final = ((37.0, 2.4e-4), (11.0, 1.2e-4), (2.3, 6e-5), (0.3, 3e-5))
"""Periods of the past's premium in hours, and how far it swings."""


class Kind(Enum):
    """What bars are of."""

    MARK = 0
    INDEX = 1
    PREMIUM = 2


class PriceBar(Struct, gc=False):
    """One interval of a price that nobody trades at."""

    open_ms: int
    end_ms: int
    """When the next one opens."""
    open: int
    """Atoms; 10**-8 of the index for a premium."""
    high: int
    low: int
    close: int
    count: int
    """Values that it is made of."""


class PastPremium:
    """How far the mark stood from the index before a market began; nothing at its beginning.

    Args:
        start_ms: When that was.
        dice: Decides the past.
    """

    def __init__(self, start_ms: int, dice: Dice) -> None:
        self._start_ms = start_ms
        self._waves = tuple(
            (
                2 * pi / (hours * _HOUR_MS * (0.8 + 0.4 * dice.random())),
                size * (1 if dice.random() < 0.5 else -1),
            )
            for hours, size in _WAVES
        )

    def at(self, time_ms: int) -> float:
        """A fraction of the index."""
        age = time_ms - self._start_ms
        return sum([size * sin(speed * age) for speed, size in self._waves])

    def average(self, start_ms: int, end_ms: int) -> float:
        """Over some time."""
        steps = 8
        pace = (end_ms - start_ms) / steps
        return sum(self.at(round(start_ms + pace * (n + 0.5))) for n in range(steps)) / steps


class MarkBars:
    """A market's mark price, index and premium by the minute, and what they were before.

    Args:
        start_ms: When the market begins.
        bars: Its bars, which the past is like.
        premium: Of the past.
        price_atoms: Of a tick.
    """

    def __init__(self, start_ms: int, bars: Bars, premium: PastPremium, price_atoms: int) -> None:
        self._first_ms = start_ms // MINUTE_MS * MINUTE_MS
        self._bars = bars
        self._premium = premium
        self._price_atoms = price_atoms
        self._opens = tuple(array("q") for _ in Kind)
        self._highs = tuple(array("q") for _ in Kind)
        self._lows = tuple(array("q") for _ in Kind)
        self._closes = tuple(array("q") for _ in Kind)
        self._counts = array("q")

    def add(self, mark: Mark, time_ms: int) -> None:
        """Count the values of a moment; there is one in every minute."""
        minute = (time_ms - self._first_ms) // MINUTE_MS
        premium = (mark.price - mark.index) * RATE // mark.index
        values = (mark.price, mark.index, premium)
        if minute >= len(self._counts):
            for kind, value in enumerate(values):
                self._opens[kind].append(value)
                self._highs[kind].append(value)
                self._lows[kind].append(value)
                self._closes[kind].append(value)
            self._counts.append(1)
            return
        for kind, value in enumerate(values):
            self._highs[kind][-1] = max(self._highs[kind][-1], value)
            self._lows[kind][-1] = min(self._lows[kind][-1], value)
            self._closes[kind][-1] = value
        self._counts[-1] += 1

    def klines(
        self,
        kind: Kind,
        interval: str,
        *,
        now_ms: int,
        start_ms: int | None = None,
        end_ms: int | None = None,
        limit: int = 500,
    ) -> list[PriceBar]:
        """Bars that opened between two times; see ``Bars.klines``."""
        spans = self._bars.spans(
            interval, now_ms=now_ms, start_ms=start_ms, end_ms=end_ms, limit=limit
        )
        return [self._total(kind, start, end) for start, end in spans]

    def _total(self, kind: Kind, start_ms: int, end_ms: int) -> PriceBar:
        parts: list[PriceBar] = []
        if start_ms < self._first_ms:
            past = self._bars.before(start_ms, end_ms)
            parts = [self._past(kind, bar) for bar in past]
        live = self._live(kind, start_ms, end_ms)
        if live is not None:
            parts.append(live)
        return PriceBar(
            start_ms,
            end_ms,
            parts[0].open,
            max([part.high for part in parts]),
            min([part.low for part in parts]),
            parts[-1].close,
            sum([part.count for part in parts]),
        )

    def _live(self, kind: Kind, start_ms: int, end_ms: int) -> PriceBar | None:
        start = max(0, (start_ms - self._first_ms) // MINUTE_MS)
        end = min(len(self._counts), (end_ms - self._first_ms) // MINUTE_MS)
        if start >= end:
            return None
        column = kind.value
        return PriceBar(
            start_ms,
            end_ms,
            self._opens[column][start],
            max(self._highs[column][start:end]),
            min(self._lows[column][start:end]),
            self._closes[column][end - 1],
            sum(self._counts[start:end]),
        )

    def _past(self, kind: Kind, bar: Bar) -> PriceBar:
        """The mark followed the trades, and the index the mark at the premium's distance."""
        before, after = self._premium.at(bar.open_ms), self._premium.at(bar.end_ms)
        low, high = min(before, after), max(before, after)
        count = (bar.end_ms - bar.open_ms) // 1_000
        if kind is Kind.PREMIUM:
            return PriceBar(
                bar.open_ms,
                bar.end_ms,
                round(before * RATE),
                round(high * RATE),
                round(low * RATE),
                round(after * RATE),
                count,
            )
        if kind is Kind.MARK:
            before = after = low = high = 0.0
        atoms = self._price_atoms
        return PriceBar(
            bar.open_ms,
            bar.end_ms,
            round(bar.open * atoms / (1 + before)),
            round(bar.high * atoms / (1 + low)),
            round(bar.low * atoms / (1 + high)),
            round(bar.close * atoms / (1 + after)),
            count,
        )
