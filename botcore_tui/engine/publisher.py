"""Builds the frozen picture for whoever looks."""

import resource
import sys
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from botcore_tui.core.book_side import BookSide
from botcore_tui.core.market import SymbolMarket
from botcore_tui.core.trader import Trader
from botcore_tui.exchange.broker import AccountStamps
from botcore_tui.model.event import Answer
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import Bar, BookState, Level, Side
from botcore_tui.model.snapshot import (
    GROUPINGS,
    INTERVALS_MS,
    BookView,
    EngineHealth,
    FeedState,
    LadderRow,
    ReplayProgress,
    Snapshot,
    TradeRow,
    View,
)
from botcore_tui.model.trading import AccountView

_NO_INSTRUMENT: Final = Instrument("", 2, 3, 0.01)
_BARS_EVERY_NS: Final = 1_000_000_000
_MOST_ROWS: Final = 200
_MOST_BARS: Final = 500
_MOST_LEVELS: Final = 20_000
_NOISE: Final = 1e-6
"""Of a step: what a float division may be off a whole number."""
_BELIEVED: Final = (BookState.LIVE, BookState.STALE)


class Surroundings(Struct, frozen=True):
    """What a picture shows besides the trader's state."""

    environment: str
    label: str
    trading_enabled: bool
    published_ns: int
    heartbeat_ns: int
    last_data_ns: int
    feeds: tuple[FeedState, ...]
    health: EngineHealth
    replay: ReplayProgress | None
    log_end: int
    now_ms: int = 0
    """UTC by our clock."""
    answers: tuple[Answer, ...] = ()
    """To the last commands, newest last."""
    stamps: AccountStamps | None = None
    """When the venue last confirmed the account's figures; None without an account."""


class Publisher:
    """Turns state into snapshots; call in the engine's thread only."""

    def __init__(self, trader: Trader) -> None:
        self._trader = trader
        self._sequence = 0
        self._bars: tuple[Bar, ...] = ()
        self._bars_key: tuple[str, int, int] = ("", 0, 0)
        self._bars_ns = 0
        self._book_changes: dict[str, tuple[int, int]] = {}

    def build(self, view: View, around: Surroundings) -> Snapshot:
        """Draw the present state as the view asks for it; unknown wishes fall back to defaults."""
        trader = self._trader
        symbols = tuple(trader.market.by_symbol)
        symbol = view.symbol if view.symbol in symbols else next(iter(symbols), "")
        market = trader.market.of(symbol) if symbol else None
        instrument = market.rules if market else _NO_INSTRUMENT
        interval_ms = view.interval_ms if view.interval_ms in INTERVALS_MS else INTERVALS_MS[3]
        self._sequence += 1
        return Snapshot(
            sequence=self._sequence,
            published_ns=around.published_ns,
            heartbeat_ns=around.heartbeat_ns,
            time_ms=trader.time_ms,
            environment=around.environment,
            label=around.label,
            state=trader.state,
            halt=trader.halt,
            trading_enabled=around.trading_enabled,
            symbol=symbol,
            symbols=symbols,
            price_decimals=instrument.price_decimals,
            quantity_decimals=instrument.quantity_decimals,
            last_price=market.last_price if market else None,
            previous_price=market.previous_price if market else None,
            day=market.day if market else None,
            mark=market.mark if market else None,
            book=_book_view(market, instrument, view, self._changed(market, around.published_ns)),
            trades=_trade_rows(market, view.trades),
            interval_ms=interval_ms,
            bars=self._bars_of(market, interval_ms, view.bars, around.published_ns),
            feeds=self._with_sequences(around.feeds),
            health=around.health,
            replay=around.replay,
            last_data_ns=around.last_data_ns,
            log_end=around.log_end,
            tick=instrument.tick,
            late_ms=market.late_ms if market else 0,
            has_instrument=market is not None and market.instrument is not None,
            account=self.account(around, symbol),
        )

    def account(self, around: Surroundings, symbol: str = "") -> AccountView | None:
        """The account alone, for whom that contract is shown; None where there is none."""
        desk = self._trader.desk
        if desk is None or around.stamps is None:
            return None
        return stamped(desk.view(around.now_ms, symbol), around.stamps, around.answers)

    def _bars_of(
        self, market: SymbolMarket | None, interval_ms: int, count: int, now_ns: int
    ) -> tuple[Bar, ...]:
        if market is None:
            return ()
        # Folding seconds to minutes costs more than all the rest; once a second is enough for a
        # chart, and at once when something else is asked for.
        key = (market.symbol, interval_ms, count)
        if key != self._bars_key or now_ns - self._bars_ns >= _BARS_EVERY_NS:
            self._bars_key, self._bars_ns = key, now_ns
            self._bars = tuple(market.bars(interval_ms, max(1, min(count, _MOST_BARS))))
        return self._bars

    def _changed(self, market: SymbolMarket | None, now_ns: int) -> int:
        if market is None:
            return 0
        applied, changed_ns = self._book_changes.get(market.symbol, (0, 0))
        if market.book.applied != applied:
            changed_ns = now_ns
            self._book_changes[market.symbol] = (market.book.applied, now_ns)
        return changed_ns

    def _with_sequences(self, feeds: tuple[FeedState, ...]) -> tuple[FeedState, ...]:
        markets = self._trader.market.by_symbol
        rows = []
        for feed in feeds:
            symbol, _, kind = feed.name.partition("@")
            market = markets.get(symbol.upper())
            if market is not None and kind.partition("@")[0] == "depth":
                rows.append(structs.replace(feed, sequence=_sequence(market)))
            else:
                rows.append(feed)
        return tuple(rows)


