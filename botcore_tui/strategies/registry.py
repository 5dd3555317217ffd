"""A strategy by its name: one that ships, or any ``package.module:Class``."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

import msgspec

from botcore_tui.core.bars import MINUTE_MS, SECOND_MS
from botcore_tui.core.strategy import Strategy
from botcore_tui.errors import ConfigError
from botcore_tui.strategies.ema_cross import EmaCross

SHIPPED: Final[Mapping[str, type[Strategy]]] = {EmaCross.name: EmaCross}
"""By name."""


def make_strategy(name: str, options: Mapping[str, object]) -> Strategy:
    """Build a strategy.

    Args:
        name: Of one that ships, or ``package.module:Class``.
        options: For the fields of what the class names as its ``parameters`` (a ``msgspec.Struct``
            or a dataclass), of which its constructor takes one; without it, it takes nothing.

    Raises:
        ConfigError: There is no such strategy, it is none, or it refuses its options.
    """
    made = _made(name, _found(name), options)
    if not isinstance(made, Strategy):
        lacking = ", ".join(word for word in _WORDS if not hasattr(made, word))
        raise ConfigError([f"strategy {name}: not a strategy, it has no {lacking}"])
    if problem := _problem(made.name, made.interval_ms):
        raise ConfigError([f"strategy {name}: {problem}"])
    return made


def _problem(name: object, interval_ms: object) -> str:
    # A plug-in's attributes hold whatever it put there.
    if not (isinstance(name, str) and name):
        return f"name is {name!r}: must be a text"
    if not isinstance(interval_ms, int):
        return f"interval_ms is {interval_ms!r}: must be a whole number"
    if interval_ms <= 0:
        return f"interval_ms is {interval_ms}: must be above 0"
    base_ms = MINUTE_MS if interval_ms >= MINUTE_MS else SECOND_MS
    if interval_ms % base_ms:
        # Of any other length there would be no bar, or none that ends where it says.
        return (
            f"interval_ms is {interval_ms}: must be whole seconds, from a minute on whole minutes"
        )
    return ""


_WORDS: Final = ("name", "interval_ms", "warm", "on_bar")


def _found(name: str) -> type:
    shipped = SHIPPED.get(name)
    if shipped is not None:
        return shipped
    module_name, colon, class_name = name.partition(":")
    if not (colon and _is_path(module_name) and class_name.isidentifier()):
        raise ConfigError(
            [f"strategy {name}: unknown; allowed: {', '.join(SHIPPED)} or package.module:Class"]
        )
    try:
        module = import_module(module_name)
    except (ImportError, SyntaxError) as error:
        raise ConfigError([f"strategy {name}: cannot import {module_name}: {error}"]) from error
    found: object = getattr(module, class_name, None)
    if not isinstance(found, type):
        raise ConfigError([f"strategy {name}: {module_name} has no class {class_name}"])
    return found


def _is_path(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _made(name: str, found: type, options: Mapping[str, object]) -> object:
    parameters: object = getattr(found, "parameters", None)
    if not isinstance(parameters, type):
        if options:
            raise ConfigError([f"strategy {name}: takes no options, got {', '.join(options)}"])
        return found()
    try:
        converted: object = msgspec.convert(dict(options), parameters)
        return found(converted)
    except ValueError as error:
        # From the parameters themselves, or from a constructor that looks at them together.
        raise ConfigError([f"strategy {name}: {error}"]) from error
