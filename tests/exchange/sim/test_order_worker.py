import pytest
from sim_stage import ASK, BID, BTC, BUY, SELL, Stage

from botcore_tui.exchange.sim.orders import SelfTrade, Status, TimeInForce

IOC, GTD = TimeInForce.IOC, TimeInForce.GTD


def test_a_market_order_walks_the_book() -> None:
    stage = Stage(lots=6)
    order = stage.at_market(BUY, 10)
    assert (order.status, order.executed) == (Status.FILLED, 10)
    assert order.quote == order.contract.notional(ASK, 6) + order.contract.notional(ASK + 1, 4)
    assert stage.held == 10
    assert stage.user.news == [
        "m NEW NEW 0/10",
        "account ORDER BTCUSDT True 0",
        "m TRADE PARTIALLY_FILLED 6/10",
        "account ORDER BTCUSDT True 0",
        "m TRADE FILLED 10/10",
    ]
    ids = [fill.trade_id for fill in stage.user.fills]
    assert ids[1] == ids[0] + 1


def test_what_a_market_order_does_not_get_expires() -> None:
    stage = Stage(balance=50_000, lots=2)
    order = stage.at_market(BUY, 12)
    assert (order.status, order.executed) == (Status.EXPIRED, 10)
    assert stage.user.news[-1] == "m EXPIRED EXPIRED 10/12 er=9"


def test_a_limit_order_takes_what_it_can_and_rests_with_the_rest() -> None:
    stage = Stage(lots=6)
    order = stage.limit(BUY, 10, ASK)
    assert (order.status, order.executed, order.working) == (Status.PARTIALLY_FILLED, 6, 4)
    assert stage.market.book.bids.best == ASK


def test_a_resting_order_is_filled_by_others() -> None:
    stage = Stage()
    order = stage.limit(BUY, 10, BID)
    stage.market.crowd_take(SELL, 1_004, BID)
    assert (order.status, order.executed, order.working) == (Status.PARTIALLY_FILLED, 4, 6)
    assert stage.user.fills[0].is_maker
    stage.market.crowd_take(SELL, 6, BID)
    assert order.status is Status.FILLED
    assert stage.venue.floor.orders.open(BTC) == []


def test_immediate_or_cancel_lets_the_rest_expire() -> None:
    stage = Stage(lots=6)
    order = stage.limit(BUY, 10, ASK, time_in_force=IOC)
    assert (order.status, order.executed) == (Status.EXPIRED, 6)
    assert stage.user.news[-1] == "a EXPIRED EXPIRED 6/10 er=2"


def test_an_exit_meets_the_accounts_own_orders_without_crossing_the_book() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    stage.market.book.crowd_set(BUY, BID, 0)
    stage.limit(BUY, 5, BID, client_id="own")
    order = stage.limit(SELL, 5, BID, reduce_only=True, self_trade=SelfTrade.NONE)
    assert (order.status, order.executed) == (Status.FILLED, 5)
    assert stage.held == 5


def test_good_till_date_expires_at_its_date() -> None:
    stage = Stage()
    date = stage.agenda.now_ms + 700_000
    order = stage.limit(BUY, 10, BID, time_in_force=GTD, good_till_ms=date)
    gone = stage.limit(BUY, 10, BID, time_in_force=GTD, good_till_ms=date, client_id="b")
    stage.venue.desk.cancel(gone)
    stage.agenda.advance(date - 1)
    assert order.is_open
    stage.agenda.advance(date)
    assert order.status is Status.EXPIRED
    assert gone.status is Status.CANCELED
    assert stage.market.book.bids.levels[BID] == 1_000


@pytest.mark.parametrize(
    ("mode", "maker", "taker", "executed"),
    [
        (SelfTrade.EXPIRE_MAKER, Status.EXPIRED_IN_MATCH, Status.FILLED, 5),
        (SelfTrade.EXPIRE_TAKER, Status.NEW, Status.EXPIRED_IN_MATCH, 0),
        (SelfTrade.EXPIRE_BOTH, Status.EXPIRED_IN_MATCH, Status.EXPIRED_IN_MATCH, 0),
        (SelfTrade.NONE, Status.FILLED, Status.FILLED, 5),
    ],
)
def test_trading_with_oneself_follows_the_mode(
    mode: SelfTrade, maker: Status, taker: Status, executed: int
) -> None:
    stage = Stage()
    stage.market.book.crowd_set(SELL, ASK, 0)
    resting = stage.limit(SELL, 5, ASK, client_id="maker")
    order = stage.limit(BUY, 5, ASK + 1, client_id="taker", self_trade=mode)
    assert (resting.status, order.status, order.executed) == (maker, taker, executed)
    assert stage.venue.floor.house.imbalance([stage.venue.floor.account]) == 0


