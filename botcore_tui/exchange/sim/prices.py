"""Where a price wants to be: the fair price that a crowd trades around."""

from math import exp
from typing import Final

from botcore_tui.exchange.sim.dice import Dice

VOLATILITY: Final = 7e-6
"""Standard deviation of one move, a fraction of the price: calm days of BTCUSDT."""
MOVE_MS: Final = 100
"""A move is due so often."""
_REGIME_MOVES: Final = 600
"""Mean length of a trend or range, moves."""


class FairPrice:
    """Trends and ranges, clusters of volatility, jumps.

    Args:
        dice: Decides everything.
        ticks: Where it begins.

    Attributes:
        ticks: The price now; stays within a third and three times the first.
        smooth: The same without its noise, as an index of several venues has it.
    """

    def __init__(self, dice: Dice, ticks: int) -> None:
        self.ticks = self.smooth = float(ticks)
        self._dice = dice
        self._lowest, self._highest = ticks / 3, ticks * 3.0
        self._step = ticks * VOLATILITY
        self._anchor = float(ticks)
        self._trend = 0.0
        self._heat = 0.0

    def move(self) -> float:
        """Go one move further; returns how busy it is, around 1."""
        dice = self._dice
        chance = dice.random()
        if chance < 1 / _REGIME_MOVES:
            self._anchor = self.ticks
            self._trend = dice.gauss(0, 0.15) * self._step if dice.random() < 0.5 else 0.0
        elif chance > 1 - 0.3 / _REGIME_MOVES:
            self.ticks += dice.gauss(0, 60) * self._step
            self._heat += 1.0
        # The logarithm of volatility reverts slowly: calm follows calm, storm follows storm.
        self._heat = min(2.0, 0.995 * self._heat + dice.gauss(0, 0.06))
        pull = 0.0 if self._trend else 0.0015 * (self._anchor - self.ticks)
        self.ticks += self._trend + pull + dice.gauss(0, self._step * exp(self._heat))
        self.ticks = max(self._lowest, min(self._highest, self.ticks))
        self.smooth += 0.1 * (self.ticks - self.smooth)
        return exp(0.4 * self._heat)
