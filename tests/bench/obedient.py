"""A strategy that wants what its bars say: the bench writes the bars."""

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar

LONG, FLAT = 1_001, 1_002
"""Trades in a bar, which stand for a wish."""
_MINUTE_MS: Final = 60_000
_TARGETS: Final = {LONG: Decimal(1), FLAT: Decimal(0)}


class Obedient:
    """Long or flat, as the last bar says; silent after bars that say nothing."""

    name = "obedient"
    interval_ms = _MINUTE_MS

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        """See ``Strategy``."""
        return self.on_bar(bars[-1]) if bars else None

    def on_bar(self, bar: Bar) -> Signal | None:
        """See ``Strategy``."""
        target = _TARGETS.get(bar.trades)
        if target is None:
            return None
        return Signal(
            strategy=self.name,
            symbol=bar.symbol,
            target=target,
            confidence=1.0,
            reason="as told",
            time_ms=bar.open_time_ms + bar.interval_ms,
        )


class Bars:
    """Writes closed minutes, each one later than the one before; they begin with the next one.

    Args:
        symbol: Of the contract.
        price: All of its prices.
    """

    def __init__(self, symbol: str, price: str) -> None:
        self.symbol = symbol
        self.stream = f"{symbol.lower()}@kline_1m"
        self._price = price
        self._open_ms = time.time_ns() // 1_000_000 // _MINUTE_MS * _MINUTE_MS

    def next(self, trades: int) -> bytes:
        """The payload of the next one (Binance USD-M, kline streams)."""
        self._open_ms += _MINUTE_MS
        prices = dict.fromkeys("ochl", self._price)
        # Plenty: an order may be a small share of a minute's volume only.
        volumes = {"v": "100000", "q": "6000000000", "V": "50000", "Q": "3000000000"}
        bar = {
            "t": self._open_ms,
            "T": self._open_ms + _MINUTE_MS - 1,
            "s": self.symbol,
            "i": "1m",
            "f": 1,
            "L": trades,
            "n": trades,
            "x": True,
            "B": "0",
        }
        event_ms = self._open_ms + _MINUTE_MS
        return msgspec.json.encode(
            {"e": "kline", "E": event_ms, "s": self.symbol, "k": bar | prices | volumes}
        )
