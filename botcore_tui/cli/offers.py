"""Which environments this version can open, and why not the others."""

from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.config import Config, Environment, Loaded

_REASONS: Final = {
    Environment.DEMO: "an exchange on this machine; play money, no network",
    Environment.REPLAY: "a recorded tape; start it with: botcore replay TAPE",
    Environment.PAPER: "production's public market data; no account, no orders",
    Environment.TESTNET: "the venue's play-money market; orders with a key of its own",
    Environment.PRODUCTION: (
        "real money: not until every risk control is in place; this version does not trade there"
    ),
}

_WITH_ACCOUNT: Final = frozenset({Environment.DEMO, Environment.TESTNET})


class Offer(Struct, frozen=True):
    """One environment and whether it can be used."""

    environment: Environment
    is_available: bool
    reason: str
    """What it is, or what is missing."""


def offers(tape: Path | None) -> tuple[Offer, ...]:
    """Every environment, in order of danger; a replay is there only with a tape."""
    usable = {Environment.DEMO, Environment.PAPER, Environment.TESTNET}
    if tape is not None:
        usable.add(Environment.REPLAY)
    return tuple(
        Offer(environment, environment in usable, reason)
        for environment, reason in _REASONS.items()
    )


def environment_refusal(name: str) -> str:
    """Why an environment cannot be started from the configuration; empty if it can.

    A name that is none is left to the configuration's own checks.
    """
    for offer in offers(None):
        if offer.environment == name and not offer.is_available:
            return f'environment = "{name}": {offer.reason}'
    return ""


def trades(config: Config, environment: Environment) -> bool:
    """Whether orders may leave in this environment; elsewhere it is market data only."""
    return config.trading.enabled and environment in _WITH_ACCOUNT


def trading_refusal(configuration: Loaded) -> str:
    """Why the wish to trade is refused, and what to do; empty if nobody wishes it, or it can be."""
    config = configuration.config
    if not config.trading.enabled or environment_refusal(config.environment):
        return ""
    if trades(config, config.environment):
        return ""
    origin = configuration.origins["trading.enabled"].removeprefix("file ")
    return (
        f"{origin}: trading.enabled = true: {config.environment} has no account; "
        "use demo or testnet, or set it to false"
    )
