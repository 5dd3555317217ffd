"""Indicators that grow by one bar at a time; floats, for they decide and never pay."""

from math import isfinite

from botcore_tui.model.market import Bar


class Ema:
    """Exponential moving average, k = 2 / (period + 1), seeded by the mean of the first closes.

    Args:
        period: Bars, >= 1.

    Raises:
        ValueError: ``period`` is below 1.

    Source: Wilder 1978 uses k = 1 / period instead; see ``Atr``.
    """

    def __init__(self, period: int) -> None:
        self.period = _checked(period)
        self.value: float | None = None
        """None until ``period`` closes are known."""
        self._factor = 2 / (period + 1)
        self._mean = 0.0
        self._count = 0

    def add(self, close: float) -> float | None:
        """Take the next close and return the average with it.

        Raises:
            ValueError: ``close`` is not finite; it is left out, for it would spoil all that follow.
        """
        _refuse_endless("close", close)
        if self.value is not None:
            self.value += self._factor * (close - self.value)
            return self.value
        self._count += 1
        # A running mean of equal numbers is that number to the last bit, a sum divided is not:
        # averages of a market that stands still must not seem to cross.
        self._mean += (close - self._mean) / self._count
        if self._count == self.period:
            self.value = self._mean
        return self.value


class Atr:
    """Average true range as Wilder defines it: k = 1 / period, seeded by the mean of the first.

    Args:
        period: Bars, >= 1; one bar more is needed, as the first has no close before it.

    Raises:
        ValueError: ``period`` is below 1.

    Source: Wilder, New Concepts in Technical Trading Systems, 1978.
    """

    def __init__(self, period: int) -> None:
        self.period = _checked(period)
        self.value: float | None = None
        """Quote units; None until ``period`` + 1 bars are known."""
        self._previous_close: float | None = None
        self._mean = 0.0
        self._count = 0

    def add(self, bar: Bar) -> float | None:
        """Take the next bar and return the average with it.

        Raises:
            ValueError: High, low or close is not finite; the bar is left out.
        """
        for name, price in (("high", bar.high), ("low", bar.low), ("close", bar.close)):
            _refuse_endless(name, price)
        before, self._previous_close = self._previous_close, bar.close
        if before is None:
            return None
        true_range = max(bar.high, before) - min(bar.low, before)
        self._count = min(self._count + 1, self.period)
        self._mean += (true_range - self._mean) / self._count
        if self._count == self.period:
            self.value = self._mean
        return self.value


def _checked(period: int) -> int:
    if period < 1:
        raise ValueError(f"period is {period}: at least 1 bar is needed")
    return period


def _refuse_endless(name: str, price: float) -> None:
    if not isfinite(price):
        raise ValueError(f"{name} is {price}: not a finite number")
