"""``botcore doctor`` for the cockpit: in a process of its own, so that no engine waits for it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from botcore_tui.cli.doctor_terms import Finding, Told
from botcore_tui.cli.parser import Arguments
from botcore_tui.config import KEYS, Environment
from botcore_tui.config.masking import printable
from botcore_tui.errors import UnavailableError

_SECONDS: Final = 180.0
"""Longest look: every question to the venue has a bound of its own, below this one in all."""
_TERMINAL: Final = "terminal"
_LONGEST_WORDS: Final = 300


class CockpitDoctor:
    """Runs the command with the configuration that the cockpit was started with.

    Args:
        arguments: Of this start.
        environment: That is shown now; None: the one that was started.
        cores: That the program may use; its threads share them out among themselves.
        command: What is executed; replaced in tests.
    """

    def __init__(
        self,
        arguments: Arguments,
        environment: Environment | None = None,
        *,
        cores: frozenset[int] = frozenset(),
        command: Sequence[str] = (sys.executable, "-m", "botcore_tui"),
    ) -> None:
        self._words = [*command, *_words(arguments, environment)]
        self._env = _surroundings(is_trading=arguments.enable_trading)
        self._cores = cores
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def look(self) -> Sequence[Finding]:
        """All findings; blocks for seconds.

        Raises:
            UnavailableError: There are none, and why.
        """
        try:
            with _on(self._cores):
                process = subprocess.Popen(  # noqa: S603 - our own program
                    self._words,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                    env=self._env,
                )
        except OSError as error:
            raise UnavailableError(f"botcore doctor cannot be started: {error.strerror}") from error
        with self._lock:
            self._process = process
        try:
            out, words = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise UnavailableError(f"botcore doctor did not end within {_SECONDS:g} s") from None
        return _findings(out, words, process.returncode)

    def stop(self) -> None:
        """End a look that nobody waits for any more; any thread."""
        with self._lock:
            if self._process is not None:
                self._process.kill()  # nothing if it has ended


def doctors(arguments: Arguments, started: Environment) -> Callable[[Environment], CockpitDoctor]:
    """Makes one for each environment that is shown; call it before threads get cores of their own.

    Args:
        arguments: Of this start.
        started: What that began with.
    """
    cores = _cores()

    def doctor(environment: Environment) -> CockpitDoctor:
        switched = None if environment is started else environment
        return CockpitDoctor(arguments, switched, cores=cores)

    return doctor


def _findings(out: bytes, words: bytes, code: int) -> Sequence[Finding]:
    try:
        told = msgspec.json.decode(out, type=Told)
    except msgspec.MsgspecError as error:
        said = printable(" ".join(words.decode(errors="replace").split()))[-_LONGEST_WORDS:]
        how = f"exit code {code}{f': {said}' if said else ''}"
        raise UnavailableError(f"botcore doctor told nothing: {how}") from error
    # It has none; the one that matters is the one in which this is read.
    return [finding for finding in told.findings if finding.name != _TERMINAL]


def _words(arguments: Arguments, environment: Environment | None) -> list[str]:
    """The flags of this start that a doctor takes, as they were typed."""
    words = ["doctor", "--json"]
    for flag, path in (("--config", arguments.config), ("--state-dir", arguments.state_dir)):
        if path is not None:
            words += [flag, str(path.absolute())]
    for flag, text in (
        ("--environment", environment or arguments.environment),
        ("--symbols", arguments.symbols),
        # Of demo alone: elsewhere they would be refused.
        ("--market", arguments.market if environment is None else None),
        ("--seed", arguments.seed if environment is None else None),
    ):
        if text is not None:
            words += [flag, str(text)]
    return words


def _surroundings(*, is_trading: bool) -> dict[str, str]:
    # The same modules as here, however and wherever this process was started.
    path = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    told = {KEYS["trading.enabled"].variable: "true"} if is_trading else {}
    return {**os.environ, **told, "PYTHONPATH": path}


def _cores() -> frozenset[int]:
    return frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset()


@contextmanager
def _on(cores: frozenset[int]) -> Iterator[None]:
    """A child inherits the cores of the thread that starts it, which are the screen's only."""
    before = _cores()
    if not cores or cores == before:
        yield
        return
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