def test_an_ioc_order_stopped_by_its_own_account_says_so() -> None:
    stage = Stage()
    stage.market.book.crowd_set(SELL, ASK, 2)
    stage.limit(SELL, 5, ASK, client_id="maker")
    order = stage.limit(BUY, 5, ASK, time_in_force=IOC, self_trade=SelfTrade.EXPIRE_TAKER)
    assert (order.executed, order.status) == (2, Status.EXPIRED_IN_MATCH)
    assert stage.user.news[-1] == "a EXPIRED EXPIRED_IN_MATCH 2/5 er=3"


def test_reduce_only_never_turns_a_position_around() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    order = stage.at_market(SELL, 9, reduce_only=True, client_id="exit")
    assert (order.status, order.executed, stage.held) == (Status.EXPIRED, 5, 0)


def test_a_resting_exit_covers_no_more_than_the_position() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    order = stage.limit(SELL, 9, ASK + 2, reduce_only=True)
    assert (order.working, order.remaining) == (5, 9)
    stage.market.crowd_take(BUY, 1_000_000, ASK + 2)
    assert (order.executed, stage.held) == (5, 0)
    assert order.status is Status.EXPIRED
    assert stage.user.news[-1] == "a EXPIRED EXPIRED 5/9 er=4"


def test_an_exit_grows_again_with_its_position_and_goes_to_the_back() -> None:
    stage = Stage()
    stage.at_market(BUY, 10)
    order = stage.limit(SELL, 8, ASK + 2, reduce_only=True)
    stage.at_market(SELL, 6)
    assert order.working == 4
    stage.market.book.crowd_add(SELL, ASK + 2, 7)
    stage.at_market(BUY, 2)
    assert (order.working, stage.market.book.ahead(order.order_id)) == (6, 1_007)
    stage.at_market(BUY, 10)
    assert order.working == 8


def test_exits_shrink_and_expire_with_their_position() -> None:
    stage = Stage()
    stage.at_market(BUY, 10)
    first = stage.limit(SELL, 4, ASK + 2, reduce_only=True, client_id="first")
    second = stage.limit(SELL, 6, ASK + 3, reduce_only=True, client_id="second")
    stage.at_market(SELL, 4)
    assert (first.working, second.working) == (4, 2)
    stage.at_market(SELL, 3)
    assert (first.working, second.status) == (3, Status.EXPIRED)
    stage.at_market(SELL, 5)
    assert (first.status, stage.held) == (Status.EXPIRED, -2)


def test_an_exit_that_takes_all_there_is_expires_with_its_rest() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    order = stage.limit(SELL, 9, BID, reduce_only=True)
    assert (order.status, order.executed, stage.held) == (Status.EXPIRED, 5, 0)
    assert stage.user.news[-1] == "a EXPIRED EXPIRED 5/9 er=4"


def test_one_trade_of_others_does_not_take_an_exit_beyond_the_position() -> None:
    stage = Stage()
    stage.at_market(BUY, 5)
    stage.limit(SELL, 5, ASK, client_id="plain")
    exit_order = stage.limit(SELL, 5, ASK + 1, reduce_only=True, client_id="exit")
    stage.market.crowd_take(BUY, 5_000, ASK + 1)
    assert stage.held == 0
    assert exit_order.status is Status.EXPIRED
    assert exit_order.executed == 0


@pytest.mark.requirement("F04")
def test_partial_fill_fills_half_of_the_next_resting_order() -> None:
    stage = Stage()
    stage.arm("partial-fill")
    order = stage.limit(BUY, 10, BID - 3)
    assert (order.executed, order.working, order.status) == (5, 5, Status.PARTIALLY_FILLED)
