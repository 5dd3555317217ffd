"""Which environments this version can open, and why not the others."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.cli.credentials import credentials_of
from botcore_tui.config import Config, Environment, Loaded
from botcore_tui.errors import ConfigError

REASONS: Final = {
    Environment.DEMO: "an exchange on this machine; play money, no network",
    Environment.REPLAY: "a recorded tape; start it with: botcore replay TAPE",
    Environment.PAPER: "production's public market data; no account, no orders",
    Environment.TESTNET: "the venue's play-money market; orders with a key of its own",
    Environment.PRODUCTION: "real money; each session is confirmed by a person",
}
"""What each environment is, in a few words."""
_HOW_TO_PRODUCTION: Final = (
    "real money: start it with --environment production --production --enable-trading, each time"
)

_WITH_ACCOUNT: Final = frozenset({Environment.DEMO, Environment.TESTNET, Environment.PRODUCTION})


class Offer(Struct, frozen=True):
    """One environment and whether it can be used."""

    environment: Environment
    is_available: bool
    reason: str
    """What it is, or what is missing."""


def offers(tape: Path | None, *, testnet: str = "", production: str = "") -> tuple[Offer, ...]:
    """Every environment, in order of danger; a replay is there only with a tape.

    Args:
        tape: That is played.
        testnet: Why the testnet is not offered; empty if it is.
        production: Why real money is not offered; empty if it is.
    """
    usable = {Environment.DEMO, Environment.PAPER, Environment.TESTNET, Environment.PRODUCTION}
    if tape is not None:
        usable.add(Environment.REPLAY)
    reasons = dict(REASONS)
    for environment, obstacle in (
        (Environment.TESTNET, testnet),
        (Environment.PRODUCTION, production),
    ):
        if obstacle:
            usable.remove(environment)
            reasons[environment] = obstacle
    return tuple(
        Offer(environment, environment in usable, reason) for environment, reason in reasons.items()
    )


def obstacle_of_testnet(config: Config, env: Mapping[str, str]) -> str:
    """Why the cockpit does not offer the testnet; empty if it does, as it does to watch only.

    Args:
        config: Checked.
        env: Environment variables.
    """
    return _missing_key(Environment.TESTNET, env) if config.trading.enabled else ""


def obstacle_of_production(config: Config, env: Mapping[str, str]) -> str:
    """Why the cockpit does not even offer real money; empty if it does.

    Args:
        config: Checked.
        env: Environment variables.
    """
    if not config.trading.enabled:
        return "real money: only for trading; start with --enable-trading"
    missing = _missing_key(Environment.PRODUCTION, env)
    return f"real money: {missing}" if missing else ""


def _missing_key(environment: Environment, env: Mapping[str, str]) -> str:
    try:
        credentials_of(environment, env)
    except ConfigError as error:
        return "; ".join(error.problems)
    return ""


def environment_refusal(name: str, *, is_production_asked: bool = False) -> str:
    """Why an environment cannot be started from the configuration; empty if it can.

    A name that is none is left to the configuration's own checks.

    Args:
        name: Of the environment.
        is_production_asked: Somebody asked for real money on the command line of this start.
    """
    for offer in offers(None, production="" if is_production_asked else _HOW_TO_PRODUCTION):
        if offer.environment == name and not offer.is_available:
            return f'environment = "{name}": {offer.reason}'
    return ""


def trades(config: Config, environment: Environment) -> bool:
    """Whether orders may leave in this environment; elsewhere it is market data only."""
    return config.trading.enabled and environment in _WITH_ACCOUNT


def trading_refusal(configuration: Loaded, *, is_production_asked: bool = False) -> str:
    """Why the wish to trade is refused, and what to do; empty if nobody wishes it, or it can be."""
    config = configuration.config
    refusal = environment_refusal(config.environment, is_production_asked=is_production_asked)
    if not config.trading.enabled or refusal:
        return ""
    if trades(config, config.environment):
        return ""
    origin = configuration.origins["trading.enabled"].removeprefix("file ")
    return (
        f"{origin}: trading.enabled = true: {config.environment} has no account; "
        "use demo, testnet or production, or set it to false"
    )