def stamped(view: AccountView, stamps: AccountStamps, answers: tuple[Answer, ...]) -> AccountView:
    """The core's view with what only the shell knows: when figures came, by our clock."""
    money = view.money
    return structs.replace(
        view,
        reconciled_ns=stamps.reconciled_ns,
        money=None if money is None else structs.replace(money, as_of_ns=stamps.wallet_ns),
        positions=tuple(
            structs.replace(position, confirmed_ns=stamps.positions_ns.get(position.symbol, 0))
            for position in view.positions
        ),
        answers=answers,
    )


def _sequence(market: SymbolMarket) -> str:
    book = market.book
    if book.state not in _BELIEVED:
        return str(book.state)
    return f"gaps {book.gaps}" if book.gaps else "ok"


def _book_view(
    market: SymbolMarket | None, instrument: Instrument, view: View, changed_ns: int
) -> BookView:
    grouping = view.grouping if view.grouping in GROUPINGS else 1
    step = instrument.tick * grouping
    if market is None:
        return BookView(
            BookState.SYNCING,
            "no market yet",
            *((), (), None, 0.0, None, 0.0, 0, step, 0, 0, 0, 0, None, None),
        )
    book = market.book
    rows = max(1, min(view.book_rows, _MOST_ROWS))
    bid, ask = book.bids.best, book.asks.best
    return BookView(
        state=book.state,
        reason=book.reason,
        bids=_rows(book.bids, rows, step, is_bid=True),
        asks=_rows(book.asks, rows, step, is_bid=False),
        best_bid=bid,
        best_bid_quantity=book.bids.quantity(bid) if bid is not None else 0.0,
        best_ask=ask,
        best_ask_quantity=book.asks.quantity(ask) if ask is not None else 0.0,
        last_update_id=book.last_update_id,
        row_step=step,
        applied=book.applied,
        gaps=book.gaps,
        resyncs=book.resyncs,
        changed_ns=changed_ns,
        bids_known_to=book.bids.known_to,
        asks_known_to=book.asks.known_to,
        late_ms=book.late_ms,
    )


def _rows(side: BookSide, rows: int, step: float, *, is_bid: bool) -> tuple[LadderRow, ...]:
    # The last row is whole only when a level beyond it was seen, or there are no more.
    count = rows + 1
    while True:
        levels = side.top(count)
        grouped = _grouped(levels, step, is_bid=is_bid)
        if len(grouped) > rows or len(levels) >= len(side) or count >= _MOST_LEVELS:
            break
        count *= 4
    result = []
    cumulative = 0.0
    for index, quantity in list(grouped.items())[:rows]:
        cumulative += quantity
        result.append(LadderRow(index * step, quantity, cumulative))
    return tuple(result)


def _grouped(levels: list[Level], step: float, *, is_bid: bool) -> dict[int, float]:
    # Bids are grouped downwards and asks upwards, so that a row never promises a better price
    # than its levels have. Rounding to whole steps takes the float noise out of the division.
    grouped: dict[int, float] = {}
    for price, quantity in levels:
        steps = price / step
        nearest = round(steps)
        if abs(steps - nearest) > _NOISE:
            nearest = int(steps) + (0 if is_bid else 1)
        grouped[nearest] = grouped.get(nearest, 0.0) + quantity
    return grouped


def _trade_rows(market: SymbolMarket | None, count: int) -> tuple[TradeRow, ...]:
    if market is None:
        return ()
    trades = market.trades
    newest = [trades[-index] for index in range(1, min(count, len(trades)) + 1)]
    return tuple(
        TradeRow(
            trade.time_ms,
            trade.trade_id,
            trade.price,
            trade.quantity,
            Side.SELL if trade.buyer_is_maker else Side.BUY,
        )
        for trade in newest
    )


def resident_mb() -> float:
    """Memory of this process in MiB: present where the system tells, else its peak."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_resident_mb()
    return pages * resource.getpagesize() / 1024 / 1024


def peak_resident_mb() -> float:
    """Largest memory this process ever had, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
