"""The crowd of a synthetic market: realistic, the same for the same dice, and never crossing."""

from collections import Counter
from hashlib import sha256
from random import Random
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sim_market import START_MS, Heard

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.contracts import Contract, contract
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.market import Ids, SymbolMarket
from botcore_tui.exchange.sim.matching import CROWD, Match
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL


class Strict(Heard):
    """Looks at the book after every update."""

    def __init__(self) -> None:
        super().__init__()
        self.spreads: Counter[int] = Counter()
        self.empty = 0

    def book_changed(self, market: SymbolMarket) -> None:
        super().book_changed(market)
        bid, ask = market.book.bids.best, market.book.asks.best
        if bid is None or ask is None:
            self.empty += 1
        else:
            assert bid < ask
            self.spreads[ask - bid] += 1


def a_market(
    seed: int = 1, terms: Contract | None = None, *, intensity: float = 1.0
) -> tuple[SymbolMarket, Strict]:
    terms = terms or contract("BTCUSDT")
    heard = Strict()
    crowd = Crowd(Random(seed), terms, intensity=intensity)
    market = SymbolMarket(terms, Agenda(START_MS), Ids(Random(2)), crowd, heard, seed=seed)
    market.start()
    return market, heard


def run(market: SymbolMarket, seconds: float, *, step_ms: int = 1_000) -> None:
    end = market.agenda.now_ms + round(seconds * 1_000)
    while market.agenda.now_ms < end:
        market.agenda.advance(min(end, market.agenda.now_ms + step_ms))


def levels(market: SymbolMarket) -> tuple[int, int]:
    return len(market.book.bids.levels), len(market.book.asks.levels)


# --- determinism -------------------------------------------------------------------------------


def digest(market: SymbolMarket, heard: Strict) -> str:
    book = (sorted(market.book.bids.levels.items()), sorted(market.book.asks.levels.items()))
    said = (heard.prints, heard.updates, heard.marks, book, market.open_interest)
    return sha256(repr(said).encode()).hexdigest()


def test_same_dice_give_the_same_market_and_others_another() -> None:
    def after(seed: int) -> str:
        market, heard = a_market(seed)
        run(market, 5)
        return digest(market, heard)

    assert after(7) == after(7)
    assert after(7) != after(8)


@settings(max_examples=5, deadline=None)
@given(steps=st.lists(st.integers(0, 2_500), max_size=12))
def test_how_time_is_cut_does_not_change_what_happens(steps: list[int]) -> None:
    def cut(steps: list[int]) -> str:
        market, heard = a_market()
        for step in steps:
            market.agenda.advance(min(START_MS + 6_000, market.agenda.now_ms + step))
        market.agenda.advance(START_MS + 6_000)
        return digest(market, heard)

    assert cut(steps) == cut([])


def test_questions_do_not_change_what_happens() -> None:
    def after(*, is_asked: bool) -> str:
        market, heard = a_market()
        for _ in range(10):
            run(market, 1)
            if is_asked:
                market.bars.klines("1h", now_ms=market.agenda.now_ms)
                market.fundings.between(5)
                market.book.top(BUY, 20)
        return digest(market, heard)

    assert after(is_asked=True) == after(is_asked=False)


# --- realism -----------------------------------------------------------------------------------


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "XRPUSDT", "LTCUSDT"])
def test_usual_market_is_like_a_busy_contract(symbol: str) -> None:
    terms = contract(symbol)
    market, heard = a_market(3, terms)
    depths: list[int] = []
    bests: set[int | None] = set()
    for _ in range(40):
        run(market, 1)
        depths.extend(levels(market))
        bests.add(market.book.bids.best)
    spreads = heard.spreads
    assert spreads[1] > 0.7 * sum(spreads.values())
    assert 550 <= min(depths) <= max(depths) <= 1_000
    assert heard.empty == 0
    assert 50 < len(heard.updates) / 40 < 300
    assert len(heard.prints) / 40 > 3
    assert len(bests) >= 2
    assert abs(market.last_ticks / terms.first_price - 1) < 0.02
    assert abs(market.mark / (market.last_ticks * terms.price_atoms) - 1) < 0.002
    sells = sum(one.is_sell for one in heard.prints)
    assert 0.25 < sells / len(heard.prints) < 0.75


def test_some_of_those_who_sweep_are_liquidated() -> None:
    market, heard = a_market()
    run(market, 40)
    assert 1 <= len(heard.liquidations) <= 40
    atoms = market.contract.price_atoms
    for side, ticks, lots, average, _ in heard.liquidations:
        assert lots > 0
        assert (average <= ticks * atoms) is (side is BUY) or average == ticks * atoms


def test_sizes_are_spread_and_walls_stand_at_round_prices() -> None:
    market, _ = a_market()
    sides = (market.book.bids.levels, market.book.asks.levels)
    round_ones = [lots for side in sides for ticks, lots in side.items() if ticks % 50 == 0]
    others = [lots for side in sides for ticks, lots in side.items() if ticks % 50]
    assert median(round_ones) > 2 * median(others)
    assert max(others) > 10 * median(others)


