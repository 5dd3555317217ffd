"""Counts what an engine does while it trades, for the report at the end."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.market import SymbolMarket
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Append, Effect, Event
from botcore_tui.model.ledger import FillRow, ProtectionRow
from botcore_tui.model.order import OrderSent

_SECOND_MS = 1_000


class Earned(Struct, frozen=True):
    """What came of the orders of one session, or of several."""

    realized: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    funding: Decimal = Decimal(0)
    rejected: int = 0
    denied: int = 0

    def __add__(self, other: "Earned") -> "Earned":
        """Both together."""
        return Earned(
            self.realized + other.realized,
            self.fees + other.fees,
            self.funding + other.funding,
            self.rejected + other.rejected,
            self.denied + other.denied,
        )


class Tally:
    """Sees every event with its effects; give ``observe`` to the engine.

    Attributes:
        orders: That were signed and left for the venue.
        fills: Executions, each once.
    """

    def __init__(self) -> None:
        self.orders = 0
        self.fills = 0
        self._ended_spans = Decimal(0)
        self._trader: Trader | None = None
        self._state: AccountState | None = None
        self._before = Earned()
        """In sessions that have ended."""
        self._markets: Mapping[str, SymbolMarket] = {}
        self._resyncs_before = 0
        """Of markets that have begun anew since."""

    @property
    def earned(self) -> Earned:
        """In every session of this run: an exchange may have ended, and another begun."""
        return self._before if self._state is None else self._before + _earned(self._state)

    @property
    def unprotected_seconds(self) -> Decimal:
        """In which a position had no verified stop, in all; one that still has none included."""
        trader, state = self._trader, self._state
        if trader is None or state is None:
            return self._ended_spans
        open_ms = sum(
            state.protection.guard(holding.symbol).naked_for_ms(trader.time_ms)
            for holding in state.portfolio.holdings()
        )
        return self._ended_spans + Decimal(open_ms) / _SECOND_MS

    @property
    def resyncs(self) -> int:
        """How often books were fetched anew."""
        return self._resyncs_before + sum(one.book.resyncs for one in self._markets.values())

    def observe(self, event: Event, effects: Sequence[Effect], trader: Trader) -> None:
        """Count; in the engine's thread."""
        state = None if trader.desk is None else trader.desk.state
        if state is not self._state:
            # A span without a stop that is still open then ends in no row.
            self._ended_spans = self.unprotected_seconds
            self._before, self._state = self.earned, state
        self._trader = trader
        if trader.market.by_symbol is not self._markets:
            self._resyncs_before, self._markets = self.resyncs, trader.market.by_symbol
        if isinstance(event, OrderSent):
            self.orders += 1
        for effect in effects:
            if isinstance(effect, Append):
                self._note(effect)

    def _note(self, append: Append) -> None:
        row = append.row
        if isinstance(row, FillRow):
            self.fills += 1
        elif isinstance(row, ProtectionRow):
            self._ended_spans += Decimal(row.to_ms - row.from_ms) / _SECOND_MS


def _earned(state: AccountState) -> Earned:
    books = state.portfolio
    return Earned(
        books.realized_run, books.fees_run, books.funding_run, state.rejected, state.denied
    )
