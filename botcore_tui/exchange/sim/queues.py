"""The queue at one price of an order book, where an order has to be followed.

The queue model for lots that nobody follows (the crowd's): they join at the back; those who leave
are the last ones, so an order never advances by their leaving while any of them stands behind it.
That is pessimistic.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

CROWD: Final = 0
"""Maker of what belongs to no account."""


class Match(Struct, gc=False):
    """A trade with one that rests, at its price."""

    ticks: int
    lots: int
    maker: int
    """Order id, or ``CROWD``."""
    trade_id: int = 0
    """Given by the market."""


class _Place(Struct):
    maker: int
    lots: int


class Queue:
    """Who stands at a price, in turn.

    Args:
        ticks: The price.
        crowd: Lots of the crowd that stand here already.

    Attributes:
        ended: Orders of which nothing is left; for the book to forget and clear.
    """

    __slots__ = ("_gone", "_places", "_ticks", "ended")

    def __init__(self, ticks: int, crowd: int) -> None:
        self.ended: list[int] = []
        self._ticks = ticks
        self._places = [_Place(CROWD, crowd)] if crowd else []
        self._gone = 0

    @property
    def front(self) -> int:
        """Who is next: an order id, or ``CROWD``."""
        return self._places[0].maker

    @property
    def first_order(self) -> int:
        """The order that is next of those that stand here."""
        return next(place.maker for place in self._places if place.maker != CROWD)

    @property
    def lots(self) -> int:
        """Of everybody."""
        return sum(place.lots for place in self._places)

    @property
    def crowd(self) -> int:
        """Lots of the crowd."""
        return sum(place.lots for place in self._places if place.maker == CROWD)

    @property
    def has_orders(self) -> bool:
        """Whether an order stands here."""
        return any(place.maker != CROWD for place in self._places)

    def left(self, order_id: int) -> int:
        """Lots left of an order that stands here."""
        return self._places[self._index(order_id)].lots

    def ahead(self, order_id: int) -> int:
        """Lots before an order that stands here."""
        return sum(place.lots for place in self._places[: self._index(order_id)])

    def join(self, maker: int, lots: int) -> None:
        """Go to the back."""
        places = self._places
        if maker == CROWD and places and places[-1].maker == CROWD:
            places[-1].lots += lots
        else:
            places.append(_Place(maker, lots))

    def shrink(self, order_id: int, lots: int) -> None:
        """Take lots off an order, which keeps its place if any are left."""
        self._use(self._index(order_id), lots)

    def leave(self, lots: int) -> None:
        """Let lots of the crowd leave, from the back."""
        self._gone = 0
        is_before_order = False
        for index in range(len(self._places) - 1, -1, -1):
            place = self._places[index]
            if place.maker != CROWD:
                is_before_order = True
                continue
            gone = min(lots, place.lots)
            lots -= gone
            if is_before_order:
                self._gone += gone
            self._use(index, gone)

    def take(self, lots: int, blocked: Callable[[int], bool] | None, matches: list[Match]) -> int:
        """Trade with everybody in turn; returns the lots for which nobody was found.

        All ends at the first order that is blocked.
        """
        places = self._places
        while lots and places:
            place = places[0]
            if place.maker != CROWD and blocked is not None and blocked(place.maker):
                break
            taken = min(lots, place.lots)
            lots -= taken
            matches.append(Match(self._ticks, taken, place.maker))
            self._use(0, taken)
        return lots

    def pass_by(self, lots: int, *, is_told: bool) -> tuple[Match | None, int]:
        """Let a trade happen that is known from elsewhere; see ``Book.pass_by``."""
        if is_told:
            explained = min(lots, self._gone)
            self._gone -= explained
            lots -= explained
        passed = 0
        match = None
        while lots and self._places and match is None:
            place = self._places[0]
            taken = min(lots, place.lots)
            lots -= taken
            if place.maker == CROWD:
                passed += taken
            else:
                match = Match(self._ticks, taken, place.maker)
            self._use(0, taken)
        if passed:
            self.join(CROWD, passed)
        return match, lots

    def _index(self, order_id: int) -> int:
        return next(index for index, place in enumerate(self._places) if place.maker == order_id)

    def _use(self, index: int, lots: int) -> None:
        place = self._places[index]
        place.lots -= lots
        if not place.lots:
            del self._places[index]
            if place.maker != CROWD:
                self.ended.append(place.maker)
