"""The account at the venue for a program that only stops."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kill_doors import BTC, bid, open_at_venue
from msgspec.structs import replace
from sim_process import Sim, running_sim

from botcore_tui.cli.addresses import demo_address
from botcore_tui.cli.kill_venue import account_to_kill, venue_to_kill
from botcore_tui.cli.places import places, trace_path
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.kill import kill
from botcore_tui.engine.kill_terms import KillPlan, KillReport, KillScope
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.lingering import write_trace
from botcore_tui.exchange.sim.ready import Ready

pytestmark = pytest.mark.xdist_group("kill_command")
_VENUES_QUOTA = 2_400


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim("--seed", 4, "--symbols", BTC, "--no-limits", "--speed", 0) as sim:
        yield sim


@pytest.mark.slow
@pytest.mark.requirement("K9")
def test_count_of_the_venue_that_others_used_up_holds_no_kill_back(sim: Sim) -> None:
    for _ in range(4):
        bid(sim)
    for _ in range(_VENUES_QUOTA // 40 + 1):
        sim.ask_signed("GET", "/fapi/v1/openOrders")  # weighs 40; the minute does not end here

    async def run() -> KillReport:
        async with venue_to_kill(demo_address(sim)) as venue:
            plan = KillPlan(scope=KillScope.everything(), patience_seconds=5)
            return await kill(venue, plan, SystemClock(), lambda *_: None)

    report = asyncio.run(run())

    assert (report.is_confirmed, report.cancelled) == (True, 4)
    assert open_at_venue(sim) == (0, 0)


def test_demo_is_found_by_its_trace_as_long_as_it_lives(
    sim: Sim, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = places(None)
    where.make()
    assert account_to_kill(Config(), where, Environment.DEMO) is None

    def trace(ready: Ready) -> None:
        write_trace(trace_path(where.state_dir), ("botcore", "sim"), ready)

    trace(sim)
    found = account_to_kill(Config(), where, Environment.DEMO)
    assert found is not None
    assert (found.hosts.rest, found.symbols) == (sim.rest, (BTC,))
    trace(replace(sim, pid=0))
    assert account_to_kill(Config(), where, Environment.DEMO) is None

    def ended(_pid: int, _number: int) -> None:
        raise ProcessLookupError

    def anothers(_pid: int, _number: int) -> None:
        raise PermissionError

    trace(sim)
    monkeypatch.setattr(os, "kill", ended)
    assert account_to_kill(Config(), where, Environment.DEMO) is None
    monkeypatch.setattr(os, "kill", anothers)
    assert account_to_kill(Config(), where, Environment.DEMO) is not None


@pytest.mark.requirement("P02")
@pytest.mark.parametrize(
    ("environment", "error"),
    [(Environment.TESTNET, ConfigError), (Environment.PRODUCTION, ConfigError)],
)
def test_without_a_key_there_is_no_account(
    environment: Environment, error: type[Exception]
) -> None:
    with pytest.raises(error, match="needs a key"):
        account_to_kill(Config(), places(None), environment)


@pytest.mark.requirement("P02")
def test_real_money_that_was_never_traded_from_here_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_KEY", "k" * 64)
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_SECRET", "s" * 64)
    with pytest.raises(UnavailableError, match="was ever traded from here"):
        account_to_kill(Config(), places(tmp_path), Environment.PRODUCTION)
