"""The private key of an operator: made, read and used here, and nowhere else.

It signs tokens on the machine of whoever hands them out; an engine never needs it.
"""

import os
import stat
from pathlib import Path
from typing import Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec import structs

from botcore_tui.errors import UnavailableError
from botcore_tui.operators.keys import KEY_BITS, any_can_write, fingerprint_of
from botcore_tui.operators.names import public_key_path
from botcore_tui.operators.register import keep_names, make_directory
from botcore_tui.operators.token import ALGORITHM, Claims

_LARGEST_FILE: Final = 16_384
_PRIVATE_FILE: Final = 0o600
_PUBLIC_FILE: Final = 0o644
_OF_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def private_key_path(config_dir: Path) -> Path:
    """Where it is kept unless told otherwise; nothing else is in that directory."""
    return config_dir / "operator" / "private.pem"


def make_keys(private: Path, directory: Path, *, replaces: bool) -> tuple[str, str]:
    """Make a pair: the private half for this user only, the public one to be trusted.

    Args:
        private: File of the private key.
        directory: Of the public keys that an engine trusts.
        replaces: Also where there is a pair already; the old public key is trusted no more.

    Returns:
        Fingerprints of the new key, and of the one that it replaces, empty if there is none.

    Raises:
        UnavailableError: There is a key already, or a file cannot be written.
    """
    if private.exists() and not replaces:
        raise UnavailableError(
            f"{private} is there already; --force makes a new key in its place, and every token"
            " of the old one is refused from then on"
        )
    replaced = _fingerprint_of_replaced(private)
    make_directory(private.parent)
    make_directory(directory)
    if any_can_write(private.parent):
        raise UnavailableError(f"others can write {private.parent}; chmod go-w {private.parent}")
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    fingerprint = fingerprint_of(key.public_key())
    try:
        # A public key without its private half harms nobody, the other way round loses tokens.
        _write(public_key_path(directory, fingerprint), _public_pem(key), _PUBLIC_FILE)
        _write(private, _private_pem(key), _PRIVATE_FILE)
        if replaced:
            public_key_path(directory, replaced).unlink(missing_ok=True)
            keep_names(directory)
    except OSError as error:
        raise UnavailableError(
            f"{error.filename or private} cannot be written: {error.strerror}"
        ) from error
    return fingerprint, replaced


def read_private_key(path: Path) -> rsa.RSAPrivateKey:
    """The key that tokens are signed with.

    Raises:
        UnavailableError: It is not there, others can read it, or it is no such key; the text
            shows none of it.
    """
    data = _content(path)
    try:
        key = serialization.load_pem_private_key(data, None)
    except TypeError:
        raise UnavailableError(f"{path} has a pass phrase; export it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UnavailableError(f"{path} is no private key in PEM form") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < KEY_BITS:
        raise UnavailableError(f"{path} is no RSA key of {KEY_BITS} bits or more")
    return key


def signed(claims: Claims, key: rsa.RSAPrivateKey) -> str:
    """The token that says so."""
    return jwt.encode(
        structs.asdict(claims),
        key,
        algorithm=ALGORITHM,
        headers={"kid": fingerprint_of(key.public_key())},
    )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # Of the open file: what stands under its name may change at any moment.
            found = os.fstat(file.fileno())
            if found.st_mode & _OF_OTHERS or found.st_uid not in {0, os.getuid()}:
                raise UnavailableError(f"others can read {path}; chmod 600 {path}, or make a new")
            return file.read(_LARGEST_FILE)
    except FileNotFoundError:
        raise UnavailableError(
            f"there is no {path}; make it with botcore operator keygen"
        ) from None
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error


def _fingerprint_of_replaced(private: Path) -> str:
    try:
        return fingerprint_of(read_private_key(private).public_key())
    except UnavailableError:
        return ""


def _write(path: Path, data: bytes, mode: int) -> None:
    # Beside it, then in its place: a crash leaves the old one or the new one, never half of one.
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(fresh, flags, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        keep_names(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
