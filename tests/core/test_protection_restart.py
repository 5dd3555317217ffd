"""Protection of a position that was there before: what a restart keeps."""

from decimal import Decimal

import pytest
from desk_stage import (
    RULES,
    UP,
    Stage,
    a_mark_price,
    buy,
    canceled,
    forms,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import (
    NOW_MS,
    a_request,
    a_stop_request,
)
from recollection_builders import (
    a_position_row,
    a_recollection,
    an_intent,
    an_open_order,
    an_open_position,
)

from botcore_tui.model.event import RulesUpdate
from botcore_tui.model.ledger import OpenPosition
from botcore_tui.model.order import (
    OrderType,
    Purpose,
)
from botcore_tui.model.trading import Cover

STOP = Purpose.STOP

FINE = replace(RULES, tick=Decimal("0.001"))


def a_remembered(plan_stop: str, *, created_ms: int = NOW_MS - 9_000) -> OpenPosition:
    """Long 1 whose entry was planned with this stop."""
    plan = an_intent(
        a_request(client_order_id="bc-r0-1-e", created_ms=created_ms), stop_price=plan_stop
    )
    return replace(an_open_position(a_position_row()), plan=plan)


def restart(stage: Stage, trigger: str, position: OpenPosition, *, created_ms: int) -> None:
    """A session in which a stop of the run before is still there."""
    request = a_stop_request(
        client_order_id="bc-r0-2-s", trigger_price=trigger, created_ms=created_ms
    )
    stage.venue.place(request)
    stop = an_open_order(an_intent(request), algo_id=1)
    entry = an_open_order(position.plan, filled_quantity="0.5", order_id=77)
    stage.tell(a_recollection(orders=[entry, stop], positions=[position]))
    stage.tell(RulesUpdate(FINE, NOW_MS), a_mark_price("100"))
    stage.tell(UP)


@pytest.mark.requirement("F14")
def test_stop_that_was_moved_stays_where_it_is_after_a_restart() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    restart(stage, "97", a_remembered("95"), created_ms=NOW_MS - 5_000)
    assert stage.position().cover is Cover.VERIFIED
    assert (stage.sent(), stage.position().stop_price) == ([], Decimal(97))


def test_stop_that_is_older_than_the_newest_entry_follows_the_plan_after_a_restart() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    restart(stage, "93", a_remembered("95"), created_ms=NOW_MS - 10_000)
    assert forms(stage.sent(STOP)) == ["1 95", "close 95"]
    assert stage.stop().trigger_price == Decimal(95)


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(("before", "plan"), [("97", "95"), ("93", "95")])
def test_restart_does_not_loosen_the_stop_of_a_position_that_was_added_to(
    before: str, plan: str
) -> None:
    # In one run an addition never loosens the stop; a restart makes nothing more permissive.
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    position = replace(a_remembered(plan), opened_ms=NOW_MS - 60_000)
    restart(stage, before, position, created_ms=NOW_MS - 30_000)
    assert stage.position().stop_price == max(Decimal(before), Decimal(plan))
    assert stage.stop().trigger_price == max(Decimal(before), Decimal(plan))


@pytest.mark.requirement("F14")
def test_restart_keeps_target_and_trail_that_an_addition_did_not_name() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    position = replace(a_remembered("95"), opened_ms=NOW_MS - 60_000)
    target = a_stop_request(
        client_order_id="bc-r0-3-t", trigger_price="120", created_ms=NOW_MS - 30_000
    )
    target = replace(target, purpose=Purpose.TARGET, type=OrderType.TAKE_PROFIT_MARKET)
    trail = replace(
        target,
        client_order_id="bc-r0-4-r",
        purpose=Purpose.TRAIL,
        type=OrderType.TRAILING_STOP_MARKET,
        trigger_price=None,
        callback_pct=Decimal(2),
        quantity=Decimal(1),
        close_position=False,
        reduce_only=True,
    )
    orders = []
    for number, request in enumerate((target, trail), 1):
        stage.venue.place(request)
        orders.append(an_open_order(an_intent(request), algo_id=number))
    stage.tell(a_recollection(orders=orders, positions=[position]))
    stage.tell(RulesUpdate(FINE, NOW_MS), a_mark_price("100"), UP)
    assert stage.position().target_price == Decimal(120)
    assert stage.position().trail_pct == Decimal(2)
    stage.tell(buy("0.2", stop="95"))
    stage.wait(1_000)
    (resized,) = stage.live(Purpose.TRAIL)
    assert resized.quantity == Decimal("1.2")


def test_stop_of_a_position_before_this_one_does_not_decide_after_a_restart() -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    position = replace(a_remembered("95"), opened_ms=NOW_MS - 8_000)
    restart(stage, "97", position, created_ms=NOW_MS - 30_000)
    assert stage.position().stop_price == Decimal(95)


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("is_remembered", [True, False], ids=["remembered", "only listed"])
def test_stop_of_an_earlier_run_is_cancelled_where_nothing_is_held_any_more(
    is_remembered: bool,
) -> None:
    stage = Stage()
    stage.venue.positions[SYMBOL] = Decimal(1)
    request = a_stop_request(client_order_id="bc-r0-2-s", quantity="1", close_position=False)
    stage.venue.place(request)
    stage.venue.positions[SYMBOL] = Decimal(0)
    orders = [an_open_order(an_intent(request), algo_id=1)] if is_remembered else []
    stage.tell(a_recollection(orders=orders), RulesUpdate(FINE, NOW_MS), a_mark_price("100"), UP)
    assert canceled(stage.wait(750)) == []
    stage.wait(750)
    assert stage.venue.open_orders() == []
    assert stage.desk.state.protection.watched() == []
