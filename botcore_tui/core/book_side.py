"""One side of an order book: every level, and the best ones kept sorted.

A dict holds all levels; a sorted list holds the best of them, so that neither the best price nor
the top of the book ever needs a scan. Measured against trees and full sorted lists this is the
cheapest pure-Python shape: most changes touch existing levels or levels far from the best.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from heapq import nlargest, nsmallest
from operator import ge, le
from typing import Final

from botcore_tui.model.market import Level

_KEEP = 64
"""Best levels kept sorted after a refill; the list may grow to twice that."""
_CUT_FROM: Final = 50
"""Levels. A loaded side with fewer is the whole side: no request asks for so few."""
_EDGE_SHARE: Final = 0.2
"""Part of the known range that counts as near its edge."""


class BookSide:
    """Levels of one side, price to quantity.

    ``best`` is None when the side is empty. Prices are exact keys: equal decimal strings parse to
    equal floats.
    """

    __slots__ = (
        "_best_index",
        "_edge",
        "_is_bid",
        "_is_inside",
        "_levels",
        "_loaded_best",
        "_top",
        "best",
        "known_to",
    )

    def __init__(self, *, is_bid: bool) -> None:
        self._is_bid = is_bid
        self._is_inside = ge if is_bid else le
        self._best_index = -1 if is_bid else 0
        self._levels: dict[float, float] = {}
        self._top: list[float] = []
        self._edge: float | None = None
        self._loaded_best = 0.0
        self.best: float | None = None
        self.known_to: float | None = None
        """Worst price that was loaded. Of what lies beyond, only levels that changed since are
        known; None: everything is."""

    def load(self, levels: Sequence[Level]) -> None:
        """Replace everything."""
        self._levels = {price: quantity for price, quantity in dict(levels).items() if quantity}
        self._refill()
        self.known_to = None
        if self.best is not None and len(self._levels) >= _CUT_FROM:
            self._loaded_best = self.best
            self.known_to = (min if self._is_bid else max)(self._levels)

    @property
    def is_near_edge(self) -> bool:
        """Whether the best price has come to the last fifth of the loaded range, or past it."""
        known_to = self.known_to
        if known_to is None:
            return False
        if self.best is None:
            return True
        # Counted from the edge inwards, so that the sign is the same for bids and asks.
        return (self.best - known_to) / (self._loaded_best - known_to) <= _EDGE_SHARE

    def __len__(self) -> int:
        return len(self._levels)

    def quantity(self, price: float) -> float:
        """Quantity at a price in base units, 0 where there is no level."""
        return self._levels.get(price, 0.0)

    def apply(self, changes: Sequence[Level]) -> None:
        """Set each level to its absolute quantity; zero removes it, absent or not."""
        levels, top, edge, is_inside = self._levels, self._top, self._edge, self._is_inside
        for price, quantity in changes:
            if quantity:
                if price not in levels and (edge is None or is_inside(price, edge)):
                    insort(top, price)
                levels[price] = quantity
            elif levels.pop(price, None) is not None and (edge is None or is_inside(price, edge)):
                del top[bisect_left(top, price)]
        if len(top) > 2 * _KEEP:
            self._trim()
        if top:
            self.best = top[self._best_index]
        else:
            self._refill()

    def top(self, count: int) -> list[Level]:
        """The best ``count`` levels, best first."""
        if len(self._top) < count <= min(_KEEP, len(self._levels)):
            self._refill()  # once for many reads: without it each of them would scan every level
        prices = self._top
        if count <= len(prices) or len(prices) == len(self._levels):
            best = prices[: -count - 1 : -1] if self._is_bid else prices[:count]
        else:
            best = (nlargest if self._is_bid else nsmallest)(count, self._levels)
        levels = self._levels
        return [(price, levels[price]) for price in best]

    def _trim(self) -> None:
        top = self._top
        del top[slice(None, -_KEEP) if self._is_bid else slice(_KEEP, None)]
        self._edge = top[0 if self._is_bid else -1]

    def _refill(self) -> None:
        # Every level at _edge or better is in the sorted list; None: simply every level.
        best = (nlargest if self._is_bid else nsmallest)(_KEEP, self._levels)
        self._top = best[::-1] if self._is_bid else best
        self._edge = best[-1] if len(best) < len(self._levels) else None
        self.best = best[0] if best else None
