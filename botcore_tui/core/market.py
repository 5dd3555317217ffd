"""What is known of each symbol's market: book, trades, bars, mark and day."""

from collections import deque
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.bars import MINUTE_MS, SECOND_MS, BarSeries, fold
from botcore_tui.core.book import OrderBook, Staleness
from botcore_tui.core.venue_time import VenueTime
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import (
    Bar,
    BookTicker,
    BookTop,
    DayTicker,
    Liquidation,
    MarkPrice,
    Trade,
)

_TRADES_KEPT: Final = 500
_LIQUIDATIONS_KEPT: Final = 100
_FEWEST_DECIMALS: Final = 2
_MOST_DECIMALS: Final = 8
_QUANTITY_DECIMALS: Final = 3


class MarketSettings(Struct, frozen=True):
    """What decides how a market is read."""

    staleness: Staleness = Staleness()
    has_venue_time: bool = True
    """False where the venue's clock may run at another pace than ours."""


class SymbolMarket:
    """One symbol: only its owner, the trader, writes it."""

    def __init__(
        self, symbol: str, settings: MarketSettings, venue: VenueTime | None = None
    ) -> None:
        self.symbol = symbol
        self.instrument: Instrument | None = None
        self._venue = venue or VenueTime()
        self.book = OrderBook(symbol, settings.staleness, self._venue)
        self.ticker: BookTicker | None = None
        self.top: BookTop | None = None
        self.mark: MarkPrice | None = None
        self.day: DayTicker | None = None
        self.trades: deque[Trade] = deque(maxlen=_TRADES_KEPT)
        self.liquidations: deque[Liquidation] = deque(maxlen=_LIQUIDATIONS_KEPT)
        self.last_price: float | None = None
        self.previous_price: float | None = None
        """The last price that differs from ``last_price``."""
        self.late_ms = 0
        """How old the newest trade or mark was when it came, by the venue's clock; 0 if that is not
        known. Bars have no stamp of their own, and come the same way."""
        self._seconds = BarSeries(symbol, SECOND_MS)
        self._minutes = BarSeries(symbol, MINUTE_MS)
        self._has_venue_bars = False
        self._has_aggregates = False

    @property
    def rules(self) -> Instrument:
        """The contract's rules; before they are known, as many decimals as its prices show."""
        if self.instrument is not None:
            return self.instrument
        prices = (self.last_price, self.previous_price, self.book.bids.best, self.book.asks.best)
        decimals = max([_FEWEST_DECIMALS, *(_decimals(price) for price in prices if price)])
        return Instrument(self.symbol, decimals, _QUANTITY_DECIMALS, float(f"1e-{decimals}"))

    def on_trade(self, trade: Trade) -> None:
        """Take a trade, once: repeats after a reconnect and placeholder prints are left out.

        From the first aggregate on single trades are left out too: they are parts of aggregates.
        """
        trades = self.trades
        price = trade.price
        if not (price and trade.quantity):
            return
        if trade.is_aggregate:
            self._has_aggregates = True
        elif self._has_aggregates:
            return
        if trades and trade.trade_id <= trades[-1].trade_id and trade.time_ms <= trades[-1].time_ms:
            return  # a smaller id at a later time is no repeat: a test market has started anew
        trades.append(trade)
        self.late_ms = self._venue.late_ms(trade.time_ms)
        if price != self.last_price:
            self.previous_price, self.last_price = self.last_price, price
        self._seconds.add(trade)
        if not self._has_venue_bars:
            self._minutes.add(trade)

    def on_mark(self, mark: MarkPrice) -> None:
        """Take the venue's mark, index and funding."""
        self.mark = mark
        self.late_ms = self._venue.late_ms(mark.time_ms)

    def on_bar(self, bar: Bar) -> None:
        """Take the venue's minute bar; from the first on, minutes are the venue's alone."""
        if bar.interval_ms == MINUTE_MS:
            self._has_venue_bars = True
            self._minutes.put(bar)

    def bar_changes(self, interval_ms: int) -> int:
        """A number that moves whenever closed bars of an interval may have changed."""
        return self._series(interval_ms).changes

    def past_changes(self, interval_ms: int) -> int:
        """A number that moves whenever bars that are not the newest have changed, or come."""
        return self._series(interval_ms).past_changes

    def bars(self, interval_ms: int, count: int) -> list[Bar]:
        """The newest bars of an interval, oldest first.

        Below a minute they are built from trades; from a minute on from the venue's minutes where
        it sends them. Intervals without a trade are absent, and so is a first one of which only
        the end is known, as soon as it is over.
        """
        series = self._series(interval_ms)
        if series.interval_ms == interval_ms:
            return series.last(count)
        base = series.last((count + 1) * (interval_ms // series.interval_ms))
        folded = fold(base, interval_ms)
        # Whatever the series has before its first bar is unknown. Where ``base`` begins later than
        # the series does, it has an interval more than is wanted.
        if base and base[0].open_time_ms % interval_ms and (len(folded) > 1 or folded[0].is_closed):
            del folded[0]
        return folded[max(0, len(folded) - count) :]

    def _series(self, interval_ms: int) -> BarSeries:
        return self._seconds if interval_ms < MINUTE_MS else self._minutes


def _decimals(price: float) -> int:
    # The shortest text that parses to the price has the digits the venue wrote, less zeros.
    behind = f"{Decimal(repr(price)):f}".partition(".")[2].rstrip("0")
    return min(_MOST_DECIMALS, len(behind))


class Market:
    """Every symbol's market."""

    def __init__(self, symbols: tuple[str, ...], settings: MarketSettings) -> None:
        self._settings = settings
        self._symbols = symbols
        self.venue = VenueTime(is_told=settings.has_venue_time)
        self.by_symbol: dict[str, SymbolMarket] = {}
        self.reset()

    def reset(self) -> None:
        """Forget everything but the symbols and their instruments."""
        known = {name: market.instrument for name, market in self.by_symbol.items()}
        self.by_symbol = {name: self._new(name) for name in self._symbols}
        for name, instrument in known.items():
            self.of(name).instrument = instrument

    def of(self, symbol: str) -> SymbolMarket:
        """The market of a symbol; made on first sight, as tapes do not announce theirs."""
        market = self.by_symbol.get(symbol)
        if market is None:
            market = self.by_symbol[symbol] = self._new(symbol)
        return market

    def _new(self, symbol: str) -> SymbolMarket:
        return SymbolMarket(symbol, self._settings, self.venue)
