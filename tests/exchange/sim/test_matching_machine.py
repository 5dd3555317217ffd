"""The book of one contract against the plainest book there is, under random orders."""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from property_examples import examples

from botcore_tui.exchange.sim.matching import CROWD, Book, Match
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL


def plain(matches: list[Match]) -> list[tuple[int, int, int]]:
    return [(match.ticks, match.lots, match.maker) for match in matches]


class _Entry:
    def __init__(self, side: Side, ticks: int, maker: int, lots: int) -> None:
        self.side, self.ticks, self.maker, self.lots = side, ticks, maker, lots


class _PlainBook:
    """A list of everybody in order of arrival."""

    def __init__(self) -> None:
        self.entries: list[_Entry] = []

    def of(self, side: Side) -> list[_Entry]:
        rank = -1 if side is BUY else 1
        return sorted(
            (entry for entry in self.entries if entry.side is side),
            key=lambda entry: rank * entry.ticks,
        )

    def levels(self, side: Side) -> dict[int, int]:
        levels: dict[int, int] = {}
        for entry in self.of(side):
            levels[entry.ticks] = levels.get(entry.ticks, 0) + entry.lots
        return levels

    def take(
        self, side: Side, lots: int, limit: int | None, blocked: Callable[[int], bool]
    ) -> list[tuple[int, int, int]]:
        """One after the other; neighbours in the crowd are one."""
        matches: list[tuple[int, int, int]] = []
        for entry in self.of(SELL if side is BUY else BUY):
            is_beyond = limit is not None and (
                entry.ticks > limit if side is BUY else entry.ticks < limit
            )
            if not lots or is_beyond or blocked(entry.maker):
                break
            taken = min(lots, entry.lots)
            lots -= taken
            entry.lots -= taken
            last = matches[-1] if matches else (0, 0, -1)
            if entry.maker == CROWD and last[2] == CROWD and last[0] == entry.ticks:
                matches[-1] = (entry.ticks, last[1] + taken, CROWD)
            else:
                matches.append((entry.ticks, taken, entry.maker))
        self._tidy()
        return matches

    def crowd_set(self, side: Side, ticks: int, lots: int) -> None:
        crowd = [
            entry
            for entry in self.entries
            if (entry.side, entry.ticks, entry.maker) == (side, ticks, CROWD)
        ]
        more = lots - sum(entry.lots for entry in crowd)
        if more > 0:
            self.entries.append(_Entry(side, ticks, CROWD, more))
        for entry in reversed(crowd):
            if more < 0:
                gone = min(-more, entry.lots)
                entry.lots -= gone
                more += gone
        self._tidy()

    def find(self, order_id: int) -> _Entry:
        return next(entry for entry in self.entries if entry.maker == order_id)

    def ahead(self, order_id: int) -> int:
        place = self.entries.index(self.find(order_id))
        one = self.entries[place]
        return sum(
            entry.lots
            for entry in self.entries[:place]
            if (entry.side, entry.ticks) == (one.side, one.ticks)
        )

    def reduce(self, order_id: int, lots: int) -> None:
        self.find(order_id).lots -= lots
        self._tidy()

    def _tidy(self) -> None:
        self.entries = [entry for entry in self.entries if entry.lots]


_TICKS = st.one_of(st.integers(1, 12), st.integers(1, 400))
_LOTS = st.integers(1, 30)
_SIDES = st.sampled_from([BUY, SELL])


