"""Whether a ledger in SQLite is still in the file that it was opened in.

A file that is removed or replaced stays open: commits go on, into what nobody finds again.
"""

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
        self._path = path
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
        log = Path(f"{self._path}{_LOG}")
        if self._file is None:
            self._file = _identity(self._path)
        else:
            self._compare(self._file, self._path)
        if self._log is None:
            self._log = _identity(log)
        else:
            self._compare(self._log, log)

    def _compare(self, known: _Identity, path: Path) -> None:
        if _identity(path) != known:
            self.is_gone = True
            raise UnavailableError(
                f"{path} was removed or replaced while it was written: what this session recorded"
                " is not there; put it back, and start again"
            )


def _identity(path: Path) -> _Identity:
    # By its name alone: to open and close it would take SQLite's locks from this process.
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
