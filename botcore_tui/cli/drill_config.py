"""The configuration of a rehearsal: the user's own limits, on a market that is made up."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from botcore_tui.config import Config, DemoSettings, Environment
from botcore_tui.exchange.sim.contracts import contract

_LIMITS: Final = ("risk", "breaker", "dead_man", "protection", "staleness")
"""Sections that are rehearsed as they are configured."""
_USUAL: Final = "BTCUSDT"
_BALANCE: Final = 5_000.0


def rehearsal(config: Config) -> Config:
    """What the engine of a drill runs with.

    Args:
        config: The user's, checked.
    """
    usual = Config()
    own = {name: getattr(config, name) for name in _LIMITS}
    return usual.model_copy(
        update={
            **own,
            "environment": Environment.DEMO,
            "symbols": (_symbol(config),),
            "trading": usual.trading.model_copy(update={"enabled": True}),
            "demo": DemoSettings(balance=_BALANCE),
        }
    )


def as_toml(config: Config) -> str:
    """The text of a configuration file that says all of it."""
    return "\n".join(_lines("", config.model_dump(mode="json"))) + "\n"


def _symbol(config: Config) -> str:
    for symbol in config.trading.symbols or config.symbols:
        try:
            contract(symbol)
        except ValueError:
            continue
        return symbol
    return _USUAL


def _lines(prefix: str, section: Mapping[str, object]) -> Iterator[str]:
    tables = {key: value for key, value in section.items() if isinstance(value, dict)}
    for key, value in section.items():
        if key not in tables and value is not None:
            # Strings, numbers and lists are written alike in JSON and in TOML.
            yield f"{key} = {json.dumps(value, ensure_ascii=True)}"
    for key, table in tables.items():
        name = f"{prefix}{key}"
        yield f"[{name}]"
        yield from _lines(f"{name}.", table)
