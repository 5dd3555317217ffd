"""The configuration in force: file, environment variables, then the command line."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import structs

from botcore_tui.cli.credentials import credentials_of
from botcore_tui.cli.demo import demo_problems
from botcore_tui.cli.offers import environment_refusal, trades, trading_refusal
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, places
from botcore_tui.config import EMA_CROSS, KEYS, Config, Environment, Loaded, load
from botcore_tui.errors import ConfigError

_FLAGS: Final = {
    "environment": "--environment",
    "symbols": "--symbols",
    "demo.market": "--market",
    "demo.seed": "--seed",
    "trading.enabled": "--enable-trading",
    "strategy.name": "--strategy",
    "ui.theme": "--theme",
}
_NO_STRATEGY: Final = "none"
_OF_DEMO: Final = ("demo.market", "demo.seed")
"""Keys whose flags say that the user means demo."""


def config_path(arguments: Arguments, where: Places) -> Path | None:
    """The file to read: the one named, else the user's own where it exists, else none."""
    if arguments.config is not None:
        return arguments.config
    try:
        return where.config_file if where.config_file.exists() else None
    except OSError:  # nobody may look there: reading it says why, defaults would only be a guess
        return where.config_file


def variables(arguments: Arguments) -> Mapping[str, str]:
    """The process's environment, with what the command line says laid over it.

    Flags are turned into the variables they stand for, so that there is one way of checking for
    both; ``in_flags`` turns the names in messages back.
    """
    return {**os.environ, **{KEYS[key].variable: text for key, text in _given(arguments).items()}}


def in_flags(text: str, arguments: Arguments) -> str:
    """A message about ``variables`` that names the flag where a flag was given."""
    for key in _given(arguments):
        text = text.replace(f"environment variable {KEYS[key].variable}", _FLAGS[key])
    return text


def loaded(arguments: Arguments) -> tuple[Loaded, Places]:
    """Load what is in force.

    Raises:
        ConfigError: With every problem of file, variables and flags.
    """
    where = places(arguments.state_dir)
    try:
        configuration = load(config_path(arguments, where), variables(arguments))
    except ConfigError as error:
        problems = [in_flags(problem, arguments) for problem in error.problems]
        refusal = environment_refusal(arguments.environment or "")
        raise ConfigError([*problems, *_named("--environment", refusal)]) from error
    origins = {key: in_flags(origin, arguments) for key, origin in configuration.origins.items()}
    return structs.replace(configuration, origins=origins), where


def refuse_unusable(
    configuration: Loaded, *, is_replay: bool, is_production_asked: bool = False
) -> None:
    """Refuse what is well-formed, but not to be had here and now.

    Args:
        configuration: As loaded.
        is_replay: The environment is that of a tape, whatever is configured.
        is_production_asked: Somebody asked for real money on the command line of this start.

    Raises:
        ConfigError: With every reason.
    """
    origin = configuration.origins["environment"].removeprefix("file ")
    problems: list[str] = []
    if not is_replay:  # a tape has no account: whoever may trade elsewhere may look at it
        asked = is_production_asked
        name = configuration.config.environment
        refusal = environment_refusal(name, is_production_asked=asked)
        problems += _named(origin, refusal)
        problems += [trading_refusal(configuration, is_production_asked=asked)]
        problems += () if refusal else _missing_key(configuration)
        problems += _production_refusals(configuration, asked)
        problems += demo_refusals(configuration)
    if found := [problem for problem in problems if problem]:
        raise ConfigError(found)


def refuse_idle_flags(arguments: Arguments, config: Config) -> None:
    """Refuse flags of ``run`` that would have no effect.

    Raises:
        ConfigError: With every one of them.
    """
    given = {
        "--strategy": arguments.strategy is not None,
        "--fresh": arguments.fresh,
        "--json": arguments.command == "run" and arguments.json,
        "--confirm": arguments.confirm is not None,
    }
    idle = [flag for flag, is_given in given.items() if is_given]
    if idle and not config.trading.enabled:
        raise ConfigError(
            [f"{flag}: without effect: trading is off; add --enable-trading" for flag in idle]
        )
    if arguments.fresh and config.environment is not Environment.DEMO:
        raise ConfigError([f"--fresh: without effect: the environment is {config.environment}"])


def with_usual_strategy(configuration: Loaded, *, is_headless: bool) -> Config:
    """The configuration, with ema_cross where a demo is to trade and nobody is there to do it."""
    config = configuration.config
    is_left_open = configuration.origins["strategy.name"] == "default"
    if not (is_left_open and is_headless and config.environment is Environment.DEMO):
        return config
    strategy = config.strategy.model_copy(update={"name": EMA_CROSS})
    return config.model_copy(update={"strategy": strategy})


def speed_of(arguments: Arguments, config: Config) -> float | None:
    """Replay speed; None as fast as it goes."""
    if arguments.speed is None:
        return None if arguments.headless else config.replay.speed
    return arguments.speed or None


def _named(origin: str, refusal: str) -> list[str]:
    return [f"{origin}: {refusal}"] if refusal else []


def _production_refusals(configuration: Loaded, is_asked: bool) -> list[str]:
    config = configuration.config
    if not is_asked:
        return []
    if not config.environment.is_real_money:
        return [f"--production: without effect: the environment is {config.environment}"]
    if not config.trading.enabled:
        return ["--production: trading is off; add --enable-trading, or watch with paper"]
    return []


def _missing_key(configuration: Loaded) -> tuple[str, ...]:
    config = configuration.config
    if config.environment is Environment.DEMO or not trades(config, config.environment):
        return ()
    try:
        credentials_of(config.environment, os.environ)
    except ConfigError as error:
        return error.problems
    return ()


def demo_refusals(configuration: Loaded) -> list[str]:
    """What the embedded exchange would refuse, or nobody would heed without it; where and why."""
    config, origins = configuration.config, configuration.origins
    if config.environment is Environment.DEMO:
        problems = list(demo_problems(config))
        if config.demo.tape is not None and origins["symbols"] != "default":
            problems.append(
                ("symbols", "symbols: without effect: a tape has its own; leave it out")
            )
        return [f"{origins[key].removeprefix('file ')}: {text}" for key, text in problems]
    return [
        f"{_FLAGS[key]}: without effect: the environment is {config.environment}; "
        "add --environment demo"
        for key in _OF_DEMO
        if origins[key] == _FLAGS[key]
    ]


def _given(arguments: Arguments) -> Mapping[str, str]:
    """What the command line says, by key, as an environment variable would say it."""
    given = {}
    if arguments.environment is not None:
        given["environment"] = arguments.environment
    if arguments.symbols is not None:
        # The venue's names are in upper case; nobody types them so.
        names = [name.strip().upper() for name in arguments.symbols.split(",")]
        given["symbols"] = json.dumps([name for name in names if name], ensure_ascii=False)
    if arguments.market is not None:
        given["demo.market"] = arguments.market
    if arguments.seed is not None:
        given["demo.seed"] = arguments.seed
    if arguments.enable_trading:
        given["trading.enabled"] = "true"
    if arguments.strategy is not None:
        given["strategy.name"] = "" if arguments.strategy == _NO_STRATEGY else arguments.strategy
    if arguments.theme is not None:
        given["ui.theme"] = arguments.theme
    return given
