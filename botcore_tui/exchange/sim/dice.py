"""Chance as an argument: what the embedded exchange needs of it, and a source for pure code."""

from math import cos, log, pi, sqrt
from typing import Final, Protocol


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


_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_UNIT: Final = 2.0**-53


class SeededDice:
    """Dice of their own for what is made up when it is first asked for.

    Drawing from a market's dice then would let a question change what the market does next.

    Args:
        seed: The same gives the same numbers.

    Source: SplitMix64, Steele, Lea and Flood 2014.
    """

    def __init__(self, seed: int) -> None:
        self._state = seed & _MASK

    def random(self) -> float:
        """In [0, 1)."""
        return (self._next() >> 11) * _UNIT

    def randrange(self, start: int, /) -> int:
        """In [0, start)."""
        return (self._next() * start) >> 64

    def gauss(self, mu: float, sigma: float) -> float:
        """Normally distributed."""
        # Box and Muller; 1 - random() is never 0.
        radius = sqrt(-2.0 * log(1.0 - self.random()))
        return mu + sigma * radius * cos(2.0 * pi * self.random())

    def paretovariate(self, alpha: float) -> float:
        """At least 1, heavy-tailed."""
        return float((1.0 - self.random()) ** (-1.0 / alpha))

    def _next(self) -> int:
        self._state = state = (self._state + _GOLDEN) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        return state ^ (state >> 31)
