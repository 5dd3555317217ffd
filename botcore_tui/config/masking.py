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

_TOKEN: Final = re.compile(r"\bey[A-Za-z0-9_-]{6,}\.e[wy][A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?")
"""Objects of JSON begin so in base64url: header and claims of a token, which may be cut off."""
_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----"
    r"(?:.*?-----END [A-Z0-9 ]*PRIVATE KEY-----|[A-Za-z0-9+/=\\\s]*)",
    re.DOTALL,
)
"""All of it, or what is left of one that was cut off."""
_FRAME: Final = re.compile(r"-----[A-Z0-9 ]+-----")
_LINE_ENDS: Final = re.compile(r"\\r|\\n")
"""As they stand in variables that hold a file on one line."""

HIDDEN: Final = "********"
OPERATOR_TOKEN: Final = "BOTCORE_OPERATOR_TOKEN"  # noqa: S105 - the name of a variable


def names_secret(name: str) -> bool:
    """Whether a key of this name would hold something that must stay secret."""
    return _SECRET_NAME.search(name) is not None


def all_credential_variables() -> tuple[str, ...]:
    """Environment variables that hold secrets, whatever environment is in force."""
    found = (credential_variables(environment) for environment in Environment)
    return tuple(
        name for names in found if names is not None for name in (names.api_key, names.api_secret)
    )


def secret_variables() -> tuple[str, ...]:
    """Environment variables that hold secrets of any kind."""
    return (*all_credential_variables(), OPERATOR_TOKEN)


def secrets_in(env: Mapping[str, str]) -> frozenset[str]:
    """Values that must never be shown, wherever else they turn up."""
    values = [env.get(name, "").strip() for name in secret_variables()]
    whole = {value for value in values if len(value) >= _SHORTEST_SECRET}
    return frozenset(whole.union(*map(secret_parts, values)))


def secret_parts(secret: str) -> frozenset[str]:
    """The pieces of a secret that say something alone: of a PEM block its lines, not its frame."""
    words = _FRAME.sub(" ", _LINE_ENDS.sub(" ", secret)).split()
    return frozenset(word for word in words if len(word) >= _SHORTEST_SECRET)


def without_keys(text: str) -> str:
    """The text with everything blanked out that is a token or a private key by its looks."""
    return _TOKEN.sub(HIDDEN, _PRIVATE_KEY.sub(HIDDEN, text))


def without(text: str, secrets: Collection[str]) -> str:
    """The text with these, and what ``without_keys`` finds, blanked out.

    Of a long secret also the beginning: texts are cut where they are too long to read.
    """
    for secret in _longest_first(secrets):
        text = _blanked(text, secret)
    return without_keys(text)


class _Kept:
    """The secrets of this process. There is one environment, and one set of what must not leave
    it: handed from place to place it would be missing in one of them."""

    def __init__(self) -> None:
        self.secrets: tuple[str, ...] = ()


_kept: Final = _Kept()


def keep_secret(secrets: Collection[str]) -> None:
    """Have ``redacted`` blank these out from now on, wherever in this process."""
    # A new tuple: other threads may go through the old one.
    _kept.secrets = _longest_first({*_kept.secrets, *secrets})


def redacted(text: str) -> str:
    """The text as it may leave this process: without what it keeps secret, and its likes."""
    for secret in _kept.secrets:
        text = _blanked(text, secret)
    return without_keys(text)


def _longest_first(secrets: Collection[str]) -> tuple[str, ...]:
    # One may be part of another.
    return tuple(sorted(secrets, key=len, reverse=True))


def _blanked(text: str, secret: str) -> str:
    begin = secret[:_SHORTEST_SECRET] if len(secret) >= 2 * _SHORTEST_SECRET else secret
    pieces, after = [], 0
    while (place := text.find(begin, after)) >= 0:
        pieces += [text[after:place], HIDDEN]
        after = place + len(begin)
        for letter in secret[len(begin) :]:
            if not text.startswith(letter, after):
                break
            after += 1
    return "".join((*pieces, text[after:]))


def masked(secret: str) -> str:
    """Enough of ``secret`` to tell two apart: the last 4 characters, none if it is short."""
    secret = secret.strip()
    if len(secret) < _SHORTEST_SHOWN_SECRET or not secret.isprintable():
        return HIDDEN
    return HIDDEN + secret[-_SHOWN_OF_SECRET:]


def is_secret(text: str, secrets: Collection[str]) -> bool:
    # A path may well be as long as a key: what stands between its slashes is looked at.
    searched = text.replace("/", " ") if text.startswith(TAPE) else text
    looks_secret = _SECRET_VALUE.search(searched) or _TOKEN.search(text)
    return looks_secret is not None or any(secret in text for secret in secrets)


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
    """``text`` as a terminal may show it: without secrets, and without what it would obey or cannot
    encode, such as escape sequences."""
    text = redacted(text)
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )
