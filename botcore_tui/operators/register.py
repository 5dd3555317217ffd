"""Records of tokens: which were issued, and which are revoked; a line each, only ever added to."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from botcore_tui.errors import UnavailableError

_PRIVATE_DIRECTORY: Final = 0o700
_PRIVATE_FILE: Final = 0o600


class Issued(Struct, frozen=True, kw_only=True):
    """A token that was issued here; never the token itself."""

    jti: str
    sub: str
    scopes: tuple[str, ...]
    exp: int
    """Seconds since the epoch, UTC."""
    kid: str
    time_ms: int
    actor: str


class Revoked(Struct, frozen=True, kw_only=True):
    """A token that is refused from now on."""

    jti: str
    reason: str
    actor: str
    time_ms: int


_Record = TypeVar("_Record", Issued, Revoked)


def issued_path(directory: Path) -> Path:
    """Record of the tokens that were issued."""
    return directory / "issued.jsonl"


def revoked_path(directory: Path) -> Path:
    """Record of the tokens that are revoked."""
    return directory / "revoked.jsonl"


def make_directory(directory: Path) -> None:
    """Make a directory that only this user can look into; one that is there is left as it is.

    Raises:
        UnavailableError: It cannot be made.
    """
    try:
        directory.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(f"{directory} cannot be made: {error.strerror}") from error


def append(path: Path, record: Issued | Revoked) -> None:
    """Add a line; it is on the disk when this returns.

    Raises:
        UnavailableError: It cannot be written.
    """
    make_directory(path.parent)
    try:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, _PRIVATE_FILE), "r+b", buffering=0) as file:
            # One write: whoever reads at the same time sees all of the line or none of it. What
            # a crash left of an earlier one must not swallow this one.
            file.write(_missing_end(file.fileno()) + msgspec.json.encode(record) + b"\n")
            os.fsync(file.fileno())
        keep_names(path.parent)
    except OSError as error:
        raise UnavailableError(f"{path} cannot be written: {error.strerror}") from error


def keep_names(directory: Path) -> None:
    """Have the names in a directory survive a power cut.

    Raises:
        OSError: The disk does not take them.
    """
    number = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def records(path: Path, kind: type[_Record]) -> tuple[_Record, ...]:
    """All lines, oldest first; none where there is no file.

    Raises:
        UnavailableError: One of them cannot be read: what it says may matter.
    """
    return tuple(_parsed(path, content(path), kind))


def content(path: Path) -> bytes:
    """What is in a file; empty where there is none.

    Raises:
        UnavailableError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UnavailableError(f"{path} cannot be read: {error.strerror}") from error


def _parsed(path: Path, data: bytes, kind: type[_Record]) -> Iterator[_Record]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=kind)
        except (msgspec.MsgspecError, ValueError):
            raise UnavailableError(f"{path}, line {number}, is damaged; repair it") from None


def _missing_end(fileno: int) -> bytes:
    size = os.fstat(fileno).st_size
    return b"\n" if size and os.pread(fileno, 1, size - 1) != b"\n" else b""
