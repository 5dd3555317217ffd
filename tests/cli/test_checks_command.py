"""``botcore checks`` from the outside: lists, exit codes, signatures, the journal."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from account_builders import an_account
from builders import NOW_MS
from check_stage import ACCOUNT, DAY_MS, TODAY_MS, recorded
from command_line import Run, arguments
from kill_doors import answering
from ledger_rows import a_position
from msgspec.structs import replace
from risk_rows import a_call, a_drill, a_stream, an_anchor, an_equity
from risk_views import a_gauge, a_risk

from botcore_tui.cli.checks_command import run_checks
from botcore_tui.cli.places import socket_path
from botcore_tui.clock import ManualClock
from botcore_tui.engine.port import Status
from botcore_tui.model.event import TradingState

Go = Callable[..., tuple[int, str, str]]


@pytest.fixture
def go(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Go:
    """Run the command for the testnet at a time of the past."""

    def run(*words: str, now_ms: int = NOW_MS) -> tuple[int, str, str]:
        place = ("--environment", "testnet", "--account", ACCOUNT, "--state-dir", str(tmp_path))
        code = run_checks(arguments("checks", *words, *place), ManualClock(now_ms))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def a_good_day(state: Path) -> None:
    recorded(
        state,
        an_anchor("high_water", "5000", time_ms=TODAY_MS + 1_000),
        an_anchor("day", "5000", time_ms=TODAY_MS + 1_000),
        an_equity("5000", time_ms=NOW_MS - 60_000),
        a_stream(time_ms=NOW_MS),
        a_call(time_ms=NOW_MS),
        a_position("0", realized="4", time_ms=NOW_MS - DAY_MS),
    )


@pytest.mark.requirement("R58")
@pytest.mark.requirement("R75")
def test_the_exit_code_tells_fine_from_failed_from_unknown(go: Go, tmp_path: Path) -> None:
    code, out, _ = go()
    assert (code, "NOT KNOWN" in out) == (3, True)
    a_good_day(tmp_path)
    code, out, _ = go("--daily")
    assert (code, "! LOOK      R75 daily P&L review" in out) == (3, True)
    assert go("sign", "daily", "--reason", "all read") == (0, "checks sign daily: done\n", "")
    code, out, _ = go()
    assert code == 0
    assert "10 OK" in out.splitlines()[0]
    assert "last signed" in out
    assert ": all read (9 OK, 1 LOOK)" in out
    recorded(tmp_path, a_call(limited=1, time_ms=NOW_MS))
    assert go()[0] == 1


def test_json_tells_the_same(go: Go, tmp_path: Path) -> None:
    a_good_day(tmp_path)
    code, out, _ = go("--json")
    told = json.loads(out)
    assert (code, told["state"], told["period"]) == (3, "LOOK", "daily")
    assert {"R58", "R59", "R60", "R61", "R62", "R75"} == {each["code"] for each in told["checks"]}
    for check in told["checks"]:
        assert {"name", "state", "value", "limit", "source", "age_ms", "remedy"} <= set(check)


@pytest.mark.requirement("R58")
def test_the_engine_that_runs_is_asked(go: Go, tmp_path: Path) -> None:
    risk = a_risk(gauges=(a_gauge(is_latched=True),), latched=("A01",))
    account = replace(an_account(), account=ACCOUNT, risk=risk)
    status = Status(environment="testnet", state=TradingState.HALTED, halt=None, account=account)
    with answering(socket_path(tmp_path, "testnet"), status):
        code, out, _ = go()
    assert code == 1
    assert "✗ FAILED    R58 breaker A01 daily loss: TRIPPED, latched" in out
    with answering(socket_path(tmp_path, "testnet"), replace(status, account=None)):
        assert go()[0] == 3


@pytest.mark.requirement("R58")
@pytest.mark.requirement("R75")
def test_the_engine_of_another_account_neither_tells_nor_takes_a_signature(
    go: Go, tmp_path: Path
) -> None:
    a_good_day(tmp_path)
    risk = a_risk(gauges=(a_gauge(is_latched=True),), latched=("A01",))
    account = replace(an_account(), account="testnet:0ther", risk=risk)
    status = Status(environment="testnet", state=TradingState.HALTED, halt=None, account=account)
    with answering(socket_path(tmp_path, "testnet"), status) as asked:
        code, out, _ = go()
        assert (code, "TRIPPED" in out) == (3, False)
        code, _, err = go("sign", "daily", "--reason", "all read")
        assert code == 1
        assert "trades testnet:0ther: it takes no signature for testnet:3f9c0a12" in err
        assert go("review", "6", "--reason", "closed too late")[0] == 1
    assert not any(b"SignOff" in line for line in asked)


@pytest.mark.requirement("R66")
def test_changed_limits_are_signed_only_by_who_says_so(
    go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_good_day(tmp_path)
    recorded(tmp_path, a_drill(time_ms=NOW_MS))
    assert go("sign", "weekly", "--reason", "first")[0] == 0
    assert "R66 risk limits: as signed" in go("--weekly")[1]
    monkeypatch.setenv("BOTCORE__RISK__COLLAR_PCT", "1.5")
    code, out, _ = go("--weekly")
    assert (code, "- risk.collar_pct: 2 -> 1.5" in out) == (3, True)
    code, _, err = go("sign", "weekly", "--reason", "calmer market")
    assert code == 1
    assert err.splitlines() == [
        "botcore: the limits differ from those last signed; confirm that with --accept-limits:",
        "botcore: risk.collar_pct: 2 -> 1.5",
    ]
    code, out, _ = go("sign", "weekly", "--reason", "x", "--json")
    assert (code, json.loads(out)["is_done"]) == (1, False)
    assert go("sign", "weekly", "--accept-limits", "--reason", "calmer market")[0] == 0
    _, out, _ = go("--weekly")
    assert "R66 risk limits: as signed" in out
    assert "limits changed: risk.collar_pct: 2 -> 1.5" in out


@pytest.mark.requirement("R63")
def test_a_trade_is_reviewed_with_a_note(go: Go, tmp_path: Path) -> None:
    a_good_day(tmp_path)
    code, out, _ = go("trades")
    assert (code, out.splitlines()[0]) == (0, "1 trades in 7 days, 1 not reviewed")
    number = out.splitlines()[1].split()[0]
    assert f"checks review {number} --reason NOTE" in out
    code, _, err = go("review", "999", "--reason", "x")
    assert (code, "no trade 999" in err) == (1, True)
    assert go("review", number, "--reason", "closed too late")[0] == 0
    code, out, _ = go("trades", "--json")
    (trade,) = json.loads(out)
    assert (trade["note"], trade["net"], code) == ("closed too late", "3.695", 0)
    assert "no trade ended flat in 1 days" in go("trades", "--days", "1", now_ms=NOW_MS + DAY_MS)[1]


def test_it_is_a_command_of_the_program(run: Run, tmp_path: Path) -> None:
    done = run("checks", "--state-dir", tmp_path)
    assert (done.code, done.err) == (3, "")
    assert done.out.startswith("daily checks, no account of demo yet")
    refused = run("checks", "sign", "daily", "--reason", "x", "--state-dir", tmp_path)
    assert refused.code == 1
    assert refused.err == ("botcore: no account of demo is known here: nothing can be signed yet\n")
