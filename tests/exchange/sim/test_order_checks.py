from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.order_checks import market_bound, would_take
from botcore_tui.exchange.sim.orders import OrderType, SelfTrade, Status, TimeInForce
from botcore_tui.exchange.sim.refusals import RefusalError

_FAR = 40_000
"""Ticks beyond the price band."""


@pytest.mark.parametrize(
    ("attempt", "code", "words"),
    [
        (lambda stage: stage.limit(BUY, 0, BID), -4003, "Quantity less"),
        (lambda stage: stage.limit(BUY, 10**6, BID), -4005, "Quantity greater"),
        (lambda stage: stage.at_market(BUY, 200_000), -4005, "Quantity greater"),
        (lambda stage: stage.limit(BUY, 10, -1), -4001, "Price less than 0"),
        (lambda stage: stage.limit(BUY, 1, 10**9), -4002, "Price greater than max"),
        (lambda stage: stage.limit(BUY, 10, BID + _FAR), -4016, "higher than 64742.60"),
        (lambda stage: stage.limit(SELL, 10, BID - _FAR), -4024, "lower than 58576.80"),
        (lambda stage: stage.limit(BUY, 1, BID), -4164, "no smaller than 100 "),
        (lambda stage: stage.at_market(BUY, 1), -4164, "no smaller than 100 "),
        (lambda stage: stage.limit(BUY, 10_000, BID), -2019, "Margin is insufficient"),
        (lambda stage: stage.at_market(SELL, 10_000), -2019, "Margin is insufficient"),
        (lambda stage: stage.at_market(SELL, 10, reduce_only=True), -2022, "ReduceOnly"),
        (
            lambda stage: stage.limit(
                BUY, 10, BID, time_in_force=TimeInForce.GTD, good_till_ms=stage.agenda.now_ms
            ),
            -5040,
            "goodTillDate",
        ),
    ],
)
def test_an_order_is_refused_with_its_number(
    attempt: Callable[[Stage], object], code: int, words: str
) -> None:
    stage = Stage()
    with pytest.raises(RefusalError) as refusal:
        attempt(stage)
    assert refusal.value.code == code
    assert words in refusal.value.message
    assert stage.user.news == []


def test_a_client_id_must_be_unique_among_open_orders_only() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID)
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 10, BID)
    assert refusal.value.code == -4116
    stage.venue.desk.cancel(order)
    stage.limit(BUY, 10, BID)


@pytest.mark.requirement("F02b")
def test_the_client_id_of_a_filled_order_is_accepted_again() -> None:
    stage = Stage()
    first, second = stage.at_market(BUY, 5), stage.at_market(BUY, 5)
    assert first.client_id == second.client_id
    assert stage.held == 10
    assert stage.venue.order(BTC, client_id="m") is second


def test_no_more_than_200_orders_of_a_symbol_are_open() -> None:
    stage = Stage(balance=1_000_000)
    for number in range(200):
        stage.limit(BUY, 2, BID - 10, client_id=str(number))
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 2, BID - 10)
    assert refusal.value.code == -2025


def test_exits_that_cover_the_position_leave_no_room_for_more() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    stage.limit(SELL, 5, ASK + 5, reduce_only=True)
    attempts: tuple[tuple[Callable[[], object], int], ...] = (
        (lambda: stage.at_market(SELL, 5, reduce_only=True), -2022),
        (lambda: stage.limit(SELL, 5, ASK + 5, reduce_only=True, client_id="b"), -4118),
        (lambda: stage.limit(BUY, 5, BID, reduce_only=True, client_id="b"), -2022),
    )
    for attempt, code in attempts:
        with pytest.raises(RefusalError) as refusal:
            attempt()
        assert refusal.value.code == code


def test_a_position_beyond_the_leverage_is_refused() -> None:
    stage = Stage(balance=10**9)
    stage.venue.settings.set_leverage(BTC, 125)
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 20_000, BID)
    assert refusal.value.code == -2027


def test_closing_needs_no_margin() -> None:
    stage = Stage(balance=100)
    stage.at_market(BUY, 30)
    stage.limit(SELL, 30, ASK + 5)
    assert stage.at_market(SELL, 30, client_id="close").executed == 30


def test_a_market_order_pays_for_all_that_it_walks_through() -> None:
    stage = Stage(balance=63, lots=1)
    for step in range(100, 130):
        stage.market.book.crowd_set(SELL, ASK + 100 * step, 1)
    with pytest.raises(RefusalError) as refusal:
        stage.at_market(BUY, 20)
    assert refusal.value.code == -2019
    assert Stage(balance=63).at_market(BUY, 20).executed == 20


def test_what_an_order_loses_at_once_costs_too() -> None:
    stage = Stage(balance=63)
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 20, BID + 20_000)
    assert refusal.value.code == -2019


def test_turning_an_isolated_position_around_needs_margin_anew() -> None:
    stage = Stage(balance=60)
    stage.venue.settings.set_margin_type(BTC, is_isolated=True)
    stage.at_market(BUY, 18)
    with pytest.raises(RefusalError) as refusal:
        stage.at_market(SELL, 36)
    assert refusal.value.code == -2019
    assert stage.at_market(SELL, 18).executed == 18


def test_orders_bind_margin() -> None:
    stage = Stage(balance=100)
    stage.limit(BUY, 20, BID)
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 20, BID, client_id="b")
    assert refusal.value.code == -2019
    # The other direction costs nothing more: both cannot end in the larger position.
    stage.limit(SELL, 20, ASK, client_id="c")


