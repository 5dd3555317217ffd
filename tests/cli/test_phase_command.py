"""``botcore phase`` from the outside: a gate that opens on evidence, a word and a token only."""

import json
import sys
from collections.abc import Callable
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from command_line import Run, arguments
from ledger_rows import a_note, tampered, writing, written
from phase_record import DAY_MS, END_MS, a_good_record, a_review
from risk_rows import a_drill, a_phase, a_trip

from botcore_tui.cli.phase_command import Desk, _ask, run_phase
from botcore_tui.clock import ManualClock, SystemClock
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.store import default_url, file_of
from botcore_tui.ledger.verify import verify
from botcore_tui.model.ledger import PhaseRow

_TESTNET, _REAL = "testnet:aaaa", "production:bbbb"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A testnet that has shown everything, and no production yet."""
    _testnet_file(tmp_path).write_bytes(_shown())
    return tmp_path


def _testnet_file(state: Path) -> Path:
    path = file_of(default_url(state, "testnet"))
    assert path is not None
    return path


@cache
def _shown() -> bytes:
    """A ledger as it is closed, written once."""
    with TemporaryDirectory() as name:
        written(default_url(Path(name), "testnet"), a_good_record(), account=_TESTNET)
        return _testnet_file(Path(name)).read_bytes()


@pytest.fixture
def go(state: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command for production, as an operator who may."""

    def run(*words: str, operator: str = "ada#1234", typed: str = "") -> tuple[int, str, str]:
        def who(_state: Path) -> str:
            if not operator:
                raise UnavailableError("production needs an operator's token")
            return operator

        def ask(prompt: str) -> str:
            assert "to begin that phase" in prompt
            return typed

        place = ("--environment", "production", "--account", _REAL, "--state-dir", str(state))
        asked = arguments("phase", *words, *place)
        desk = Desk(operator=who, ask=ask, clock=ManualClock(END_MS))
        code = run_phase(asked, desk)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


Go = Callable[..., tuple[int, str, str]]


def _phase(state: Path, environment: str = "production", account: str = _REAL) -> PhaseRow | None:
    return recall(default_url(state, environment), account, END_MS).risk.phase


def _conservative(state: Path, *, is_reviewed: bool = True) -> None:
    """Real money, half a month after its first gate."""
    rows = [a_phase(), *a_good_record(has_drill=False), *([a_review()] * is_reviewed)]
    written(default_url(state, "production"), rows, account=_REAL)


@pytest.mark.requirement("G1")
@pytest.mark.requirement("R23")
def test_real_money_begins_with_what_the_testnet_has_shown(go: Go, state: Path) -> None:
    code, out, err = go("promote", "--reason", "all shown", typed="conservative")
    assert (code, out, err) == (0, "phase promote: done\n", "")
    row = _phase(state)
    assert row is not None
    assert (row.phase, row.previous, row.equity) == ("conservative", "testnet", None)
    assert row.actor.startswith("ada#1234 ")
    assert row.reason == "all shown"
    assert {each["is_met"] for each in json.loads(row.evidence)} == {True}
    assert verify(default_url(state, "production")).is_intact


@pytest.mark.requirement("G1")
def test_missing_evidence_is_named_and_opens_nothing(go: Go, state: Path) -> None:
    written(default_url(state, "testnet"), [a_note("strategy.failed")], account=_TESTNET)
    code, _, err = go("promote", "--reason", "x", "--confirm", "conservative")
    assert (code, err) == (1, "botcore: unhandled errors: 1, needs none\n")
    code, out, _ = go("promote", "--reason", "x", "--confirm", "conservative", "--json")
    assert code == 1
    assert json.loads(out)["reasons"] == ["unhandled errors: 1, needs none"]
    assert not Path(state / "ledger-production.db").exists()


@pytest.mark.requirement("G6")
def test_evidence_that_was_edited_is_none(go: Go, state: Path) -> None:
    tampered(default_url(state, "testnet"), "UPDATE position_events SET realized_pnl = '50'")
    code, _, err = go("promote", "--reason", "x", "--confirm", "conservative")
    assert code == 1
    assert "tampered with" in err


@pytest.mark.requirement("R17")
def test_without_an_operator_s_token_real_money_stays_shut(go: Go, state: Path) -> None:
    code, _, err = go("promote", "--reason", "x", "--confirm", "conservative", operator="")
    assert (code, "token" in err) == (1, True)
    assert not (state / "ledger-production.db").exists()


@pytest.mark.requirement("K12")
@pytest.mark.parametrize("typed", ["", "scale", "Conservative", "yes"])
def test_another_word_than_the_phase_s_name_is_no_confirmation(
    go: Go, state: Path, typed: str
) -> None:
    code, _, err = go("promote", "--reason", "x", typed=typed)
    assert code == 1
    assert "conservative was to be typed" in err
    assert not (state / "ledger-production.db").exists()


