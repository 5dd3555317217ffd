"""Unix sockets: a way in that only one user can use, and who stands before it."""

import os
import pwd
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.errors import UnavailableError

_LONGEST_PATH: Final = 103
"""Bytes that fit into a socket's address on every system that we know."""
_OPEN_FILES: Final = Path("/proc/self/fd")
_UCRED: Final = struct.Struct("3i")


class Peer(Struct, frozen=True):
    """Who is at the other end of a connection."""

    pid: int
    uid: int

    def __str__(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:  # no such user in this container
            return f"uid {self.uid}"


def peer_of(connection: socket.socket) -> Peer | None:
    """Who is at the other end; None where the system does not tell."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    with socket.fromfd(connection.fileno(), socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    pid, uid, _ = _UCRED.unpack(raw)
    return Peer(pid, uid)


def bound(path: Path) -> socket.socket:
    """A listening socket; only this user can connect to it.

    Raises:
        UnavailableError: Another engine serves there, or something else stands there.
        OSError: It cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _address(path) as address:
            listener.bind(address)
        # Nobody can connect before it listens.
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
        listener.listen()
        listener.setblocking(False)  # noqa: FBT003 - positional by its nature
    except (OSError, UnavailableError):
        listener.close()
        raise
    return listener


def connected(path: Path, seconds: float) -> socket.socket:
    """A connection to whoever serves there.

    Args:
        path: Of the socket.
        seconds: Longest wait, of each later reading and writing too.

    Raises:
        OSError: Nobody does.
        UnavailableError: The path does not fit.
    """
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        client.settimeout(seconds)
        with _address(path) as address:
            client.connect(address)
    except (OSError, UnavailableError):
        client.close()
        raise
    return client


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise UnavailableError(f"{path} is there and is no socket; move it away")
    try:
        connected(path, 1.0).close()
    except OSError:
        path.unlink(missing_ok=True)
    else:
        raise UnavailableError(f"another engine serves {path}")


@contextmanager
def _address(path: Path) -> Iterator[str]:
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    # The kernel takes a short name for a long one: that of the directory as an open file.
    if not _OPEN_FILES.is_dir():
        raise UnavailableError(f"{path} is too long for a socket; use a shorter --state-dir")
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"{_OPEN_FILES}/{directory}/{path.name}"
    finally:
        os.close(directory)
