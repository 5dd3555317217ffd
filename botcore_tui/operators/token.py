"""Tokens of operators: signed with RS256 and nothing else, checked before any claim is believed.

Source: RFC 7519 (claims), RFC 8725 (what goes wrong: the algorithm is pinned, the key is named by
the verifier's own files, audience and issuer are compared, duplicates are refused).
"""

import base64
import json
import re
from collections.abc import Callable
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWS, PyJWTError
from msgspec import Struct

from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Scope
from botcore_tui.operators.names import (
    MOST_HOURS,
    Operator,
    is_fingerprint,
    is_subject,
    is_token_id,
)

ALGORITHM: Final = "RS256"
AUDIENCE: Final = "botcore"
ISSUER: Final = "botcore operator"
LONGEST_TOKEN: Final = 4096
"""Characters."""

_LEEWAY_SECONDS: Final = 5
"""Clocks of two machines may differ by so much; an expiry is not stretched by it."""
_MOST_SECONDS: Final = MOST_HOURS * 3600
_compact: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII).fullmatch
_REQUIRED: Final = ("iss", "aud", "sub", "jti", "iat", "nbf", "exp", "scope")


class Claims(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a token says; times are whole seconds since the epoch, UTC."""

    iss: str
    aud: str
    sub: str
    jti: str
    iat: int
    nbf: int
    exp: int
    scope: str
    """Names of scopes with a blank between them (RFC 8693, 4.2)."""


class _Header(Struct, frozen=True, forbid_unknown_fields=True):
    # Whatever would have a key fetched, embedded or left out (jku, jwk, x5u, crit) is not known.
    alg: str
    kid: str
    typ: str = "JWT"


def verified(token: str, key_of: Callable[[str], RSAPublicKey], now_ms: int) -> Operator:
    """Whom a token names; whether it was revoked is for the caller to see.

    Args:
        token: As it was sent.
        key_of: The trusted public key with a fingerprint; raises UnavailableError for others.
        now_ms: UTC.

    Raises:
        UnavailableError: It proves nothing; the text says why in a few words, and shows none of
            it.
    """
    if len(token) > LONGEST_TOKEN:
        raise UnavailableError(f"it is longer than {LONGEST_TOKEN:,} characters")
    if _compact(token) is None:
        raise UnavailableError("it is no token in compact form")
    header = _header(token)
    claims = _claims(_proved(token, key_of(header.kid)))
    _refuse_strangers(claims)
    _refuse_times(claims, now_ms)
    return Operator(
        subject=claims.sub,
        fingerprint=header.kid,
        token_id=claims.jti,
        scopes=_scopes(claims.scope),
        expires_ms=claims.exp * 1000,
    )


def _header(token: str) -> _Header:
    segment = token.partition(".")[0]
    try:
        data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        header = msgspec.convert(_decoded(data), _Header)
    except (ValueError, RecursionError):
        raise UnavailableError("its header is not that of such a token") from None
    if header.alg != ALGORITHM:
        raise UnavailableError(f"it is not signed with {ALGORITHM}")
    if header.typ != "JWT" or not is_fingerprint(header.kid):
        raise UnavailableError("its header is not that of such a token")
    return header


def _proved(token: str, key: RSAPublicKey) -> bytes:
    """What was signed; nothing of it is looked at before."""
    try:
        payload: object = PyJWS(algorithms=[ALGORITHM]).decode(token, key, algorithms=[ALGORITHM])
    except PyJWTError:
        raise UnavailableError("its signature is wrong") from None
    assert isinstance(payload, bytes)  # what is not detached comes as bytes
    return payload


def _claims(payload: bytes) -> Claims:
    try:
        found = _decoded(payload)
        if not isinstance(found, dict):
            raise UnavailableError("its claims are no object")
        if missing := [name for name in _REQUIRED if name not in found]:
            raise UnavailableError(f"it lacks {', '.join(missing)}")
        return msgspec.convert(found, Claims)
    except (ValueError, RecursionError):
        raise UnavailableError("its claims are not those of such a token") from None


def _decoded(data: bytes) -> object:
    # The usual parsers let the last of two equal names win, and another program may let the first.
    # Decoded before: they also take UTF-16.
    return json.loads(data.decode(), object_pairs_hook=_without_duplicates, parse_constant=_refused)


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def _refused(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _refuse_strangers(claims: Claims) -> None:
    if claims.iss != ISSUER:
        raise UnavailableError("another program issued it")
    if claims.aud != AUDIENCE:
        raise UnavailableError("it is for another program")
    if is_subject(claims.sub) is None or is_token_id(claims.jti) is None:
        raise UnavailableError("its sub or jti cannot be a name")


def _refuse_times(claims: Claims, now_ms: int) -> None:
    now = now_ms / 1000
    if not now < claims.exp:
        raise UnavailableError("it has expired")
    if not max(claims.nbf, claims.iat) <= now + _LEEWAY_SECONDS:
        raise UnavailableError("it is not valid yet")
    if not (
        claims.exp <= now + _MOST_SECONDS + _LEEWAY_SECONDS
        and claims.exp - claims.iat <= _MOST_SECONDS
    ):
        raise UnavailableError(f"it is valid for more than {MOST_HOURS} hours")


def _scopes(text: str) -> tuple[Scope, ...]:
    try:
        found = {Scope(name) for name in text.split(" ")}
    except ValueError:
        raise UnavailableError("it has a scope that does not exist") from None
    return tuple(scope for scope in Scope if scope in found)
