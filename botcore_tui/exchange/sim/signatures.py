"""Keys of the account, and whether a request was signed with one of them.

Source: Binance USD-M futures, "General Info": SIGNED endpoint security (2026-05). HMAC-SHA256 in
hex, or Ed25519 in base64; an RSA key cannot be registered here.
"""

import binascii
import hmac
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec import Struct

from botcore_tui.exchange.sim.refusals import RefusalError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_RECV_WINDOW_MS: Final = 60_000
_RECV_WINDOW_MS: Final = 5_000
_AHEAD_MS: Final = 1_000
_AHEAD: Final = "Timestamp for this request was 1000ms ahead of the server's time."
_TOO_WIDE: Final = "recvWindow must be less than 60000."
_is_key: Final = re.compile(r"[A-Za-z0-9]{64}", re.ASCII).fullmatch


class Credentials(Struct, frozen=True):
    """Keys of the account, as its owner gets them; an API key is 64 letters and digits."""

    api_key: str
    api_secret: str
    ed25519_api_key: str = ""
    """Empty: none was registered."""
    ed25519_public_key: bytes = b""
    """Raw, 32 bytes."""


class Verifier:
    """Checks keys and signatures, in the venue's order.

    Args:
        credentials: The account's.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        # Copied for each request: the key is worked in once.
        self._hmac = hmac.new(credentials.api_secret.encode(), digestmod="sha256")
        self._public_key: Ed25519PublicKey | None = None

    def check_key(self, api_key: str) -> None:
        """Refuse a key that is none (-2014), or not one of this account (-2015)."""
        if _is_key(api_key) is None:
            raise RefusalError(-2014)
        known = self._credentials
        if api_key not in {known.api_key, known.ed25519_api_key}:
            raise RefusalError(-2015)

    def check_signature(self, api_key: str, query: str, body: str) -> None:
        """Refuse what was not signed with the key (-1022), or not at all (-1102)."""
        payload, signature = _split(query, body)
        if not signature:
            raise RefusalError(-1102, "signature")
        if api_key == self._credentials.api_key:
            is_valid = self._is_hmac(payload, signature)
        else:
            is_valid = self._is_ed25519(payload, signature)
        if not is_valid:
            raise RefusalError(-1022)

    def _is_hmac(self, payload: bytes, signature: str) -> bool:
        expected = self._hmac.copy()
        expected.update(payload)
        # The signature is not case sensitive (General Info).
        return hmac.compare_digest(expected.hexdigest().encode(), signature.lower().encode())

    def _is_ed25519(self, payload: bytes, signature: str) -> bool:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - big, seldom used
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - the same
            Ed25519PublicKey,
        )

        if self._public_key is None:
            raw = self._credentials.ed25519_public_key
            self._public_key = Ed25519PublicKey.from_public_bytes(raw)
        try:
            # Not unquote_plus: some clients send base64 as it is, with "+" in it.
            self._public_key.verify(b64decode(unquote(signature), validate=True), payload)
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True


def check_timestamp(timestamp: int, window: int | None, clocks: tuple[int, ...]) -> None:
    """Refuse a request that is too old or from the future (-1021).

    Args:
        timestamp: When the client made it, milliseconds.
        window: How long it is good for, milliseconds; None for the usual one.
        clocks: Times it may fit, milliseconds; one suffices.
    """
    if window is None:
        window = _RECV_WINDOW_MS
    elif window > MOST_RECV_WINDOW_MS:
        raise RefusalError(-1131, message=_TOO_WIDE)
    elif window < 0:
        raise RefusalError(-1130, "recvWindow")
    for now_ms in clocks:
        if timestamp < now_ms + _AHEAD_MS and now_ms - timestamp <= window:
            return
    raise RefusalError(-1021, message=_AHEAD if timestamp >= clocks[0] + _AHEAD_MS else "")


def _split(query: str, body: str) -> tuple[bytes, str]:
    # What is signed is the query and the body with nothing in between, as they were sent. The
    # signature is the end of one of them (General Info); elsewhere it is not one, and what
    # follows it makes it wrong.
    start = body.rfind("signature=")
    if start >= 0:
        return (query + body[:start].removesuffix("&")).encode(), body[start + 10 :]
    start = query.rfind("signature=")
    if start >= 0:
        return (query[:start].removesuffix("&") + body).encode(), query[start + 10 :]
    return b"", ""
