"""A market for tests in which nobody acts but the test."""

from collections.abc import Sequence

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.contracts import Contract, contract
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.history import Activity
from botcore_tui.exchange.sim.market import Ids, MarketListener, SymbolMarket
from botcore_tui.exchange.sim.marks import Mark
from botcore_tui.exchange.sim.prints import TradePrint
from botcore_tui.model.market import Side

START_MS = 1_723_161_255_000
_LEVELS = 5


class Still:
    """Participants who do nothing but quote once.

    Args:
        terms: The contract.
        bids: Ticks and lots.
        asks: Ticks and lots.

    Attributes:
        price: Mark and index price from the next second on, atoms.
    """

    def __init__(
        self,
        terms: Contract,
        bids: Sequence[tuple[int, int]] = (),
        asks: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.first_ticks = terms.first_price
        self.activity = Activity(1_000, 100)
        self.price = terms.first_price * terms.price_atoms
        self.rate = 10_000
        self.open_interest = 1_000
        self.fundings = 0
        self._bids, self._asks = bids, asks

    def start(self, market: SymbolMarket) -> None:
        for ticks, lots in self._bids:
            market.book.crowd_set(Side.BUY, ticks, lots)
        for ticks, lots in self._asks:
            market.book.crowd_set(Side.SELL, ticks, lots)
        market.touched()

    def mark(self) -> Mark:
        return Mark(self.price, self.price, self.rate)

    def funded(self) -> None:
        self.fundings += 1


class Heard:
    """A listener that remembers what it was told."""

    def __init__(self) -> None:
        self.updates: list[int] = []
        self.prints: list[TradePrint] = []
        self.marks: list[int] = []
        self.liquidations: list[tuple[Side, int, int, int, int]] = []

    def book_changed(self, market: SymbolMarket) -> None:
        self.updates.append(market.update_id)

    def traded(self, market: SymbolMarket, prints: Sequence[TradePrint]) -> None:
        self.prints.extend(prints)

    def liquidated(
        self,
        market: SymbolMarket,
        side: Side,
        ticks: int,
        lots: int,
        average: int,
        time_ms: int,
    ) -> None:
        self.liquidations.append((side, ticks, lots, average, time_ms))

    def marked(self, market: SymbolMarket) -> None:
        self.marks.append(market.mark)


def levels_around(
    first: int, lots: int
) -> tuple[Sequence[tuple[int, int]], Sequence[tuple[int, int]]]:
    """Five bids from a price downwards, and five asks from the next tick upwards."""
    return (
        [(first - step, lots) for step in range(_LEVELS)],
        [(first + 1 + step, lots) for step in range(_LEVELS)],
    )


def a_still_market(
    bids: Sequence[tuple[int, int]] = (),
    asks: Sequence[tuple[int, int]] = (),
    *,
    symbol: str = "BTCUSDT",
    agenda: Agenda | None = None,
    listener: MarketListener | None = None,
) -> SymbolMarket:
    """A started market with these levels of the crowd, ticks and lots, and nobody who acts."""
    terms = contract(symbol)
    market = SymbolMarket(
        terms,
        agenda or Agenda(START_MS),
        Ids(SeededDice(1)),
        Still(terms, bids, asks),
        listener or Heard(),
    )
    market.start()
    return market
