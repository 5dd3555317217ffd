"""How long a tape lasts, found out beside its replay."""

import threading
from pathlib import Path

from botcore_tui.engine.tape import measure
from botcore_tui.errors import TapeError


class TapeLength:
    """Duration of a tape, measured in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: float | None = None
        threading.Thread(target=self._measure, name="tape-length", daemon=True).start()

    def seconds(self) -> float | None:
        """Seconds from the first frame to the last; None until, or unless, that is known."""
        return self._seconds

    def _measure(self) -> None:
        try:
            extent = measure(self._path)
        except TapeError:
            return  # the replay itself tells, with the line
        self._seconds = extent.seconds() if extent is not None else None
