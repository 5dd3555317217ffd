"""Whatever a customer does and the market does to him: what must hold at the venue holds."""

from collections import Counter

import pytest
from brief import brief
from rough_trading import RoughSession

from botcore_tui.exchange.sim.orders import Fill, Order, SelfTrade, Status, TimeInForce
from botcore_tui.model.market import Side

SEEDS = range(12)
ACTIONS = 300


def check_money(session: RoughSession) -> None:
    floor = session.venue.floor
    account, crowd = floor.account, floor.house.crowd
    assert floor.house.imbalance([account]) == 0
    assert sum(income.amount for income in account.incomes) == account.wallet
    for symbol, held in account.positions.items():
        other = crowd.positions.get(symbol)
        if other is not None:
            assert (other.lots, other.cost) == (-held.lots, -held.cost)
        assert held.isolated_wallet == 0 or (held.is_isolated and held.lots)
    paid = sum(fill.fee for fill in account.fills)
    assert floor.house.fees == paid


def check_positions(session: RoughSession) -> None:
    account = session.venue.floor.account
    bought: Counter[str] = Counter()
    for fill in account.fills:
        sign = 1 if fill.order.side is Side.BUY else -1
        bought[fill.order.contract.symbol] += sign * fill.lots
    for symbol, held in account.positions.items():
        assert held.lots == bought[symbol]
    assert session.told.fills == account.fills


def check_orders(session: RoughSession) -> None:
    floor = session.venue.floor
    executed: Counter[int] = Counter()
    quote: Counter[int] = Counter()
    for fill in floor.account.fills:
        order = fill.order
        executed[order.order_id] += fill.lots
        quote[order.order_id] += order.contract.notional(fill.ticks, fill.lots)
    opened = {order.order_id for order in floor.orders.open()}
    for order in floor.orders:
        assert order.executed == executed[order.order_id] <= order.lots
        assert order.quote == quote[order.order_id]
        assert order.is_open is (order.order_id in opened)
        assert (order.status is Status.FILLED) is (not order.remaining)
        book = session.markets[order.contract.symbol].book
        resting = book.left(order.order_id) if order.order_id in book else 0
        assert resting == order.working <= order.remaining
        assert not resting or order.is_open


def check_fills(fills: list[Fill]) -> None:
    held: Counter[str] = Counter()
    for fill in fills:
        order, symbol = fill.order, fill.order.contract.symbol
        sign = 1 if order.side is Side.BUY else -1
        before = held[symbol]
        held[symbol] += sign * fill.lots
        if order.reduce_only:
            assert abs(held[symbol]) < abs(before)
            assert held[symbol] * before >= 0
        if order.time_in_force is TimeInForce.GTX:
            assert fill.is_maker
        if order.time_in_force is TimeInForce.FOK and order.self_trade is SelfTrade.NONE:
            # A reducing one may ask for more than there is to reduce.
            assert order.reduce_only or order.executed == order.lots


def check_books(session: RoughSession) -> None:
    floor = session.venue.floor
    for symbol, market in session.markets.items():
        bid, ask = market.book.bids.best, market.book.asks.best
        assert bid is None or ask is None or bid < ask
        held = floor.held(symbol)
        reducing: list[Order] = [one for one in floor.orders.open(symbol) if one.reduce_only]
        # However much was asked for: what rests can at most close the position.
        assert all((one.side is Side.SELL) is (held > 0) for one in reducing)
        assert sum(one.working for one in reducing) <= abs(held)


@pytest.mark.parametrize("seed", brief(SEEDS, 4))
def test_everything_holds_after_everything_that_is_done(seed: int) -> None:
    session = RoughSession(seed)
    for _ in range(ACTIONS):
        session.act()
        check_money(session)
        check_positions(session)
        check_orders(session)
        check_books(session)
    check_fills(session.told.fills)
    assert session.told.fills


@pytest.mark.slow
def test_sessions_come_across_what_they_are_for() -> None:
    reasons: Counter[str] = Counter()
    for seed in SEEDS:
        session = RoughSession(seed)
        for _ in range(ACTIONS):
            session.act()
        reasons.update(session.told.reasons)
    assert {"ORDER", "FUNDING_FEE", "INSURANCE_CLEAR", "MARGIN_TRANSFER", "DEPOSIT"} <= set(reasons)


def test_same_seed_same_session() -> None:
    first, second = RoughSession(5), RoughSession(5)
    for session in (first, second):
        for _ in range(ACTIONS):
            session.act()
    one, other = first.venue.floor, second.venue.floor
    assert one.account.incomes == other.account.incomes
    assert [order.client_id for order in one.orders] == [order.client_id for order in other.orders]
