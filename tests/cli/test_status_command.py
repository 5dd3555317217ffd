"""``botcore status``, with an engine and without one."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from account_builders import a_position, an_account
from check_stage import recorded
from command_line import FullDisk, Run
from kill_doors import answering, bid, hanging, long_position, stop_order
from ledger_rows import a_note, tampered, written
from msgspec.structs import replace
from risk_builders import a_trip
from risk_rows import a_call
from risk_views import a_risk
from sim_process import Sim, running_sim

from botcore_tui.cli.account_claim import AccountClaim
from botcore_tui.cli.account_name import account_here
from botcore_tui.cli.claim import Claim
from botcore_tui.cli.kill_venue import account_to_kill
from botcore_tui.cli.places import latch_path, lock_path, places, socket_path, trace_path
from botcore_tui.cli.status_command import _without_engine
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.control import Refusal
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.port import Status
from botcore_tui.engine.unix_socket import bound
from botcore_tui.exchange.lingering import write_trace
from botcore_tui.ledger.store import default_url
from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.model.trading import AccountView, Cover

pytestmark = pytest.mark.xdist_group("kill_command")
HALT = HaltInfo("anna", "enough", 5)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Sim]:
    with running_sim("--seed", 4, "--symbols", "BTCUSDT", "--no-limits") as sim:
        yield sim


@pytest.fixture
def sim(exchange: Sim) -> Iterator[Sim]:
    """An exchange that a program which was killed has left behind."""
    exchange.clean()
    where = places(None)
    where.make()
    write_trace(trace_path(where.state_dir), ("botcore", "sim"), exchange)
    yield exchange
    exchange.clean()


def just_told(account: AccountView, seconds: float = 0.0) -> AccountView:
    """The same, as the venue confirmed it so many seconds ago."""
    stamp_ns = SystemClock().monotonic_ns() - round(seconds * 1e9)
    positions = [replace(each, confirmed_ns=stamp_ns) for each in account.positions]
    return replace(account, positions=tuple(positions), reconciled_ns=stamp_ns)


@pytest.mark.requirement("R57")
def test_engine_that_runs_tells_everything(run: Run) -> None:
    account = replace(
        just_told(an_account()),
        risk=a_risk(),
        trouble="not reconciled yet",
        strategy="ema_cross: waits",
    )
    status = Status(environment="demo", state=TradingState.HALTED, halt=HALT, account=account)
    with answering(socket_path(places(None).state_dir, "demo"), status):
        done, as_json = run("status"), run("status", "--json")

    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[:2] == ["demo: engine running, HALTED", "halted by anna: enough"]
    assert "bc-k3-1-e" in done.out
    assert {"strategy ema_cross: waits", "trouble: not reconciled yet"} <= set(lines)
    assert lines[-1].startswith("A01")
    told = json.loads(as_json.out)
    assert (told["engine"], told["state"], told["venue"]) == ("running", "HALTED", None)
    assert told["told_seconds"].keys() == {each["symbol"] for each in told["account"]["positions"]}
    assert all(each >= 0 for each in told["told_seconds"].values())


@pytest.mark.requirement("R57")
@pytest.mark.parametrize(("cover", "code"), [(Cover.NAKED, 3), (Cover.VERIFIED, 1)])
def test_position_without_a_stop_is_told_where_standard_output_takes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch, cover: Cover, code: int
) -> None:
    """A full disk took the exit code that a watchdog wakes people by."""
    account = just_told(an_account(positions=(a_position(cover=cover),)))
    status = Status(environment="demo", state=TradingState.ACTIVE, halt=None, account=account)
    monkeypatch.setattr(sys, "stdout", FullDisk())
    with answering(socket_path(places(None).state_dir, "demo"), status):
        done = run("status")
    assert done.code == code
    assert "standard output cannot be written: No space left on device\n" in done.err
    assert "botcore: demo: engine running, ACTIVE\n" in done.err
    assert ("positions WITHOUT A STOP: BTCUSDT" in done.err) is (code == 3)


@pytest.mark.slow
@pytest.mark.requirement("K6")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")
def test_engine_with_its_state_elsewhere_is_told_by_status_and_halt(sim: Sim, run: Run) -> None:
    """Both said that no engine was running, and the halt that it was confirmed."""
    address = account_to_kill(Config(), places(None), Environment.DEMO)
    assert address is not None
    claim = AccountClaim.take(address.account, address.hosts.rest)
    try:
        status, halt = run("status"), run("halt", "--all")
    finally:
        claim.release()
    told = f"process {os.getpid()} on this machine trades this account and is not reached here"
    assert (status.code, halt.code) == (1, 1)
    assert told in status.err
    assert told in halt.err
    assert run("halt", "--all").code == 0


@pytest.mark.slow
@pytest.mark.requirement("K6")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")
def test_engine_that_starts_here_is_not_looked_for_elsewhere(sim: Sim, run: Run) -> None:
    """While it opened its ledger its state was said to be in another directory."""
    address = account_to_kill(Config(), places(None), Environment.DEMO)
    assert address is not None
    here = Claim.take(lock_path(places(None).state_dir, "demo"))
    assert here is not None
    claim = AccountClaim.take(address.account, address.hosts.rest)
    try:
        status, halt = run("status"), run("halt", "--all")
    finally:
        claim.release()
        here.release()
    told = f"process {os.getpid()} trades this account with its state here, and does not answer"
    assert (status.code, halt.code) == (1, 1)
    assert told in status.err
    assert told in halt.err
    assert "another directory" not in status.err + halt.err


@pytest.mark.slow
@pytest.mark.requirement("K6")
@pytest.mark.parametrize("is_hanging", [False, True])
def test_without_an_answer_the_halt_file_and_the_venue_tell(
    sim: Sim, run: Run, is_hanging: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botcore_tui.cli.status_command._ENGINE_SECONDS", 0.05)
    bid(sim)
    long_position(sim)
    stop_order(sim)
    HaltLatch(latch_path(places(None).state_dir, "demo"), "demo").set(HALT)
    path = socket_path(places(None).state_dir, "demo")
    if is_hanging:
        with hanging(path):
            done = run("status")
    else:
        done = run("status")

    engine = "does not answer" if is_hanging else "not running"
    assert done.code == int(is_hanging)
    assert ("it may stand still" in done.err) is is_hanging
    assert done.out.splitlines() == [
        f"demo: engine {engine}, HALTED",
        "halted by anna: enough",
        "the venue lists 1 orders, 1 conditional ones",
        "position: BTCUSDT 0.010, with a stop",
    ]


def test_engine_that_was_killed_is_told_as_gone(run: Run) -> None:
    path = socket_path(places(None).state_dir, "demo")
    path.parent.mkdir(parents=True, exist_ok=True)
    with bound(path):  # it is closed without being removed, as a program that is killed leaves it
        pass
    assert run("status").out.startswith("demo: engine not running, not halted")


def test_state_directory_that_is_not_there_is_told(run: Run, tmp_path: Path) -> None:
    done = run("status", "--state-dir", tmp_path / "typo")
    assert done.code == 1
    assert f"there is no state directory {tmp_path / 'typo'}" in done.err
    endless = run("status", "--environment", "demo", "--state-dir", tmp_path / ("x" * 300))
    assert (endless.code, "there is no state directory" in endless.err) == (1, True)
    (tmp_path / "typo").mkdir()
    assert run("status", "--state-dir", tmp_path / "typo").code == 0


@pytest.mark.requirement("K7")
def test_what_the_next_session_begins_with_is_told_without_an_engine(sim: Sim, run: Run) -> None:
    url = default_url(places(None).state_dir, "demo")
    account = f"demo:{sim.instance}"
    written(url, [a_note("state.reducing", "HALTED -> REDUCING by ada: ok")], account=account)
    done, as_json = run("status"), run("status", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[:2] == [
        "demo: engine not running, REDUCING",
        "the next session begins so: HALTED -> REDUCING by ada: ok",
    ]
    assert json.loads(as_json.out)["state"] == "REDUCING"
    tampered(url, "UPDATE alembic_version SET version_num='0001'")
    done = run("status")
    assert (done.code, "in which state the next session begins cannot be read" in done.err) == (
        1,
        True,
    )
    assert done.out.startswith("demo: engine not running, no halt file\n")
    assert "the venue lists 0 orders" in done.out


@pytest.mark.requirement("K7")
def test_breaker_that_was_not_reset_is_a_halt_also_where_the_file_is_gone(
    sim: Sim, run: Run
) -> None:
    url = default_url(places(None).state_dir, "demo")
    account = f"demo:{sim.instance}"
    halted = a_note("state.halted", "ACTIVE -> HALTED by breaker: A02")
    written(url, [a_trip("A02"), halted], account=account)
    assert run("status").out.splitlines()[:2] == [
        "demo: engine not running, HALTED",
        "the next session begins so: breaker A02 tripped in an earlier run and was not reset",
    ]


@pytest.mark.requirement("K7")
def test_real_money_is_never_said_to_be_not_halted(tmp_path: Path) -> None:
    """A session with it begins HALTED whatever the one before left."""
    told = _without_engine(Config(), places(tmp_path), Environment.PRODUCTION, engine="not running")
    assert (told.state, told.begins_because) == ("HALTED", "as always with real money")


def test_engine_that_refuses_is_no_source(run: Run) -> None:
    reply = Refusal(error="busy", code="busy")
    with answering(socket_path(places(None).state_dir, "demo"), reply):
        done = run("status")
    assert "engine does not answer, no halt file" in done.out
    assert "it may stand still" in done.err
    assert done.code == 1


@pytest.mark.requirement("R57")
@pytest.mark.parametrize(
    ("cover", "code"), [(Cover.VERIFIED, 0), (Cover.PLACING, 3), (Cover.NAKED, 3)]
)
def test_position_that_an_engine_has_no_stop_for_is_exit_code_3(
    run: Run, cover: Cover, code: int
) -> None:
    account = just_told(an_account(positions=(a_position(cover=cover),)))
    status = Status(environment="demo", state=TradingState.ACTIVE, halt=None, account=account)
    with answering(socket_path(places(None).state_dir, "demo"), status):
        done = run("status")
    assert done.code == code
    assert done.err == ("botcore: positions WITHOUT A STOP: BTCUSDT\n" if code else "")


@pytest.mark.requirement("R57")
@pytest.mark.parametrize(("seconds", "code"), [(20, 0), (40, 1)])
def test_verified_stop_of_which_the_venue_is_silent_for_long_is_exit_code_1(
    run: Run, seconds: float, code: int
) -> None:
    account = just_told(an_account(), seconds)
    status = Status(environment="demo", state=TradingState.ACTIVE, halt=None, account=account)
    with answering(socket_path(places(None).state_dir, "demo"), status):
        done = run("status")
    assert done.code == code
    assert ("the venue has confirmed nothing of BTCUSDT for 4" in done.err) == bool(code)


@pytest.mark.requirement("R57")
def test_position_that_the_venue_lists_no_stop_for_is_exit_code_3(sim: Sim, run: Run) -> None:
    long_position(sim)
    done = run("status", "--json")
    assert (done.code, done.err) == (3, "botcore: positions WITHOUT A STOP: BTCUSDT\n")
    assert json.loads(done.out)["venue"]["positions"][0]["is_protected"] is False


def test_nobody_who_could_tell_is_exit_code_1(run: Run) -> None:
    done = run("status", "--environment", "testnet", "--json")
    assert done.code == 1
    assert json.loads(done.out)["engine"] == "not running"
    assert "the venue did not tell what is open" in done.err


def test_venue_that_hangs_is_given_up(sim: Sim, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botcore_tui.cli.status_command._VENUE_SECONDS", 0.0)
    done = run("status")
    assert done.code == 1
    assert "the venue did not tell what is open within 0 s" in done.err


@pytest.mark.requirement("R75")
def test_a_review_that_is_due_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", "a" * 64)
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "b" * 64)
    account = account_here(Environment.TESTNET)
    recorded(tmp_path, a_call(), account=account)
    words = ("--environment", "testnet", "--state-dir", tmp_path)
    view = replace(just_told(an_account()), risk=a_risk())
    status = Status(environment="testnet", state=TradingState.ACTIVE, halt=None, account=view)
    with answering(socket_path(tmp_path, "testnet"), status):
        told = run("status", *words)
        as_json = run("status", "--json", *words)
        assert told.out.splitlines()[-1].startswith("the daily P&L review is due since 08:00 UTC")
        assert json.loads(as_json.out)["review"].startswith("the daily P&L review is due")
        assert told.code == 0
        tampered(default_url(tmp_path, "testnet"), "UPDATE alembic_version SET version_num='0001'")
        broken = run("status", *words)
        assert "whether the daily review is due cannot be read" in broken.out.splitlines()[-1]


@pytest.mark.requirement("R57")
@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "the venue has not told the whole account yet: what is held is not known"),
        (40, "the venue has not told the whole account for 40 s"),
    ],
)
def test_account_that_is_not_known_is_not_told_as_protected(
    run: Run, seconds: int | None, told: str
) -> None:
    account = replace(just_told(an_account(), seconds or 0), positions=())
    if seconds is None:
        account = replace(account, reconciled_ns=0)
    status = Status(environment="demo", state=TradingState.ACTIVE, halt=None, account=account)
    with answering(socket_path(places(None).state_dir, "demo"), status):
        done = run("status")
    assert (done.code, told in done.err) == (1, True)
    assert ("no positions" in done.out) is (seconds is not None)
