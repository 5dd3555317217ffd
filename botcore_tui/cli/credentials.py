"""Keys of an account: from environment variables, or from files that these name; nowhere else."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from botcore_tui.config import Environment, credential_variables
from botcore_tui.config.masking import all_credential_variables, printable
from botcore_tui.errors import ConfigError
from botcore_tui.exchange.binance.keys import Credentials, load_credentials

_LARGEST_FILE: Final = 16_384


def credentials_of(environment: Environment, env: Mapping[str, str]) -> Credentials:
    """The key of an environment that has an account.

    Args:
        environment: Testnet.
        env: Environment variables.

    Raises:
        ConfigError: It is missing or cannot be one, and what to do; never shows any of it.
    """
    names = credential_variables(environment)
    assert names is not None  # asked for only where there is an account
    problems: list[str] = []
    values: list[str] = []
    for name in (names.api_key, names.api_secret):
        try:
            values.append(_value(name, env))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    if not all(values):
        missing = " and ".join(
            name
            for name, value in zip((names.api_key, names.api_secret), values, strict=True)
            if not value
        )
        advice = "or for each the same name with _FILE at its end to the path of a file with it"
        raise ConfigError([f"trading on {environment} needs a key: set {missing}, {advice}"])
    try:
        return load_credentials(*values)
    except ConfigError as error:
        raise ConfigError([f"{environment}: {problem}" for problem in error.problems]) from error


def secrets_in_files(env: Mapping[str, str]) -> frozenset[str]:
    """What must never be shown of files that hold keys: their lines; those that can be read."""
    return frozenset(line for name in all_credential_variables() for line in _lines(name, env))


def _value(name: str, env: Mapping[str, str]) -> str:
    value, path = env.get(name, "").strip(), env.get(f"{name}_FILE", "").strip()
    if value and path:
        raise ConfigError([f"{name} and {name}_FILE are both set; unset one of them"])
    return _content(f"{name}_FILE", path) if path else value


def _content(name: str, path: str) -> str:
    where = f"{name}: {printable(path)}"
    try:
        with Path(path).expanduser().open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
        text = data.decode().strip()
    except OSError as error:
        raise ConfigError([f"{where}: cannot be read: {error.strerror}"]) from error
    except ValueError as error:  # no text, or a null byte in the path
        raise ConfigError([f"{where}: is no file with a key"]) from error
    if not text or len(data) > _LARGEST_FILE:
        raise ConfigError([f"{where}: is no file with a key"])
    return text


def _lines(name: str, env: Mapping[str, str]) -> Iterator[str]:
    path = env.get(f"{name}_FILE", "").strip()
    if not path:
        return
    try:
        text = _content(name, path)
    except ConfigError:
        return
    for line in text.splitlines():
        # The frame of a PEM block is no secret.
        if len(line.strip()) >= _SHORTEST_SECRET and not line.startswith("-----"):
            yield line.strip()


_SHORTEST_SECRET: Final = 8
"""Anything shorter would be found by chance in innocent text."""
