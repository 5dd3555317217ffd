"""Executions told late, twice and in any order, over the ends of trades: nothing is left over."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest
import rough_desk
from brief import brief
from desk_stage import DOWN, UP, WELL, Stage
from market_builders import SYMBOL
from rough_desk import RoughDesk, is_streamed, some_kinds

from botcore_tui.core.holdings import Holding
from botcore_tui.model.event import Effect, Event
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import Fill, Purpose

SEEDS = (594, 1051, 1659, 1754, 1789, 1982, 2017, *range(93))
"""Those that have found something first: a trailing stop that was left to the next trade."""
_OFTEN: tuple[str, ...] = ("trigger",) * 5 + ("buy",) * 10 + ("repeat",) * 3


class LateDesk(RoughDesk):
    """What the stream brings is held back now and then, and comes in any order."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.held_back_share = dice.choice([0.2, 0.5, 0.8])
        self.late: list[Event] = []
        super().__init__()

    def move_on(self, kind: str, number: int) -> None:
        held = self.venue.positions.get(SYMBOL, Decimal(0))
        match kind:
            case "late":
                self._let_go(1 + number % 3)
            case "repeat":
                if self.is_up and self.venue.trades:
                    self.tell(self.dice.choice(self.venue.trades))
            case "flip":
                if held:
                    side = Side.SELL if held > 0 else Side.BUY
                    self.hear([self.venue.trade_by_hand(side, str(abs(held) + number % 2))])
            case _:
                super().move_on(kind, number)

    def hear(self, events: Sequence[Event]) -> None:
        self.tell(*self._in_time(events))

    def perform(self, effect: Effect) -> list[Event]:
        return self._in_time(Stage.perform(self, effect))

    def heal(self) -> None:
        self.held_back_share = 0.0
        self.venue.answers.clear()
        self._let_go(len(self.late))
        self.tell(WELL, DOWN, UP)
        self.wait(90_000)

    def check_healed(self) -> None:
        super().check_healed()
        state = self.desk.state
        assert not state.register.misses_fills(SYMBOL)
        for holding in state.portfolio.holdings():
            guard = state.protection.guard(holding.symbol)
            purposes = {order.purpose for order in self.venue.open_orders()}
            assert guard.closing == ""
            assert Purpose.TARGET not in purposes or guard.target_price is not None
            assert Purpose.TRAIL not in purposes or guard.trail_pct is not None

    # What is decided on a book that lags behind the venue is checked at the end.

    def _look_at_entry(self, plan: IntentRow) -> None:
        """Not here."""

    def _look_at_stop(self, holding: Holding) -> None:
        """Not here."""

    def look_around(self) -> None:
        """Not here."""

    def _in_time(self, events: Sequence[Event]) -> list[Event]:
        found: list[Event] = []
        for event in events:
            share = self.held_back_share * (1.0 if isinstance(event, Fill) else 0.3)
            if not is_streamed(event):
                found.append(event)
            elif self.is_up:
                (self.late if self.dice.random() < share else found).append(event)
        return found

    def _let_go(self, count: int) -> None:
        for _ in range(min(count, len(self.late))):
            event = self.late.pop(self.dice.randrange(len(self.late)))
            if self.is_up:
                self.tell(event)


@pytest.mark.requirement("F03")
@pytest.mark.requirement("A06")
@pytest.mark.parametrize("seed", brief(SEEDS, 3))
def test_when_all_was_told_the_book_is_the_venues_and_every_order_is_wanted(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rough_desk, "SYMBOLS", (SYMBOL,) * 3)
    dice = Random(seed)
    desk = LateDesk(dice)
    desk.begin()
    happens = [kind for kind in some_kinds(dice) if kind != "hedge"]
    happens += [*_OFTEN, *["late"] * dice.choice([5, 20]), *["flip"] * dice.choice([2, 10])]
    for _ in range(50):
        desk.move_on(dice.choice(happens), dice.randrange(10_000))
    desk.heal()
    desk.check_healed()
