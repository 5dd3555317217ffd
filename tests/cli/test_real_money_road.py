"""Operators and gate rows of this installation decide whether the way to real money is open."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from ledger_rows import written
from operator_builders import a_key, a_token, trust
from risk_rows import a_phase

from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.places import places
from botcore_tui.cli.real_money_road import operator_refusal, production_rules, road_of
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.phase import Phase
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.binance.keys import fingerprint
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.command import Scope
from botcore_tui.operators.names import operators_directory

_ENV: Final = {
    "BOTCORE_PRODUCTION_API_KEY": "key",
    "BOTCORE_PRODUCTION_API_SECRET": "secret",
}


def with_token(token: str) -> Mapping[str, str]:
    return {"BOTCORE_OPERATOR_TOKEN": token}


def a_fresh_token(*scopes: Scope) -> str:
    now = SystemClock().now_ms() // 1000
    return a_token(*scopes, iat=now, nbf=now, exp=now + 600)


@pytest.mark.requirement("R17")
def test_operator_with_the_scope_opens_production(tmp_path: Path) -> None:
    trust(operators_directory(tmp_path), a_key())
    assert operator_refusal(tmp_path, with_token(a_fresh_token(Scope.PRODUCTION))) == ""


@pytest.mark.requirement("R17")
def test_missing_foreign_and_narrow_tokens_do_not_and_say_why(tmp_path: Path) -> None:
    token = a_fresh_token(Scope.PRODUCTION)
    assert "needs an operator's token" in operator_refusal(tmp_path, {})
    assert "is refused" in operator_refusal(tmp_path, with_token(token))
    trust(operators_directory(tmp_path), a_key())
    narrow = a_fresh_token(Scope.TRADE, Scope.RESUME)
    assert "lacks production" in operator_refusal(tmp_path, with_token(narrow))
    assert "is refused" in operator_refusal(tmp_path, with_token("nonsense"))
    assert all(
        "botcore operator issue" in operator_refusal(tmp_path, env)
        for env in ({}, with_token("nonsense"), with_token(narrow))
    )
    assert token not in operator_refusal(tmp_path / "elsewhere", with_token(token))


def gate(directory: Path, phase: str) -> None:
    account = f"production:{fingerprint('key')}"
    written(
        ledger_url(Config(), directory, Environment.PRODUCTION), [a_phase(phase)], account=account
    )


@pytest.mark.requirement("G1")
def test_gate_row_of_the_account_names_the_phase_in_force(tmp_path: Path) -> None:
    gate(tmp_path, "conservative")
    assert production_rules(Config(), tmp_path, _ENV).phase is Phase.CONSERVATIVE


@pytest.mark.requirement("G1")
def test_without_a_gate_row_of_this_account_there_is_no_way(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no gate to real money"):
        production_rules(Config(), tmp_path, _ENV)
    gate(tmp_path, "conservative")
    other = {**_ENV, "BOTCORE_PRODUCTION_API_KEY": "another"}
    with pytest.raises(UnavailableError, match="no gate to real money"):
        production_rules(Config(), tmp_path, other)
    with pytest.raises(ConfigError):
        production_rules(Config(), tmp_path, {})


@pytest.mark.parametrize("phase", ["testnet", "nonsense", ""])
def test_row_of_no_phase_with_real_money_opens_nothing(phase: str, tmp_path: Path) -> None:
    gate(tmp_path, phase)
    with pytest.raises(UnavailableError, match="no gate to real money"):
        production_rules(Config(), tmp_path, _ENV)


def test_road_begins_with_the_operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOTCORE_OPERATOR_TOKEN", raising=False)
    road = road_of(Config(), places(tmp_path), Limiter(1_200, SystemClock()))
    with pytest.raises(UnavailableError, match="needs an operator's token"):
        road.look()
