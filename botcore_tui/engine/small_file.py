"""Reads small files that anybody may have put in their place, without waiting for anybody."""

import errno
import os
import stat
from pathlib import Path


def beginning_of(path: Path, size: int) -> bytes:
    """The first bytes of a file.

    A named pipe would keep whoever opens it waiting for the other end, and with it the engine.

    Args:
        path: Of the file.
        size: The most that is read.

    Raises:
        OSError: It cannot be read, or is no file.
    """
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file", str(path))
        return file.read(size)


def changed_ms(path: Path) -> int:
    """When what stands at a place was written last, UTC milliseconds; 0 where nobody may look."""
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return 0


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
