"""What is traded in a usual minute, for the size of an order (P06)."""

from decimal import Decimal
from statistics import median
from typing import Final

from botcore_tui.core.bars import MINUTE_MS
from botcore_tui.core.market import Market

_MINUTES: Final = 30
_NEEDED: Final = 5
"""Fewer say nothing about what is usual."""
_AGAIN_MS: Final = 5_000


class MinuteVolumes:
    """Median volume of the last closed minutes, looked at anew every few seconds.

    Args:
        market: Where bars come from.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._known: dict[str, tuple[int, Decimal | None]] = {}

    def median(self, symbol: str, time_ms: int) -> Decimal | None:
        """Base units; None while too few minutes are known.

        Minutes without a trade have no bar: of a contract that quiet the median is too high, and
        the other limits hold alone.
        """
        known = self._known.get(symbol)
        if known is not None and 0 <= time_ms - known[0] < _AGAIN_MS:
            return known[1]
        found = self._median(symbol)
        self._known[symbol] = (time_ms, found)
        return found

    def _median(self, symbol: str) -> Decimal | None:
        market = self._market.by_symbol.get(symbol)
        bars = [] if market is None else market.bars(MINUTE_MS, _MINUTES + 1)
        volumes = [bar.volume for bar in bars if bar.is_closed]
        return Decimal(repr(median(volumes))) if len(volumes) >= _NEEDED else None
