from functools import partial

import pytest
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.orders import AlgoStatus, OrderType, Status, TimeInForce
from botcore_tui.exchange.sim.refusals import RefusalError

STOP_MARKET, TAKE_PROFIT_MARKET = OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET
TRAILING = OrderType.TRAILING_STOP_MARKET
_PERCENT = 10**6


def test_a_stop_waits_until_the_mark_reaches_it_and_closes_the_position() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    algo = stage.algo(STOP_MARKET, SELL, trigger=BID - 100)
    stage.mark(BID - 99)
    assert algo.status is AlgoStatus.NEW
    stage.user.news.clear()
    stage.mark(BID - 100)
    assert stage.held == 0
    order = algo.order
    assert order is not None
    assert (order.client_id, order.original_type, order.type) == ("s", STOP_MARKET, "MARKET")
    assert order.order_id != algo.algo_id
    assert order.close_position
    assert stage.user.orders() == [
        "algo s TRIGGERING",
        "s NEW NEW 0/5",
        "algo s TRIGGERED",
        "s TRADE FILLED 5/5",
        "algo s FINISHED",
    ]


@pytest.mark.parametrize(
    ("kind", "side", "trigger", "before", "at"),
    [
        (STOP_MARKET, BUY, BID + 50, BID + 49, BID + 50),
        (STOP_MARKET, SELL, BID - 50, BID - 49, BID - 50),
        (TAKE_PROFIT_MARKET, BUY, BID - 50, BID - 49, BID - 50),
        (TAKE_PROFIT_MARKET, SELL, BID + 50, BID + 49, BID + 50),
    ],
)
def test_each_type_triggers_in_its_direction(
    kind: OrderType, side: str, trigger: int, before: int, at: int
) -> None:
    stage = Stage()
    direction = BUY if side == "BUY" else SELL
    algo = stage.algo(kind, direction, lots=5, trigger=trigger)
    stage.mark(before)
    assert algo.is_open
    stage.mark(at)
    assert algo.status is AlgoStatus.FINISHED
    assert abs(stage.held) == 5


def test_the_last_price_triggers_what_watches_it_and_nothing_else() -> None:
    stage = Stage()
    on_last = stage.algo(STOP_MARKET, BUY, lots=5, trigger=ASK + 2, on_last=True)
    on_mark = stage.algo(STOP_MARKET, BUY, lots=5, trigger=ASK + 2, client_id="t")
    stage.last(ASK + 3)
    stage.agenda.advance(stage.agenda.now_ms + 10)
    assert on_last.status is AlgoStatus.FINISHED
    assert on_mark.is_open


def test_a_stop_limit_rests_once_triggered_and_finishes_with_its_order() -> None:
    stage = Stage()
    algo = stage.algo(OrderType.STOP, BUY, lots=5, trigger=BID + 50, ticks=BID - 3)
    stage.mark(BID + 50)
    order = algo.order
    assert order is not None
    assert (algo.status, order.status, order.ticks) == (AlgoStatus.TRIGGERED, Status.NEW, BID - 3)
    assert stage.market.book.bids.levels[BID - 3] == 1_005
    with pytest.raises(RefusalError) as refusal:
        stage.venue.algo_desk.cancel(algo)
    assert refusal.value.code == -2011
    stage.venue.desk.cancel(order)
    assert algo.status is AlgoStatus.FINISHED


def test_cancelled_conditional_orders_never_trigger() -> None:
    stage = Stage()
    algo = stage.algo(STOP_MARKET, BUY, lots=5, trigger=BID + 50)
    other = stage.algo(STOP_MARKET, BUY, lots=5, trigger=BID + 60, client_id="t")
    assert stage.venue.algo_desk.cancel(algo).status is AlgoStatus.CANCELED
    assert stage.venue.algo_desk.cancel_all(BTC) == 1
    stage.mark(BID + 100)
    assert (stage.held, other.status) == (0, AlgoStatus.CANCELED)


