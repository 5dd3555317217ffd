"""Whoever comes, gives up, is refused or told anything: nobody overtakes, and nobody is left."""

from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from property_examples import examples

from botcore_tui.exchange.binance.allowance import Allowance, Cost, Grant, Lane, Told
from botcore_tui.exchange.binance.lanes import Lanes, Ticket

_COSTS = (Cost(1), Cost(5), Cost(40), Cost(0, 1, 1), Cost(0, 0, 1))
_LANES = (*Lane, *[Lane.KILL] * 5)
_CEILING = 100
_LONG_MS = 400_000
"""Longer than any window, and any refusal here."""


class Venue(RuleBasedStateMachine):
    """Those who wait look in any order, as the wake-ups of a loop have them do."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 1_700_000_040_000
        self.allowance = Allowance(_CEILING)
        self.lanes = Lanes(self.allowance)
        self.waiting: list[Ticket] = []
        self.under_way: list[Grant] = []

    @rule(lane=st.sampled_from(_LANES), cost=st.sampled_from(_COSTS))
    def come(self, lane: Lane, cost: Cost) -> None:
        self.waiting.append(self.lanes.join(lane, cost))

    @rule(number=st.integers(0, 50))
    def give_up(self, number: int) -> None:
        if self.waiting:
            self.lanes.leave(self.waiting.pop(number % len(self.waiting)))

    @rule(seed=st.integers(0, 9_999))
    def look(self, seed: int) -> None:
        dice, has_moved = Random(seed), True
        while has_moved:
            order = dice.sample(self.waiting, len(self.waiting))
            has_moved = any(self._try(ticket) for ticket in order)

    @rule(passed_ms=st.integers(1, 70_000))
    def let_time_pass(self, passed_ms: int) -> None:
        self.now_ms += passed_ms

    @rule(
        status=st.sampled_from([429, 418]),
        code=st.sampled_from([-1003, -1015]),
        wait_ms=st.integers(0, 120_000),
    )
    def refuse(self, status: int, code: int, wait_ms: int) -> None:
        self.allowance.refused(status, code, wait_ms, self.now_ms)

    @rule(weight=st.none() | st.integers(0, 120), orders=st.none() | st.integers(0, 400))
    def answer(self, weight: int | None, orders: int | None) -> None:
        if self.under_way:
            told = Told(weight, orders, orders)
            self.allowance.settle(self.under_way.pop(0), told, self.now_ms)

    @rule()
    def come_back_unsent(self) -> None:
        if self.under_way:
            self.allowance.give_back(self.under_way.pop(0), self.now_ms)

    @rule(step_ms=st.integers(-20_000, 20_000))
    def step_the_clock(self, step_ms: int) -> None:
        self.now_ms += step_ms
        self.allowance.set_clock(self.now_ms, step_ms)

    def teardown(self) -> None:
        """Nobody refuses any more: by the wake-ups that there are, all have their turn."""
        self.now_ms += _LONG_MS
        for _ in range(8 * len(self.waiting) + 8):
            while self.under_way:
                self.answer(None, None)
            self.look(1)
            if self.waiting and not self.under_way:
                dues = (
                    self.allowance.due_ms(ticket.lane, ticket.cost, self.now_ms)
                    for ticket in self.waiting
                )
                self.now_ms = max(self.now_ms + 1, min(dues))
        assert self.waiting == []

    def _try(self, ticket: Ticket) -> bool:
        is_shut = self.allowance.shut_ms(self.now_ms) > 0
        place = self.waiting.index(ticket)
        grant = self.lanes.take(ticket, self.now_ms)
        if grant is None:
            return False
        for number, other in enumerate(self.waiting):
            is_before = other.lane < ticket.lane or (other.lane == ticket.lane and number < place)
            assert not is_before or not (is_shut or other.cost.competes(ticket.cost))
        self.lanes.leave(ticket)
        self.waiting.remove(ticket)
        self.under_way.append(grant)
        return True


TestVenue = pytest.mark.requirement("P18")(Venue.TestCase)
TestVenue.settings = settings(max_examples=examples(200), stateful_step_count=40, deadline=None)
