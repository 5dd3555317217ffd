"""A strategy without an idea: it wants another position now and then."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from typing import Final

from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar

_TARGETS: Final = (Decimal(-1), Decimal("-0.3"), Decimal(0), Decimal("0.5"), Decimal(1))


class Whim:
    """Implements ``Strategy`` on bars of five seconds.

    Args:
        dice: Decide what it wants.
        is_calm: Asked whether it is to want nothing new.
    """

    name = "whim"
    interval_ms = 5_000

    def __init__(self, dice: Random, is_calm: Callable[[], bool]) -> None:
        self._dice = dice
        self._is_calm = is_calm

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        return self.on_bar(bars[-1]) if bars else None

    def on_bar(self, bar: Bar) -> Signal | None:
        if self._is_calm() or self._dice.random() > 0.3:
            return None
        return Signal(
            strategy=self.name,
            symbol=bar.symbol,
            target=self._dice.choice(_TARGETS),
            confidence=0.5,
            reason="for no reason",
            time_ms=bar.open_time_ms + bar.interval_ms,
        )
