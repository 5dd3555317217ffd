"""Claims on what two running programs must not share: a log file, a live environment."""

import fcntl
import os
from pathlib import Path
from typing import Self

from botcore_tui.errors import UnavailableError


class Claim:
    """A claim that is held; it ends with ``release``, and at the latest with the process.

    Attributes:
        path: The file that marks it.
    """

    def __init__(self, path: Path, fileno: int) -> None:
        self.path = path
        self._fileno = fileno

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """Claim, or None where another process holds it.

        Args:
            path: File that marks the claim; holds the number of the process. It stays behind
                afterwards, since removing it would let two processes claim two files of one name.

        Raises:
            UnavailableError: The file cannot be made or written.
        """
        fileno = -1
        try:
            fileno = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            # The system drops it when the process ends, however that happens.
            fcntl.flock(fileno, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fileno, os.write(fileno, f"{os.getpid()}\n".encode()))
        except BlockingIOError:
            os.close(fileno)
            return None
        except OSError as error:
            if fileno >= 0:
                os.close(fileno)
            raise UnavailableError(
                f"state directory: {path} cannot be written ({error.strerror}); "
                "make room, or name another with --state-dir"
            ) from error
        return cls(path, fileno)

    def release(self) -> None:
        """Let others claim it; may be called again."""
        if self._fileno >= 0:
            os.close(self._fileno)
            self._fileno = -1


def holder(path: Path) -> str:
    """Number of the process that holds a claim, as text; "unknown" if it does not say."""
    try:
        text = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    return text if text.isdigit() else "unknown"