class BookMachine(RuleBasedStateMachine):
    """Random orders of accounts and of the crowd, in both books."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.plain = _PlainBook()
        self.ids = 0
        self.joined = self.gone = 0

    def _fits(self, side: Side, ticks: int) -> bool:
        facing = self.book.opposite(side).best
        return facing is None or (ticks < facing if side is BUY else ticks > facing)

    def _any_order(self, number: int) -> int:
        ids = [entry.maker for entry in self.plain.entries if entry.maker != CROWD]
        return ids[number % len(ids)]

    def _has_orders(self) -> bool:
        return any(entry.maker != CROWD for entry in self.plain.entries)

    @rule(side=_SIDES, ticks=_TICKS, lots=_LOTS)
    def rest(self, side: Side, ticks: int, lots: int) -> None:
        if self._fits(side, ticks):
            self.ids += 1
            self.joined += lots
            self.book.rest(side, ticks, self.ids, lots)
            self.plain.entries.append(_Entry(side, ticks, self.ids, lots))

    @rule(side=_SIDES, ticks=_TICKS, lots=st.one_of(st.just(0), _LOTS))
    def crowd_set(self, side: Side, ticks: int, lots: int) -> None:
        if not lots or self._fits(side, ticks):
            more = lots - self.book.crowd_lots(side, ticks)
            self.joined += max(0, more)
            self.gone += max(0, -more)
            self.book.crowd_set(side, ticks, lots)
            self.plain.crowd_set(side, ticks, lots)

    @rule(side=_SIDES, ticks=_TICKS, lots=_LOTS)
    def crowd_add(self, side: Side, ticks: int, lots: int) -> None:
        if self._fits(side, ticks):
            self.joined += lots
            self.book.crowd_add(side, ticks, lots)
            self.plain.entries.append(_Entry(side, ticks, CROWD, lots))

    @rule(
        side=_SIDES,
        lots=st.integers(1, 200),
        limit=st.one_of(st.none(), _TICKS),
        divisor=st.integers(2, 9),
    )
    def take(self, side: Side, lots: int, limit: int | None, divisor: int) -> None:
        def blocked(order_id: int) -> bool:
            return order_id != CROWD and order_id % divisor == 0

        could = self.book.peek(side, lots, limit)
        matches = plain(self.book.take(side, lots, limit, blocked=blocked))
        assert matches == self.plain.take(side, lots, limit, blocked)
        traded = sum(match[1] for match in matches)
        self.gone += traded
        front = self.book.front(side)
        if front is None or not blocked(front):
            assert could == (traded, sum(match[0] * match[1] for match in matches))
        assert traded <= could[0] <= lots

    @precondition(_has_orders)
    @rule(number=st.integers(0, 99))
    def remove(self, number: int) -> None:
        order_id = self._any_order(number)
        lots = self.book.remove(order_id)
        assert lots == self.plain.find(order_id).lots
        self.plain.reduce(order_id, lots)
        self.gone += lots

    @precondition(_has_orders)
    @rule(number=st.integers(0, 99), share=st.floats(0, 1))
    def reduce(self, number: int, share: float) -> None:
        order_id = self._any_order(number)
        lots = max(1, int(share * self.book.left(order_id)))
        self.book.reduce(order_id, lots)
        self.plain.reduce(order_id, lots)
        self.gone += lots

    @precondition(_has_orders)
    @rule(number=st.integers(0, 99), lots=_LOTS)
    def pass_by(self, number: int, lots: int) -> None:
        side, ticks = self.book.where(self._any_order(number))
        crowd = self.book.crowd_lots(side, ticks)
        match, rest = self.book.pass_by(side, ticks, lots)
        assert self.book.crowd_lots(side, ticks) == crowd
        self.gone += match.lots if match else 0
        # The plain book does the same in two steps: everybody in turn, then the crowd is back.
        used = lots - rest
        for entry in [one for one in self.plain.entries if (one.side, one.ticks) == (side, ticks)]:
            taken = min(used, entry.lots)
            entry.lots -= taken
            used -= taken
            if taken and entry.maker != CROWD:
                assert match == Match(ticks, taken, entry.maker)
        assert used == 0
        self.plain._tidy()
        self.plain.crowd_set(side, ticks, crowd)

    @invariant()
    def both_books_are_equal(self) -> None:
        for side in (BUY, SELL):
            levels = self.plain.levels(side)
            ours = self.book.side(side)
            assert ours.levels == levels
            assert all(levels.values())
            assert ours.best == next(iter(levels), None)
            assert self.book.top(side, 500) == list(levels.items())
        for entry in self.plain.entries:
            if entry.maker != CROWD:
                assert self.book.ahead(entry.maker) == self.plain.ahead(entry.maker)
                assert self.book.left(entry.maker) == entry.lots

    @invariant()
    def book_is_not_crossed(self) -> None:
        bid, ask = self.book.bids.best, self.book.asks.best
        assert bid is None or ask is None or bid < ask

    @invariant()
    def lots_are_conserved(self) -> None:
        there = sum(self.book.bids.levels.values()) + sum(self.book.asks.levels.values())
        assert there == self.joined - self.gone


TestBookMachine = BookMachine.TestCase
TestBookMachine.settings = settings(
    max_examples=examples(60), stateful_step_count=50, deadline=None
)