@pytest.mark.parametrize(
    ("status", "reduces", "code"),
    [("SETTLING", False, -4140), ("SETTLING", True, 0), ("CLOSE", True, -4141)],
)
def test_the_state_of_a_contract_decides(status: str, code: int, *, reduces: bool) -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    market = stage.market
    market.contract = replace(market.contract, status=status)
    if not code:
        stage.at_market(SELL, 5, reduce_only=reduces)
        assert stage.held == 0
        return
    with pytest.raises(RefusalError) as refusal:
        stage.at_market(SELL, 5, reduce_only=reduces)
    assert refusal.value.code == code


def test_a_market_order_far_from_the_mark_is_refused() -> None:
    stage = Stage()
    stage.mark(BID - _FAR)
    with pytest.raises(RefusalError) as refusal:
        stage.at_market(BUY, 5)
    assert refusal.value.code == -4131


def test_a_market_order_into_an_empty_book_expires() -> None:
    stage = Stage(lots=0)
    order = stage.at_market(BUY, 5)
    assert (order.executed, str(order.status)) == (0, "EXPIRED")
    assert not would_take(stage.market, BUY, ASK)


def test_the_bound_of_a_price_lies_within_the_share() -> None:
    stage = Stage()
    atoms = stage.market.contract.price_atoms
    high = market_bound(stage.market, BUY, 5_000_000)
    low = market_bound(stage.market, SELL, 5_000_000)
    mark = stage.market.mark
    assert high * atoms <= mark * 105 // 100 < (high + 1) * atoms
    assert (low - 1) * atoms < mark * 95 // 100 <= low * atoms


def test_a_triggered_order_finds_room_among_two_hundred() -> None:
    stage = Stage(balance=1_000_000)
    stage.at_market(BUY, 5)
    algo = stage.algo(OrderType.STOP_MARKET, SELL, lots=1, trigger=BID - 100, client_id="7")
    for number in range(200):
        stage.limit(BUY, 2, BID - 200, client_id=str(number))
    stage.mark(BID - 100)
    assert (str(algo.status), stage.held) == ("FINISHED", 4)


def test_a_triggered_order_is_checked_like_any_other() -> None:
    stage = Stage(balance=100)
    algo = stage.algo(OrderType.STOP_MARKET, BUY, lots=1_000, trigger=BID + 100)
    stage.mark(BID + 100)
    assert str(algo.status) == "REJECTED"
    assert algo.reject_reason == "Margin is insufficient."


def test_fill_or_kill_fills_at_once_or_is_refused() -> None:
    stage = Stage(lots=6)
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 10, ASK, time_in_force=TimeInForce.FOK)
    assert refusal.value.code == -5021
    assert stage.user.news == []
    assert stage.limit(BUY, 6, ASK, time_in_force=TimeInForce.FOK).status is Status.FILLED


def test_fill_or_kill_does_not_count_on_orders_of_its_own_account() -> None:
    stage = Stage(lots=6)
    stage.limit(SELL, 5, ASK, client_id="own")
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 10, ASK, time_in_force=TimeInForce.FOK)
    assert refusal.value.code == -5021
    kept = stage.limit(BUY, 10, ASK, time_in_force=TimeInForce.FOK, self_trade=SelfTrade.NONE)
    assert kept.status is Status.FILLED


def test_post_only_is_refused_where_it_would_take() -> None:
    stage = Stage()
    with pytest.raises(RefusalError) as refusal:
        stage.limit(BUY, 10, ASK, time_in_force=TimeInForce.GTX)
    assert refusal.value.code == -5022
    assert stage.limit(BUY, 10, BID, time_in_force=TimeInForce.GTX).status is Status.NEW


def test_an_amendment_to_less_needs_no_more_margin() -> None:
    stage = Stage(balance=31)
    order = stage.limit(BUY, 10, BID - 1)
    assert stage.venue.desk.amend(order, 9, BID - 2).lots == 9


def test_amendments_that_make_no_sense_are_refused() -> None:
    stage = Stage(balance=300)
    desk = stage.venue.desk
    order = stage.limit(BUY, 10, BID - 1)
    done = stage.limit(BUY, 5, BID - 1, client_id="done")
    desk.cancel(done)
    cases = [
        (order, 10, BID - 1, -5027),
        (order, 0, BID, -4003),
        (order, 10, 0, -4001),
        (order, 1, BID, -4164),
        (order, 1_000, BID, -2019),
        (done, 6, BID, -2013),
    ]
    for target, lots, ticks, code in cases:
        with pytest.raises(RefusalError) as refusal:
            desk.amend(target, lots, ticks)
        assert refusal.value.code == code
    order.amendments = 10_000
    with pytest.raises(RefusalError) as refusal:
        desk.amend(order, 9, BID - 1)
    assert refusal.value.code == -5026
    order.type = OrderType.MARKET
    with pytest.raises(RefusalError) as refusal:
        desk.amend(order, 9, BID - 1)
    assert refusal.value.code == -5025


def test_an_order_is_not_amended_while_its_contract_settles() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID - 1)
    stage.act("symbol-settling")
    with pytest.raises(RefusalError) as refusal:
        stage.venue.desk.amend(order, 11, BID - 1)
    assert refusal.value.code == -5024
