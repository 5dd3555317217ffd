"""Accounts amid a crowd, and amid a recording: nothing crosses, no lot is lost."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples
from sim_market import START_MS, Heard
from written_tape import Levels, WrittenTape

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.market import Ids, SymbolMarket
from botcore_tui.exchange.sim.matching import CROWD, Match
from botcore_tui.exchange.sim.tape_crowd import TapeCrowd
from botcore_tui.model.market import Side

_SIDES = st.sampled_from([Side.BUY, Side.SELL])
_WAIT = st.tuples(st.just("wait"), _SIDES, st.integers(1, 400), st.integers(0, 0))


def moves(reach: int, most: int) -> st.SearchStrategy[list[tuple[str, Side, int, int]]]:
    """Kind, side, ticks from the best price, lots; or a wait of so many milliseconds."""
    distance = st.integers(-reach, reach)
    lots = st.integers(1, most)
    kinds = (
        st.tuples(st.just("rest"), _SIDES, distance, lots),
        st.tuples(st.just("take"), _SIDES, distance, lots),
        st.tuples(st.just("remove"), _SIDES, st.integers(0, 99), lots),
        st.tuples(st.just("guard"), _SIDES, st.integers(0, 3), lots),
    )
    return st.lists(st.one_of(*kinds, _WAIT), min_size=4, max_size=60)


def _fits(side: Side, ticks: int, facing: int | None) -> bool:
    return facing is None or (ticks < facing if side is Side.BUY else ticks > facing)


class Watched(Heard):
    """Looks at the book after every update."""

    def book_changed(self, market: SymbolMarket) -> None:
        super().book_changed(market)
        bids, asks = market.book.bids, market.book.asks
        assert bids.best is None or asks.best is None or bids.best < asks.best
        for side in (bids, asks):
            assert all(lots > 0 for lots in side.levels.values())
            for ticks, queue in side.queues.items():
                assert queue.has_orders
                assert queue.lots == side.levels[ticks]


class Accounts:
    """Somebody with many orders, who keeps count of them."""

    def __init__(self, market: SymbolMarket) -> None:
        self.market = market
        self.lots: dict[int, int] = {}
        self.traded: dict[int, int] = {}
        self.removed: dict[int, int] = {}
        market.on_maker_fill = self._filled

    def do(self, kind: str, side: Side, number: int, lots: int) -> None:
        market = self.market
        best = market.book.side(side).best or market.last_ticks
        facing = market.best(opposite=side)
        ticks = max(1, best + number)
        if kind == "wait":
            market.agenda.advance(market.agenda.now_ms + number)
        elif kind == "take":
            market.take(side, lots, ticks, lambda order_id: order_id % 3 == 0)
        elif kind == "remove" and self.lots:
            order_id = 1 + number % len(self.lots)
            self.removed[order_id] = self.removed.get(order_id, 0) + market.remove(order_id)
        elif kind == "guard":
            market.guard = (lambda order_id: order_id % 4 == number) if number else None
        elif kind == "rest" and _fits(side, ticks, facing):
            order_id = len(self.lots) + 1
            self.lots[order_id] = lots
            market.rest(side, ticks, order_id, lots)

    def check(self) -> None:
        for order_id, lots in self.lots.items():
            there = self.market.book.left(order_id) if order_id in self.market.book else 0
            gone = self.traded.get(order_id, 0) + self.removed.get(order_id, 0)
            assert lots == there + gone

    def _filled(self, market: SymbolMarket, match: Match) -> None:
        assert match.maker != CROWD
        assert match.trade_id
        self.traded[match.maker] = self.traded.get(match.maker, 0) + match.lots


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 99), todo=moves(30, 100_000))
def test_orders_amid_a_crowd_are_accounted_for(
    seed: int, todo: list[tuple[str, Side, int, int]]
) -> None:
    terms = contract("BTCUSDT")
    crowd = Crowd(Random(seed), terms)
    market = SymbolMarket(terms, Agenda(START_MS), Ids(Random(1)), crowd, Watched())
    market.start()
    accounts = Accounts(market)
    for move in todo:
        accounts.do(*move)
    market.agenda.advance(market.agenda.now_ms + 300)
    accounts.check()


_LEVELS = st.lists(st.tuples(st.integers(90, 110), st.integers(0, 9)), max_size=4).map(tuple)
_DELTAS = st.tuples(st.just("delta"), _LEVELS, _LEVELS, st.booleans())
_TRADES = st.tuples(st.just("trade"), st.integers(90, 110), st.integers(1, 20), st.booleans())


@settings(max_examples=examples(150), deadline=None)
@given(frames=st.lists(st.one_of(_DELTAS, _TRADES), max_size=40), todo=moves(8, 20))
def test_orders_amid_any_recording_are_accounted_for(
    frames: list[tuple[str, Levels, Levels, bool] | tuple[str, int, int, bool]],
    todo: list[tuple[str, Side, int, int]],
) -> None:
    tape = WrittenTape()
    for _, first, second, flag in frames:
        if isinstance(first, int):
            assert isinstance(second, int)
            tape.trade(first, second, is_sell=flag)
        else:
            assert not isinstance(second, int)
            tape.delta(first, second, gap=int(flag))
    crowd = TapeCrowd(iter(tape.lines), "TAPEUSDT")
    market = SymbolMarket(crowd.contract, Agenda(START_MS), Ids(SeededDice(1)), crowd, Watched())
    market.start()
    accounts = Accounts(market)
    for kind, side, number, lots in todo:
        accounts.do(kind, side, number % 25 if kind == "wait" else number, lots)
    market.agenda.advance(START_MS + 2_000)
    accounts.check()
    assert crowd.is_over
