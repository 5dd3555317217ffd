"""Keys of an account: as a person pastes them, and as they are used."""

import hashlib
import re
from typing import Final

from msgspec import Struct

from botcore_tui.errors import ConfigError

_is_token: Final = re.compile(r"[!-~]+", re.ASCII).fullmatch
_pem: Final = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_PEM_LINE: Final = 64


class Credentials(Struct, frozen=True):
    """An API key and what its requests are signed with; made by ``load_credentials``."""

    api_key: str
    secret: str
    """Of an HMAC key, or an Ed25519 private key as PEM."""

    def __repr__(self) -> str:
        return f"Credentials({fingerprint(self.api_key)})"

    @property
    def is_ed25519(self) -> bool:
        """Whether requests are signed with an Ed25519 key."""
        return self.secret.startswith("-----BEGIN")


def load_credentials(api_key: str, secret: str) -> Credentials:
    r"""Keys as environment variables carry them: spaces, CRLF, ``\n`` for line ends are set right.

    Args:
        api_key: As the venue shows it.
        secret: HMAC secret, or an Ed25519 private key as PEM, even on one line.

    Raises:
        ConfigError: One of them cannot be a key; the text does not show it.
    """
    problems = []
    key = api_key.strip()
    if not _is_token(key):
        problems.append("API key: is empty or has spaces in it; paste it as the venue shows it")
    text = secret.replace("\\r", "").replace("\\n", "\n").strip()
    if "-----" in text:
        pem, problem = _ed25519(text)
        problems += [problem] if problem else []
        text = pem
    elif not _is_token(text):
        problems.append("API secret: is empty or has spaces in it; paste it as the venue shows it")
    if problems:
        raise ConfigError(problems)
    return Credentials(key, text)


def fingerprint(api_key: str) -> str:
    """Name of a key that may be shown and stored: 8 hexadecimal digits."""
    return hashlib.sha256(api_key.encode()).hexdigest()[:8]


def _ed25519(text: str) -> tuple[str, str]:
    """The key in the one form that ccxt takes for Ed25519, or what is wrong with it."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - big, seldom used
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - the same
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - the same
        Ed25519PrivateKey,
    )

    found = _pem.fullmatch(text)
    if found is None:
        return "", "API secret: a PEM block without its BEGIN or END line; paste all of it"
    body = "".join(found[2].split())
    lines = [body[start : start + _PEM_LINE] for start in range(0, len(body), _PEM_LINE)]
    pem = "\n".join((f"-----BEGIN {found[1]}-----", *lines, f"-----END {found[1]}-----", ""))
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except TypeError:
        return "", "API secret: the private key has a pass phrase; export it without one"
    except (ValueError, UnsupportedAlgorithm):
        return "", "API secret: not a PEM private key that can be read"
    if not isinstance(key, Ed25519PrivateKey):
        return "", "API secret: a private key, but not Ed25519; RSA keys are not supported"
    # Written anew: ccxt takes a PEM of more than 120 characters for RSA.
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return written.decode(), ""
