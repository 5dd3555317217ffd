"""One program at a time changes the files of a directory, as far as nobody waits long for that."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_TRIES: Final = 25
_PAUSE_SECONDS: Final = 0.002
"""What is done inside takes less; a program that was stopped in the middle takes for ever."""


@contextmanager
def one_at_a_time(directory: Path) -> Iterator[None]:
    """Keep other programs from what they read there and then write; other threads, too.

    It is the directory itself that is locked: no file is left behind, and none can be in the way.
    Who does not get the lock within some 50 ms, or where there are no locks, goes on without it:
    a halt is written whatever another program does.

    Args:
        directory: May be missing.
    """
    descriptor = -1
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        _lock(descriptor)
    try:
        yield
    finally:
        if descriptor >= 0:
            os.close(descriptor)  # which ends the lock


def _lock(descriptor: int) -> None:
    pause = threading.Event()
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        pause.wait(_PAUSE_SECONDS)
