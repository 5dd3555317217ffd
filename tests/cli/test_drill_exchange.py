"""The exchange of a rehearsal, asked and steered."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal

import pytest
from fake_account import FakeAccount
from fake_exchange import ready_facts
from sim_process import Sim, running_sim

from botcore_tui.cli.drill_exchange import DrillExchange, drill_exchange
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.base import OrderError
from botcore_tui.model.order import AlgoReport, OrderReport, OrderRequest, OrderSent, Outcome

pytestmark = pytest.mark.xdist_group("drills")


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim("--seed", 4, "--symbols", "BTCUSDT", "--no-limits") as sim:
        yield sim


def asked(sim: Sim, ask: Callable[[DrillExchange], Awaitable[object]]) -> object:
    async def run() -> object:
        async with drill_exchange(sim) as exchange:
            return await ask(exchange)

    return asyncio.run(run())


def test_waste_costs_money_and_leaves_no_position(sim: Sim) -> None:
    async def waste(exchange: DrillExchange) -> tuple[Decimal, Decimal, Decimal]:
        before = await exchange.wallet()
        await exchange.lever()
        price, rules = await exchange.price(), await exchange.rules()
        # Far more than the account can carry: it gets smaller until the exchange takes it.
        tried = await exchange.waste(price, before * 1_000, rules)
        return before - await exchange.wallet(), await exchange.position(), tried

    found = asked(sim, waste)
    assert isinstance(found, tuple)
    lost, position, tried = found
    assert (lost > 10, position) == (True, 0)
    assert tried < 5_000 * 20


def test_faults_are_armed_and_disarmed(sim: Sim) -> None:
    async def arm(exchange: DrillExchange) -> None:
        await exchange.arm("ws-refused", count="unlimited")

    async def disarm(exchange: DrillExchange) -> None:
        await exchange.disarm()

    asked(sim, arm)
    assert "ws-refused" in str(_armed(sim))
    asked(sim, disarm)
    assert _armed(sim) == []


def _armed(sim: Sim) -> object:
    state = sim.control("GET", "/sim/faults")
    assert isinstance(state, dict)
    return state["faults"]


def test_time_passes_at_once(sim: Sim) -> None:
    async def advance(exchange: DrillExchange) -> None:
        await exchange.advance(60_000)

    before = sim.ask("GET", "/fapi/v1/time")
    asked(sim, advance)
    after = sim.ask("GET", "/fapi/v1/time")
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["serverTime"] - before["serverTime"] >= 60_000


def test_a_contract_that_it_lacks_is_told() -> None:
    exchange = DrillExchange(ready_facts(), FakeAccount())
    with pytest.raises(UnavailableError, match="does not list BTCUSDT"):
        asyncio.run(exchange.rules())


def test_nothing_is_wasted_where_every_order_is_refused(sim: Sim) -> None:
    class Refusing(FakeAccount):
        async def place(
            self,
            request: OrderRequest,
            on_sent: Callable[[OrderSent], None],
        ) -> OrderReport | AlgoReport:
            self.calls.append("place")
            raise OrderError(Outcome.REJECTED, -2019, "margin is insufficient")

    venue = Refusing()
    exchange = DrillExchange(ready_facts(), venue)

    async def rules(real: DrillExchange) -> object:
        return await exchange.waste(Decimal(60_000), Decimal(1_000), await real.rules())

    assert asked(sim, rules) == Decimal("62.5")
    assert venue.calls == ["place"] * 4
