"""Streams of markets in which nobody acts but the test, and ways to compare what they say."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from listeners import HubStage
from sim_market import a_still_market, levels_around
from sim_stage import BTC

from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.frames import MarketFrames
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.model.market import Side

LOTS: Final = 1_000
"""Of each level of a still market."""
_is_decimal: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?").fullmatch


class FrameStage(HubStage):
    """Followed markets.

    Args:
        symbols: Of the markets; bitcoin's if there are none.
        start_ms: When they begin, instead of the usual time.
    """

    def __init__(self, *symbols: str, start_ms: int = 0) -> None:
        super().__init__()
        self.agenda.now_ms = start_ms or self.agenda.now_ms
        self.frames = MarketFrames(self.hub, self.agenda, self.faults)
        self.markets: dict[str, SymbolMarket] = {}
        for symbol in symbols or (BTC,):
            self.markets[symbol] = a_still_market(
                *levels_around(contract(symbol).first_price, LOTS),
                symbol=symbol,
                agenda=self.agenda,
                listener=self.frames,
            )
            self.frames.follow(self.markets[symbol])

    @property
    def market(self) -> SymbolMarket:
        """The market of bitcoin."""
        return self.markets[BTC]

    def set(self, side: Side, ticks: int, lots: int) -> None:
        """Let the crowd have so many lots at a price of bitcoin."""
        self.market.book.crowd_set(side, ticks, lots)
        self.market.touched()

    def trade(self, side: Side, lots: int, symbol: str = BTC) -> None:
        """Let the crowd trade at the best price and be there again."""
        market = self.markets[symbol]
        resting = Side.SELL if side is Side.BUY else Side.BUY
        ((ticks, there),) = market.book.top(resting, 1)
        market.crowd_take(side, lots, ticks)
        market.book.crowd_set(resting, ticks, there)
        market.touched()


def said(value: object) -> object:
    """What a JSON value says: keys in order, JSON types, values; ``1.50`` is ``1.5``."""
    if isinstance(value, dict):
        return [(key, said(part)) for key, part in value.items()]
    if isinstance(value, list):
        return [said(part) for part in value]
    if isinstance(value, str) and _is_decimal(value):
        return "decimal", Decimal(value)
    return type(value).__name__, value


def outline(value: object) -> object:
    """Keys of a JSON value in order, and JSON types."""
    if isinstance(value, dict):
        return [(key, outline(part)) for key, part in value.items()]
    if isinstance(value, list):
        return [outline(part) for part in value]
    return type(value).__name__


def levels_of(market: SymbolMarket, side: Side) -> dict[str, str]:
    """A side of a book as its levels are written."""
    terms = market.contract
    return {
        terms.price_text(ticks): terms.quantity_text(lots)
        for ticks, lots in market.book.side(side).levels.items()
    }


def pairs(value: object) -> Sequence[tuple[str, str]]:
    """Levels of a frame."""
    assert isinstance(value, list)
    return [(str(price), str(quantity)) for price, quantity in value]
