"""Proof that the book is the venue's: its best prices against the venue's own bookTicker.

After each applied delta [U, u], the last bookTicker in update-id order with U <= id <= u must
equal the book's best bid and ask, prices and quantities. Where the venue published no such
bookTicker there is nothing to compare. A tape may hold several exchanges, one after the other,
which number their updates alike: prices of one are never compared with the book of another.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from typing import Final

from botcore_tui.core.book import Applied
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Event, MarketReset
from botcore_tui.model.market import BookDelta, BookSnapshot, BookTicker

_PATIENCE: Final = 512
"""Applied deltas that wait for bookTickers still on their way; the two streams are not in step."""
_TICKERS_KEPT: Final = 200_000
_SHOWN: Final = 5
_LATE_MS: Final = 500
"""By so much the clocks of two connections to one exchange may differ while both deliver."""

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
        if isinstance(event, MarketReset):
            self._begin_anew(*self._symbols)
        if isinstance(event, BookTicker):
            self._follow(event.symbol, "ticker", event.update_id, event.time_ms)
            self._of(event.symbol).add_ticker(event)
        elif isinstance(event, BookDelta | BookSnapshot):
            if isinstance(event, BookDelta):
                self._follow(event.symbol, "delta", event.last_update_id, event.time_ms)
            book = trader.market.of(event.symbol).book
            if book.trail is None:
                book.trail = []
            else:
                self._take(event.symbol, book.trail)

    def finish(self) -> None:
        """Compare what still waits; call at the end of the tape."""
        for symbol in self._symbols.values():
            self._compare(symbol.due(patience=0))

    def _follow(self, symbol: str, stream: str, update_id: int, time_ms: int) -> None:
        if self._of(symbol).is_numbered_anew(stream, update_id, time_ms):
            self._begin_anew(symbol)

    def _begin_anew(self, *symbols: str) -> None:
        """What comes now is of another exchange, or of another run of it: the old one is over."""
        for symbol in symbols:
            check = self._of(symbol)
            self._compare(check.due(patience=0))
            check.forget()

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
        self._newest: dict[str, tuple[int, int]] = {}

    def forget(self) -> None:
        self.applied.clear()
        self._tickers.clear()
        self._newest.clear()

    def is_numbered_anew(self, stream: str, update_id: int, time_ms: int) -> bool:
        """Whether the numbers went back while time went on: two exchanges number alike."""
        newest_id, newest_ms = self._newest.get(stream, (update_id, time_ms))
        if time_ms >= newest_ms:
            self._newest[stream] = update_id, time_ms
        return update_id < newest_id and time_ms - newest_ms > _LATE_MS

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
