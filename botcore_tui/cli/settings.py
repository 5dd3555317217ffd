"""The configuration in force: file, environment variables, then the command line."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.places import Places, places
from botcore_tui.config import Config, Loaded, load


def config_path(arguments: Arguments, where: Places) -> Path | None:
    """The file to read: the one named, else the user's own where it exists, else none."""
    if arguments.config is not None:
        return arguments.config.expanduser()
    return where.config_file if where.config_file.exists() else None


def variables(arguments: Arguments) -> Mapping[str, str]:
    """The process's environment, with what the command line says laid over it.

    Flags are turned into the variables they stand for, so that there is one way of checking and
    one kind of message for both.
    """
    merged = dict(os.environ)
    if getattr(arguments, "environment", None) is not None:
        merged["BOTCORE__ENVIRONMENT"] = str(arguments.environment)
    if getattr(arguments, "symbols", None) is not None:
        names = [name.strip() for name in str(arguments.symbols).split(",") if name.strip()]
        merged["BOTCORE__SYMBOLS"] = json.dumps(names, ensure_ascii=False)
    if getattr(arguments, "theme", None) is not None:
        merged["BOTCORE__UI__THEME"] = str(arguments.theme)
    return merged


def loaded(arguments: Arguments) -> tuple[Loaded, Places]:
    """Load what is in force; raises ConfigError with every problem."""
    where = places(arguments.state_dir)
    return load(config_path(arguments, where), variables(arguments)), where


def speed_of(arguments: Arguments, config: Config) -> float | None:
    """Replay speed; None as fast as it goes."""
    if arguments.speed is None:
        return None if arguments.headless else config.replay.speed
    return arguments.speed or None
