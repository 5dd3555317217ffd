"""Puts together what stands before real money: operators, the ledger's gate rows, confirmations."""

import os
from collections.abc import Mapping
from pathlib import Path

from botcore_tui.cli.actor import actor
from botcore_tui.cli.binding import Confirmations
from botcore_tui.cli.credentials import credentials_of
from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.operator_token import operator_token
from botcore_tui.cli.places import Places
from botcore_tui.cli.real_money import RealMoney
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.phase import Phase, PhaseRules, rules_of
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.exchange.binance.keys import fingerprint
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.ledger.evidence import standing_of
from botcore_tui.ledger.store import reading_engine
from botcore_tui.model.command import Scope
from botcore_tui.operators.names import operators_directory


def road_of(config: Config, where: Places, limiter: Limiter) -> RealMoney:
    """The way to real money from here; nothing is looked at before somebody asks.

    Args:
        config: Checked.
        where: Of this installation.
        limiter: Of this process.
    """
    return RealMoney(
        config,
        limiter,
        actor=actor(),
        operator_refusal=lambda: operator_refusal(where.state_dir, os.environ),
        rules=lambda: production_rules(config, where.state_dir, os.environ),
        confirmations=Confirmations(where.state_dir),
    )


def operator_refusal(state_dir: Path, env: Mapping[str, str]) -> str:
    """Why the operator's token does not open production; empty if it does.

    Args:
        state_dir: Public keys and revocations are there.
        env: Environment variables.
    """
    from botcore_tui.operators.trust import Trust  # noqa: PLC0415 - cryptography takes its time

    how = "issue one with botcore operator issue --scope production,resume,trade"
    try:
        token = operator_token(env)
        if token is None:
            return f"production needs an operator's token in BOTCORE_OPERATOR_TOKEN: {how}"
        trust = Trust(operators_directory(state_dir))
        operator = trust.operator(token, SystemClock().now_ms())
    except (ConfigError, UnavailableError) as error:
        return f"the operator's token is refused, {error}: {how}"
    if Scope.PRODUCTION not in operator.scopes:
        return f"the token of {operator.name} lacks {Scope.PRODUCTION}: {how}"
    return ""


def production_rules(config: Config, state_dir: Path, env: Mapping[str, str]) -> PhaseRules:
    """The phase that the ledger of the production account is in.

    Raises:
        ConfigError: There is no key.
        UnavailableError: No gate was passed: what is missing, ``botcore phase`` tells.
    """
    key = credentials_of(Environment.PRODUCTION, env).api_key
    account = f"{Environment.PRODUCTION}:{fingerprint(key)}"
    name = _phase_name(ledger_url(config, state_dir, Environment.PRODUCTION), account)
    if name not in set(Phase) - {Phase.TESTNET}:
        raise UnavailableError(
            f"no gate to real money was passed for {account}: see botcore phase --environment"
            " testnet, then botcore phase promote --environment production"
        )
    return rules_of(name)


def _phase_name(url: str, account: str) -> str:
    try:
        engine = reading_engine(url)
    except UnavailableError:
        return ""  # there is no ledger yet
    try:
        with engine.connect() as connection:
            row = standing_of(connection, account).row
    finally:
        engine.dispose()
    return "" if row is None else row.phase
