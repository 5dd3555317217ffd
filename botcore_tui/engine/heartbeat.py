"""Shows other programs that the engine turns: by the age of a file, or by a call (R54).

The engine's loop only notes the time. A thread of its own writes and calls, and only while that
time is fresh: a loop that hangs is not vouched for by a thread that does not.
"""

import logging
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.engine.errand import run_errand

logger = logging.getLogger(__name__)

_BEAT_SECONDS: Final = 1.0
_FRESH_NS: Final = 5_000_000_000
"""An engine that was silent for longer is not vouched for."""
_FIRST_SECONDS: Final = 2.0
"""By then an engine that was just started has turned."""


class HeartbeatTerms(Struct, frozen=True):
    """How it is shown."""

    file: Path | None
    command: tuple[str, ...]
    every_seconds: float
    timeout_seconds: float
    """Of the command."""

    @property
    def is_wanted(self) -> bool:
        """Whether anybody looks."""
        return self.file is not None or bool(self.command)


class Heartbeat:
    """Of whichever engine runs.

    Args:
        terms: See there.
        clock: Stamps and waits.

    Attributes:
        environment: That is told in the file.
    """

    def __init__(self, terms: HeartbeatTerms, clock: Clock) -> None:
        self.environment = ""
        self._terms = terms
        self._clock = clock
        self._beat_ns = 0
        self._trouble = ""
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    async def beat(self) -> None:
        """Note that the loop turns, for ever; to be served by the engine."""
        while True:
            self._beat_ns = self._clock.monotonic_ns()
            await self._clock.sleep(_BEAT_SECONDS)

    def start(self) -> None:
        """Begin to show it; after signals are blocked, not before."""
        self._thread.start()

    def finish(self) -> None:
        """Show it no more: that the program left is for the others to see."""
        self._ending.set()

    def show(self) -> None:
        """Write and call once, if the engine turns; what fails is told once until it is well."""
        if self._clock.monotonic_ns() - self._beat_ns > _FRESH_NS:
            self._tell("the engine does not turn: its heartbeat is held back")
            return
        troubles = [trouble for trouble in (self._write(), self._call()) if trouble]
        self._tell("; ".join(troubles))

    def _write(self) -> str:
        path = self._terms.file
        if path is None:
            return ""
        now = datetime.fromtimestamp(self._clock.now_ms() // 1000, UTC)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(f"{now:%Y-%m-%dT%H:%M:%SZ} {self.environment} pid {os.getpid()}\n")
            temporary.replace(path)
        except OSError as error:
            return f"heartbeat file {path} cannot be written ({error.strerror})"
        return ""

    def _call(self) -> str:
        if not self._terms.command:
            return ""
        outcome = run_errand(self._terms.command, "", self._terms.timeout_seconds)
        return f"heartbeat command failed: {outcome.trouble}" if outcome.trouble else ""

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            logger.error("%s", trouble)
        self._trouble = trouble

    def _run(self) -> None:
        if self._ending.wait(min(_FIRST_SECONDS, self._terms.every_seconds)):
            return
        self.show()
        while not self._ending.wait(self._terms.every_seconds):
            self.show()