def test_a_trailing_stop_follows_once_activated() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    algo = stage.algo(
        TRAILING, SELL, lots=5, activate=BID + 1_000, callback=_PERCENT, reduce_only=True
    )
    stage.mark(BID + 500)
    assert not algo.is_active
    stage.mark(BID + 1_000)
    assert stage.user.news.count("algo s NEW") == 2
    stage.mark(BID + 5_000)
    stage.mark(BID)
    assert algo.is_open
    stage.mark((BID + 5_000) * 99 // 100)
    assert (algo.status, stage.held) == (AlgoStatus.FINISHED, 0)


def test_a_trailing_stop_without_activation_price_follows_at_once() -> None:
    stage = Stage()
    algo = stage.algo(TRAILING, BUY, lots=5, callback=_PERCENT)
    assert algo.is_active
    stage.mark(BID - 5_000)
    stage.mark(BID - 1)
    assert algo.is_open
    stage.mark((BID - 5_000) * 101 // 100 + 1)
    assert algo.status is AlgoStatus.FINISHED


def test_a_buying_trailing_stop_activates_below() -> None:
    stage = Stage()
    algo = stage.algo(TRAILING, BUY, lots=5, activate=BID - 100, callback=_PERCENT)
    stage.mark(BID - 99)
    assert not algo.is_active
    stage.mark(BID - 100)
    assert algo.is_active


def test_price_protection_waits_until_last_and_mark_agree() -> None:
    stage = Stage()
    algo = stage.algo(STOP_MARKET, BUY, lots=5, trigger=BID + 50, price_protect=True)
    stage.mark(BID * 106 // 100)
    assert algo.is_open
    stage.mark(BID + 50)
    assert algo.status is AlgoStatus.FINISHED


def test_close_position_orders_end_with_their_position() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    stop = stage.algo(STOP_MARKET, SELL, trigger=BID - 100)
    plain = stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 100, client_id="t")
    stage.at_market(SELL, 2)
    assert stop.is_open
    stage.at_market(SELL, 3)
    assert stop.status is AlgoStatus.EXPIRED
    assert plain.is_open


def test_a_position_turned_around_ends_its_close_position_orders() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    stop = stage.algo(STOP_MARKET, SELL, trigger=BID - 100)
    stage.at_market(SELL, 10)
    assert stop.status is AlgoStatus.EXPIRED


def test_a_conditional_order_with_a_date_expires() -> None:
    stage = Stage()
    date = stage.agenda.now_ms + 700_000
    place = partial(stage.algo, OrderType.STOP, BUY, trigger=BID + 50, ticks=BID, lots=5)
    place = partial(place, time_in_force=TimeInForce.GTD, good_till_ms=date)
    algo, gone = place(), place(client_id="t")
    stage.venue.algo_desk.cancel(gone)
    stage.agenda.advance(date)
    assert (algo.status, gone.status) == (AlgoStatus.EXPIRED, AlgoStatus.CANCELED)


@pytest.mark.parametrize(
    ("kind", "side", "keywords", "code"),
    [
        (STOP_MARKET, SELL, {"lots": 0, "trigger": BID - 9}, -4509),
        (TRAILING, SELL, {"lots": 0, "callback": _PERCENT}, -4136),
        (STOP_MARKET, SELL, {"lots": 5, "trigger": BID + 9}, -2021),
        (STOP_MARKET, BUY, {"lots": 5, "trigger": BID}, -2021),
        (TAKE_PROFIT_MARKET, SELL, {"lots": 5, "trigger": BID}, -2021),
        (TRAILING, SELL, {"lots": 5, "activate": BID - 1, "callback": _PERCENT}, -2021),
        (TRAILING, BUY, {"lots": 5, "activate": BID + 1, "callback": _PERCENT}, -2021),
        (STOP_MARKET, SELL, {"lots": 5, "trigger": 0}, -4006),
        (STOP_MARKET, BUY, {"lots": 5, "trigger": 10**9}, -4007),
        (STOP_MARKET, BUY, {"lots": 10**7, "trigger": BID + 9}, -4005),
        (OrderType.STOP, BUY, {"lots": 5, "trigger": BID + 9}, -4001),
        (OrderType.STOP, BUY, {"lots": 5, "trigger": BID + 9, "ticks": 10**9}, -4002),
    ],
)
def test_a_conditional_order_is_refused_with_its_number(
    kind: OrderType, side: str, keywords: dict[str, int], code: int
) -> None:
    stage, way = Stage(), BUY if side == "BUY" else SELL
    with pytest.raises(RefusalError) as refusal:
        stage.algo(kind, way, **keywords)  # type: ignore[arg-type]  # only numbers are given
    assert refusal.value.code == code
    assert stage.user.news == []


def test_ids_of_open_conditional_orders_are_unique() -> None:
    stage = Stage()
    algo = stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9)
    with pytest.raises(RefusalError) as refusal:
        stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9)
    assert refusal.value.code == -4116
    stage.venue.algo_desk.cancel(algo)
    again = stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9)
    venue = stage.venue
    assert venue.algo(client_id="s") is again
    assert venue.algo(algo.algo_id) is algo
    assert venue.algo(client_id="z") is None


