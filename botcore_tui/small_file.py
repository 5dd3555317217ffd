"""Reads and writes small files where anybody may have put anything, and waits for nobody."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

Identity = tuple[int, int, int]
"""Of a file at its place: another one there is another file."""
_NAMES: Final = 100


def identity_of(path: Path) -> Identity:
    """Which file is there.

    Raises:
        OSError: None, or it cannot be looked at.
    """
    status = path.stat()
    return (status.st_dev, status.st_ino, status.st_mtime_ns)


def regular(path: str, flags: int) -> int:
    """Open a file, and nothing else; an opener for ``open``.

    A named pipe would keep whoever opens it waiting for the other end, and with it the engine.

    Raises:
        OSError: It cannot be opened, or is no file.
    """
    descriptor = os.open(path, flags | os.O_NONBLOCK, 0o600)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "it is no file", path)


def beginning_of(path: Path, size: int) -> bytes:
    """The first bytes of a file.

    Args:
        path: Of the file.
        size: The most that is read.

    Raises:
        OSError: It cannot be read, or is no file.
    """
    with open(path, "rb", opener=regular) as file:
        return file.read(size)


def changed_ms(path: Path) -> int:
    """When what stands at a place was written last, UTC milliseconds; 0 where nobody may look."""
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return 0


def begun_beside(path: Path) -> tuple[int, Path]:
    """A new file that is to take the place of another: its descriptor, and where it is.

    Its name was nobody's: what a program that was killed has left behind is not written to, nor
    is a directory, a named pipe, or a file of another user in the way.

    Args:
        path: Whose place it is to take.

    Raises:
        OSError: None can be begun.
    """
    number = 0
    while True:
        beside = path.with_name(f".{path.name}.{os.getpid()}-{number}.new")
        try:
            return os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), beside
        except FileExistsError:
            number += 1
            if number == _NAMES:
                raise


def replace_content(path: Path, content: bytes) -> None:
    """Have a file hold this and nothing else, for good when this returns; never half of it.

    Args:
        path: Its directory is there.
        content: Replaces whatever is there.

    Raises:
        OSError: It cannot be written; what was there stays.
    """
    descriptor, temporary = begun_beside(path)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except OSError:
        temporary.unlink()
        raise
