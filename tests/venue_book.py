"""A venue's order book that remembers itself after every update, for checking ours against it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from market_builders import SYMBOL, a_book_snapshot, a_delta

from botcore_tui.core.book import OrderBook
from botcore_tui.model.market import BookDelta, BookSnapshot, BookState, Level

Sides = tuple[dict[float, float], dict[float, float]]
"""Bids and asks, price to quantity."""


@dataclass(frozen=True)
class Update:
    """One order at the venue: what it sets on its own side after taking what it crosses."""

    is_bid: bool
    tick: int
    quantity: int
    id_step: int = 1


class VenueBook:
    """The true book, update by update; update ids grow, with holes as at the venue."""

    def __init__(self, updates: Iterable[Update]) -> None:
        self.ids = [100]
        self.states: list[Sides] = [({99.0: 1.0}, {101.0: 1.0})]
        for update in updates:
            self._take(update)

    def at(self, update_id: int) -> Sides:
        """The whole book right after an update, or after the last one before that id."""
        return self.states[bisect_right(self.ids, update_id) - 1]

    def snapshot(self, index: int) -> BookSnapshot:
        """The book after the update at this place, as a request would have returned it."""
        bids, asks = self.states[index]
        return a_book_snapshot(
            self.ids[index],
            bids=sorted(bids.items(), reverse=True),
            asks=sorted(asks.items()),
        )

    def deltas(self, cuts: Iterable[int]) -> list[BookDelta]:
        """The stream, if the venue sent what it has after each of the updates at these places."""
        ends = sorted({*cuts, len(self.ids) - 1} - {0})
        starts = [0, *ends[:-1]]
        return [self.delta(start, end) for start, end in zip(starts, ends, strict=True)]

    def delta(self, start: int, end: int) -> BookDelta:
        """Everything that changed after the update at ``start`` up to the one at ``end``."""
        touched: Sides = ({}, {})
        for before, after in zip(self.states[start:end], self.states[start + 1 :], strict=False):
            for side, old, new in zip(touched, before, after, strict=True):
                for price in {*old, *new}:
                    if old.get(price) != new.get(price):
                        side[price] = self.states[end][touched.index(side)].get(price, 0.0)
        return a_delta(
            self.ids[start] + 1,
            self.ids[end],
            self.ids[start],
            bids=list(touched[0].items()),
            asks=list(touched[1].items()),
        )
