"""Whether a ledger in SQLite is still in the file that it was opened in.

A file that is removed or replaced stays open: commits go on, into what nobody finds again.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

from botcore_tui.errors import UnavailableError

_Identity = tuple[int, int] | None
_LOG: Final = "-wal"
_UNOPENED: Final[int | None] = getattr(os, "O_PATH", None)
"""Only Linux has it. To close what was opened so takes no lock from this process."""
_OWN_FILES: Final = "/proc/self/fd"


class Whereabouts:
    """Of the file of one writer, and of the log beside it.

    Args:
        path: Of the database; None of one in PostgreSQL, which is never gone.
    """

    def __init__(self, path: Path | None) -> None:
        # As text: an order waits for every look.
        self._path = None if path is None else str(path)
        self._file: _Identity = None
        self._log = _Log(f"{path}{_LOG}")
        self.is_gone = False
        """Whether something else was found there."""

    def before_opening(self) -> None:
        """Look before the file is opened again, which would make one where there is none.

        Raises:
            UnavailableError: It is not there any more, or another is.
        """
        self._log.forget()  # the last connection that was closed has removed it
        if self._path is not None and self._file is not None:
            self._check(self._path, is_there=_identity(self._path) == self._file)

    def after_commit(self) -> None:
        """Look whether what was committed can be found: the first time, remember what is there.

        Raises:
            UnavailableError: It cannot.
        """
        if self._path is None:
            return
        if self._file is None:
            self._file = _identity(self._path)
        else:
            self._check(self._path, is_there=_identity(self._path) == self._file)
        self._check(self._log.path, is_there=self._log.is_there())

    def close(self) -> None:
        """Free everything."""
        self._log.forget()

    def _check(self, path: str, *, is_there: bool) -> None:
        if not is_there:
            self.is_gone = True
            raise UnavailableError(
                f"{path} was removed or replaced while it was written: what this session recorded"
                " is not there; put it back, and start again"
            )


class _Log:
    """The log, which every commit writes.

    Whoever asks Linux for the times of a file makes its next change cost half as much again: that
    has a time of its own then, which goes to the disk as well. What the system calls an open file
    asks for no times, and while that stays as it was, the file is where it was. It may change, or
    not be told, of one that is there nevertheless: of a directory that was moved, and left a link
    in its place. Then the name decides.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._known: _Identity = None
        self._fileno = -1
        self._called = ""

    def is_there(self) -> bool:
        """Whether it is the one that was there at the first look since it was forgotten."""
        if self._known is None:
            self._remember()
            return True
        return self._is_called_the_same() or _identity(self.path) == self._known

    def forget(self) -> None:
        """The next look finds another."""
        self._known, self._called = None, ""
        if self._fileno >= 0:
            os.close(self._fileno)
            self._fileno = -1

    def _remember(self) -> None:
        if _UNOPENED is not None:
            # Not there yet, too many open files, no /proc: what is committed is committed, and
            # trouble with a look would have it written again.
            with contextlib.suppress(OSError):
                self._fileno = os.open(self.path, _UNOPENED | os.O_CLOEXEC)
                self._called = self._name()
        self._known = _identity(self.path)

    def _is_called_the_same(self) -> bool:
        try:
            return bool(self._called) and self._name() == self._called
        except OSError:
            return False

    def _name(self) -> str:
        return os.readlink(f"{_OWN_FILES}/{self._fileno}")  # noqa: PTH115 - an order waits for it


def _identity(path: str) -> _Identity:
    # By its name alone: to open and close it would take SQLite's locks from this process.
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path takes five times as long
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
