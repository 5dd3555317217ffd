"""One side of an order book: lots by price, with a queue where an order has to be followed."""

from collections.abc import Iterator
from typing import Final

from botcore_tui.exchange.sim.queues import Queue

_NEAR: Final = 64
"""Ticks that are looked at one by one before all levels are sorted."""


class BookSide:
    """One side of the book.

    Attributes:
        sign: 1 for bids, -1 for asks: the direction of better prices.
        best: Best price, ticks; None while the side is empty.
        levels: Ticks to lots, of everybody; never 0.
        queues: By price, where orders of accounts rest.
        changed: Ticks whose lots changed since somebody last cleared this.
    """

    __slots__ = ("best", "changed", "levels", "queues", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.best: int | None = None
        self.levels: dict[int, int] = {}
        self.changed: set[int] = set()
        self.queues: dict[int, Queue] = {}

    @property
    def best_lots(self) -> int:
        """Lots at the best price; 0 while the side is empty."""
        return self.levels[self.best] if self.best is not None else 0

    def put(self, ticks: int, lots: int) -> None:
        """Set the lots of a level; 0 removes it."""
        self.changed.add(ticks)
        best = self.best
        if lots:
            self.levels[ticks] = lots
            if best is None or (ticks - best) * self.sign > 0:
                self.best = ticks
        elif self.levels.pop(ticks, 0) and ticks == best:
            self.best = self._next_best(ticks)

    def put_behind(self, ticks: int, lots: int) -> None:
        """Set the lots of a level that is not the best one and has no queue; 0 removes it."""
        self.changed.add(ticks)
        if lots:
            self.levels[ticks] = lots
        else:
            self.levels.pop(ticks, None)

    def walk(self) -> Iterator[tuple[int, int]]:
        """Levels, ticks and lots, best first; the side must not change meanwhile."""
        if self.best is None:
            return
        levels, sign = self.levels, self.sign
        end = self.best - _NEAR * sign
        for ticks in range(self.best, end, -sign):
            lots = levels.get(ticks)
            if lots is not None:
                yield ticks, lots
        behind = [ticks for ticks in levels if (end - ticks) * sign >= 0]
        for ticks in sorted(behind, reverse=sign > 0):
            yield ticks, levels[ticks]

    def _next_best(self, ticks: int) -> int | None:
        levels, sign = self.levels, self.sign
        for near in range(ticks - sign, ticks - _NEAR * sign, -sign):
            if near in levels:
                return near
        if not levels:
            return None
        return max(levels) if sign > 0 else min(levels)
