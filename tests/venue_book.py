"""A venue's order book that remembers itself after every step, and a line that mangles it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from market_builders import SYMBOL, a_book_snapshot, a_delta

from botcore_tui.core.book import OrderBook
from botcore_tui.core.book_side import BookSide
from botcore_tui.model.market import BookDelta, BookSnapshot, BookState

Sides = tuple[dict[float, float], dict[float, float]]
"""Bids and asks, price to quantity."""


@dataclass(frozen=True)
class Order:
    """What somebody does at a price: takes whatever stands in the way, then rests; 0 cancels."""

    is_bid: bool
    price: int
    quantity: int
    id_step: int = 1


class VenueBook:
    """The true book after each of its steps.

    Args:
        first_id: Update id of the book it begins with.
        first: The book it begins with.
        steps: What changed, step by step; ids may have holes, as at the venue.
    """

    def __init__(self, first_id: int, first: Sides, steps: Iterable[BookDelta]) -> None:
        self.ids = [first_id]
        self.states = [first]
        self.steps: list[BookDelta] = []
        for step in steps:
            self._take(step)

    @classmethod
    def of_orders(cls, orders: Iterable[Order]) -> "VenueBook":
        """A book with a level a side, moved by orders; never crossed."""
        venue = cls(100, ({99.0: 1.0}, {101.0: 1.0}), ())
        for order in orders:
            venue._take(_step(venue.states[-1], order, venue.ids[-1]))
        return venue

    def _take(self, step: BookDelta) -> None:
        bids, asks = self.states[-1]
        self.steps.append(step)
        self.ids.append(step.last_update_id)
        self.states.append((_changed(bids, step.bids), _changed(asks, step.asks)))

    def __len__(self) -> int:
        return len(self.steps)

    def at(self, update_id: int) -> Sides:
        """The whole book right after an update."""
        return self.states[bisect_right(self.ids, update_id) - 1]

    def snapshot(self, index: int, depth: int | None = None) -> BookSnapshot:
        """What a request for so many levels a side returns after so many steps."""
        bids, asks = self.states[index]
        return a_book_snapshot(
            self.ids[index],
            bids=sorted(bids.items(), reverse=True)[:depth],
            asks=sorted(asks.items())[:depth],
        )

    def delta(self, start: int, end: int) -> BookDelta:
        """What the stream sends for the steps from ``start`` up to, not including, ``end``."""
        steps = self.steps[start:end]
        bids = dict(level for step in steps for level in step.bids)
        asks = dict(level for step in steps for level in step.asks)
        return a_delta(
            steps[0].first_update_id,
            steps[-1].last_update_id,
            steps[0].previous_update_id,
            bids=list(bids.items()),
            asks=list(asks.items()),
        )


def _changed(
    side: dict[float, float], changes: Iterable[tuple[float, float]]
) -> dict[float, float]:
    result = {**side, **dict(changes)}
    return {price: quantity for price, quantity in result.items() if quantity}


def _within(side: BookSide, levels: dict[float, float], *, is_bid: bool) -> dict[float, float]:
    if side.known_to is None:
        return levels
    worst = side.known_to
    return {
        price: quantity
        for price, quantity in levels.items()
        if (price >= worst if is_bid else price <= worst)
    }


def _step(sides: Sides, order: Order, last: int) -> BookDelta:
    bids, asks = sides
    own = [(float(order.price), float(order.quantity))]
    first = last + order.id_step
    if order.is_bid:
        taken = [(price, 0.0) for price in asks if order.quantity and price <= order.price]
        return a_delta(first, first, last, bids=own, asks=taken)
    taken = [(price, 0.0) for price in bids if order.quantity and price >= order.price]
    return a_delta(first, first, last, bids=taken, asks=own)


@dataclass(frozen=True)
class Move:
    """Something the line does; ``number`` chooses which delta or snapshot it does it to."""

    kind: str
    number: int = 0


MOVES = (
    "send",
    "lose",
    "repeat",
    "jump",
    "swap",
    "split",
    "merge",
    "answer",
    "snapshot",
    "fail",
    "tick",
    "interrupt",
)
"""Kinds of moves."""


class Line:
    """Carries a venue's stream to our book, badly; checks the book after everything that arrives.

    Args:
        venue: The truth.
        cuts: After how many steps the venue sends what it has.
        depth: Levels a side in a snapshot; None for all of them.
    """

    def __init__(self, venue: VenueBook, cuts: Iterable[int], *, depth: int | None = None) -> None:
        self.book = OrderBook(SYMBOL)
        self.is_wanted = False
        self.times_live = 0
        self.times_renewed = 0
        self._depth = depth
        self._bids = self.book.bids
        self._venue = venue
        inner = sorted({cut for cut in cuts if 0 < cut < len(venue)})
        bounds = [0, *inner, len(venue)]
        self._parts = list(pairwise(bounds))
        self._next = 0
        self._time_ms = 1_000

    def play(self, moves: Sequence[Move]) -> None:
        """Do what the moves say as long as there is something left to send."""
        for move in moves:
            if self._next < len(self._parts) - 2:
                self._play(move)

    def recover(self) -> None:
        """From here on send everything in order and answer every request at once."""
        for start, end in self._parts[self._next :]:
            self._send(start, end)
            if self.is_wanted:
                self._answer(end)

    def _play(self, move: Move) -> None:
        match move.kind:
            case "answer" if self.is_wanted:
                self._answer(self._parts[self._next][0] + move.number % 7 - 3)
            case "snapshot":
                self._answer(move.number % (len(self._venue) + 1))
            case "fail":
                self._note(self.book.on_snapshot_failed("lost"))
            case "tick":
                self._time_ms += 100 * (move.number % 30)
                self._note(self.book.on_tick(self._time_ms))
            case "interrupt":
                self.book.interrupt("cut")
                self._check()
            case _:
                self._play_stream(move)

    def _play_stream(self, move: Move) -> None:
        parts, here = self._parts, self._next
        (start, end), (_, after) = parts[here], parts[here + 1]
        self._next = here + 1
        match move.kind:
            case "lose":
                pass
            case "repeat":
                self._next = here
                self._send(*parts[max(0, here - 1 - move.number % 4)])
            case "jump":
                self._next = move.number % (len(parts) - 2)
            case "swap":
                self._next = here + 2
                self._send(end, after)
                self._send(start, end)
            case "split" if end - start > 1:
                middle = start + 1 + move.number % (end - start - 1)
                self._send(start, middle)
                self._send(middle, end)
            case "merge":
                self._next = here + 2
                self._send(start, after)
            case _:
                self._send(start, end)

    def _send(self, start: int, end: int) -> None:
        self._note(self.book.on_delta(self._venue.delta(start, end)))

    def _answer(self, steps: int) -> None:
        self.is_wanted = False
        snapshot = self._venue.snapshot(max(0, min(steps, len(self._venue))), self._depth)
        self._note(self.book.on_snapshot(snapshot))

    def _note(self, needed: str | None) -> None:
        self.is_wanted = self.is_wanted or needed is not None
        self._check()

    def _check(self) -> None:
        book = self.book
        shown = tuple(dict(side.top(len(side))) for side in (book.bids, book.asks))
        if book.state in {BookState.LIVE, BookState.STALE}:
            self.times_live += 1
            self.times_renewed += book.bids is not self._bids
            self._bids = book.bids
            assert book.last_update_id in self._venue.ids
            true = self._venue.at(book.last_update_id)
            for side, is_bid in ((book.bids, True), (book.asks, False)):
                ours, theirs = shown[not is_bid], true[not is_bid]
                # What is known of the rest is true as well.
                assert ours.items() <= theirs.items()
                assert _within(side, ours, is_bid=is_bid) == _within(side, theirs, is_bid=is_bid)
        else:
            assert book.state is BookState.SYNCING  # a true book never crosses
            assert shown == ({}, {})
