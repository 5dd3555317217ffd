"""Getting values out of a file and out of environment variables, before anything is checked."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.config.catalogue import KEYS, PREFIX, Key
from botcore_tui.config.masking import names_secret, printable, shown, shown_key
from botcore_tui.config.suggest import instead_of_secret, near_variable
from botcore_tui.errors import ConfigError

_LARGEST_FILE: Final = 262_144
"""Bytes; the example file has about 10,000."""
_LONGEST_REASON: Final = 120
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

_VARIABLES: Final[Mapping[str, Key]] = {key.variable: key for key in KEYS.values()}


class Overrides(Struct, frozen=True):
    """What the environment variables say."""

    values: Mapping[str, object]
    """By dotted key; not yet checked."""
    problems: tuple[str, ...]


def read_file(path: Path) -> dict[str, object]:
    """The tables of a TOML file, not yet checked.

    Raises:
        ConfigError: The file is missing, unreadable, too large, no text or no TOML; one problem.
    """
    where = printable(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise ConfigError([f"{where}: no such file"]) from error
    except IsADirectoryError as error:
        raise ConfigError([f"{where}: is a directory, not a file"]) from error
    except OSError as error:
        raise ConfigError([f"{where}: cannot be read: {error.strerror}"]) from error
    except ValueError as error:  # a null byte in the path
        raise ConfigError([f"{where}: no such file"]) from error
    if len(data) > _LARGEST_FILE:
        raise ConfigError([f"{where}: larger than {_LARGEST_FILE:,} bytes, no configuration"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{where}, line {line}: not UTF-8 text"]) from error
    return _parsed(text, where)


def _parsed(text: str, where: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_problem(str(error), text, where)]) from error
    except ValueError as error:  # a whole number of thousands of digits, a 13th month
        raise ConfigError([f"{where}: not TOML: a number or date is out of range"]) from error
    except RecursionError as error:
        raise ConfigError([f"{where}: not TOML: brackets are nested too deep"]) from error


def _syntax_problem(message: str, text: str, where: str) -> str:
    place = _PLACE.search(message)
    # Some messages quote a key, which may be of any length.
    reason = printable(_PLACE.sub("", message)[:_LONGEST_REASON])
    if place is None:
        return f"{where}: not TOML: {reason}"
    if place[1] is None:
        return f"{where}, line {text.count(chr(10)) + 1} (end of file): not TOML: {reason}"
    return f"{where}, line {place[1]}, column {place[2]}: not TOML: {reason}"


def read_variables(env: Mapping[str, str], secrets: Collection[str]) -> Overrides:
    """Every ``BOTCORE__SECTION__KEY``, parsed by the type of its key.

    Args:
        env: Environment variables; those that do not begin with ``BOTCORE__`` are left alone.
        secrets: Values that must not appear in a problem.
    """
    values: dict[str, object] = {}
    problems: list[str] = []
    for name in sorted(env):
        if not name.startswith(PREFIX):
            continue
        key = _VARIABLES.get(name)
        if key is None:
            problems.append(_unknown_variable(name, secrets))
            continue
        text = env[name].strip()
        value = _typed(key, text)
        if value is None:
            problems.append(
                f"environment variable {name}: {key.dotted} = {shown(text, secrets)}:"
                f" must be {key.allowed}"
            )
        else:
            values[key.dotted] = value
    return Overrides(values, tuple(problems))


def _unknown_variable(name: str, secrets: Collection[str]) -> str:
    where = f"environment variable {shown_key([name], secrets)}"
    if names_secret(name):
        return f"{where}: no such key; {instead_of_secret(name)}"
    return f"{where}: no such key{near_variable(name)}"


def _typed(key: Key, text: str) -> object | None:
    match key.kind:
        case "boolean":
            return {"true": True, "false": False}.get(text.lower())
        case "whole number":
            return int(text) if _WHOLE.fullmatch(text) else None
        case "number":
            return float(text) if _NUMBER.fullmatch(text) else None
        case "list":
            return _list(text)
        case "text":
            return text


def _list(text: str) -> object | None:
    if not text.startswith("["):
        return [item.strip() for item in text.split(",")]
    try:
        parsed = tomllib.loads(f"list = {text}")
    except (ValueError, RecursionError):
        return None
    # A line break in the variable could begin further keys.
    return parsed["list"] if len(parsed) == 1 else None
