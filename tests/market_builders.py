"""Market events with sensible defaults; a test names only what it is about."""

from collections.abc import Sequence

from botcore_tui.core.book import OrderBook, Staleness
from botcore_tui.model.market import BookDelta, BookSnapshot, BookState, Level, Trade

SYMBOL = "BTCUSDT"


def a_delta(
    first: int,
    last: int,
    previous: int,
    *,
    bids: Sequence[Level] = (),
    asks: Sequence[Level] = (),
    time_ms: int = 1_000,
    symbol: str = SYMBOL,
) -> BookDelta:
    """Updates ``first`` to ``last`` after ``previous``; changes nothing unless told."""
    return BookDelta(
        symbol=symbol,
        first_update_id=first,
        last_update_id=last,
        previous_update_id=previous,
        bids=list(bids),
        asks=list(asks),
        time_ms=time_ms,
    )


def a_book_snapshot(
    last: int,
    *,
    bids: Sequence[Level] = ((100.0, 1.0), (99.0, 2.0)),
    asks: Sequence[Level] = ((101.0, 3.0), (102.0, 4.0)),
    symbol: str = SYMBOL,
) -> BookSnapshot:
    """Two levels a side around 100.5."""
    return BookSnapshot(
        symbol=symbol, last_update_id=last, bids=list(bids), asks=list(asks), time_ms=1_000
    )


def a_trade(
    trade_id: int = 1,
    *,
    price: float = 100.0,
    quantity: float = 1.0,
    time_ms: int = 1_000,
    buyer_is_maker: bool = False,
    symbol: str = SYMBOL,
    is_aggregate: bool = False,
) -> Trade:
    """Somebody bought one at 100."""
    return Trade(
        symbol=symbol,
        trade_id=trade_id,
        price=price,
        quantity=quantity,
        buyer_is_maker=buyer_is_maker,
        time_ms=time_ms,
        is_aggregate=is_aggregate,
    )


def a_live_book(last: int = 10, *, staleness: Staleness | None = None) -> OrderBook:
    """A book ticked at 1000 ms, then joined with a snapshot at ``last``."""
    book = OrderBook(SYMBOL, staleness)
    book.on_tick(1_000)
    book.on_delta(a_delta(last - 1, last, last - 2))
    book.on_snapshot(a_book_snapshot(last))
    assert book.state is BookState.LIVE
    return book
