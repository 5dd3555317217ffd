"""One side of the book is at any time what a dict and a full sort say."""

from collections.abc import Sequence
from random import Random

import pytest
from brief import brief
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from property_examples import examples

from botcore_tui.core import book_side as module
from botcore_tui.core.book_side import BookSide
from botcore_tui.model.market import Level


class NaiveSide:
    """Levels in a dict, sorted whenever somebody asks."""

    def __init__(self, *, is_bid: bool) -> None:
        self._is_bid = is_bid
        self.levels: dict[float, float] = {}

    def load(self, levels: Sequence[Level]) -> None:
        self.levels = {}
        self.apply(levels)

    def apply(self, changes: Sequence[Level]) -> None:
        for price, quantity in changes:
            self.levels.pop(price, None)
            if quantity:
                self.levels[price] = quantity

    def top(self, count: int) -> list[Level]:
        return sorted(self.levels.items(), reverse=self._is_bid)[:count]


def assert_same(side: BookSide, naive: NaiveSide) -> None:
    everything = naive.top(len(naive.levels))
    assert len(side) == len(everything)
    assert side.best == (everything[0][0] if everything else None)
    for count in (0, 1, 2, 5, 63, 64, 65, 127, 128, 129, len(everything), len(everything) + 1):
        assert side.top(count) == everything[:count]


_SHORT = settings(max_examples=examples(50), stateful_step_count=30, deadline=None)

prices = st.integers(1, 40).map(lambda ticks: ticks / 10)
quantities = st.sampled_from([0.0, 0.0, 0.001, 1.5, 7.0])
batches = st.lists(st.tuples(prices, quantities), max_size=12)


class SideMachine(RuleBasedStateMachine):
    """Random histories of one side beside the naive one; deletes aim at the cached edge."""

    @initialize(is_bid=st.booleans(), levels=batches)
    def begin(self, is_bid: bool, levels: list[Level]) -> None:
        self.side, self.naive = BookSide(is_bid=is_bid), NaiveSide(is_bid=is_bid)
        self.load(levels)

    @rule(levels=batches)
    def load(self, levels: list[Level]) -> None:
        self.side.load(levels)
        self.naive.load(levels)

    @rule(changes=batches)
    def apply(self, changes: list[Level]) -> None:
        self.side.apply(changes)
        self.naive.apply(changes)

    @rule(count=st.integers(1, 9))
    def delete_the_best(self, count: int) -> None:
        self.apply([(price, 0.0) for price, _ in self.naive.top(count)])

    @rule(rank=st.integers(0, 9), returns=st.booleans())
    def delete_one_level(self, rank: int, returns: bool) -> None:
        ranked = self.naive.top(rank + 1)
        if len(ranked) > rank:
            price = ranked[rank][0]
            self.apply([(price, 0.0)])
            if returns:
                self.apply([(price, 2.5)])

    @invariant()
    def equal(self) -> None:
        if hasattr(self, "side"):
            assert_same(self.side, self.naive)
            for ticks in range(42):
                price = ticks / 10
                assert self.side.quantity(price) == self.naive.levels.get(price, 0.0)


def test_side_equals_the_naive_one_whatever_happens() -> None:
    run_state_machine_as_test(SideMachine, settings=_SHORT)


def test_side_that_trims_and_refills_all_the_time_equals_the_naive_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_KEEP", 3)
    run_state_machine_as_test(SideMachine, settings=_SHORT)