def test_no_more_than_200_conditional_orders_are_open() -> None:
    stage = Stage()
    for number in range(200):
        stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9, client_id=str(number))
    with pytest.raises(RefusalError) as refusal:
        stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9)
    assert refusal.value.code == -4045


@pytest.mark.requirement("F08")
def test_stops_are_refused_and_vanish_on_demand() -> None:
    stage = Stage()
    stage.arm("stop-refused=code:-4120")
    with pytest.raises(RefusalError) as refusal:
        stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9)
    assert refusal.value.code == -4120
    stage.arm("stop-vanishes=count:2")
    algo = stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9)
    cancelled = stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 9, client_id="t")
    stage.venue.algo_desk.cancel(cancelled)
    stage.user.news.clear()
    stage.agenda.advance(stage.agenda.now_ms + 53_000)
    assert algo.status is AlgoStatus.CANCELED
    assert stage.user.news == []


@pytest.mark.parametrize("lots", [0, 5])
def test_a_stop_closes_a_position_that_a_resting_exit_covers(lots: int) -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    take_profit = stage.limit(SELL, 5, ASK + 100, client_id="t", reduce_only=True)
    algo = stage.algo(STOP_MARKET, SELL, lots=lots, trigger=BID - 100, reduce_only=bool(lots))
    stage.mark(BID - 100)
    assert (stage.held, algo.status) == (0, AlgoStatus.FINISHED)
    assert take_profit.status is Status.EXPIRED
    assert "t EXPIRED EXPIRED 0/5 er=4" in stage.user.news


def test_a_stop_that_rests_goes_before_older_exits() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    take_profit = stage.limit(SELL, 5, ASK + 100, client_id="t", reduce_only=True)
    algo = stage.algo(
        OrderType.STOP, SELL, lots=5, trigger=BID - 100, ticks=ASK + 50, reduce_only=True
    )
    stage.mark(BID - 100)
    order = algo.order
    assert order is not None
    assert (order.is_open, order.working, take_profit.is_open) == (True, 5, False)


@pytest.mark.parametrize("kind", [STOP_MARKET, OrderType.STOP])
def test_a_dated_stop_is_good_until_its_date(kind: OrderType) -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    ticks = BID - 200 if kind is OrderType.STOP else 0
    date = stage.agenda.now_ms + 700_000
    algo = stage.algo(
        kind,
        SELL,
        lots=5,
        trigger=BID - 100,
        ticks=ticks,
        reduce_only=True,
        time_in_force=TimeInForce.GTD,
        good_till_ms=date,
    )
    stage.agenda.advance(date - 60_000)
    stage.mark(BID - 100)
    assert (stage.held, algo.status) == (0, AlgoStatus.FINISHED)


def test_a_position_has_one_closing_stop_and_one_closing_take_profit() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    first = stage.algo(STOP_MARKET, SELL, trigger=BID - 100)
    stage.algo(TAKE_PROFIT_MARKET, SELL, trigger=BID + 100, client_id="t")
    with pytest.raises(RefusalError, match="GTE and closePosition") as raised:
        stage.algo(STOP_MARKET, SELL, trigger=BID - 50, client_id="u")
    assert raised.value.code == -4130
    stage.venue.algo_desk.cancel(first)
    assert stage.algo(STOP_MARKET, SELL, trigger=BID - 50, client_id="u").is_open


def test_an_order_good_till_its_position_ends_needs_one_and_ends_with_it() -> None:
    stage = Stage()
    good_till_exit = TimeInForce.GTE_GTC
    with pytest.raises(RefusalError, match="TIF"):
        stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 100, time_in_force=good_till_exit)
    stage.at_market(BUY, 5)
    stop = stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 100, time_in_force=good_till_exit)
    plain = stage.algo(STOP_MARKET, SELL, lots=5, trigger=BID - 100, client_id="p")
    stage.at_market(SELL, 5)
    assert (stop.status, plain.status) == (AlgoStatus.EXPIRED, AlgoStatus.NEW)


def test_an_order_good_till_its_position_ends_is_worked_like_any_other() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    stop = stage.algo(
        OrderType.STOP,
        SELL,
        lots=5,
        trigger=BID - 100,
        ticks=ASK + 50,
        time_in_force=TimeInForce.GTE_GTC,
    )
    stage.mark(BID - 100)
    assert stop.order is not None
    assert (stop.order.is_open, stop.order.time_in_force) == (True, TimeInForce.GTC)
