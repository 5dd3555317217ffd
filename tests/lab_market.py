"""Markets of the order lab: a thin book that wanders, leaps and stands still on demand."""

import asyncio
from decimal import Decimal
from random import Random
from typing import Final

from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.history import Activity
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.marks import Mark
from botcore_tui.model.event import RequestSnapshot
from botcore_tui.model.market import MarkPrice, Side, Trade
from botcore_tui.model.snapshot import FeedState

SYMBOLS: Final = ("BTCUSDT", "ETHUSDT")
_STEP_MS: Final = 400
_LEVELS: Final = 6
_ATOMS: Final = Decimal(10**8)


class Wanderer:
    """Everybody in one contract's market but the account.

    Attributes:
        volatility: Of one step; zero stands still.
        rate: Of funding, 10**-8.
    """

    def __init__(self, symbol: str, dice: Random) -> None:
        terms = contract(symbol)
        self.first_ticks = terms.first_price
        self.activity = Activity(1_000, 100)
        self.open_interest = 10**9
        self.volatility = 0.0004
        self.rate = 10_000
        self._fair = float(terms.first_price)
        self._lots = max(1, 300 * 10**8 // terms.notional(terms.first_price, 1))
        self._spacing = max(1, terms.first_price // 10_000)
        self._dice = dice

    def start(self, market: SymbolMarket) -> None:
        self._market = market
        self._quote()
        self._schedule()

    def mark(self) -> Mark:
        price = max(1, int(self._fair * self._market.contract.price_atoms))
        return Mark(price, price, self.rate)

    def funded(self) -> None:
        """An interval is over."""

    def leap(self, share: float) -> None:
        """Move at once."""
        self._fair = max(1_000.0, self._fair * (1 + share))

    def _schedule(self) -> None:
        self._market.agenda.at(self._market.agenda.now_ms + _STEP_MS, self._step)

    def _step(self) -> None:
        self._schedule()
        if self.volatility:
            self._fair *= 1 + self._dice.gauss(0, self.volatility)
        fair = int(self._fair)
        self._sweep(Side.SELL, fair + 2)
        self._sweep(Side.BUY, fair - 2)
        self._quote()
        if self.volatility and self._dice.random() < 0.5:
            side = Side.BUY if self._dice.random() < 0.5 else Side.SELL
            self._market.crowd_take(side, self._dice.randrange(1, 2 * self._lots + 2), None)

    def _sweep(self, side: Side, limit: int) -> None:
        while self._market.crowd_take(side, 10**9, limit):
            pass

    def _quote(self) -> None:
        book, fair = self._market.book, int(self._fair)
        for level in range(_LEVELS):
            away = 1 + level * self._spacing
            lots = self._lots * (1 + level)
            best_bid, best_ask = book.bids.best, book.asks.best
            if best_ask is None or fair - away < best_ask:
                book.crowd_set(Side.BUY, fair - away, lots)
            if best_bid is None or fair + away > best_bid:
                book.crowd_set(Side.SELL, fair + away, lots)
        self._market.touched()


class LabFeed:
    """Implements ``MarketFeed``: a mark price and a trade a second for each contract, no more."""

    owns_time = False

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.is_cut = False

    async def run(self, sink: Sink) -> None:
        while True:
            for symbol in SYMBOLS:
                if not self.is_cut:
                    sink.deliver(self._mark(symbol), 0)
                    sink.deliver(self._trade(symbol), 0)
            await asyncio.sleep(1.0)  # of the lab's virtual time

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Nobody looks at books here."""

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        return ()

    def counters(self) -> tuple[int, int]:
        return 0, 0

    def _trade(self, symbol: str) -> Trade:
        market = self._exchange.venue.floor.markets[symbol]
        return Trade(
            symbol=symbol,
            trade_id=self._exchange.now_ms,
            price=float(market.contract.price_text(market.last_ticks)),
            quantity=1.0,
            buyer_is_maker=False,
            time_ms=self._exchange.now_ms,
        )

    def _mark(self, symbol: str) -> MarkPrice:
        market = self._exchange.venue.floor.markets[symbol]
        mark = Decimal(market.mark) / _ATOMS
        return MarkPrice(
            symbol=symbol,
            mark=mark,
            index=mark,
            funding_rate=Decimal(0),
            next_funding_ms=market.next_funding_ms,
            time_ms=self._exchange.now_ms,
        )