@pytest.mark.requirement("F20")
@pytest.mark.parametrize("topic", ["promote", "demote", "restart", "sign-off"])
def test_nothing_changes_while_an_engine_runs_on_the_account(
    go: Go, state: Path, topic: str
) -> None:
    _conservative(state)
    words = ["--confirm", "scale"] if topic == "promote" else []
    with writing(default_url(state, "production"), account=_REAL):
        tampered(default_url(state, "production"), f"UPDATE lease SET refreshed_ms = {END_MS - 1}")
        code, _, err = go(topic, "--reason", "x", *words)
    assert code == 1
    assert "in use" in err
    assert _phase(state) == a_phase()


@pytest.mark.requirement("R24")
@pytest.mark.requirement("R76")
def test_scale_waits_for_the_signed_review(go: Go, state: Path) -> None:
    _conservative(state, is_reviewed=False)
    code, _, err = go("promote", "--reason", "x", "--confirm", "scale")
    assert (code, err) == (1, "botcore: review of this phase: not signed, needs signed\n")
    assert go("sign-off", "--reason", "read it all")[0] == 0
    assert go("promote", "--reason", "x", "--confirm", "scale")[0] == 0
    row = _phase(state)
    assert row is not None
    assert (row.phase, row.previous) == ("scale", "conservative")


@pytest.mark.requirement("R17")
@pytest.mark.parametrize("topic", ["sign-off", "restart"])
def test_a_review_or_restart_of_real_money_takes_an_operator(
    go: Go, state: Path, topic: str
) -> None:
    _conservative(state, is_reviewed=False)
    code, _, err = go(topic, "--reason", "x", operator="")
    assert (code, "token" in err) == (1, True)
    assert _phase(state) == a_phase()


