"""Secrets: from the environment, from files, or from the system's keyring; nowhere else.

The first that is there: the variable itself; the file that ``<variable>_FILE`` names; the file
that systemd puts into ``$CREDENTIALS_DIRECTORY`` under the variable's name; the entry of that
name under ``botcore`` in the keyring, where the extra ``keyring`` is installed. Two of the first
three at once are refused: nobody could tell which one is meant.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from botcore_tui.config import Environment, credential_variables
from botcore_tui.config.masking import keep_secret, printable, secret_parts, secret_variables
from botcore_tui.errors import ConfigError
from botcore_tui.exchange.binance.keys import Credentials, load_credentials

_LARGEST_FILE: Final = 16_384
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
_SERVICE: Final = "botcore"


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
            values.append(secret_of(name, env))
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


def secret_of(name: str, env: Mapping[str, str], *, asks_keyring: bool = True) -> str:
    """A secret, from now on shown nowhere; empty where there is none.

    Args:
        name: Variable that it belongs to.
        env: Environment variables.
        asks_keyring: A keyring may wait for a person to unlock it: not where haste matters.

    Raises:
        ConfigError: It stands in two places, or cannot be read; never shows any of it.
    """
    found = dict(_sources(name, env))
    if len(found) > 1:
        first, second, *_ = found
        raise ConfigError([f"{first} and {second} are both set; unset one of them"])
    secret = ""
    for place, path in found.items():
        secret = _content(place, path) if path else env[name].strip()
    if not found and asks_keyring:
        secret = _of_keyring(name)
    keep_secret(secret_parts(secret))
    return secret


def secrets_in_files(env: Mapping[str, str]) -> frozenset[str]:
    """What must never be shown of files that hold secrets: their lines; those that can be read."""
    return frozenset(part for name in secret_variables() for part in _parts(name, env))


def _sources(name: str, env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where a secret stands, as a message calls it, and the path; empty for the variable."""
    if env.get(name, "").strip():
        yield name, ""
    if path := env.get(f"{name}_FILE", "").strip():
        yield f"{name}_FILE", path
    directory = env.get(_CREDENTIALS, "").strip()
    if directory and _is_there(Path(directory) / name):
        yield f"{_CREDENTIALS}/{name}", str(Path(directory) / name)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # why, is told when it is read
        return True


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


def _parts(name: str, env: Mapping[str, str]) -> Iterator[str]:
    for place, path in _sources(name, env):
        if not path:
            continue
        try:
            yield from secret_parts(_content(place, path))
        except ConfigError:
            continue


def _of_keyring(name: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - an extra: most servers have no keyring
        from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415 - the same
    except ImportError:
        return ""
    try:
        return (keyring.get_password(_SERVICE, name) or "").strip()
    except NoKeyringError:
        return ""
    except KeyringError as error:
        reason = type(error).__name__
        raise ConfigError([f"{name}: the keyring cannot be read ({reason}); unlock it"]) from error
