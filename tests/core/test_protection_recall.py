"""A position that the venue tells of, and the plan of the entry of ours that made it."""

from desk_stage import RULES, UP, Stage, a_mark_price, buy
from market_builders import SYMBOL
from order_builders import NOW_MS
from recollection_builders import a_recollection, an_open_order

from botcore_tui.model.event import Append, RulesUpdate, Submit
from botcore_tui.model.ledger import IntentRow, KnownTrade
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, Purpose

TARGET = Purpose.TARGET


def killed_after_its_entry_was_recorded(*, stop: str) -> Stage:
    """The execution is in the ledger; the position, and what protects it, are nowhere."""
    stage = Stage().begin()
    stage.is_performing = False
    effects = stage.tell(buy(stop=stop, target="120"))
    rows = [effect.row for effect in effects if isinstance(effect, Append)]
    (intent,) = [row for row in rows if isinstance(row, IntentRow)]
    (submit,) = [effect for effect in effects if isinstance(effect, Submit)]
    stage.venue.place(submit.request)  # what it answers is lost with the process
    stage.is_performing = True
    recorded = KnownTrade(SYMBOL, 0, (stage.venue.trades[-1].trade_id,))
    order = an_open_order(intent, state=OrderState.IN_FLIGHT)
    stage.tell(a_recollection(orders=[order], trades=[recorded]))
    stage.tell(RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP)
    stage.wait(3_000)
    return stage


def test_position_that_was_not_recorded_gets_the_stop_and_target_of_its_entry() -> None:
    stage = killed_after_its_entry_was_recorded(stop="98")
    position = stage.position()
    assert [position.stop_price, position.target_price] == [98, 120]
    assert stage.stop().trigger_price == 98
    assert len(stage.live(TARGET)) == 1


def test_plan_counts_where_it_is_looser_than_the_usual_distance() -> None:
    assert killed_after_its_entry_was_recorded(stop="92").stop().trigger_price == 92


def test_position_of_others_is_not_taken_for_that_of_an_earlier_entry() -> None:
    stage = Stage().begin()
    stage.tell(buy(stop="99.5", target="120"))
    stage.tell(*stage.venue.trigger(stage.stop().client_order_id))
    stage.wait(10_000)
    assert stage.is_flat()
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    stage.wait(1_000)
    position = stage.position()
    assert position.target_price is None
    assert position.stop_price == stage.stop().trigger_price
    assert position.stop_price is not None
    assert position.stop_price < 97
