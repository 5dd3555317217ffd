"""Signatures: to the engine that runs, else into the ledger, under the same rules."""

from pathlib import Path

import msgspec
import pytest
from builders import NOW_MS
from check_stage import ACCOUNT, recorded
from kill_doors import answering, hanging
from operator_builders import NOW_MS as TOKEN_MS
from operator_builders import a_key, a_token, trust
from risk_rows import a_call

from botcore_tui.cli.checks_sign import Signing, a_sign_off
from botcore_tui.cli.places import places, socket_path
from botcore_tui.clock import ManualClock
from botcore_tui.config import Config, Environment
from botcore_tui.engine.control import Refusal
from botcore_tui.engine.port import Status
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.store import default_url
from botcore_tui.ledger.verify import verify
from botcore_tui.model.command import Scope, SignOff
from botcore_tui.model.event import Answer, TradingState
from botcore_tui.operators.names import operators_directory

ACCEPTED = Answer(command_id="c", is_accepted=True, code="", text="daily checks signed", time_ms=1)
DENIED = msgspec.structs.replace(ACCEPTED, is_accepted=False, code="P03", text="needs a token")


def signing(
    state: Path, environment: Environment = Environment.TESTNET, account: str = ACCOUNT
) -> Signing:
    return Signing(Config(), places(state), environment, account, ManualClock(TOKEN_MS))


def rows(
    state: Path, environment: str = "testnet", account: str = ACCOUNT
) -> list[tuple[str, str, str]]:
    with LedgerReader(default_url(state, environment), account) as reader:
        return [
            (str(row["command"]), str(row["actor"]), str(row["reason"]))
            for row in reader.everything("commands")
        ]


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOTCORE_OPERATOR_TOKEN", raising=False)


DAILY = a_sign_off("daily", "all read", NOW_MS, seen='{"checks":[]}', summary="5 OK")


@pytest.mark.requirement("R75")
def test_an_engine_that_runs_takes_it(tmp_path: Path) -> None:
    with answering(socket_path(tmp_path, "testnet"), ACCEPTED) as asked:
        assert signing(tmp_path).sign(DAILY) == ()
    (line,) = asked
    sent = msgspec.json.decode(line, type=SignOff)
    assert (sent.what, sent.reason, sent.summary) == ("daily", "all read", "5 OK")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (DENIED, "needs a token (P03)"),
        (Refusal(error="the token lacks trade", code="not-admitted"), "lacks trade"),
        (
            Status(environment="testnet", state=TradingState.ACTIVE, halt=None, account=None),
            "something else",
        ),
    ],
)
def test_what_the_engine_refuses_is_told(tmp_path: Path, reply: object, why: str) -> None:
    with answering(socket_path(tmp_path, "testnet"), reply):
        (problem,) = signing(tmp_path).sign(DAILY)
    assert why in problem


def test_an_engine_that_hangs_is_not_passed_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(tmp_path, a_call())
    monkeypatch.setattr("botcore_tui.cli.checks_sign._SECONDS", 0.2)
    with hanging(socket_path(tmp_path, "testnet")), pytest.raises(UnavailableError):
        signing(tmp_path).sign(DAILY)
    assert rows(tmp_path) == []


@pytest.mark.requirement("R75")
@pytest.mark.requirement("G6")
def test_without_an_engine_it_goes_into_the_chain_of_the_ledger(tmp_path: Path) -> None:
    recorded(tmp_path, a_call())
    assert signing(tmp_path).sign(DAILY) == ()
    ((command, actor, reason),) = rows(tmp_path)
    assert (command, reason) == ("SignOff", "all read")
    assert actor
    assert verify(default_url(tmp_path, "testnet")).is_intact


def test_without_an_account_nothing_can_be_signed(tmp_path: Path) -> None:
    (problem,) = signing(tmp_path, account="").sign(DAILY)
    assert "no account of testnet" in problem
    assert not list(tmp_path.glob("*.db"))


def test_what_is_no_signature_is_refused(tmp_path: Path) -> None:
    recorded(tmp_path, a_call())
    (problem,) = signing(tmp_path).sign(a_sign_off("daily", " ", NOW_MS))
    assert "by name only" in problem
    assert rows(tmp_path) == []


@pytest.mark.requirement("R17")
def test_real_money_needs_an_operator_of_trade_and_production(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = "production:b"
    real = signing(tmp_path, Environment.PRODUCTION, account)
    recorded(tmp_path, a_call(), environment="production", account=account)
    (problem,) = real.sign(DAILY)
    assert "SignOff needs a token in production" in problem
    trust(operators_directory(tmp_path), a_key())
    monkeypatch.setenv("BOTCORE_OPERATOR_TOKEN", a_token(Scope.TRADE))
    (problem,) = real.sign(DAILY)
    assert "lacks production" in problem
    assert rows(tmp_path, "production", account) == []
    monkeypatch.setenv("BOTCORE_OPERATOR_TOKEN", a_token(Scope.TRADE, Scope.PRODUCTION))
    assert real.sign(DAILY) == ()
    ((_, actor, _),) = rows(tmp_path, "production", account)
    assert actor.startswith("ada#")