def test_a_trip_between_the_look_and_the_word_still_counts(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _conservative(state)
    url = default_url(state, "production")

    def ask(_prompt: str) -> str:
        written(url, [a_trip()], account=_REAL)
        return "scale"

    desk = Desk(operator=lambda _: "ada#1", ask=ask, clock=ManualClock(END_MS))
    place = ("--environment", "production", "--account", _REAL, "--state-dir", state)
    assert run_phase(arguments("phase", "promote", "--reason", "x", *place), desk) == 1
    assert capsys.readouterr().err == "botcore: breaker trips: 1, needs at most 0\n"
    assert _phase(state) == a_phase()


def test_a_phase_that_changed_between_the_look_and_the_word_is_not_skipped(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _conservative(state)
    url = default_url(state, "production")

    def ask(_prompt: str) -> str:
        written(url, [a_phase("testnet", "conservative")], account=_REAL)
        return "scale"

    desk = Desk(operator=lambda _: "ada#1", ask=ask, clock=ManualClock(END_MS))
    place = ("--environment", "production", "--account", _REAL, "--state-dir", state)
    assert run_phase(arguments("phase", "promote", "--reason", "x", *place), desk) == 1
    assert "has become testnet meanwhile" in capsys.readouterr().err
    row = _phase(state)
    assert row is not None
    assert row.phase == "testnet"


def test_after_full_there_is_no_promotion(go: Go, state: Path) -> None:
    url = default_url(state, "production")
    written(url, [a_phase("full", "scale", equity="20000")], account=_REAL)
    code, _, err = go("promote", "--reason", "x", "--confirm", "full")
    assert (code, err) == (1, "botcore: there is no phase after this one\n")


@pytest.mark.requirement("G1")
def test_a_demotion_asks_for_nothing(go: Go, state: Path) -> None:
    _conservative(state)
    assert go("demote", "--reason", "a bad week", operator="")[0] == 0
    row = _phase(state)
    assert row is not None
    assert (row.phase, row.previous, row.reason) == ("testnet", "conservative", "a bad week")
    code, _, err = go("demote", "--reason", "again")
    assert code == 1
    assert "none before it" in err
    assert "nothing can begin anew" in go("restart", "--reason", "x")[2]


def test_a_restart_keeps_the_phase_and_forgets_its_record(go: Go, state: Path) -> None:
    _conservative(state)
    assert go("restart", "--reason", "new strategy")[0] == 0
    row = _phase(state)
    assert row is not None
    assert (row.phase, row.previous) == ("conservative", "conservative")
    shown = json.loads(go("show", "--json")[1])
    assert {"days run", "trades", "review of this phase"} <= set(shown["missing"])


@pytest.mark.requirement("R26")
def test_limits_are_shown_in_percent_and_money_with_what_is_missing(go: Go, state: Path) -> None:
    _conservative(state, is_reviewed=False)
    code, out, err = go("show")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines[0] == f"phase conservative since 2023-11-14 22:13:20, {_REAL}"
    assert lines[1] == "capital 800.00, for 500 to 1,000"
    assert "daily loss 3 % 26.25 3 %" in lines
    assert "drawdown 10 % 87.50 10 %" in lines
    assert f"evidence for scale, of {_REAL}: 1 missing" in lines
    assert "MISSING review of this phase not signed, needs signed" in lines


def test_the_testnet_stays_what_it_is(run: Run, state: Path) -> None:
    place = ("--environment", "testnet", "--state-dir", state)
    shown = json.loads(run("phase", "--json", *place).out)
    assert (shown["phase"], shown["account"], shown["next"]) == (
        "testnet",
        _TESTNET,
        "conservative",
    )
    done = run("phase", "promote", "--reason", "x", *place)
    assert done.code == 1
    assert "--environment production" in done.err
    assert "none before it" in run("phase", "demote", "--reason", "x", *place).err
    assert run("phase", "sign-off", "--reason", "x", *place).code == 0
    assert run("phase", "restart", "--reason", "x", *place).code == 0
    row = _phase(state, "testnet", _TESTNET)
    assert row is not None
    assert (row.phase, row.reason) == ("testnet", "x")


def test_without_an_account_nothing_can_be_written(run: Run, tmp_path: Path) -> None:
    done = run("phase", "sign-off", "--reason", "x", "--state-dir", tmp_path)
    assert done.code == 1
    assert "no account of demo" in done.err


def test_the_key_in_the_environment_names_the_account(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_KEY", "k" * 64)
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_SECRET", "s" * 64)
    place = ("--environment", "production", "--state-dir", state)
    shown = json.loads(run("phase", "--json", *place).out)
    assert shown["account"].startswith("production:")
    assert shown["evidence_of"] == _TESTNET
    assert "no gate" in shown["trouble"]


@pytest.mark.requirement("R17")
def test_the_real_door_asks_for_a_token_and_a_terminal(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOTCORE_OPERATOR_TOKEN", raising=False)
    _conservative(tmp_path)
    place = ("--environment", "production", "--account", _REAL, "--state-dir", tmp_path)
    done = run("phase", "sign-off", "--reason", "x", *place)
    assert done.code == 1
    assert "BOTCORE_OPERATOR_TOKEN" in done.err


@pytest.mark.slow
@pytest.mark.requirement("R17")
def test_a_token_names_the_operator_and_only_a_terminal_is_asked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _conservative(tmp_path, is_reviewed=False)
    assert run("operator", "keygen", "--state-dir", tmp_path).code == 0
    words = ("--sub", "ada", "--scope", "production,resume", "--hours", "1")
    token = run("operator", "issue", *words, "--state-dir", tmp_path).out.strip()
    monkeypatch.setenv("BOTCORE_OPERATOR_TOKEN", token)
    place = ("--environment", "production", "--account", _REAL, "--state-dir", tmp_path)
    assert run("phase", "sign-off", "--reason", "x", *place).code == 0
    shown = json.loads(run("ledger", "export", "--table", "audit", "--format", "json", *place).out)
    signed = [row["text"] for row in shown if row["code"] == "phase.review"]
    assert signed[0].startswith("review of phase conservative signed by ada#")
    # Since then a month has passed: a drill would be missing, hence a newer one.
    written(default_url(tmp_path, "demo"), [a_drill(time_ms=SystemClock().now_ms())])
    done = run("phase", "promote", "--reason", "x", *place)
    assert done.code == 1
    assert "--confirm" in done.err
    monkeypatch.setattr(sys, "stdin", _Terminal("scale\n"))
    assert run("phase", "promote", "--reason", "x", *place).code == 0
    monkeypatch.setattr(sys, "stdin", _Terminal(""))
    assert _ask("? ") == ""


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_secret_in_a_reason_is_not_written_down(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "s3cr3t" * 10
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", "k" * 64)
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", secret)
    place = ("--environment", "testnet", "--account", _TESTNET, "--state-dir", state)
    assert run("phase", "restart", "--reason", f"see {secret}", *place).code == 0
    row = _phase(state, "testnet", _TESTNET)
    assert row is not None
    assert secret not in row.reason


def test_days_before_the_record_s_drill_are_too_long(go: Go, state: Path) -> None:
    tampered(default_url(state, "testnet"), f"UPDATE drills SET time_ms = {END_MS - 40 * DAY_MS}")
    assert "breaker drill" in go("promote", "--reason", "x")[2]
