"""A stop that was under way when the position grew: it does not stay beside the one that covers."""

from decimal import Decimal

from desk_stage import Stage, buy, forms, requests, to

from botcore_tui.model.market import Side
from botcore_tui.model.order import Purpose

ENTRY, STOP = Purpose.ENTRY, Purpose.STOP


def a_stop_for_a_quantity() -> Stage:
    """Long 0.1 with reduce-only 0.1 at 91: the whole one after it was refused a moment ago."""
    stage = Stage().begin()
    stage.tell(buy("0.1", stop="90"))
    stage.venue.answers.extend(["ok", "refuse -4045"])
    stage.tell(to("91"))
    stage.wait(1_000)
    assert forms(stage.live(STOP)) == ["0.1 91"]
    return stage


def test_stop_that_was_under_way_elsewhere_does_not_stay_for_ever() -> None:
    stage = a_stop_for_a_quantity()
    stage.is_performing = False
    (moving,) = requests(stage.tell(to("92")), STOP)  # its answer takes a while
    (entry,) = requests(stage.tell(buy("0.2", stop="97")), ENTRY)
    (whole,) = requests(stage.tell(*stage.venue.place(entry)), STOP)  # the addition is executed
    stage.is_performing = True
    stage.tell(*stage.venue.place(whole))
    stage.tell(*stage.venue.place(moving))
    stage.wait(180_000)
    assert stage.held() == Decimal("0.3")
    assert forms(stage.live(STOP)) == ["close 97"]


def test_two_stops_for_a_quantity_do_not_stay_at_one_price() -> None:
    """Together they are for more than is held: the second one to trigger may be refused."""
    stage = Stage().begin()
    stage.tell(buy("0.1", stop="90"))
    stage.is_performing = False
    (first,) = requests(stage.tell(to("91")), STOP)
    stage.is_performing = True
    stage.venue.answers.extend(["ok", "sink"])  # of the whole one after it nothing is heard
    stage.tell(*stage.venue.place(first))
    stage.is_performing = False
    (moving,) = requests(stage.tell(to("92")), STOP)
    (wider,) = requests(stage.tell(stage.venue.trade_by_hand(Side.BUY, "0.1")), STOP)
    stage.is_performing = True
    stage.tell(*stage.venue.place(wider))
    stage.tell(*stage.venue.place(moving))
    stage.wait(180_000)
    assert stage.held() == Decimal("0.2")
    assert forms(stage.live(STOP)) == ["close 92"]


def test_stop_moved_twice_to_one_price_is_one_stop() -> None:
    """A person asks again before the venue has answered."""
    stage = Stage().begin()
    stage.tell(buy("0.1", stop="90"))
    stage.is_performing = False
    (first,) = requests(stage.tell(to("91")), STOP)
    again = requests(stage.tell(to("91")), STOP)
    stage.is_performing = True
    for request in (first, *again):
        stage.tell(*stage.venue.place(request))
    stage.wait(180_000)
    assert forms(stage.live(STOP)) == ["close 91"]
