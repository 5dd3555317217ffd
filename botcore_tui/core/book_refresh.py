"""A second snapshot for a book that is live, taken over without a moment of disbelief.

A snapshot reaches only so deep. Levels beyond stay unknown until they change, so a price that
moves to the edge would show gaps that are not there, and in the end a wrong best price.
"""

from typing import Final

from botcore_tui.core.book_side import BookSide
from botcore_tui.model.market import BookDelta, BookSnapshot

_KEPT: Final = 5_000
"""Deltas kept for an answer: minutes of a busy symbol."""
_PAUSE_MS: Final = 5_000
_PATIENCE_MS: Final = 60_000
"""An answer that took so long is lost; in a replay none comes at all."""


class BookRefresh:
    """Asks for a fresh snapshot in time and carries it forward to the present update."""

    def __init__(self) -> None:
        self.is_keeping = False
        """Whether applied deltas must be handed to ``keep``."""
        self._is_outstanding = False
        self._asked_ms: int | None = None
        self._kept: list[BookDelta] = []
        self._snapshot: BookSnapshot | None = None

    def ask(self, bids: BookSide, asks: BookSide, time_ms: int) -> str | None:
        """Say why a fresh snapshot is needed, or None; at most once in five seconds.

        Args:
            bids: The book's present bids.
            asks: The book's present asks.
            time_ms: The engine's clock.
        """
        if self._asked_ms is not None:
            # A clock that was set back must not silence this.
            self._asked_ms = min(self._asked_ms, time_ms)
            if time_ms - self._asked_ms < (_PATIENCE_MS if self._is_outstanding else _PAUSE_MS):
                return None
        sides = (("bid", bids), ("ask", asks))
        near = next(((name, side) for name, side in sides if side.is_near_edge), None)
        if near is None:
            self.drop()
            return None
        # What was kept for an earlier request stays: an answer too old for it is followed by one
        # that is not.
        self.is_keeping = self._is_outstanding = True
        self._asked_ms = time_ms
        self._snapshot = None
        name, side = near
        return f"best {name} {side.best} is near {side.known_to}, where the snapshot ends"

    def keep(self, delta: BookDelta) -> None:
        """Remember a delta that was applied since the request; too many of them end it."""
        if len(self._kept) == _KEPT:
            self.drop()
        else:
            self._kept.append(delta)

    def offer(self, snapshot: BookSnapshot) -> None:
        """Take an answer; one that nobody asked for is left out."""
        if self.is_keeping:
            self._snapshot = snapshot

    def fail(self) -> None:
        """The request brought nothing: it may be repeated."""
        self._is_outstanding = False

    def drop(self) -> None:
        """Forget the request, its answer and what was kept for it."""
        self.is_keeping = self._is_outstanding = False
        self._kept = []
        self._snapshot = None

    def rebuilt(self, last_update_id: int) -> tuple[BookSide, BookSide] | None:
        """Bids and asks at ``last_update_id`` made of the answer; None while they cannot be.

        Quantities are absolute and each kept delta follows the one before. So any snapshot between
        the update before the first of them and the last leads to the exact present, from the delta
        on that bridges it.
        """
        snapshot, kept = self._snapshot, self._kept
        if snapshot is None or snapshot.last_update_id > last_update_id:
            return None  # ahead of the stream: a later delta reaches it
        last = snapshot.last_update_id
        if last < (kept[0].previous_update_id if kept else last_update_id):
            self._snapshot = None
            self.fail()
            return None
        bids, asks = BookSide(is_bid=True), BookSide(is_bid=False)
        bids.load(snapshot.bids)
        asks.load(snapshot.asks)
        for delta in kept:
            if delta.last_update_id > last:
                bids.apply(delta.bids)
                asks.apply(delta.asks)
        self.drop()
        if bids.best is not None and asks.best is not None and bids.best >= asks.best:
            return None  # the book in force is not crossed, so this cannot be its continuation
        return bids, asks
