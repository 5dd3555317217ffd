"""Stops that a plan wants where the present one does not stand."""

from decimal import Decimal

import pytest
from desk_stage import buy, codes, forms, held, requests, to
from msgspec.structs import replace

from botcore_tui.model.order import AlgoStatus, Purpose, Source
from botcore_tui.model.trading import Cover

STOP, EXIT = Purpose.STOP, Purpose.EXIT


@pytest.mark.requirement("P15")
def test_tighter_stop_of_an_addition_is_asked_for_until_it_is_there() -> None:
    stage = held("0.1")
    stage.venue.answers.extend(["ok", "refuse -1001", "refuse -4130"])
    effects = stage.tell(buy("0.2", stop="97"))
    effects += stage.wait(9_750)
    assert forms(requests(effects, STOP)) == ["0.3 97", "0.3 97"]
    assert codes(effects).count("protection.not_moved") == 2
    assert stage.position().stop_price == Decimal(95)
    effects = stage.wait(500)
    assert forms(requests(effects, STOP)) == ["0.3 97", "close 97"]
    assert forms(stage.live(STOP)) == ["close 97"]


@pytest.mark.requirement("P15")
def test_addition_whose_stop_would_trigger_at_once_closes_the_position() -> None:
    stage = held("0.1")
    stage.venue.answers.extend(["ok", "refuse -2021"])
    effects = stage.tell(buy("0.2", stop="97"))
    assert stage.is_flat()
    assert codes(effects).count("protection.closing") == 1
    assert stage.sent(EXIT)[0].reason == "the stop price 97 has been passed"


@pytest.mark.requirement("P15")
def test_addition_whose_stop_the_mark_has_passed_closes_the_position_and_tells_it_once() -> None:
    stage = held("0.1")
    stage.venue.rule = lambda request: "ok" if request.purpose is not EXIT else "refuse -1001"
    stage.tell(buy("0.2", price="99", stop="97"))
    stage.venue.mark = Decimal("96.5")
    name = stage.sent(Purpose.ENTRY)[-1].client_order_id
    effects = stage.move("96.5")
    effects += stage.tell(*stage.venue.fill(name))
    effects += stage.wait(5_000)
    assert codes(effects).count("protection.closing") == 1
    assert forms(stage.sent(STOP)) == ["close 95"]
    stage.venue.rule = None
    stage.wait(10_000)
    assert stage.is_flat()


@pytest.mark.requirement("A06")
def test_lost_stop_is_replaced_at_once_even_after_a_refused_move() -> None:
    stage = held()
    stage.venue.answers.append("refuse -4045")
    stage.tell(to("97"))
    order = stage.venue.orders[stage.stop().client_order_id]
    order.algo_status = AlgoStatus.EXPIRED
    effects = stage.tell(stage.venue.report(order, Source.STREAM))
    assert forms(requests(effects, STOP)) == ["close 95"]


@pytest.mark.requirement("A06")
@pytest.mark.requirement("A09")
def test_stop_that_a_listing_has_not_covers_nothing_until_it_is_seen_again() -> None:
    stage = held()
    stage.wait(1_000)
    picture = stage.venue.picture()
    stage.is_performing = False
    effects = stage.tell(replace(picture, algo_orders=()))
    effects += stage.wait(750)
    assert (stage.position().cover, requests(effects)) == (Cover.CLOSING, [])
    order = stage.venue.orders[stage.sent(STOP)[0].client_order_id]
    stage.tell(stage.venue.report(order, Source.QUERY))
    stage.wait(250)
    assert stage.position().cover is Cover.VERIFIED
    effects = stage.tell(replace(picture, asked_ms=stage.time_ms, algo_orders=()))
    effects += stage.wait(1_500)
    assert "protection.lost" in codes(effects)
    assert forms(requests(effects, STOP)) == ["1 95"]
