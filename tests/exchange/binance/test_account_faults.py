"""The account client on an exchange that fails: what is known after each fault is so."""

from collections.abc import Iterator

import pytest
from account_trader import BTC, a_market, quickly, trading
from sim_process import Sim, running_sim

from botcore_tui.errors import FetchError
from botcore_tui.model.order import (
    Outcome,
)

pytestmark = pytest.mark.xdist_group("account_faults")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Sim]:
    arguments = ("--seed", 10, "--symbols", BTC, "--balance", 100_000, "--no-limits")
    with running_sim(*arguments) as sim:
        yield sim


@pytest.fixture
def sim(exchange: Sim) -> Iterator[Sim]:
    exchange.clean()
    yield exchange
    exchange.clean()


@pytest.mark.slow
@pytest.mark.requirement("F01")
@pytest.mark.parametrize("how", ["timeout", "reset", "503", "1006", "1007"])
@pytest.mark.parametrize("is_stop", [False, True])
async def test_order_whose_reply_was_lost_is_unknown_and_was_placed_once(
    sim: Sim, how: str, is_stop: bool
) -> None:
    async with trading(sim, timeout_seconds=0.5) as trader:
        if is_stop:
            await trader.place(a_market())
        request = trader.a_stop() if is_stop else trader.a_bid()
        trader.arm("create-lost", how=how)
        error = await trader.failure(request)
        assert error.outcome is Outcome.UNKNOWN
        assert trader.open_at_venue() == [request.client_order_id]
        found = await trader.found(request)
        assert found is not None
        assert found.client_order_id == request.client_order_id


@pytest.mark.requirement("F01")
async def test_order_whose_reply_was_cut_off_is_unknown(sim: Sim) -> None:
    async with trading(sim) as trader:
        request = trader.a_bid()
        trader.arm("reply-garbled", endpoint="POST /fapi/v1/order")
        error = await trader.failure(request)
        assert error.outcome is Outcome.UNKNOWN
        assert trader.open_at_venue() == [request.client_order_id]


@pytest.mark.requirement("F01")
async def test_order_that_is_not_visible_yet_is_said_not_to_exist(sim: Sim) -> None:
    async with trading(sim) as trader:
        request = trader.a_bid()
        await trader.place(request)
        trader.arm("not-visible", ms=60_000)
        assert await trader.found(request) is None
        assert [row.client_order_id for row in await trader.account.open_orders(BTC)] == [
            request.client_order_id
        ]


@pytest.mark.requirement("F02")
@pytest.mark.parametrize(
    ("fault", "keys", "outcome"),
    [
        ("create-dropped", {"how": "timeout"}, Outcome.UNKNOWN),
        ("create-dropped", {"how": "reset"}, Outcome.UNKNOWN),
        ("create-dropped", {"how": "503"}, Outcome.UNKNOWN),
        ("create-dropped", {"how": "1001"}, Outcome.FAILED),
        ("create-dropped", {"how": "1008"}, Outcome.FAILED),
        ("unavailable", {}, Outcome.FAILED),
        ("internal", {}, Outcome.FAILED),
        ("throttled", {}, Outcome.FAILED),
        ("waf", {}, Outcome.FAILED),
        ("key-revoked", {}, Outcome.REJECTED),
        ("timestamp-refused", {}, Outcome.FAILED),
    ],
)
async def test_order_that_never_arrived_was_not_placed(
    sim: Sim, fault: str, keys: dict[str, object], outcome: Outcome
) -> None:
    async with trading(sim, timeout_seconds=0.5) as trader:
        request = trader.a_bid()
        trader.arm(fault, endpoint="POST /fapi/v1/order", count=1, **keys)
        error = await trader.failure(request)
        assert error.outcome is outcome
        assert trader.open_at_venue() == []
        assert await trader.found(request) is None


@pytest.mark.requirement("F02b")
async def test_same_id_of_an_order_that_rests_is_no_proof_of_a_refusal(sim: Sim) -> None:
    async with trading(sim) as trader:
        request = trader.a_bid()
        await trader.place(request)
        error = await trader.failure(request)
        assert (error.outcome, error.code) == (Outcome.UNKNOWN, -4116)


@pytest.mark.slow
@pytest.mark.requirement("F11")
async def test_question_waits_until_the_venue_answers_again(sim: Sim) -> None:
    async with trading(sim) as trader:
        await trader.account.balance()
        trader.arm("rate-limited", retry_after=1, endpoint="GET /fapi/v3/positionRisk")
        assert await trader.account.positions() == []


@pytest.mark.requirement("F11")
async def test_system_protection_lets_stops_and_cancels_pass(sim: Sim) -> None:
    async with trading(sim) as trader:
        await trader.place(a_market())
        bid = trader.a_bid()
        await trader.place(bid)
        trader.arm("throttled", count="unlimited")
        error = await trader.failure(trader.a_bid())
        assert error.code == -1008
        stop = trader.a_stop()
        await trader.place(stop)
        await trader.cancel(bid)
        assert trader.open_at_venue() == [stop.client_order_id]


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("step_ms", [-5_000, 8_000, 600_000])
async def test_clock_of_the_venue_that_steps_costs_one_order(sim: Sim, step_ms: int) -> None:
    async with trading(sim) as trader:
        await trader.account.positions()
        trader.arm("clock-step", ms=step_ms)
        request = trader.a_bid()
        error = await trader.failure(request)
        assert (error.outcome, error.code) == (Outcome.FAILED, -1021)
        await trader.place(request)
        assert trader.open_at_venue() == [request.client_order_id]
        assert await trader.account.positions() == []


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("fault", ["equity-nan", "equity-bnfcr"])
async def test_balance_that_makes_no_sense_is_no_answer(sim: Sim, fault: str) -> None:
    async with trading(sim) as trader:
        account = quickly(trader.account)
        trader.arm(fault, count=1)
        assert (await account.balance()).wallet > 0
        trader.arm(fault)
        with pytest.raises(FetchError, match="balance"):
            await account.balance()
