"""A default stop where the contract's steps are not known: taken once, and let be."""

from decimal import Decimal

from desk_stage import RULES, UP, Stage, forms
from market_builders import SYMBOL
from order_builders import NOW_MS
from recollection_builders import a_recollection

from botcore_tui.model.event import RulesUpdate
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, Purpose

STOP = Purpose.STOP


def off_the_tick(request: OrderRequest) -> str:
    trigger = request.trigger_price
    is_off = trigger is not None and trigger % RULES.tick
    return "refuse -4014" if is_off else "ok"


def a_position_by_hand() -> Stage:
    """Long 1 at 103.37 by hand; nobody has told the rules of the contract."""
    stage = Stage()
    stage.venue.mark, stage.venue.rule = Decimal("103.37"), off_the_tick
    stage.tell(a_recollection(), *stage._marks(), UP)
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    stage.wait(8_000)
    assert forms(stage.live(STOP)) == ["close 99.7"]
    return stage


def test_coarse_stop_is_not_moved_to_a_price_that_is_off_the_tick() -> None:
    stage = a_position_by_hand()
    stage.wait(60_000)
    assert forms(stage.sent(STOP)) == ["close 99.7"]
    assert "protection.not_moved" not in stage.codes()


def test_coarse_stop_goes_where_it_belongs_when_the_rules_are_there() -> None:
    stage = a_position_by_hand()
    stage.tell(RulesUpdate(RULES, NOW_MS))
    stage.wait(120_000)
    assert forms(stage.live(STOP)) == ["close 99.8"]
    assert stage.position().symbol == SYMBOL
    assert "protection.not_moved" not in stage.codes()
