"""The strategy at the desk: when it may begin, and how its wishes are followed."""

from collections.abc import Iterable
from typing import Final

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.notes import note
from botcore_tui.core.order_entry import OrderEntry
from botcore_tui.core.orders import Order
from botcore_tui.core.pilot import Pilot, direction
from botcore_tui.model.command import Signal
from botcore_tui.model.event import Effect, OpenMarket, Record
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.market import Bar
from botcore_tui.model.order import Fill, OrderRequest, OrderState
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import Cover, Wish

_OPEN_AFTER_MS: Final = 6_000
"""So long the market waits for positions to be protected, after the first reconciliation."""
_AGAIN_MS: Final = 5_000
_FRESH_MS: Final = 5_000
_LATE: Final = " (no bar since: no entry)"
_DONE: Final = " (entered before: not again until it changes)"
"""Beside a wish that is not begun, as the one above; it would look like one that is."""


class StrategyDesk:
    """Of one session.

    Args:
        state: Of the account.
        entry: The one way to an order.
        pilot: The strategy; None: only people trade.

    Attributes:
        is_market_open: Whether bars and strategies have begun.
    """

    def __init__(self, state: AccountState, entry: OrderEntry, pilot: Pilot | None) -> None:
        self._state = state
        self._entry = entry
        self._pilot = pilot
        self.is_market_open = False
        self._waits_from_ms: int | None = None
        self._acted: dict[str, int] = {}
        """Direction in which a strategy's present wish was carried out."""
        self._not_before_ms: dict[str, int] = {}
        self._has_told_trouble = False

    def recall(self, entries: Iterable[IntentRow]) -> None:
        """Earlier sessions entered: what was stopped out, in one or between them, stays out.

        Args:
            entries: See ``Recollection``.
        """
        for entry in entries:
            if self._is_ours(entry.request):
                self._acted[entry.request.symbol] = entry.request.side.sign

    def open_market(self) -> list[Effect]:
        """Let bars and strategies begin once positions are protected, or that takes too long."""
        state = self._state
        if self.is_market_open or not state.is_reconciled:
            return []
        if self._waits_from_ms is None:
            self._waits_from_ms = state.time_ms
        covers = [
            state.protection.guard(holding.symbol).cover for holding in state.portfolio.holdings()
        ]
        is_late = state.time_ms - self._waits_from_ms >= _OPEN_AFTER_MS
        if not (is_late or all(cover is Cover.VERIFIED for cover in covers)):
            return []
        self.is_market_open = True
        return [OpenMarket(state.time_ms)]

    def on_bar(self, bar: Bar) -> list[Effect]:
        """A bar that has just closed is decided on at once; history is left to the next tick."""
        is_fresh = self._state.time_ms - bar.open_time_ms - bar.interval_ms < _FRESH_MS
        is_news = bar.is_closed and is_fresh
        is_awaited = self._pilot is not None and self._pilot.is_warm(bar.symbol)
        return self._steer((bar.symbol,)) if is_news and is_awaited else []

    def on_reset(self) -> None:
        """The market begins anew."""
        if self._pilot is not None:
            self._pilot.reset()

    def on_fill(self, order: Order, fill: Fill) -> None:
        """An entry was executed."""
        if self._is_ours(order.request):
            self._acted[fill.symbol] = fill.side.sign

    def on_failed(self, order: Order) -> None:
        """An order was refused, or not placed."""
        request = order.request
        is_not_placed = order.is_entry and order.state is OrderState.NOT_PLACED
        if is_not_placed and self._is_ours(request):
            # Nothing was done: a strategy's wish may be carried out yet, after a pause.
            self._acted.pop(request.symbol, None)
            self._not_before_ms[request.symbol] = self._state.time_ms + _AGAIN_MS

    def on_tick(self) -> list[Effect]:
        """Ask the strategy, and take the next step towards what it wants."""
        return self._steer(self._state.settings.symbols)

    def _steer(self, symbols: tuple[str, ...]) -> list[Effect]:
        pilot, state = self._pilot, self._state
        if pilot is None or not self.is_market_open or not state.settings.is_trading_enabled:
            return []
        effects: list[Effect] = []
        for signal in pilot.on_tick(symbols):
            text = f"{signal.strategy} wants {signal.symbol} at {signal.target:f}: {signal.reason}"
            effects.append(Record(Severity.INFO, "signal", text, state.time_ms))
            if self._acted.get(signal.symbol) != direction(signal.target):
                self._acted.pop(signal.symbol, None)
        if pilot.trouble:
            state.wishes = ()
            return effects + self._left_out(pilot)
        state.wishes = tuple(
            Wish(pilot.name, signal.symbol, direction(signal.target))
            for signal in pilot.signals.values()
        )
        for symbol in symbols:
            effects += self._follow(pilot, symbol)
        return effects

    def _left_out(self, pilot: Pilot) -> list[Effect]:
        if self._has_told_trouble:
            return []
        self._has_told_trouble = True
        text = f"strategy left out from here on, positions keep their stops: {pilot.trouble}"
        return note(Severity.CRITICAL, "strategy.failed", text, time_ms=self._state.time_ms)

    def _follow(self, pilot: Pilot, symbol: str) -> list[Effect]:
        signal, state = pilot.signals.get(symbol), self._state
        if signal is None:
            return []
        wanted, quantity = direction(signal.target), state.portfolio.quantity(symbol)
        is_held = quantity and direction(quantity) == wanted
        if is_held and not state.protection.guard(symbol).closing:
            # Held as wanted, be it by an earlier run or a person: the wish is carried out.
            self._acted[symbol] = wanted
        if state.standing.is_halted or state.time_ms < self._not_before_ms.get(symbol, 0):
            return []
        if self._is_done(symbol, wanted):
            return []
        if not quantity and pilot.is_stale(symbol, state.time_ms):
            return []
        effects, is_settled = self._entry.follow(signal)
        if is_settled:
            self._acted[symbol] = wanted
        return effects

    def text(self) -> str:
        """For the screen: its name and what it wants; empty without one."""
        pilot = self._pilot
        if pilot is None:
            return ""
        reasons = [
            f"{signal.symbol} at {signal.target:f}, {signal.reason}{self._remark(pilot, signal)}"
            for signal in pilot.signals.values()
        ]
        return f"{pilot.name}: {pilot.trouble or '; '.join(reasons) or 'waits'}"

    def _remark(self, pilot: Pilot, signal: Signal) -> str:
        symbol = signal.symbol
        if pilot.is_stale(symbol, self._state.time_ms):
            return _LATE
        wanted, is_waiting = direction(signal.target), self._state.register.entries(symbol)
        return _DONE if wanted and not is_waiting and self._is_done(symbol, wanted) else ""

    def _is_done(self, symbol: str, wanted: int) -> bool:
        # Stopped out while the wish is the same: not again before it has changed.
        return self._acted.get(symbol) == wanted and not self._state.portfolio.quantity(symbol)

    def _is_ours(self, request: OrderRequest) -> bool:
        return self._pilot is not None and request.actor == self._pilot.name
