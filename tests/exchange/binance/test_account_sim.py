"""The account client on the embedded exchange: what it says is so."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal

import pytest
from account_trader import BTC, Heard, a_market, an_id, has, trading
from msgspec.structs import replace
from sim_process import Sim, running_sim

from botcore_tui.clock import SystemClock
from botcore_tui.exchange.base import OrderError
from botcore_tui.model.account import UserStreamUp
from botcore_tui.model.event import Query
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    Fill,
    OrderReport,
    OrderType,
    Outcome,
    Purpose,
    Source,
    VenueStatus,
)

pytestmark = pytest.mark.xdist_group("account_sim")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Sim]:
    arguments = ("--seed", 9, "--symbols", BTC, "--balance", 100_000, "--no-limits")
    with running_sim(*arguments) as sim:
        yield sim


@pytest.fixture
def sim(exchange: Sim) -> Iterator[Sim]:
    exchange.clean()
    yield exchange
    exchange.clean()


@pytest.mark.parametrize("is_ed25519", [False, True])
async def test_order_is_placed_found_listed_and_cancelled(sim: Sim, is_ed25519: bool) -> None:
    async with trading(sim, is_ed25519=is_ed25519) as trader:
        bid = trader.a_bid()
        report = await trader.place(bid)
        assert isinstance(report, OrderReport)
        assert (report.client_order_id, report.status, report.source, report.price) == (
            bid.client_order_id, VenueStatus.NEW, Source.REPLY, bid.price,
        )  # fmt: skip
        found = await trader.found(bid)
        assert found == replace(report, source=Source.QUERY)
        assert await trader.account.open_orders(BTC) == [replace(report, source=Source.LIST)]
        assert await trader.account.open_orders("") == [replace(report, source=Source.LIST)]
        canceled = await trader.cancel(bid)
        assert canceled is not None
        assert canceled.status is VenueStatus.CANCELED
        assert trader.open_at_venue() == []
        with pytest.raises(OrderError) as caught:
            await trader.cancel(bid)
        assert (caught.value.outcome, caught.value.code) == (Outcome.REJECTED, -2011)
        assert [sent.client_order_id for sent in trader.sent] == [bid.client_order_id]


@pytest.mark.parametrize("is_ed25519", [False, True])
async def test_market_order_is_filled_and_everything_agrees(sim: Sim, is_ed25519: bool) -> None:
    async with trading(sim, is_ed25519=is_ed25519) as trader:
        account = trader.account
        before = await account.balance()
        order = a_market()
        report = await trader.place(order)
        assert isinstance(report, OrderReport)
        assert (report.status, report.filled_quantity) == (VenueStatus.FILLED, Decimal("0.010"))
        fills = await account.trades(BTC, order_id=report.order_id)
        assert sum(fill.quantity for fill in fills) == Decimal("0.010")
        assert fills == await account.trades(BTC, from_id=fills[0].trade_id)
        assert (await account.trades(BTC))[-1] == fills[-1]
        (position,) = await account.positions()
        assert (position.symbol, position.quantity) == (BTC, Decimal("0.010"))
        assert position.mark is not None
        fees = sum(fill.fee for fill in fills)
        assert fees > 0
        after = await account.balance()
        assert after.wallet == before.wallet - fees
        rows = await account.income(fills[0].time_ms, account.now_ms() + 1_000)
        paid = [row for row in rows if row.trade_id in {fill.trade_id for fill in fills}]
        assert -sum(row.amount for row in paid) == fees


async def test_settings_and_rules_of_the_account_are_told(sim: Sim) -> None:
    async with trading(sim) as trader:
        assert await trader.account.is_one_way()
        assert await trader.account.is_single_asset()
        (leverage,) = await trader.account.leverages()
        assert (leverage.symbol, leverage.margin_type) == (BTC, "CROSSED")
        (rules,) = await trader.account.rules((BTC, "NOSUCHUSDT"))
        assert (rules.symbol, rules.status, rules.tick) == (BTC, "TRADING", Decimal("0.10"))


async def test_stop_is_placed_found_listed_and_cancelled(sim: Sim) -> None:
    async with trading(sim) as trader:
        await trader.place(a_market())
        stop = trader.a_stop()
        report = await trader.place(stop)
        assert isinstance(report, AlgoReport)
        assert (report.status, report.close_position, report.trigger_price) == (
            AlgoStatus.NEW, True, stop.trigger_price,
        )  # fmt: skip
        assert await trader.found(stop) == replace(report, source=Source.QUERY)
        assert await trader.account.open_algo_orders("") == [replace(report, source=Source.LIST)]
        # The other form: Binance takes only one that closes the position.
        second = await trader.failure(trader.a_stop(4_000))
        assert (second.outcome, second.code) == (Outcome.REJECTED, -4130)
        other = replace(
            trader.a_stop(4_000),
            close_position=False,
            reduce_only=True,
            quantity=Decimal("0.010"),
        )
        await trader.place(other)
        assert await trader.cancel(stop) is None
        assert trader.open_at_venue() == [other.client_order_id]
        gone = await trader.found(stop)
        assert isinstance(gone, AlgoReport)
        assert gone.status is AlgoStatus.CANCELED


async def test_target_and_trailing_stop_are_taken(sim: Sim) -> None:
    async with trading(sim) as trader:
        await trader.place(a_market())
        stop = trader.a_stop(-3_000)
        target = replace(
            stop,
            client_order_id=an_id("t"),
            type=OrderType.TAKE_PROFIT_MARKET,
            purpose=Purpose.TARGET,
        )
        trail = replace(
            stop,
            client_order_id=an_id("r"),
            type=OrderType.TRAILING_STOP_MARKET,
            purpose=Purpose.TRAIL,
            close_position=False,
            reduce_only=True,
            quantity=Decimal("0.010"),
            callback_pct=Decimal("1.5"),
            trigger_price=None,
        )
        for request in (target, trail, replace(
            trail, client_order_id=an_id("r"), trigger_price=stop.trigger_price
        )):  # fmt: skip
            report = await trader.place(request)
            assert report.type == request.type
        listed = await trader.account.open_algo_orders(BTC)
        assert {row.type for row in listed} == {"TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
        assert len(listed) == 3


@pytest.mark.slow
async def test_triggered_stop_leads_to_its_order_and_its_trades(sim: Sim) -> None:
    async with trading(sim) as trader:
        await trader.place(a_market())
        stop = trader.a_stop(-3_000)
        refused = await trader.failure(stop)
        assert (refused.outcome, refused.code) == (Outcome.REJECTED, -2021)
        stop = trader.a_stop(5)
        await trader.place(stop)
        for _ in range(1_000):  # where the price goes is a matter of chance
            sim.advance(60_000)
            found = await trader.found(stop)
            assert isinstance(found, AlgoReport)
            if found.status is AlgoStatus.FINISHED:
                break
        else:
            pytest.fail("never triggered")
        assert found.order_id > 0
        by_number = Query(client_order_id="", symbol=BTC, is_algo=False, order_id=found.order_id)
        order = await trader.account.order(by_number)
        assert isinstance(order, OrderReport)
        assert (order.client_order_id, order.status) == (
            stop.client_order_id, VenueStatus.FILLED,
        )  # fmt: skip
        fills = await trader.account.trades(BTC, order_id=found.order_id)
        assert sum(fill.quantity for fill in fills) == order.filled_quantity
        assert await trader.account.positions() == []


@pytest.mark.requirement("F03")
async def test_user_stream_tells_the_same_as_the_reply(sim: Sim) -> None:
    async with trading(sim) as trader:
        heard = Heard()
        running = asyncio.create_task(trader.account.run(heard))
        await heard.until(lambda: has(heard, UserStreamUp, lambda _: True))
        order = a_market()
        report = await trader.place(order)
        assert isinstance(report, OrderReport)
        await heard.until(
            lambda: has(heard, OrderReport, lambda told: told.status is VenueStatus.FILLED)
        )
        told = [event for event in heard.events if isinstance(event, Fill)]
        asked = await trader.account.trades(BTC, order_id=report.order_id)
        assert [(fill.trade_id, fill.quantity, fill.fee) for fill in told] == [
            (fill.trade_id, fill.quantity, fill.fee) for fill in asked
        ]
        stop = trader.a_stop()
        await trader.place(stop)
        await heard.until(
            lambda: has(
                heard, AlgoReport, lambda told: told.client_order_id == stop.client_order_id
            )
        )
        (row,) = trader.account.states(SystemClock().monotonic_ns())
        assert row.status == "live"
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


@pytest.mark.requirement("K2")
async def test_cancel_of_all_orders_leaves_the_stop_and_the_other_way_round(sim: Sim) -> None:
    async with trading(sim) as trader:
        await trader.place(a_market())
        await trader.place(trader.a_bid())
        stop = trader.a_stop()
        await trader.place(stop)
        await trader.account.cancel_all(BTC)
        assert trader.open_at_venue() == [stop.client_order_id]
        bid = trader.a_bid()
        await trader.place(bid)
        await trader.account.cancel_all_algo(BTC)
        assert trader.open_at_venue() == [bid.client_order_id]


async def test_account_is_named_and_its_leverage_set(sim: Sim) -> None:
    async with trading(sim) as trader:
        assert await trader.account.account_id() == "SgsR"
        told = await trader.account.set_leverage(BTC, 7)
        (listed,) = await trader.account.leverages()
        assert (told.leverage, listed.leverage) == (7, 7)
        with pytest.raises(OrderError) as caught:
            await trader.account.set_leverage(BTC, 1_000)
        assert caught.value.outcome is Outcome.REJECTED


@pytest.mark.requirement("A16")
async def test_countdown_is_confirmed_and_stopped(sim: Sim) -> None:
    async with trading(sim) as trader:
        await trader.place(trader.a_bid())
        await trader.account.count_down(BTC, 120_000)
        await trader.account.count_down(BTC, 0)
        assert len(trader.open_at_venue()) == 1
