"""Counts what an engine does while it trades, for the report at the end."""

from collections.abc import Sequence
from decimal import Decimal

from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Append, Effect, Event, Submit
from botcore_tui.model.ledger import FillRow, ProtectionRow

_SECOND_MS = 1_000


class Tally:
    """Sees every event with its effects; give ``observe`` to the engine.

    Attributes:
        orders: That were handed to the venue's client.
        fills: Executions, each once.
        unprotected_seconds: Spans that ended in which a position had no verified stop, in all.
    """

    def __init__(self) -> None:
        self.orders = 0
        self.fills = 0
        self.unprotected_seconds = Decimal(0)
        self._trader: Trader | None = None

    @property
    def resyncs(self) -> int:
        """How often books were fetched anew."""
        markets = {} if self._trader is None else self._trader.market.by_symbol
        return sum(market.book.resyncs for market in markets.values())

    def observe(self, _event: Event, effects: Sequence[Effect], trader: Trader) -> None:
        """Count; in the engine's thread."""
        self._trader = trader
        for effect in effects:
            if isinstance(effect, Submit):
                self.orders += 1
            elif isinstance(effect, Append):
                self._note(effect)

    def _note(self, append: Append) -> None:
        row = append.row
        if isinstance(row, FillRow):
            self.fills += 1
        elif isinstance(row, ProtectionRow):
            self.unprotected_seconds += Decimal(row.to_ms - row.from_ms) / _SECOND_MS
