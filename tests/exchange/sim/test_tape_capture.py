"""The book that a real recording drives is the venue's own."""

import gzip
from collections import deque
from collections.abc import Iterator

import pytest
from shared_tape import SHARED_TAPE, needs_shared_tape
from sim_market import START_MS, Heard

from botcore_tui.exchange.binance.wire import decode
from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.market import Ids, SymbolMarket
from botcore_tui.exchange.sim.tape_crowd import TapeCrowd
from botcore_tui.exchange.sim.tape_opening import Line
from botcore_tui.model.market import BookDelta, BookTicker, Side


class _Compared:
    """Feeds the capture to the crowd, and compares the book with the venue's own best prices.

    After each applied delta the last bookTicker in order of update ids with U <= id <= u must
    equal the book's best. Lines are pulled when the one before has been played.
    """

    def __init__(self) -> None:
        self.market: SymbolMarket | None = None
        self.checks = self.mismatches = 0
        self._tickers: deque[tuple[int, float, float, float, float]] = deque()
        self._applied: deque[tuple[int, int, tuple[float, float, float, float]]] = deque()

    def lines(self) -> Iterator[Line]:
        with gzip.open(SHARED_TAPE) as file:
            for line in file:
                local, _, raw = line.partition(b" ")
                _, data = decode(raw)
                if isinstance(data, BookTicker):
                    self._tickers.append(
                        (data.update_id, data.bid, data.bid_quantity, data.ask, data.ask_quantity)
                    )
                yield int(local), raw
                if isinstance(data, BookDelta) and self.market is not None:
                    ids = data.first_update_id, data.last_update_id
                    self._applied.append((*ids, self._best(self.market)))

    def compare(self) -> None:
        for first, last, ours in self._applied:
            theirs = None
            while self._tickers and self._tickers[0][0] <= last:
                ticker = self._tickers.popleft()
                if ticker[0] >= first:
                    theirs = ticker[1:]
            if theirs is not None:
                self.checks += 1
                self.mismatches += ours != theirs

    def _best(self, market: SymbolMarket) -> tuple[float, float, float, float]:
        bids, asks, terms = market.book.bids, market.book.asks, market.contract
        assert bids.best is not None
        assert asks.best is not None
        return (
            float(terms.price_text(bids.best)),
            float(terms.quantity_text(bids.best_lots)),
            float(terms.price_text(asks.best)),
            float(terms.quantity_text(asks.best_lots)),
        )


@pytest.mark.slow
@needs_shared_tape
@pytest.mark.xdist_group("capture")
def test_book_of_the_real_capture_is_the_venues_own() -> None:
    compared = _Compared()
    heard = Heard()
    crowd = TapeCrowd(compared.lines())
    market = SymbolMarket(crowd.contract, Agenda(START_MS), Ids(SeededDice(1)), crowd, heard)
    market.start()
    compared.market = market
    market.agenda.advance(START_MS + 400_000)
    assert crowd.is_over
    assert (crowd.gaps, crowd.bad_frames) == (0, 0)
    compared.compare()
    assert compared.mismatches == 0
    assert compared.checks >= 5_700
    terms = market.contract
    best = [
        (terms.price_text(ticks), terms.quantity_text(lots))
        for side in (Side.BUY, Side.SELL)
        for ticks, lots in market.book.top(side, 1)
    ]
    assert best == [("61659.70", "1.486"), ("61659.80", "0.981")]
    assert len(heard.prints) > 21_000
