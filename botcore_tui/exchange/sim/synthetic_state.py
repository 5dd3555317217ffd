"""What a synthetic market remembers: its fair price, the sides of its book, its last 24 hours."""

from collections import deque
from math import exp
from typing import Final, Protocol

from botcore_tui.exchange.sim.synthetic_frames import DayStatistics

_VOLATILITY: Final = 7e-6
"""Standard deviation of one move, a fraction of the price: calm days of BTCUSDT."""
_REGIME_MOVES: Final = 600
"""Mean length of a trend or range, moves."""
_HOUR_MS: Final = 3_600_000


class Dice(Protocol):
    """The part of ``random.Random`` that a market needs."""

    def random(self) -> float:
        """In [0, 1)."""

    def randrange(self, start: int, /) -> int:
        """In [0, start)."""

    def gauss(self, mu: float, sigma: float) -> float:
        """Normally distributed."""

    def paretovariate(self, alpha: float) -> float:
        """At least 1, heavy-tailed."""


class FairPrice:
    """Where the price wants to be: trends and ranges, clusters of volatility, jumps.

    Attributes:
        ticks: The price now, in ticks; stays within a third and three times the first.
        smooth: The same without its noise, as a mark price has it.
    """

    def __init__(self, rng: Dice, ticks: int) -> None:
        self.ticks = self.smooth = float(ticks)
        self._rng = rng
        self._lowest, self._highest = ticks / 3, ticks * 3.0
        self._step = ticks * _VOLATILITY
        self._anchor = float(ticks)
        self._trend = 0.0
        self._heat = 0.0

    def move(self) -> float:
        """Go one slot further; returns how busy it is, around 1."""
        rng = self._rng
        dice = rng.random()
        if dice < 1 / _REGIME_MOVES:
            self._anchor = self.ticks
            self._trend = rng.gauss(0, 0.15) * self._step if rng.random() < 0.5 else 0.0
        elif dice > 1 - 0.3 / _REGIME_MOVES:
            self.ticks += rng.gauss(0, 60) * self._step
            self._heat += 1.0
        # The logarithm of volatility reverts slowly: calm follows calm, storm follows storm.
        self._heat = min(2.0, 0.995 * self._heat + rng.gauss(0, 0.06))
        pull = 0.0 if self._trend else 0.0015 * (self._anchor - self.ticks)
        self.ticks += self._trend + pull + rng.gauss(0, self._step * exp(self._heat))
        self.ticks = max(self._lowest, min(self._highest, self.ticks))
        self.smooth += 0.1 * (self.ticks - self.smooth)
        return exp(0.4 * self._heat)


class LadderSide:
    """Levels of one side, tick to lots; never empty.

    Attributes:
        sign: 1 for bids, -1 for asks: the direction of better prices.
        changed: Levels changed since somebody last cleared this, with their lots; 0 for gone.
    """

    def __init__(self, sign: int, best: int, lots: int) -> None:
        self.sign = sign
        self.best = best
        self.levels = {best: lots}
        self.changed: dict[int, int] = {}

    @property
    def best_lots(self) -> int:
        """Lots at the best price."""
        return self.levels[self.best]

    def set(self, tick: int, lots: int) -> None:
        """Put a level at its absolute size; 0 removes it. The last level of a side must stay."""
        if lots:
            self.levels[tick] = lots
            if (tick - self.best) * self.sign > 0:
                self.best = tick
        else:
            del self.levels[tick]
            while self.best not in self.levels:
                self.best -= self.sign
        self.changed[tick] = lots

    def sorted_levels(self) -> list[tuple[int, int]]:
        """Best first."""
        return sorted(self.levels.items(), reverse=self.sign > 0)


class LastDay:
    """Statistics of the last 24 hours, forgotten by the hour; begins with a day that never was."""

    def __init__(self, rng: Dice, tick: int, *, hourly_lots: int, trade_id: int) -> None:
        self._last, self._last_lots = tick, 1
        self._hour = -1
        self._hours: deque[_Hour] = deque(maxlen=24)
        close = tick
        for age in range(1, 25):
            start = round(close * (1 + rng.gauss(0, 0.003)))
            bucket = _Hour(start, trade_id - age * 50_000)
            bucket.add(round(max(start, close) * 1.001), hourly_lots // 2)
            bucket.add(round(min(start, close) * 0.999), hourly_lots // 2)
            self._hours.appendleft(bucket)
            close = start

    def add(self, tick: int, lots: int, *, trade_id: int, time_ms: int) -> None:
        """Count a trade; ``trade_id`` is the first of those it stands for."""
        hour = time_ms // _HOUR_MS
        if hour != self._hour:
            self._hour = hour
            self._hours.append(_Hour(tick, trade_id))
        self._hours[-1].add(tick, lots)
        self._last, self._last_lots = tick, lots

    def statistics(self, last_trade_id: int) -> DayStatistics:
        """The day up to the trade ``last_trade_id``."""
        hours = self._hours
        return DayStatistics(
            open=hours[0].open,
            high=max(hour.high for hour in hours),
            low=min(hour.low for hour in hours),
            last=self._last,
            last_lots=self._last_lots,
            volume=sum(hour.volume for hour in hours),
            turnover=sum(hour.turnover for hour in hours),
            first_trade_id=hours[0].first_trade_id,
            last_trade_id=last_trade_id,
        )


class _Hour:
    def __init__(self, tick: int, first_trade_id: int) -> None:
        self.open = self.high = self.low = tick
        self.volume = self.turnover = 0
        self.first_trade_id = first_trade_id

    def add(self, tick: int, lots: int) -> None:
        self.high = max(self.high, tick)
        self.low = min(self.low, tick)
        self.volume += lots
        self.turnover += lots * tick