@pytest.mark.parametrize("is_bid", [True, False])
@pytest.mark.parametrize("levels", brief([3, 130, 5_000], 2))
def test_side_equals_the_naive_one_over_a_long_history(is_bid: bool, levels: int) -> None:
    rng = Random(levels)
    side, naive = BookSide(is_bid=is_bid), NaiveSide(is_bid=is_bid)
    start = [(1_000 + index / 10, rng.uniform(0.1, 9)) for index in range(levels)]
    side.load(start)
    naive.load(start)
    best = len(start) if is_bid else 0
    for _ in range(1_500):
        best = max(0, min(levels, best + rng.randint(-6, 6)))
        near = [best + round(rng.gauss(0, 80)) for _ in range(rng.randint(0, 8))]
        changes = [
            (1_000 + max(0, index) / 10, rng.choice([0.0, rng.uniform(0.1, 9)])) for index in near
        ]
        if rng.random() < 0.05:  # the best levels vanish, as when a large order takes them
            changes += [(price, 0.0) for price, _ in naive.top(rng.randint(1, 200))]
        side.apply(changes)
        naive.apply(changes)
        assert side.best == (naive.top(1)[0][0] if naive.levels else None)
        if rng.random() < 0.05:
            assert_same(side, naive)
    assert_same(side, naive)


@pytest.mark.parametrize("is_bid", [True, False])
def test_list_of_the_best_levels_stays_short_while_better_prices_come(is_bid: bool) -> None:
    side, naive = BookSide(is_bid=is_bid), NaiveSide(is_bid=is_bid)
    for index in range(1_000):
        change = [(5_000.0 + (index if is_bid else -index), 1.0)]
        side.apply(change)
        naive.apply(change)
        assert len(side._top) <= 2 * module._KEEP
    assert_same(side, naive)


@pytest.mark.parametrize("is_bid", [True, False])
def test_edge_level_can_go_and_come_back(is_bid: bool) -> None:
    side, naive = BookSide(is_bid=is_bid), NaiveSide(is_bid=is_bid)
    levels = [(float(price), 1.0) for price in range(1, 201)]
    side.load(levels)
    naive.load(levels)
    edge = naive.top(module._KEEP)[-1][0]
    for changes in ([(edge, 0.0)], [(edge, 4.0)], [(edge, 0.0), (edge, 5.0), (edge, 0.0)]):
        side.apply(changes)
        naive.apply(changes)
        assert_same(side, naive)


def test_best_is_found_again_after_all_sorted_levels_are_gone() -> None:
    side = BookSide(is_bid=True)
    side.load([(float(price), 1.0) for price in range(1, 201)])
    side.apply([(float(price), 0.0) for price in range(100, 201)])
    assert side.best == 99.0
    assert side.top(2) == [(99.0, 1.0), (98.0, 1.0)]


def test_removed_last_level_leaves_no_best() -> None:
    side = BookSide(is_bid=False)
    side.load([(10.0, 1.0)])
    side.apply([(10.0, 0.0)])
    assert (side.best, len(side), side.top(5)) == (None, 0, [])


def test_loaded_level_without_quantity_is_no_level() -> None:
    side = BookSide(is_bid=False)
    side.load([(10.0, 0.0), (11.0, 2.0)])
    assert (side.best, len(side), side.quantity(10.0)) == (11.0, 1, 0.0)


@pytest.mark.parametrize(("is_bid", "worst"), [(True, 1.0), (False, 50.0)])
def test_cut_side_is_known_to_its_worst_loaded_price_until_the_next_load(
    is_bid: bool, worst: float
) -> None:
    side = BookSide(is_bid=is_bid)
    levels = [(float(price), 1.0) for price in range(1, 51)]
    side.load(levels)
    side.apply([(worst, 0.0), (0.5 if is_bid else 99.0, 1.0)])
    assert (side.known_to, side.is_near_edge) == (worst, False)
    side.load(levels[:49])
    assert (side.known_to, side.is_near_edge) == (None, False)
    side.load([*levels[:49], levels[0]])
    assert side.known_to is None
    side.load(())
    assert side.known_to is None


@given(st.decimals(min_value="0.01", max_value="999999", places=8))
def test_equal_prices_written_with_more_zeros_are_the_same_level(price: object) -> None:
    side = BookSide(is_bid=True)
    side.load([(float(f"{price}"), 1.0)])
    side.apply([(float(f"{price}000"), 0.0)])
    assert len(side) == 0