@pytest.mark.parametrize("intensity", [0.2, 3.0])
def test_intensity_is_a_multiple_of_the_usual(intensity: float) -> None:
    calm, usual = a_market(intensity=intensity), a_market()
    run(calm[0], 10)
    run(usual[0], 10)
    ratio = len(calm[1].updates) / len(usual[1].updates)
    assert ratio == pytest.approx(intensity, rel=0.5)


def test_price_of_few_ticks_has_a_shallow_ladder() -> None:
    terms = contract("TINYUSDT", price="0.40", tick="0.01", step="1")
    market, heard = a_market(3, terms)
    run(market, 60)
    assert min(market.book.bids.levels) >= 1
    assert all(count >= 2 for count in levels(market))
    assert heard.spreads.total() > 1_000


# --- with orders of accounts -------------------------------------------------------------------


def filled(market: SymbolMarket) -> list[Match]:
    fills: list[Match] = []
    market.on_maker_fill = lambda _, match: fills.append(match)
    return fills


@pytest.mark.parametrize("side", [BUY, SELL])
def test_resting_order_at_the_best_price_fills(side: Side) -> None:
    market, _ = a_market()
    fills = filled(market)
    best = market.book.side(side).best
    assert best is not None
    market.rest(side, best, 1, 5)
    run(market, 60)
    assert sum(fill.lots for fill in fills) == 5
    assert {(fill.ticks, fill.maker) for fill in fills} == {(best, 1)}


def test_large_order_fills_in_parts() -> None:
    market, _ = a_market()
    fills = filled(market)
    best = market.book.asks.best
    assert best is not None
    market.rest(SELL, best, 1, 5_000)
    run(market, 100)
    assert len(fills) > 3
    assert max(fill.lots for fill in fills) < 5_000


def test_order_better_than_the_fair_price_is_taken_first() -> None:
    market, _ = a_market()
    fills = filled(market)
    run(market, 1)
    ask = market.book.asks.best
    assert ask is not None
    market.take(BUY, 2_000_000, ask + 40)
    market.rest(BUY, ask + 35, 1, 50)
    run(market, 10)
    assert sum(fill.lots for fill in fills) == 50
    spread = (market.book.asks.best or 0) - (market.book.bids.best or 0)
    assert spread < 20


@pytest.mark.parametrize("side", [BUY, SELL])
def test_crowd_comes_back_after_a_side_was_swept_empty(side: Side) -> None:
    market, heard = a_market()
    run(market, 1)
    matches = market.take(side, 10**9, None)
    assert len(matches) > 400
    assert all(match.maker == CROWD for match in matches)
    assert market.book.opposite(side).best is None
    run(market, 5)
    assert heard.empty == 1
    assert min(levels(market)) >= 550
    assert abs(market.last_ticks / 616_597 - 1) < 0.02


def test_both_sides_swept_empty_come_back() -> None:
    market, _ = a_market()
    market.take(BUY, 10**9, None)
    market.take(SELL, 10**9, None)
    run(market, 1)
    assert min(levels(market)) >= 550


def test_no_room_below_an_order_at_the_lowest_price_is_no_trouble() -> None:
    terms = contract("TINYUSDT", price="0.40", tick="0.01", step="1")
    market, _ = a_market(3, terms)
    market.take(SELL, 10**12, None)
    market.rest(SELL, 1, 1, 10**9)
    run(market, 5)
    assert market.book.bids.best is None
    assert market.book.left(1) <= 10**9


def test_nobody_quotes_below_the_lowest_price() -> None:
    terms = contract("TINYUSDT", price="0.40", tick="0.01", step="1")
    market, _ = a_market(3, terms)
    market.take(SELL, 10**12, None)
    market.rest(SELL, 6, 1, 10**9)
    run(market, 10)
    assert 1 <= min(market.book.bids.levels) <= max(market.book.bids.levels) <= 5


def test_thin_side_is_not_swept_further() -> None:
    market, _ = a_market()
    crowd = market._participants
    assert isinstance(crowd, Crowd)
    asks = market.book.top(SELL, 999)
    market.take(BUY, sum(lots for _, lots in asks[:-100]), None)
    crowd._sweep(BUY, 5)
    crowd._withdraw(BUY, 5)
    assert levels(market)[1] == 100


def test_funding_interval_begins_anew_for_the_premium() -> None:
    market, _ = a_market(intensity=0.01)
    market.agenda.advance(market.next_funding_ms + 5_000)
    assert len(market.fundings.between(2)) == 2
    assert abs(market.funding_rate) < 60_000


def test_order_in_the_way_of_those_who_leave_stays() -> None:
    market, _ = a_market()
    ask = market.book.asks.best
    assert ask is not None
    market.rest(SELL, ask, 1, 10**9)
    run(market, 60)
    assert 0 < market.book.left(1) < 10**9
    assert market.book.asks.best == ask
