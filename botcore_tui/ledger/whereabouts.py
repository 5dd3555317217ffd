"""Whether a ledger in SQLite is still in the file that it was opened in.

A file that is removed or replaced stays open: commits go on, into what nobody finds again.
"""

import os
from pathlib import Path
from typing import Final

from botcore_tui.errors import UnavailableError

_Identity = tuple[int, int] | None
_LOG: Final = "-wal"


class Whereabouts:
    """Of the file of one writer, and of the log beside it.

    Args:
        path: Of the database; None of one in PostgreSQL, which is never gone.
    """

    def __init__(self, path: Path | None) -> None:
        # As text: an order waits for every look.
        self._path = None if path is None else str(path)
        self._log_path = f"{path}{_LOG}"
        self._file: _Identity = None
        self._log: _Identity = None
        self.is_gone = False
        """Whether something else was found there."""

    def before_opening(self) -> None:
        """Look before the file is opened again, which would make one where there is none.

        Raises:
            UnavailableError: It is not there any more, or another is.
        """
        self._log = None  # the last connection that was closed has removed it
        if self._path is not None and self._file is not None:
            self._compare(self._file, self._path)

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
            self._compare(self._file, self._path)
        if self._log is None:
            self._log = _identity(self._log_path)
        else:
            self._compare(self._log, self._log_path)

    def _compare(self, known: _Identity, path: str) -> None:
        if _identity(path) != known:
            self.is_gone = True
            raise UnavailableError(
                f"{path} was removed or replaced while it was written: what this session recorded"
                " is not there; put it back, and start again"
            )


def _identity(path: str) -> _Identity:
    # By its name alone: to open and close it would take SQLite's locks from this process.
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path takes five times as long
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
