"""The reference strategy: on the side of the fast average, long above the slow one, short below."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, Final, Literal

from msgspec import Struct

from botcore_tui.core.indicators import Atr, Ema
from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar

_INTERVALS_MS: Final = {"1m": 60_000, "5m": 300_000, "15m": 900_000, "1h": 3_600_000}
_DIGITS: Final = 7
"""Significant ones of a price in a reason."""


class Params(Struct, frozen=True, forbid_unknown_fields=True):
    """What can be set.

    Raises:
        ValueError: ``fast`` is below 1, or not below ``slow``.
    """

    interval: Literal["1m", "5m", "15m", "1h"] = "1m"
    fast: int = 9
    """Bars of the faster average."""
    slow: int = 21
    """Bars of the slower average, and of the range that distances are measured in."""

    def __post_init__(self) -> None:
        if not 1 <= self.fast < self.slow:
            raise ValueError(
                f"fast is {self.fast} and slow is {self.slow}: fast must be at least 1 and less"
                " than slow"
            )


class EmaCross:
    """Wants to be long while the fast average is above the slow one, and short while below.

    Its first wish comes with ``slow`` + 1 bars. Confidence is 0.5 where the averages touch and 1
    from a distance of one average true range on.

    Args:
        params: See there.
    """

    name = "ema_cross"
    parameters: ClassVar[type[Params]] = Params

    def __init__(self, params: Params) -> None:
        self.params = params
        self.interval_ms = _INTERVALS_MS[params.interval]
        self._symbols: dict[str, _Averages] = {}

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        """Begin anew with a symbol's history; see ``Strategy``."""
        averages = self._symbols[symbol] = _Averages(self.params)
        for bar in bars:
            averages.add(bar)
        return self._signal(averages, bars[-1]) if bars else None

    def on_bar(self, bar: Bar) -> Signal | None:
        """Take the next closed bar; see ``Strategy``. One that was there before is left out."""
        averages = self._symbols.get(bar.symbol)
        if averages is None:
            averages = self._symbols[bar.symbol] = _Averages(self.params)
        return self._signal(averages, bar) if averages.add(bar) else None

    def _signal(self, averages: "_Averages", bar: Bar) -> Signal | None:
        fast, slow, reach = averages.fast.value, averages.slow.value, averages.range.value
        if fast is None or slow is None or reach is None or fast == slow:
            return None
        distance = abs(fast - slow)
        side = "above" if fast > slow else "below"
        return Signal(
            strategy=self.name,
            symbol=bar.symbol,
            target=Decimal(1) if fast > slow else Decimal(-1),
            confidence=0.5 + 0.5 * min(1.0, distance / reach) if reach else 1.0,
            reason=f"EMA{self.params.fast} {_text(fast)} {side} EMA{self.params.slow} {_text(slow)}"
            f" on {self.params.interval}",
            time_ms=bar.open_time_ms + bar.interval_ms,
        )


class _Averages:
    """What is known of one symbol."""

    def __init__(self, params: Params) -> None:
        self.fast = Ema(params.fast)
        self.slow = Ema(params.slow)
        self.range = Atr(params.slow)
        self._last_ms = -1

    def add(self, bar: Bar) -> bool:
        """Whether the bar is a new one."""
        if bar.open_time_ms <= self._last_ms:
            return False
        self.range.add(bar)  # first: it refuses a bar whole that has any number missing
        self.fast.add(bar.close)
        self.slow.add(bar.close)
        self._last_ms = bar.open_time_ms
        return True


def _text(price: float) -> str:
    return f"{Decimal(f'{price:.{_DIGITS}g}'):f}"
