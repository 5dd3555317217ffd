"""Keys and tokens of operators, good and forged."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from botcore_tui.model.command import Scope
from botcore_tui.operators.keys import fingerprint_of
from botcore_tui.operators.names import public_key_path
from botcore_tui.operators.register import Revoked, append, revoked_path

NOW_MS: Final = 1_790_000_000_000
NOW: Final = NOW_MS // 1000
HOUR: Final = 3600


@cache
def a_key(name: str = "") -> rsa.RSAPrivateKey:
    """A pair; the same name gives the same one."""
    assert name is not None
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    """As it stands in a file."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def private_pem(key: rsa.RSAPrivateKey) -> bytes:
    """As it stands in a file."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def trust(directory: Path, key: rsa.RSAPrivateKey) -> Path:
    """Put a public key where an engine looks for it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = public_key_path(directory, fingerprint_of(key.public_key()))
    path.write_bytes(public_pem(key))
    path.chmod(0o644)
    return path


def revoke(directory: Path, token_id: str) -> None:
    """Have a token refused."""
    append(
        revoked_path(directory), Revoked(jti=token_id, reason="lost", actor="ada", time_ms=NOW_MS)
    )


def header(key: rsa.RSAPrivateKey, **changes: object) -> dict[str, object]:
    """Of a good token; what is changed to None is left out."""
    found = {"alg": "RS256", "kid": fingerprint_of(key.public_key()), "typ": "JWT", **changes}
    return {name: value for name, value in found.items() if value is not None}


def claims(*scopes: Scope, **changes: object) -> dict[str, object]:
    """Of a good token; what is changed to None is left out."""
    found = {
        "iss": "botcore operator",
        "aud": "botcore",
        "sub": "ada",
        "jti": "0123456789abcdef",
        "iat": NOW - HOUR,
        "nbf": NOW - HOUR,
        "exp": NOW + HOUR,
        "scope": " ".join(scopes or tuple(Scope)),
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def a_token(*scopes: Scope, **changes: object) -> str:
    """A good token, but for what is changed in its claims."""
    return signed(header(a_key()), claims(*scopes, **changes), a_key())


def signed(
    head: Mapping[str, object] | bytes, body: Mapping[str, object] | bytes, key: rsa.RSAPrivateKey
) -> str:
    """A token whose RS256 signature is right, whatever it says."""
    text = unsigned(head, body)
    return f"{text}.{segment(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def unsigned(head: Mapping[str, object] | bytes, body: Mapping[str, object] | bytes) -> str:
    """What is signed of a token."""
    return ".".join(
        segment(part if isinstance(part, bytes) else json.dumps(part).encode())
        for part in (head, body)
    )


def segment(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
