"""Prices at which conditional orders trigger, and those at which they just do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    AlgoTicket,
    OrderType,
    TimeInForce,
    WorkingType,
)
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.triggers import (
    check_trigger,
    has_turned,
    is_activated,
    is_apart,
    is_reached,
    needs_position,
    watched_price,
)
from botcore_tui.model.market import Side

BITCOIN = contract(BTC)
STOP, TAKE_PROFIT = OrderType.STOP, OrderType.TAKE_PROFIT
STOP_MARKET, TAKE_PROFIT_MARKET = OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET
TRAILING = OrderType.TRAILING_STOP_MARKET
_PERCENT = 10**6


def a_ticket(
    kind: OrderType = STOP_MARKET, side: Side = SELL, *, trigger: int = 0, activate: int = 0
) -> AlgoTicket:
    return AlgoTicket(
        side=side,
        type=kind,
        lots=5,
        trigger_ticks=trigger,
        activate_ticks=activate,
        callback=_PERCENT if kind is TRAILING else 0,
        working_type=WorkingType.MARK_PRICE,
    )


def a_trailing_stop(side: Side, extreme: int) -> AlgoOrder:
    return AlgoOrder(
        algo_id=1,
        client_id="s",
        contract=BITCOIN,
        ticket=a_ticket(TRAILING, side),
        created_ms=0,
        updated_ms=0,
        is_active=True,
        extreme=extreme,
    )


@pytest.mark.parametrize("kind", [STOP, STOP_MARKET, TAKE_PROFIT, TAKE_PROFIT_MARKET])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_trigger_is_reached_at_its_price_and_beyond_it_in_its_direction(
    kind: OrderType, side: Side
) -> None:
    ticket = a_ticket(kind, side, trigger=BID)
    atoms = BID * BITCOIN.price_atoms
    below, at, above = (is_reached(ticket, BITCOIN, atoms + away) for away in (-1, 0, 1))
    is_upward = (kind in {STOP, STOP_MARKET}) is (side is BUY)
    assert (below, at, above) == (not is_upward, True, is_upward)


@pytest.mark.parametrize(
    ("side", "reached"), [(SELL, (False, True, True)), (BUY, (True, True, False))]
)
def test_a_trailing_stop_becomes_active_at_its_price_and_beyond_it(
    side: Side, reached: tuple[bool, ...]
) -> None:
    ticket = a_ticket(TRAILING, side, activate=BID)
    atoms = BID * BITCOIN.price_atoms
    assert tuple(is_activated(ticket, BITCOIN, atoms + away) for away in (-1, 0, 1)) == reached


def test_a_selling_trailing_stop_follows_upwards_and_turns_at_its_distance() -> None:
    algo = a_trailing_stop(SELL, 1_000)
    turned = [has_turned(algo, price) for price in (1_000, 2_000, 1_981, 1_980)]
    assert (turned, algo.extreme) == ([False, False, False, True], 2_000)


def test_a_buying_trailing_stop_follows_downwards_and_turns_at_its_distance() -> None:
    algo = a_trailing_stop(BUY, 3_000)
    turned = [has_turned(algo, price) for price in (3_000, 2_000, 2_019, 2_020)]
    assert (turned, algo.extreme) == ([False, False, False, True], 2_000)


@given(side=st.sampled_from([BUY, SELL]), prices=st.lists(st.integers(1, 10**15), min_size=1))
def test_a_trailing_stop_keeps_the_best_price_that_it_saw(side: Side, prices: list[int]) -> None:
    algo = a_trailing_stop(side, prices[0])
    for price in prices:
        has_turned(algo, price)
    assert algo.extreme == (max(prices) if side is SELL else min(prices))


def test_mark_and_last_price_are_watched_apart() -> None:
    stage = Stage()
    stage.mark(BID + 70)
    stage.last(ASK + 3)
    atoms = BITCOIN.price_atoms
    assert watched_price(stage.market, WorkingType.MARK_PRICE) == (BID + 70) * atoms
    assert watched_price(stage.market, WorkingType.CONTRACT_PRICE) == (ASK + 3) * atoms


def test_prices_are_apart_beyond_the_contracts_protection() -> None:
    market = Stage().market
    last = market.last_ticks * BITCOIN.price_atoms
    market.mark = last * 100 // 105 + 1
    assert not is_apart(market)
    market.mark = last * 100 // 105
    assert is_apart(market)
    market.contract = replace(market.contract, trigger_protect=6_000_000)
    assert not is_apart(market)


@pytest.mark.parametrize(
    ("ticket", "code"),
    [
        (a_ticket(trigger=0), -4006),
        (a_ticket(trigger=-1), -4006),
        (a_ticket(trigger=BITCOIN.max_price + 1), -4007),
        (a_ticket(STOP_MARKET, SELL, trigger=BID), -2021),
        (a_ticket(STOP_MARKET, BUY, trigger=BID), -2021),
        (a_ticket(TAKE_PROFIT, SELL, trigger=BID), -2021),
        (a_ticket(TRAILING, SELL, activate=BID - 1), -2021),
        (a_ticket(TRAILING, BUY, activate=BID + 1), -2021),
    ],
)
def test_what_cannot_trigger_or_would_at_once_is_refused(ticket: AlgoTicket, code: int) -> None:
    with pytest.raises(RefusalError) as refusal:
        check_trigger(Stage().market, ticket)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "ticket",
    [
        a_ticket(STOP_MARKET, SELL, trigger=BID - 1),
        a_ticket(STOP, BUY, trigger=BID + 1),
        a_ticket(TAKE_PROFIT_MARKET, SELL, trigger=BID + 1),
        a_ticket(TRAILING, SELL, activate=BID),
        a_ticket(TRAILING, BUY, activate=BID),
        a_ticket(TRAILING, SELL),
    ],
)
def test_what_waits_for_another_price_passes(ticket: AlgoTicket) -> None:
    check_trigger(Stage().market, ticket)


def test_what_closes_or_lasts_as_long_as_a_position_needs_one() -> None:
    plain = a_ticket(trigger=BID - 1)
    assert not needs_position(plain)
    assert needs_position(replace(plain, close_position=True))
    assert needs_position(replace(plain, time_in_force=TimeInForce.GTE_GTC))
