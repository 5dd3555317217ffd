"""Proof that the book is the venue's: its best prices against the venue's own bookTicker.

After each applied delta [U, u], the last bookTicker in update-id order with U <= id <= u must
equal the book's best bid and ask, prices and quantities. Where the venue published no such
bookTicker there is nothing to compare.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from typing import Final

from botcore_tui.core.book import Applied
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Event
from botcore_tui.model.market import BookDelta, BookSnapshot, BookTicker

_PATIENCE: Final = 512
"""Applied deltas that wait for bookTickers still on their way; the two streams are not in step."""
_TICKERS_KEPT: Final = 200_000
_SHOWN: Final = 5

_Best = tuple[int, float, float, float, float]


class BookCheck:
    """Counts comparisons and mismatches over all symbols; memory is bounded."""

    def __init__(self) -> None:
        self.checks = 0
        self.mismatches = 0
        self.examples: list[str] = []
        """The first few mismatches, one line each."""
        self._symbols: dict[str, _SymbolCheck] = {}

    def observe(self, event: Event, trader: Trader) -> None:
        """Look at the book after the trader took ``event``."""
        if isinstance(event, BookTicker):
            self._of(event.symbol).add_ticker(event)
        elif isinstance(event, BookDelta | BookSnapshot):
            book = trader.market.of(event.symbol).book
            if book.trail is None:
                book.trail = []
            else:
                self._take(event.symbol, book.trail)

    def finish(self) -> None:
        """Compare what still waits; call at the end of the tape."""
        for symbol in self._symbols.values():
            self._compare(symbol.due(patience=0))

    def _of(self, symbol: str) -> "_SymbolCheck":
        known = self._symbols.get(symbol)
        if known is None:
            known = self._symbols[symbol] = _SymbolCheck()
        return known

    def _take(self, symbol: str, trail: list[Applied]) -> None:
        check = self._of(symbol)
        check.applied.extend(trail)
        trail.clear()
        if len(check.applied) > _PATIENCE:
            self._compare(check.due(patience=_PATIENCE // 2))

    def _compare(self, pairs: Iterable[tuple[Applied, _Best]]) -> None:
        for applied, venue in pairs:
            self.checks += 1
            ours = (applied.bid, applied.bid_quantity, applied.ask, applied.ask_quantity)
            if ours != venue[1:]:
                self.mismatches += 1
                if len(self.examples) < _SHOWN:
                    self.examples.append(
                        f"{applied.symbol} after update {applied.last_update_id}: book {ours}, "
                        f"venue {venue[1:]} at {venue[0]}"
                    )


class _SymbolCheck:
    def __init__(self) -> None:
        self.applied: deque[Applied] = deque()
        self._tickers: deque[_Best] = deque()

    def add_ticker(self, ticker: BookTicker) -> None:
        best = (
            ticker.update_id,
            ticker.bid,
            ticker.bid_quantity,
            ticker.ask,
            ticker.ask_quantity,
        )
        tickers = self._tickers
        if tickers and best[0] < tickers[-1][0]:
            insort(tickers, best)  # arrived late; order is by update id
        else:
            tickers.append(best)
        if len(tickers) > _TICKERS_KEPT:
            tickers.popleft()  # depth is absent or has ceased: too old to be compared

    def due(self, *, patience: int) -> Iterable[tuple[Applied, _Best]]:
        tickers = self._tickers
        while len(self.applied) > patience:
            applied = self.applied.popleft()
            last: _Best | None = None
            while tickers and tickers[0][0] <= applied.last_update_id:
                ticker = tickers.popleft()
                if ticker[0] >= applied.first_update_id:
                    last = ticker
            if last is not None:
                yield applied, last
