"""The order book of one contract: price-time priority over whole ticks and lots.

Most of what rests belongs to participants that nobody follows: a level of theirs is one number.
Where an order of an account rests, the level has a queue as well, so that its turn is known.
"""

from collections.abc import Callable
from itertools import islice

from botcore_tui.exchange.sim.book_side import BookSide
from botcore_tui.exchange.sim.queues import CROWD, Match, Queue
from botcore_tui.model.market import Side

__all__ = ["CROWD", "Book", "BookSide", "Match"]


class Book:
    """The book of one contract; never crossed.

    Attributes:
        bids: Who wants to buy.
        asks: Who wants to sell.
    """

    def __init__(self) -> None:
        self.bids = BookSide(1)
        self.asks = BookSide(-1)
        self._orders: dict[int, tuple[BookSide, int]] = {}

    @property
    def changed_bids(self) -> set[int]:
        """Ticks whose bids changed since somebody last cleared this."""
        return self.bids.changed

    @property
    def changed_asks(self) -> set[int]:
        """Ticks whose asks changed since somebody last cleared this."""
        return self.asks.changed

    def side(self, side: Side) -> BookSide:
        """Where orders of a side rest."""
        return self.bids if side is Side.BUY else self.asks

    def opposite(self, side: Side) -> BookSide:
        """Where those rest that an order of a side trades with."""
        return self.asks if side is Side.BUY else self.bids

    def __contains__(self, order_id: int) -> bool:
        return order_id in self._orders

    def take(
        self,
        side: Side,
        lots: int,
        limit: int | None,
        *,
        blocked: Callable[[int], bool] | None = None,
    ) -> list[Match]:
        """Trade at once what can be traded: best prices first, at a price who came first.

        Args:
            side: Of the order that comes in; a buyer takes asks.
            lots: Most to trade.
            limit: Worst price, ticks; None for any.
            blocked: Asked for each order of an account in the way; at the first one that is, all
                ends there and it stays (``front`` names it).

        Returns:
            Trades in order; fewer lots than asked for where there is no more to be had.
        """
        resting = self.opposite(side)
        matches: list[Match] = []
        while lots:
            best = resting.best
            if best is None or (limit is not None and (best - limit) * resting.sign < 0):
                break
            queue = resting.queues.get(best)
            if queue is not None:
                lots = queue.take(lots, blocked, matches)
                self._settle(resting, best, queue)
                if resting.best == best:
                    break  # nothing is wanted any more, or a blocked order stands there
                continue
            there = resting.levels[best]
            taken = min(lots, there)
            lots -= taken
            resting.put(best, there - taken)
            matches.append(Match(best, taken, CROWD))
        return matches

    def peek(self, side: Side, lots: int, limit: int | None) -> tuple[int, int]:
        """What ``take`` would trade, blocked by nobody: lots, and the sum of ticks x lots."""
        resting = self.opposite(side)
        found = notional = 0
        for ticks, there in resting.walk():
            if found == lots or (limit is not None and (ticks - limit) * resting.sign < 0):
                break
            taken = min(lots - found, there)
            found += taken
            notional += ticks * taken
        return found, notional

    def front(self, side: Side) -> int | None:
        """Whom an order of a side would trade with first: an order id, ``CROWD``, or nobody."""
        resting = self.opposite(side)
        if resting.best is None:
            return None
        queue = resting.queues.get(resting.best)
        return queue.front if queue is not None else CROWD

    # --- orders of accounts --------------------------------------------------------------------

    def rest(self, side: Side, ticks: int, order_id: int, lots: int) -> None:
        """Put an order to the back of the queue; it must not cross, and its id must be new."""
        assert lots > 0
        assert order_id not in self._orders
        self._check_uncrossed(side, ticks)
        resting = self.side(side)
        before = resting.levels.get(ticks, 0)
        queue = resting.queues.get(ticks)
        if queue is None:
            queue = resting.queues[ticks] = Queue(ticks, before)
        queue.join(order_id, lots)
        self._orders[order_id] = resting, ticks
        resting.put(ticks, before + lots)

    def remove(self, order_id: int) -> int:
        """Take an order out; returns the lots that were left of it.

        Raises:
            KeyError: It does not rest here.
        """
        lots = self.left(order_id)
        self.reduce(order_id, lots)
        return lots

    def reduce(self, order_id: int, lots: int) -> None:
        """Take lots off an order, which keeps its place; not more than are left of it.

        Raises:
            KeyError: It does not rest here.
        """
        resting, ticks = self._orders[order_id]
        queue = resting.queues[ticks]
        assert 0 < lots <= queue.left(order_id)
        queue.shrink(order_id, lots)
        self._settle(resting, ticks, queue)

    def left(self, order_id: int) -> int:
        """Lots left of an order.

        Raises:
            KeyError: It does not rest here.
        """
        return self._queue(order_id).left(order_id)

    def where(self, order_id: int) -> tuple[Side, int]:
        """Side and price of an order, ticks.

        Raises:
            KeyError: It does not rest here.
        """
        resting, ticks = self._orders[order_id]
        return (Side.BUY if resting is self.bids else Side.SELL), ticks

    def ahead(self, order_id: int) -> int:
        """Lots that trade before an order does.

        Raises:
            KeyError: It does not rest here.
        """
        return self._queue(order_id).ahead(order_id)

    # --- everybody else ------------------------------------------------------------------------

    def crowd_lots(self, side: Side, ticks: int) -> int:
        """Lots at a price that belong to no account."""
        resting = self.side(side)
        queue = resting.queues.get(ticks)
        if queue is None:
            return resting.levels.get(ticks, 0)
        return queue.crowd

    def crowd_set(self, side: Side, ticks: int, lots: int) -> None:
        """Set the lots at a price that belong to no account; they must not cross.

        More go to the back of the queue; fewer come off its back first.
        """
        resting = self.side(side)
        queue = resting.queues.get(ticks)
        if queue is not None:
            more = lots - queue.crowd
            if more > 0:
                self.crowd_add(side, ticks, more)
            elif more < 0:
                queue.leave(-more)
                self._settle(resting, ticks, queue)
            return
        if lots:
            self._check_uncrossed(side, ticks)
        elif ticks not in resting.levels:
            return
        resting.put(ticks, lots)

    def crowd_add(self, side: Side, ticks: int, lots: int) -> None:
        """Let lots that belong to no account join at a price; they must not cross."""
        self._check_uncrossed(side, ticks)
        resting = self.side(side)
        queue = resting.queues.get(ticks)
        if queue is not None:
            queue.join(CROWD, lots)
        resting.put(ticks, resting.levels.get(ticks, 0) + lots)

    def pass_by(
        self, side: Side, ticks: int, lots: int, *, is_told: bool = False
    ) -> tuple[Match | None, int]:
        """Let a trade happen that is known from elsewhere, up to the first order it meets.

        It uses up the queue from its front. Lots of the crowd that it uses up are put to the
        back, because how many there are is known from elsewhere as well: ``crowd_set`` says it.

        Args:
            side: Of those who rest.
            ticks: Where they do.
            lots: Traded.
            is_told: The last ``crowd_set`` here knew of this trade: whoever left from before an
                order then left by it.

        Returns:
            The trade with an order of an account, if it came to that; and the lots that are left
            of the known trade, for another call.
        """
        resting = self.side(side)
        queue = resting.queues.get(ticks)
        if queue is None:
            return None, lots
        match, lots = queue.pass_by(lots, is_told=is_told)
        if match is not None:
            self._settle(resting, ticks, queue)
        return match, lots

    def first_order(self, side: Side) -> int | None:
        """The order of an account that rests on a side at the best price, its first one there."""
        resting = self.side(side)
        if not resting.queues:
            return None
        ticks = max(resting.queues) if resting.sign > 0 else min(resting.queues)
        return resting.queues[ticks].first_order

    def top(self, side: Side, count: int) -> list[tuple[int, int]]:
        """The best levels of a side, ticks and lots, best first."""
        return list(islice(self.side(side).walk(), count))

    # --- inside --------------------------------------------------------------------------------

    def _queue(self, order_id: int) -> Queue:
        resting, ticks = self._orders[order_id]
        return resting.queues[ticks]

    def _settle(self, resting: BookSide, ticks: int, queue: Queue) -> None:
        """Let the level be what its queue has become."""
        for order_id in queue.ended:
            del self._orders[order_id]
        queue.ended.clear()
        if not queue.has_orders:
            del resting.queues[ticks]
        resting.put(ticks, queue.lots)

    def _check_uncrossed(self, side: Side, ticks: int) -> None:
        facing = self.opposite(side)
        assert facing.best is None or (facing.best - ticks) * facing.sign < 0, "crossed"
