"""Who waits, and who is next."""

from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.binance.allowance import (
    KILL_MINIMUM_BANNED,
    Allowance,
    Cost,
    Lane,
    Told,
)
from botcore_tui.exchange.binance.lanes import Lanes, Ticket
from botcore_tui.model.snapshot import LaneUse

AT: Final = 1_700_000_040_000
ORDER: Final = Cost(weight=0, orders_10s=1, orders_1m=1)


def used_up(lane: Lane) -> Lanes:
    """Lanes of an allowance of which one lane has taken what it may."""
    allowance = Allowance(100)
    while (grant := allowance.take(lane, Cost(1), AT)) is not None:
        allowance.settle(grant, Told(), AT)
    return Lanes(allowance)


def test_first_come_first_served_within_a_lane() -> None:
    lanes = Lanes(Allowance(100))
    first, second = (lanes.join(Lane.QUERY, Cost(1)) for _ in range(2))
    assert lanes.take(second, AT) is None
    assert lanes.take(first, AT) is not None
    lanes.leave(first)
    assert lanes.take(second, AT) is not None
    assert len(lanes) == 1


def test_light_request_does_not_overtake_a_heavy_one_of_its_lane() -> None:
    lanes = used_up(Lane.QUERY)
    heavy, light = lanes.join(Lane.ENTRY, Cost(20)), lanes.join(Lane.ENTRY, Cost(1))
    assert lanes.take(heavy, AT) is None
    assert lanes.take(light, AT) is None
    lanes.leave(heavy)  # given up
    assert lanes.take(light, AT) is not None


def test_lower_lane_takes_nothing_that_a_higher_one_waits_for() -> None:
    lanes = Lanes(Allowance(100))
    query = lanes.join(Lane.QUERY, Cost(1))
    heavy = lanes.join(Lane.REDUCING, Cost(81))
    assert lanes.take(heavy, AT) is None
    assert lanes.take(query, AT) is None
    lanes.leave(heavy)
    assert lanes.take(query, AT) is not None


def test_orders_that_wait_do_not_hold_up_queries() -> None:
    lanes = Lanes(Allowance(100))
    order, query = lanes.join(Lane.ENTRY, ORDER), lanes.join(Lane.QUERY, Cost(1))
    assert lanes.take(query, AT) is not None
    assert lanes.take(order, AT) is not None


def test_stop_does_not_wait_behind_a_question_of_its_lane_whose_weight_is_used_up() -> None:
    lanes = used_up(Lane.REDUCING)
    question, stop = lanes.join(Lane.REDUCING, Cost(1)), lanes.join(Lane.REDUCING, ORDER)
    assert lanes.take(question, AT) is None
    assert lanes.take(stop, AT) is not None
    assert lanes.take(question, AT + 60_000) is not None


def test_stops_pass_in_their_order_whatever_waits_between_them() -> None:
    lanes = used_up(Lane.REDUCING)
    first = lanes.join(Lane.REDUCING, ORDER)
    lanes.join(Lane.REDUCING, Cost(1))
    second = lanes.join(Lane.REDUCING, ORDER)
    assert lanes.take(second, AT) is None
    assert lanes.take(first, AT) is not None
    lanes.leave(first)
    assert lanes.take(second, AT) is not None


def test_entry_takes_no_order_that_a_stop_behind_a_question_waits_for() -> None:
    lanes = used_up(Lane.REDUCING)
    lanes.join(Lane.REDUCING, Cost(1))
    stop, entry = lanes.join(Lane.REDUCING, ORDER), lanes.join(Lane.ENTRY, ORDER)
    assert lanes.take(entry, AT) is None
    assert lanes.take(stop, AT) is not None


def test_who_waits_and_who_passed_is_told_by_lane() -> None:
    lanes = Lanes(Allowance(100))
    for lane in (Lane.KILL, Lane.QUERY, Lane.QUERY):
        ticket = lanes.join(lane, Cost(1))
        assert lanes.take(ticket, AT) is not None
        lanes.leave(ticket)
    entry = lanes.join(Lane.ENTRY, Cost(99))
    assert lanes.take(entry, AT) is None
    assert lanes.use() == (
        LaneUse("kill", 0, 1),
        LaneUse("reducing", 0, 0),
        LaneUse("account", 0, 0),
        LaneUse("entry", 1, 0),
        LaneUse("query", 0, 2),
    )


@given(st.lists(st.tuples(st.sampled_from(Lane), st.integers(1, 30)), min_size=1, max_size=30))
def test_everybody_passes_in_the_end_and_in_order(asked: list[tuple[Lane, int]]) -> None:
    allowance = Allowance(100)
    lanes = Lanes(allowance)
    waiting = [lanes.join(lane, Cost(weight)) for lane, weight in asked]
    passed: list[Ticket] = []
    for minute in range(len(asked)):
        for ticket in sorted(waiting, key=lambda each: each.lane):
            grant = lanes.take(ticket, AT + minute * 60_000)
            if grant is not None:
                allowance.settle(grant, Told(), AT + minute * 60_000)
                lanes.leave(ticket)
                waiting.remove(ticket)
                passed.append(ticket)
    assert waiting == []
    assert [each.lane for each in passed] == sorted(each.lane for each in passed)


def test_during_a_ban_all_kill_requests_wait_for_the_same_few_in_order() -> None:
    allowance = Allowance(100)
    lanes = Lanes(allowance)
    allowance.refused(418, -1003, 60_000, AT)
    for _ in range(KILL_MINIMUM_BANNED):
        assert allowance.take(Lane.KILL, Cost(1), AT) is not None
    cancel, close = lanes.join(Lane.KILL, Cost(1)), lanes.join(Lane.KILL, ORDER)
    assert lanes.take(cancel, AT) is None
    later_ms = allowance.due_ms(Lane.KILL, cancel.cost, AT)
    assert lanes.take(close, later_ms) is None  # whoever of them looks first
    assert lanes.take(cancel, later_ms) is not None
