"""Feeds a strategy with closed bars and remembers what it wants; the desk does the rest."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from botcore_tui.core.market import Market
from botcore_tui.core.strategy import Strategy
from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar

_HISTORY: Final = 400
_NEWEST: Final = 4
"""Bars looked at in each turn: more than can close between two."""
_EXPIRY: Final = 2
"""Bars of which none has come: what was wanted then is not begun any more."""
_SETTLING_TURNS: Final = 240
"""For so many turns after the start older bars may still be loaded: then it begins anew."""
_KINDS: Final[dict[str, type]] = {
    "strategy": str,
    "symbol": str,
    "target": Decimal,
    "reason": str,
    "time_ms": int,
}
"""Of the fields of a wish."""


class Pilot:
    """One strategy on every symbol.

    A strategy that raises, or wants what is no number, is left out from then on.

    Args:
        strategy: Its own state is its own business.
        market: Where bars come from.

    Attributes:
        trouble: Why the strategy is left out; empty if it is not.
        signals: Its newest wish for each symbol.
    """

    def __init__(self, strategy: Strategy, market: Market) -> None:
        self.trouble = ""
        self.signals: dict[str, Signal] = {}
        self._strategy = strategy
        self._market = market
        self._fed_to_ms: dict[str, int] = {}
        self._fed_from_ms: dict[str, int] = {}
        self._given: dict[str, dict[int, Bar]] = {}
        """The newest bars that it was given, by their time."""
        self._past: dict[str, int] = {}
        """Of older bars when they were last looked at."""
        self._changes: dict[str, int] = {}
        """Of the bars when they were last looked at; many turns bring none."""
        self._turns = 0

    @property
    def name(self) -> str:
        """Of the strategy."""
        return self._strategy.name

    def on_tick(self, symbols: tuple[str, ...]) -> list[Signal]:
        """Feed what has closed since the last time; new wishes."""
        if self.trouble:
            return []
        self._turns += 1
        try:
            return [signal for symbol in symbols for signal in self._fed(symbol)]
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; it must not stop us
            self.trouble = f"{self.name} failed: {type(error).__name__}: {error}"
            return []

    def is_warm(self, symbol: str) -> bool:
        """Whether the strategy has had a symbol's history."""
        return symbol in self._fed_to_ms

    def is_stale(self, symbol: str, time_ms: int) -> bool:
        """Whether the last bar that it was given ended so long ago that its wish is no news."""
        fed_to_ms, interval_ms = self._fed_to_ms.get(symbol), self._strategy.interval_ms
        return fed_to_ms is None or time_ms - fed_to_ms - interval_ms > _EXPIRY * interval_ms

    def reset(self) -> None:
        """Begin anew with the next bars: the market did."""
        self._fed_to_ms.clear()
        self._given.clear()
        self._past.clear()
        self._changes.clear()
        self.signals.clear()
        self._turns = 0

    def _fed(self, symbol: str) -> Iterator[Signal]:
        changes = self._market.of(symbol).bar_changes(self._strategy.interval_ms)
        if self._changes.get(symbol) == changes:
            return
        self._changes[symbol] = changes
        for signal in self._answers(symbol):
            if signal is None:
                continue
            self._check(symbol, signal)
            known = self.signals.get(symbol)
            self.signals[symbol] = signal
            if known is None or known.target != signal.target:
                yield signal

    def _answers(self, symbol: str) -> Iterator[Signal | None]:
        is_settling = self._turns <= _SETTLING_TURNS
        fed_to_ms = self._fed_to_ms.get(symbol)
        past = self._market.of(symbol).past_changes(self._strategy.interval_ms)
        is_revised = self._past.get(symbol, past) != past
        self._past[symbol] = past
        is_long = is_revised or fed_to_ms is None
        closed = self._closed(symbol, _HISTORY if is_long else _NEWEST)
        if not closed:
            return
        if fed_to_ms is not None and closed[0].open_time_ms > fed_to_ms:
            closed = self._closed(symbol, _HISTORY)  # we were away for long
        self._fed_to_ms[symbol] = closed[-1].open_time_ms
        from_ms = closed[0].open_time_ms
        is_older = is_settling and from_ms < self._fed_from_ms.get(symbol, from_ms)
        is_other = self._is_other(symbol, closed)
        if is_other and not is_long:
            closed = self._closed(symbol, _HISTORY)
            from_ms = closed[0].open_time_ms
        self._remember(symbol, closed)
        if fed_to_ms is None or is_older or is_other:
            self._fed_from_ms[symbol] = from_ms
            signal = self._strategy.warm(symbol, closed)
            if signal is None:
                self.signals.pop(symbol, None)  # what followed from other bars is void
            yield signal
            return
        for bar in closed:
            if bar.open_time_ms > fed_to_ms:
                yield self._strategy.on_bar(bar)

    def _check(self, symbol: str, signal: Signal) -> None:
        # The fields of a plug-in's answer hold whatever it put there. What cannot be written down
        # would halt all trading when it is recorded, not end the strategy alone.
        for word, kind in _KINDS.items():
            value = getattr(signal, word)
            if not isinstance(value, kind):
                raise TypeError(f"{word} of a wish is {value!r}: must be {kind.__name__}")
        if signal.strategy != self.name:
            # Whoever is disabled, limited or stopped out is known by name.
            raise ValueError(f"a wish is in the name of {signal.strategy!r}")
        if signal.symbol != symbol:
            raise ValueError(f"a bar of {symbol} led to a wish for {signal.symbol}")
        if not (signal.target.is_finite() and abs(signal.target) <= 1):
            raise ValueError(f"target {signal.target} is not between -1 and 1")
        signal.reason.encode()

    def _is_other(self, symbol: str, closed: list[Bar]) -> bool:
        """Whether a bar has come, or is another, among those that it was given."""
        fed = self._given.get(symbol, {})
        first_ms, last_ms = next(iter(fed), 0), next(reversed(fed), -1)
        return any(
            fed.get(bar.open_time_ms) != bar
            for bar in closed
            if first_ms <= bar.open_time_ms <= last_ms
        )

    def _remember(self, symbol: str, closed: list[Bar]) -> None:
        fed = self._given.setdefault(symbol, {})
        last_ms = next(reversed(fed), -1)
        is_in_order = all(bar.open_time_ms > last_ms or bar.open_time_ms in fed for bar in closed)
        fed.update((bar.open_time_ms, bar) for bar in closed)
        if not is_in_order:
            self._given[symbol] = fed = dict(sorted(fed.items()))
        while len(fed) > _HISTORY:
            del fed[next(iter(fed))]

    def _closed(self, symbol: str, count: int) -> list[Bar]:
        bars = self._market.of(symbol).bars(self._strategy.interval_ms, count)
        return [bar for bar in bars if bar.is_closed]


def direction(target: Decimal) -> int:
    """1 long, -1 short, 0 flat."""
    return (target > 0) - (target < 0)
