"""What may be shown of a value that somebody typed, and what must not."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from botcore_tui.config.demo import TAPE
from botcore_tui.config.environments import Environment, credential_variables

_SECRET_NAME: Final = re.compile(
    r"api_?-?key|secret|token|passw|passphrase|private_?-?key|credential", re.IGNORECASE
)
# Binance keys are 64 letters and digits; private keys of other schemes are PEM blocks. No value
# of this configuration is as long without a blank, dot, colon, hyphen or underscore.
_SECRET_VALUE: Final = re.compile(r"[A-Za-z0-9+/=]{32,}|-----BEGIN")
_SHORTEST_SECRET: Final = 8
"""Anything shorter would be found by chance in innocent text."""
_SHORTEST_SHOWN_SECRET: Final = 12
_SHOWN_OF_SECRET: Final = 4
_LONGEST_SHOWN: Final = 60
_HUGE_BITS: Final = 128
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")

HIDDEN: Final = "********"


def names_secret(name: str) -> bool:
    """Whether a key of this name would hold something that must stay secret."""
    return _SECRET_NAME.search(name) is not None


def all_credential_variables() -> tuple[str, ...]:
    """Environment variables that hold secrets, whatever environment is in force."""
    found = (credential_variables(environment) for environment in Environment)
    return tuple(
        name for names in found if names is not None for name in (names.api_key, names.api_secret)
    )


def secrets_in(env: Mapping[str, str]) -> frozenset[str]:
    """Values that must never be shown, wherever else they turn up."""
    values = (env.get(name, "").strip() for name in all_credential_variables())
    return frozenset(value for value in values if len(value) >= _SHORTEST_SECRET)


def masked(secret: str) -> str:
    """Enough of ``secret`` to tell two apart: the last 4 characters, none if it is short."""
    secret = secret.strip()
    if len(secret) < _SHORTEST_SHOWN_SECRET or not secret.isprintable():
        return HIDDEN
    return HIDDEN + secret[-_SHOWN_OF_SECRET:]


def is_secret(text: str, secrets: Collection[str]) -> bool:
    # A path may well be as long as a key: what stands between its slashes is looked at.
    searched = text.replace("/", " ") if text.startswith(TAPE) else text
    return _SECRET_VALUE.search(searched) is not None or any(secret in text for secret in secrets)


def shown(value: object, secrets: Collection[str]) -> str:
    """``value`` as it may stand in a message: short, printable, masked if it may be a secret.

    Args:
        value: Anything a TOML file or an environment variable can hold.
        secrets: Values of the credential variables, see ``secrets_in``.
    """
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list() | tuple():
            return "a list"
        # Python refuses to print a whole number of more than 4,300 digits.
        case int() if value.bit_length() > _HUGE_BITS:
            return "a huge number"
        case int() | float():
            return HIDDEN if is_secret(str(value), secrets) else str(value)
        case _:
            return _shown_text(str(value), secrets)


def _shown_text(text: str, secrets: Collection[str]) -> str:
    if is_secret(text, secrets):
        return HIDDEN
    if len(text) > _LONGEST_SHOWN:
        text = text[:_LONGEST_SHOWN] + "…"
    quoted = printable(text).replace('"', '\\"')
    return f'"{quoted}"'


def shown_key(parts: Collection[object], secrets: Collection[str]) -> str:
    """A dotted key as it may stand in a message; parts that are no plain names are quoted."""
    return ".".join(
        str(part)
        if _BARE_KEY.fullmatch(str(part)) and not is_secret(str(part), secrets)
        else _shown_text(str(part), secrets)
        for part in parts
    )


def printable(text: str) -> str:
    """``text`` without what a terminal would obey or cannot encode, such as escape sequences."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
