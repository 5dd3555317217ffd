"""The configured environment as a doctor sees it: once for real, else with a venue that is told."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Run
from fake_exchange import ready_facts
from msgspec.structs import replace

from botcore_tui.cli import doctor_place
from botcore_tui.cli.addresses import Address
from botcore_tui.cli.claim import Claim
from botcore_tui.cli.doctor_place import place
from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.first_start import Acknowledgements
from botcore_tui.cli.places import Places, latch_path, places, trace_path
from botcore_tui.cli.preflight import Wanted
from botcore_tui.cli.preflight_streams import Streams
from botcore_tui.config import Config, Environment
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.exchange.lingering import write_trace
from botcore_tui.model.snapshot import HaltInfo

TESTNET, PRODUCTION, DEMO = Environment.TESTNET, Environment.PRODUCTION, Environment.DEMO
READY = replace(ready_facts(), api_key="k" * 64, api_secret="s" * 64)


@pytest.mark.slow
def test_demo_is_looked_at_for_real_with_a_canary_of_each_type(run: Run) -> None:
    done = run("doctor", "--json")
    told = json.loads(done.out)
    by_name = {each["name"]: each for each in told["findings"]}
    assert (done.code, done.err, told["is_ready"]) == (0, "", True)
    assert {"clock", "ledger", "phase", "operators", "filters", "streams"} <= set(by_name)
    canaries = [each["text"] for each in told["findings"] if each["name"] == "canary"]
    assert [text.split()[0] for text in canaries] == [
        "LIMIT",
        "STOP_MARKET",
        "TAKE_PROFIT_MARKET",
        "TRAILING_STOP_MARKET",
    ]
    assert {each["grade"] for each in told["findings"]} <= {"ok", "NOTE"}
    assert all(each["remedy"] for each in told["findings"] if each["grade"] != "ok")


@pytest.fixture
def where(tmp_path: Path) -> Places:
    where = places(tmp_path / "state")
    where.make()
    return where


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Address, Wanted]]:
    """What the venue was asked for."""
    asked: list[tuple[Address, Wanted]] = []

    async def preflight(address: Address, _config: Config, wanted: Wanted) -> list[Finding]:
        asked.append((address, wanted))
        return [good("venue", "asked")]

    async def streams(*_: object) -> Streams:
        return Streams([good("streams", "all")], {})

    monkeypatch.setattr(doctor_place, "preflight", preflight)
    monkeypatch.setattr(doctor_place, "streams", streams)
    return asked


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TESTNET", "PRODUCTION"):
        monkeypatch.setenv(f"BOTCORE_{name}_API_KEY", "k" * 64)
        monkeypatch.setenv(f"BOTCORE_{name}_API_SECRET", "s" * 64)


def config(environment: Environment, *, trades: bool = False) -> Config:
    trading = Config().trading.model_copy(update={"enabled": trades})
    return Config(environment=environment).model_copy(update={"trading": trading})


def names(found: Iterator[Finding]) -> list[str]:
    return [each.name for each in found]


def test_an_environment_without_an_account_is_its_market(
    where: Places, asked: list[tuple[Address, Wanted]]
) -> None:
    assert names(place(config(Environment.PAPER), where, READY)) == ["streams"]
    assert names(place(config(Environment.REPLAY), where, READY)) == []
    assert asked == []


def test_demo_without_an_exchange_says_so(
    where: Places, asked: list[tuple[Address, Wanted]]
) -> None:
    assert names(place(config(DEMO), where, None))[-1] == "account"
    assert asked == []


@pytest.mark.parametrize("is_running", [True, False], ids=["trades", "left"])
def test_a_demo_that_trades_is_looked_at_itself_and_gets_no_canary(
    where: Places, asked: list[tuple[Address, Wanted]], is_running: bool
) -> None:
    left = replace(READY, instance="left", pid=os.getpid())
    write_trace(trace_path(where.state_dir), ("botcore", "sim"), left)
    claim = Claim.take(where.lock_dir / "demo.lock") if is_running else None
    list(place(config(DEMO), where, READY))
    if claim is not None:
        claim.release()
    ((address, wanted),) = asked
    assert address.account == "demo:left"
    who = "an engine trades this account" if is_running else "a crash left this account behind"
    assert wanted.no_canary.startswith(who)


def test_a_demo_whose_exchange_is_gone_gets_one_of_its_own(
    where: Places, asked: list[tuple[Address, Wanted]]
) -> None:
    write_trace(trace_path(where.state_dir), ("botcore", "sim"), replace(READY, pid=2**22 + 1))
    list(place(config(DEMO), where, READY))
    ((address, wanted),) = asked
    assert (address.account, wanted.no_canary) == (f"demo:{READY.instance}", "")


@pytest.mark.requirement("R71")
def test_limits_that_nobody_has_read_fail_where_trading_waits_for_that(
    where: Places, asked: list[tuple[Address, Wanted]]
) -> None:
    def grades(*, trades: bool) -> list[Grade]:
        found = place(config(TESTNET, trades=trades), where, READY)
        return [each.grade for each in found if each.name == "limits"]

    assert (grades(trades=False), grades(trades=True)) == ([], [Grade.BAD])
    Acknowledgements(where.state_dir).keep("ada", "testnet")
    assert grades(trades=True) == []


@pytest.mark.requirement("R74")
def test_who_is_told_of_halts_is_noted(where: Places, asked: list[tuple[Address, Wanted]]) -> None:
    (none,) = [each for each in place(config(DEMO), where, None) if each.name == "alert"]
    assert (none.grade, "on the screen and in the log only" in none.text) == (Grade.NOTE, True)


@pytest.mark.parametrize(
    ("trades", "grade"), [(False, Grade.NOTE), (True, Grade.BAD)], ids=["watches", "trades"]
)
def test_a_missing_key_fails_only_where_it_is_needed(
    where: Places, asked: list[tuple[Address, Wanted]], trades: bool, grade: Grade
) -> None:
    found = list(place(config(TESTNET, trades=trades), where, READY))
    assert [each.grade for each in found if each.name == "key"] == [grade]
    assert (found[-1].name, asked) == ("streams", [])


@pytest.mark.usefixtures("key")
def test_testnet_gets_a_canary_unless_an_engine_trades_there(
    where: Places, asked: list[tuple[Address, Wanted]]
) -> None:
    list(place(config(TESTNET), where, READY))
    claim = Claim.take(where.lock_dir / "testnet.lock")
    assert claim is not None
    list(place(config(TESTNET), where, READY))
    claim.release()
    (address, free), (_, taken) = asked
    assert (address.permit, free.no_canary) == (None, "")
    assert taken.no_canary.startswith("an engine trades this account, pid ")
    assert (free.leverage, free.clock_offset_ms) == (1, 500)


@pytest.mark.requirement("K1")
@pytest.mark.usefixtures("key")
def test_no_canary_is_placed_while_trading_is_halted(
    where: Places, asked: list[tuple[Address, Wanted]]
) -> None:
    latch = HaltLatch(latch_path(where.state_dir, "testnet"), "testnet")
    latch.set(HaltInfo("ada", "enough", 1))
    list(place(config(TESTNET), where, READY))
    ((_, wanted),) = asked
    assert wanted.no_canary == "trading is halted: nothing is sent that could raise a position"


@pytest.mark.requirement("P02")
@pytest.mark.usefixtures("key")
def test_production_is_asked_questions_only(
    where: Places, asked: list[tuple[Address, Wanted]]
) -> None:
    found = list(place(config(PRODUCTION), where, READY))
    ((address, wanted),) = asked
    assert wanted.no_canary == "with real money nothing but questions is sent"
    assert address.permit is not None
    assert address.permit.refusal("POST order", {})
    assert {"phase", "operators"} <= {each.name for each in found if each.grade is Grade.BAD}
