"""Public keys that tokens are proved by; the private ones are none of the engine's business."""

import hashlib
import os
import stat
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from botcore_tui.errors import UnavailableError
from botcore_tui.operators.names import public_key_path

KEY_BITS: Final = 3072
"""NIST SP 800-57 part 1: 128 bits of security, good beyond 2030."""
_MOST_BITS: Final = 8192
"""A bigger key would only be there to keep the engine busy."""
_LARGEST_FILE: Final = 16_384
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def fingerprint_of(key: RSAPublicKey) -> str:
    """Name of a key: 16 hexadecimal digits of the SHA-256 of its DER form."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(der).hexdigest()[:16]


def read_public_key(path: Path) -> RSAPublicKey:
    """The trusted key in a file that is named after it.

    Raises:
        UnavailableError: It is not there, others can write it, or it is no such key.
    """
    if any_can_write(path.parent):
        raise UnavailableError(f"others can write {path.parent}; chmod go-w {path.parent}")
    try:
        with path.open("rb") as file:
            if is_writable_by_others(os.fstat(file.fileno())):
                raise UnavailableError(f"others can write {path}; chmod go-w {path}")
            data = file.read(_LARGEST_FILE)
    except FileNotFoundError:
        raise UnavailableError(f"its key is not trusted here: {path} is not there") from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error
    return _parsed(path, data)


def _parsed(path: Path, data: bytes) -> RSAPublicKey:
    try:
        key = serialization.load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnavailableError(f"{path} is no public key in PEM form") from None
    if not isinstance(key, RSAPublicKey) or not KEY_BITS <= key.key_size <= _MOST_BITS:
        raise UnavailableError(f"{path} is no RSA key of {KEY_BITS} to {_MOST_BITS} bits")
    # A key under the name of another one would speak in its name.
    if path != public_key_path(path.parent, fingerprint_of(key)):
        raise UnavailableError(f"{path} holds the key {fingerprint_of(key)}, not the one it says")
    return key


def any_can_write(path: Path) -> bool:
    """Whether users beside this one, and root, can write there; not if it is not there."""
    try:
        return is_writable_by_others(path.stat())
    except FileNotFoundError:
        return False
    except OSError:
        return True


def is_writable_by_others(found: os.stat_result) -> bool:
    """Whether users beside this one, and root, can write it."""
    return bool(found.st_mode & _WRITABLE_BY_OTHERS) or found.st_uid not in {0, os.getuid()}
