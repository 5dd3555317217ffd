"""The kill switch and the dead man at the embedded exchange."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from account_trader import BTC
from kill_doors import bid, buy_stop, long_position, open_at_venue, stop_order
from sim_process import Sim, running_sim

from botcore_tui.cli.addresses import demo_address
from botcore_tui.cli.kill_venue import venue_to_kill
from botcore_tui.clock import SystemClock
from botcore_tui.engine.kill import kill
from botcore_tui.engine.kill_terms import KillPlan, KillReport, KillScope, Policy

pytestmark = pytest.mark.xdist_group("kill_sim")
_TESTS = Path(__file__).resolve().parents[1]
_COUNTDOWN_MS = 120_000


@pytest.fixture(scope="module")
def exchange() -> Iterator[Sim]:
    with running_sim("--seed", 5, "--symbols", f"{BTC},ETHUSDT", "--no-limits") as sim:
        yield sim


@pytest.fixture
def sim(exchange: Sim) -> Iterator[Sim]:
    exchange.clean()
    yield exchange
    exchange.clean()


def killed(sim: Sim, policy: Policy = Policy.HOLD) -> KillReport:
    async def run() -> KillReport:
        async with venue_to_kill(demo_address(sim)) as account:
            plan = KillPlan(scope=KillScope.everything(), policy=policy)
            return await kill(account, plan, SystemClock(), lambda *_: None)

    return asyncio.run(run())


@pytest.mark.requirement("K2")
def test_foreign_entries_of_both_lists_go_and_the_stop_stays(sim: Sim) -> None:
    for _ in range(4):
        bid(sim)
    bid(sim, "ETHUSDT")
    buy_stop(sim, 1)
    buy_stop(sim, 2, "ETHUSDT")
    long_position(sim)
    stop_order(sim)

    report = killed(sim)

    assert (report.is_confirmed, report.trouble) == (True, ())
    assert (report.entries, report.cancelled) == (7, 7)
    assert open_at_venue(sim) == (0, 1)


@pytest.mark.requirement("K3")
@pytest.mark.requirement("F10")
def test_foreign_positions_are_flattened_and_their_stops_go_last(sim: Sim) -> None:
    long_position(sim)
    stop_order(sim)
    sim.control("POST", "/sim/faults", {"name": "foreign-position", "symbol": "ETHUSDT"})

    report = killed(sim, Policy.FLATTEN)

    assert (report.is_confirmed, report.trouble) == (True, ())
    assert (report.closed, report.positions) == (2, ())
    assert open_at_venue(sim) == (0, 0)


@pytest.mark.slow
@pytest.mark.requirement("K10")
@pytest.mark.requirement("F01")
def test_lost_answers_neither_double_nor_leave_anything(sim: Sim) -> None:
    bid(sim)
    long_position(sim)
    sim.control("POST", "/sim/faults", {"name": "reply-lost", "count": 2})

    report = killed(sim, Policy.FLATTEN)

    assert (report.is_confirmed, report.trouble) == (True, ())
    assert open_at_venue(sim) == (0, 0)


@pytest.mark.slow
@pytest.mark.requirement("K9")
def test_two_hundred_conditional_entries_go(sim: Sim) -> None:
    for number in range(200):
        buy_stop(sim, number)

    report = killed(sim)

    assert (report.is_confirmed, report.cancelled) == (True, 200)
    assert open_at_venue(sim) == (0, 0)


@pytest.mark.slow
@pytest.mark.requirement("F18")
@pytest.mark.requirement("K11")
def test_two_kills_at_once_end_in_the_same_state(sim: Sim) -> None:
    bid(sim)
    long_position(sim)
    stop_order(sim)

    async def run() -> list[KillReport]:
        address = demo_address(sim)
        async with venue_to_kill(address) as one, venue_to_kill(address) as other:
            plan = KillPlan(scope=KillScope.everything(), policy=Policy.FLATTEN)
            return await asyncio.gather(
                *(kill(each, plan, SystemClock(), lambda *_: None) for each in (one, other))
            )

    for report in asyncio.run(run()):
        assert report.is_confirmed
        assert report.positions == ()
    assert open_at_venue(sim) == (0, 0)
    assert positions(sim) == {}


@pytest.mark.slow
@pytest.mark.requirement("A16")
@pytest.mark.requirement("F14")
def test_program_that_is_killed_leaves_no_entry_after_its_countdown_and_every_stop() -> None:
    with running_sim("--seed", 5, "--symbols", BTC, "--speed", 0, "--no-limits") as sim:
        program = subprocess.Popen(
            [
                sys.executable,
                str(_TESTS / "dead_man_program.py"),
                msgspec.json.encode(sim).decode(),
                str(_COUNTDOWN_MS),
            ],
            stdout=subprocess.PIPE,
            cwd=_TESTS.parent,
            env={"PYTHONPATH": f"{_TESTS}:{_TESTS.parent}"},
        )
        assert program.stdout is not None
        with program.stdout:
            assert program.stdout.readline() == b"armed\n"
            assert open_at_venue(sim) == (3, 1)

            program.send_signal(signal.SIGKILL)
            program.wait()

            sim.advance(_COUNTDOWN_MS - 2_000)
            assert open_at_venue(sim)[1] == 1
            sim.advance(4_000)
            assert open_at_venue(sim) == (0, 1)
            assert positions(sim) == {BTC: Decimal("0.010")}


def positions(sim: Sim) -> dict[str, Decimal]:
    rows = sim.ask_signed("GET", "/fapi/v3/positionRisk")
    assert isinstance(rows, list)
    held = {row["symbol"]: Decimal(row["positionAmt"]) for row in rows}
    return {symbol: amount for symbol, amount in held.items() if amount}
