"""The user stream on the embedded exchange: what really comes, and every failure of it."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from private_server import user_settings
from sim_process import Sim, running_sim
from sim_user import SimUser, sim_user
from waiting import settle

from botcore_tui.exchange.binance.user_stream import UserStreamSettings
from botcore_tui.model.account import AccountUpdate, LeverageChange
from botcore_tui.model.order import AlgoReport, AlgoStatus, Fill, OrderReport, VenueStatus

pytestmark = pytest.mark.xdist_group("user_stream_sim")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Sim]:
    with running_sim("--seed", 5, "--symbols", "BTCUSDT", "--balance", 100_000) as sim:
        yield sim


@pytest.fixture
def sim(exchange: Sim) -> Iterator[Sim]:
    exchange.clean()
    yield exchange
    exchange.clean()


async def test_order_is_told_of_with_every_fill_and_what_it_did(sim: Sim) -> None:
    async with sim_user(sim) as user:
        order = user.account.market("0.050")
        fills = await user.until_filled(order, "0.050")
        await user.run.until(lambda: _ends(user, order))
        assert sum(fill.quantity for fill in fills) == Decimal("0.050")
        assert {fill.trade_id for fill in fills} <= user.account.trades()
        assert all(fill.fee > 0 and fill.fee_asset == "USDT" for fill in fills)
        assert not fills[0].is_maker
        reports = [each for each in user.run.told if isinstance(each, OrderReport)]
        assert [each.status for each in reports][:1] == [VenueStatus.NEW]
        assert reports[-1].filled_quantity == Decimal("0.050")
        updates = [each for each in user.run.told if isinstance(each, AccountUpdate)]
        assert updates[-1].positions[0].quantity == Decimal("0.050")
        assert updates[-1].balances[0].asset == "USDT"
        assert user.run.stream.counters() == (0, 0)
        assert user.run.stream._intake.left_out == {}, "the address leaves TRADE_LITE out"


def _ends(user: SimUser, order: str) -> bool:
    return any(
        isinstance(each, OrderReport)
        and each.client_order_id == order
        and each.status is VenueStatus.FILLED
        for each in user.run.told
    )


async def test_without_a_choice_of_events_a_fill_still_comes_once(sim: Sim) -> None:
    async with sim_user(sim, UserStreamSettings(events=())) as user:
        order = user.account.market("0.002")
        await user.run.until(lambda: _ends(user, order))
        numbers = [fill.trade_id for fill in user.fills(order)]
        assert len(numbers) == len(set(numbers)) > 0
        assert user.run.stream._intake.left_out == {"TRADE_LITE": len(numbers)}


async def test_stop_and_leverage_are_told_of(sim: Sim) -> None:
    async with sim_user(sim) as user:
        user.account.market("0.010")
        stop = user.account.stop(user.account.price("0.8"))
        sim.ask_signed("DELETE", "/fapi/v1/algoOpenOrders", symbol="BTCUSDT")
        sim.ask_signed("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=7)
        await user.run.until(
            lambda: any(isinstance(each, LeverageChange) for each in user.run.told)
        )
        algos = [each for each in user.run.told if isinstance(each, AlgoReport)]
        assert [(each.client_order_id, each.status) for each in algos] == [
            (stop, AlgoStatus.NEW),
            (stop, AlgoStatus.CANCELED),
        ]
        assert algos[0].close_position
        change = next(each for each in user.run.told if isinstance(each, LeverageChange))
        assert (change.symbol, change.leverage) == ("BTCUSDT", 7)


@pytest.mark.requirement("F03")
async def test_what_the_venue_doubles_comes_doubled_and_no_more(sim: Sim) -> None:
    async with sim_user(sim) as user:
        user.account.arm("user-duplicate", count="unlimited", event="ORDER_TRADE_UPDATE")
        order = user.account.market("0.002")
        fills = await user.until_filled(order, "0.004")
        await settle()
        assert {fills.count(fill) for fill in fills} == {2}


@pytest.mark.requirement("F03")
async def test_late_and_overtaken_events_are_delivered_as_they_come(sim: Sim) -> None:
    async with sim_user(sim) as user:
        user.account.arm("user-late", event="ORDER_TRADE_UPDATE", delay_ms=300)
        user.account.arm("user-reorder", event="ACCOUNT_UPDATE")
        order = user.account.market("0.002")
        await user.until_filled(order, "0.002")
        await user.run.until(
            lambda: [each for each in _reports(user, order) if each.status is VenueStatus.NEW]
        )
        assert user.run.story == ["up"]


def _reports(user: SimUser, order: str) -> list[OrderReport]:
    return [
        each
        for each in user.run.told
        if isinstance(each, OrderReport) and each.client_order_id == order
    ]


async def comes_back(user: SimUser, reason: str) -> None:
    """Down for that reason, then up, and fills come again, each once."""
    await user.run.until(lambda: len(user.run.story) >= 2)
    assert user.run.story == ["up", f"down: {reason}"]
    await user.clock.pass_pause(1)
    await user.run.until_story("up", f"down: {reason}", "up")
    order = user.account.market("0.002")
    fills = await user.until_filled(order, "0.002")
    await user.run.until(lambda: _ends(user, order))
    numbers = [fill.trade_id for fill in fills]
    assert len(numbers) == len(set(numbers))


def unjittered() -> UserStreamSettings:
    return user_settings()


@pytest.mark.requirement("F05")
async def test_listen_key_that_expires_is_replaced(sim: Sim) -> None:
    async with sim_user(sim, unjittered()) as user:
        user.account.arm("listen-key-expired")
        await comes_back(user, "listen key expired")
        assert len(set(user.keys.seen)) == 2


@pytest.mark.requirement("F05")
async def test_listen_key_that_somebody_else_ends_is_found_by_the_probe(sim: Sim) -> None:
    async with sim_user(sim, unjittered()) as user:
        sim.ask("DELETE", "/fapi/v1/listenKey")
        await user.clock.run(61)
        await user.run.until(lambda: len(user.run.story) == 2)
        assert "listen key gone: 400" in user.run.story[1]
        await user.clock.pass_pause(1)
        await user.run.until(lambda: user.run.story[-1] == "up")
        await user.until_filled(user.account.market("0.002"), "0.002")


@pytest.mark.requirement("F05")
async def test_cut_as_after_a_day_is_healed(sim: Sim) -> None:
    async with sim_user(sim, unjittered()) as user:
        user.account.arm("disconnect", route="private")
        await comes_back(user, "closed by the venue: 1001")
        assert len(set(user.keys.seen)) == 1


@pytest.mark.requirement("F05")
async def test_half_open_connection_is_found_by_the_ping(sim: Sim) -> None:
    async with sim_user(sim, unjittered()) as user:
        user.account.arm("half-open", route="private")
        user.account.market("0.002")  # whatever is to be sent next makes it so
        await user.clock.run(65)
        user.account.disarm()
        await user.clock.run(6)
        await comes_back(user, "no answer to a ping for 10 s")


@pytest.mark.requirement("F05")
@pytest.mark.parametrize("fault", ["user-silent", "user-lost"])
async def test_stream_that_hides_a_confirmed_order_is_found_out(sim: Sim, fault: str) -> None:
    async with sim_user(sim, unjittered()) as user:
        user.account.arm(fault, count="unlimited")
        hidden = user.account.market("0.002")
        user.run.stream.expect(hidden)
        await user.clock.run(4)
        assert user.run.story == ["up"]
        await user.clock.run(2)
        user.account.disarm()
        await comes_back(user, f"nothing told of order {hidden} for 5 s")
        assert user.fills(hidden) == [], "it is for REST to heal this"


@pytest.mark.requirement("F05")
async def test_garbled_frame_asks_for_a_heal(sim: Sim) -> None:
    async with sim_user(sim) as user:
        user.account.arm("frame-garbled", route="private")
        order = user.account.market("0.002")
        await user.run.until(lambda: _ends(user, order))
        assert [each.partition(":")[0] for each in user.run.story] == ["up", "down", "up"]
        assert user.run.stream.counters() == (1, 0)


@pytest.mark.requirement("F18")
async def test_refused_reconnects_are_tried_until_one_succeeds(sim: Sim) -> None:
    async with sim_user(sim, unjittered()) as user:
        user.account.arm("ws-refused", route="private", count=2)
        user.account.arm("disconnect", route="private")
        await user.run.until(lambda: len(user.run.story) == 2)
        for pause in (1, 2, 4):
            await user.clock.pass_pause(pause)
        await user.run.until_story("up", "down: closed by the venue: 1001", "up")


async def test_renewal_under_fire_loses_and_doubles_nothing(sim: Sim) -> None:
    async with sim_user(sim, user_settings(rollover_hours=0.01)) as user:
        before = user.account.trades()
        orders = [user.account.market("0.002") for _ in range(5)]
        await user.clock.run(36)
        while len(user.run.story) < 3:
            orders.append(user.account.market("0.002"))
            await settle()
        orders += [user.account.market("0.002") for _ in range(5)]
        await user.run.until(lambda: all(_ends(user, order) for order in orders))
        numbers = [each.trade_id for each in user.run.told if isinstance(each, Fill)]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) == user.account.trades() - before
        assert user.run.story == ["up", "down: connection renewed", "up"]
