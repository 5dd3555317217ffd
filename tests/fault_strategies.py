"""Strategies that do what none should."""

import threading
from collections.abc import Sequence
from decimal import Decimal

from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar

BLOCKED_SECONDS = 2.0


class Raising:
    """Fails with its first bars."""

    name = "raising"
    interval_ms = 60_000

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        """Fail."""
        raise ZeroDivisionError(f"{symbol} has {len(bars)} bars, and that is the problem")

    def on_bar(self, bar: Bar) -> Signal | None:
        """Fail."""
        raise AssertionError("asked again")


class NoNumber(Raising):
    """Wants a position that is not a number."""

    name = "no number"

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        """Want it."""
        return wish(self.name, symbol, "NaN")


class Blocking(Raising):
    """Thinks for long, with the engine's thread."""

    name = "blocking"
    begun = threading.Event()

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        """Think."""
        self.begun.set()
        threading.Event().wait(BLOCKED_SECONDS)
        return wish(self.name, symbol, "1")

    def on_bar(self, bar: Bar) -> Signal | None:
        """Keep still."""
        return None


class Fickle(Raising):
    """Changes its mind with each bar of a second."""

    name = "fickle"
    interval_ms = 1_000

    def __init__(self) -> None:
        self._target = 1

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        """Want something."""
        return self._next(symbol)

    def on_bar(self, bar: Bar) -> Signal | None:
        """Want the opposite."""
        return self._next(bar.symbol)

    def _next(self, symbol: str) -> Signal:
        self._target = -self._target
        return wish(self.name, symbol, str(self._target))


def wish(strategy: str, symbol: str, target: str) -> Signal:
    """A signal for a target."""
    return Signal(
        strategy=strategy,
        symbol=symbol,
        target=Decimal(target),
        confidence=1.0,
        reason="because",
        time_ms=1,
    )
