"""Whatever a line does to an order's events, in the end the register knows what the venue knows."""

from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples
from rough_line import SYMBOLS, RoughLine
from rough_venue import VenueOrder

from botcore_tui.core.client_ids import is_ours
from botcore_tui.core.order_index import Counts
from botcore_tui.model.order import AlgoStatus, OrderState, VenueStatus

_KINDS = [
    *["plan"] * 4,
    *["send"] * 5,
    *["arrive"] * 3,
    *["hear"] * 24,
    *["hear all"] * 8,
    *["answer"] * 4,
    *["answer all"] * 8,
    *["wait"] * 8,
    *["trade"] * 6,
    "fail",
    *["time out"] * 3,
    "refuse",
    "sink",
    "end",
    "trigger",
    "trigger",
    "foreign",
    "vanish",
    "miss",
    "miss",
    "cancel",
    "obey",
    "obey",
    "look",
    "look",
]
kinds = st.sampled_from(_KINDS)
moves = st.lists(st.tuples(kinds, st.integers(0, 999)), max_size=80)
moves_with_crashes = st.lists(
    st.tuples(st.sampled_from([*_KINDS, "crash", "crash"]), st.integers(0, 999)), max_size=80
)

_STATES = {
    VenueStatus.NEW: {OrderState.OPEN, OrderState.TRIGGERED},
    VenueStatus.PARTIALLY_FILLED: {OrderState.PARTLY_FILLED},
    VenueStatus.FILLED: {OrderState.FILLED},
    VenueStatus.CANCELED: {OrderState.CANCELED},
    VenueStatus.EXPIRED: {OrderState.EXPIRED},
}
_ALGO_STATES = {
    AlgoStatus.NEW: OrderState.OPEN,
    AlgoStatus.CANCELED: OrderState.CANCELED,
    AlgoStatus.EXPIRED: OrderState.EXPIRED,
}


def truth(order: VenueOrder) -> set[OrderState]:
    if order.status is not None:
        return _STATES[order.status]
    assert order.algo_status is not None
    return {_ALGO_STATES[order.algo_status]}


def check_exposure(line: RoughLine) -> None:
    """What the venue may still execute of an order of ours is never above what we count."""
    possible = [
        (order.request, order.left)
        for order in line.venue.orders.values()
        if order.is_alive and is_ours(order.request.client_order_id)
    ]
    possible += [
        (request, request.quantity)
        for request, expires_ms in line.floating
        if line.time_ms <= expires_ms
    ]
    for request, left in possible:
        order = line.register.of(request.client_order_id)
        assert order is not None
        assert not order.is_terminal
        assert order.remaining >= left or request.close_position
        if order.is_entry:
            assert left <= line.register.exposure(request.symbol, request.side)


def check_counts(line: RoughLine, counts: Counts) -> None:
    register = line.register
    assert counts.is_balanced
    states = Counter(order.state for order in [*register.open(), *register.recent(500)])
    assert counts.unknown == len(register.unknown()) == states[OrderState.UNKNOWN]
    assert counts.in_flight == states[OrderState.PLANNED] + states[OrderState.IN_FLIGHT]
    assert counts.rejected == states[OrderState.REJECTED]
    assert counts.not_placed == states[OrderState.NOT_PLACED]
    assert counts.sent == states.total()


def check_healed(line: RoughLine) -> None:
    ledger, venue = line.ledger, line.venue
    for name in ledger.intents:
        row, order = ledger.orders[name], venue.orders.get(name)
        if order is not None:
            assert row.state in truth(order), name
            known = line.register.of(name)
            assert known is None or known.fills_quantity == order.filled
        elif name in venue.seen:
            assert row.state is not OrderState.FILLED, name
            assert row.state.is_terminal, name
        else:
            assert row.state in {OrderState.NOT_PLACED, OrderState.REJECTED}, name
    assert line.register.unknown() == []
    assert not any(order.misses_fills for order in line.register.open())
    for symbol in SYMBOLS:
        assert line.portfolio.quantity(symbol) == venue.positions.get(symbol, 0)
    assert set(ledger.fresh.values()) <= {1}
    check_counts(line, line.register.counts)


def check_fills(line: RoughLine) -> None:
    """The ledger has every trade; of others maybe not those that a crash let be forgotten."""
    told = {(fill.symbol, fill.trade_id): fill for fill in line.venue.trades}
    missing = told.keys() - line.ledger.fills.keys()
    assert not [key for key in missing if line.runs == 1 or is_ours(told[key].client_order_id)]
    for key, row in line.ledger.fills.items():
        assert row.fill.quantity == told[key].quantity
    if not line.ledger.audits["fill.unclaimed"]:
        for key, row in line.ledger.fills.items():
            name = told[key].client_order_id
            assert row.client_order_id == (name if is_ours(name) else "")


def run(line: RoughLine, steps: list[tuple[str, int]]) -> None:
    for kind, number in steps:
        line.move(kind, number)
        check_exposure(line)
        check_counts(line, line.register.counts)


@pytest.mark.requirement("A11")
@pytest.mark.requirement("F03")
@settings(max_examples=examples(200), deadline=None)
@given(steps=moves, drops=st.booleans())
def test_after_a_rough_line_heals_register_and_position_are_the_venues(
    steps: list[tuple[str, int]], *, drops: bool
) -> None:
    line = RoughLine()
    run(line, steps)
    line.heal(drops=drops)
    check_healed(line)
    check_fills(line)
    assert line.differed == 0
    fees = sum((fill.fee for fill in line.venue.trades), Decimal(0))
    assert line.portfolio.fees_run == fees
    assert line.ledger.audits["order.overfill"] == 0
    assert line.ledger.audits["order.adopted"] == 0


@pytest.mark.requirement("F14")
@settings(max_examples=examples(200), deadline=None)
@given(steps=moves_with_crashes, drops=st.booleans())
def test_after_crashes_on_a_rough_line_register_and_position_are_the_venues(
    steps: list[tuple[str, int]], *, drops: bool
) -> None:
    line = RoughLine()
    run(line, steps)
    line.heal(drops=drops)
    check_healed(line)
    check_fills(line)


def some_kinds(dice: Random) -> list[str]:
    """Of all that can happen a part, each in its own measure: what is rare else has its turn."""
    left_out = set(dice.sample(sorted(set(_KINDS) - {"plan", "send", "wait"}), 5))
    kept = [kind for kind in sorted(set(_KINDS)) if kind not in left_out]
    return [kind for kind in kept for _ in range(dice.choice([1, 2, 5, 15]))]


@pytest.mark.parametrize("seed", range(12))
def test_after_a_long_rough_time_nothing_is_lost(seed: int) -> None:
    dice = Random(seed)
    happens = some_kinds(dice)
    line = RoughLine()
    run(line, [(dice.choice(happens), dice.randrange(1_000)) for _ in range(500)])
    line.heal(drops=bool(seed % 2))
    check_healed(line)
    check_fills(line)
