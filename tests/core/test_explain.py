"""Why nothing is traded: each control with what it sees, in order, and how to clear it."""

from decimal import Decimal

import pytest
from desk_stage import HALT, RESUME, RULES, Stage, a_minute, buy
from gate_stage import AROUND, proposal_of
from market_builders import SYMBOL
from msgspec.structs import replace
from recollection_builders import a_recollection

from botcore_tui.core import explain
from botcore_tui.core.controls import Reading
from botcore_tui.core.explain import obstacles, smallest_entry
from botcore_tui.core.gate import FOR_ENTRIES, Denial, Proposal, Surroundings
from botcore_tui.model.event import RulesUpdate
from botcore_tui.model.market import Side
from botcore_tui.model.risk import Obstacle


def failing(stage: Stage) -> dict[str, Obstacle]:
    return {one.code: one for one in obstacles(stage.desk.state, SYMBOL) if not one.is_passed}


@pytest.mark.requirement("P01")
def test_all_controls_are_told_in_their_order_and_pass_where_an_entry_would() -> None:
    stage = Stage().begin()
    stage.wait(250)
    told = obstacles(stage.desk.state, SYMBOL)
    assert [one.code for one in told] == [each.code for each in FOR_ENTRIES]
    assert [one.code for one in told if not one.is_passed] == []
    assert all(one.remedy == "" for one in told)
    assert all(one.name and one.value for one in told)


def test_what_stands_in_the_way_says_how_to_clear_it() -> None:
    stage = Stage().begin()
    stage.wait(250)
    stage.tell(HALT)
    found = failing(stage)
    assert set(found) == {"P01"}
    assert found["P01"].value == "HALTED"
    assert found["P01"].remedy == "resume with F9"


@pytest.mark.requirement("P17")
def test_order_that_takes_profit_does_not_stand_in_the_way_of_every_entry() -> None:
    # A LIMIT entry passes the gate beside it, so "no entries" would not be true.
    stage = Stage().begin()
    stage.tell(buy("0.5", stop="95"))
    stage.wait(1_250)
    take = buy("0.2", side=Side.SELL, price="100.3", stop=None, reduce_only=True)
    stage.tell(take)
    stage.wait(1_250)
    stage.tell(buy("0.2", price="99.9", stop="95"))
    assert stage.answer().is_accepted
    assert failing(stage) == {}


@pytest.mark.requirement("P17")
def test_order_that_even_a_limit_at_the_mark_would_meet_stands_in_the_way() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.5", stop="95"))
    stage.wait(1_250)
    stage.venue.is_filling = False
    stage.tell(buy("0.2", side=Side.SELL, price="100.1", stop=None, reduce_only=True))
    stage.move("100.2")
    stage.wait(1_250)
    assert "P17" in failing(stage)


def test_why_only_reducing_orders_pass_is_told() -> None:
    stage = Stage().begin()
    stage.wait(250)
    stage.tell(HALT)
    stage.wait(3_000)  # until the halt is confirmed
    stage.tell(RESUME)
    found = failing(stage)
    assert found["P01"].value == f"REDUCING by {RESUME.actor}: {RESUME.reason}"
    assert found["P01"].remedy == "resume once more with F9"


def test_before_anything_is_known_most_stand_in_the_way() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    found = failing(stage)
    assert {"P05", "P09", "P10", "P12", "P15"} <= set(found)
    assert found["P09"].remedy == "wait"
    assert found["P15"].remedy == "wait"
    assert found["P12"].remedy != "this is a defect, nothing was sent"
    assert found["P12"].value == "unknown in 1 with it"


def test_smallest_entry_is_what_the_venue_takes_on_the_side_of_the_position() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    assert smallest_entry(stage.desk.state, SYMBOL).request.quantity == 1
    stage.begin()
    asked = smallest_entry(stage.desk.state, SYMBOL)
    assert asked.request.quantity == Decimal("0.05")
    assert asked.stop_price == Decimal("96.5")
    stage.move("101")
    assert smallest_entry(stage.desk.state, SYMBOL).request.quantity == Decimal("0.050")
    stage.move("99")
    assert smallest_entry(stage.desk.state, SYMBOL).request.quantity == Decimal("0.051")
    stage.move("100")
    stage.tell(buy(side=Side.SELL, stop="105"))
    asked = smallest_entry(stage.desk.state, SYMBOL, actor="ema_cross")
    assert (asked.request.side, asked.is_strategy) == (Side.SELL, True)
    assert asked.stop_price == Decimal("103.5")


def test_without_a_mark_the_smallest_entry_is_the_least_quantity() -> None:
    stage = Stage()
    stage.tell(a_recollection())
    stage.tell(RulesUpdate(replace(RULES, market_min_quantity=Decimal(3)), 0), a_minute(0))
    asked = smallest_entry(stage.desk.state, SYMBOL)
    assert asked.request.quantity == Decimal(3)
    assert asked.stop_price is None


class OddError(Exception):
    """Whatever goes wrong while looking."""


def test_control_that_cannot_be_looked_at_is_shown_as_that() -> None:
    def broken(_proposal: Proposal, _around: Surroundings) -> Reading:
        raise OddError

    control = replace(FOR_ENTRIES[0], look=broken)
    told = explain._obstacle(control, proposal_of(), AROUND)
    assert (told.is_passed, told.value) == (True, "OddError")


def test_denial_without_a_remedy_shows_what_is_wrong() -> None:
    def denying(_proposal: Proposal, _around: Surroundings) -> Denial:
        return Denial("P01", "it is raining")

    control = replace(FOR_ENTRIES[0], check=denying)
    told = explain._obstacle(control, proposal_of(), AROUND)
    assert (told.remedy, told.value, told.limit) == ("it is raining", "ACTIVE", "ACTIVE")
