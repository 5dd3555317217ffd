"""The embedded exchange as a child process: started, listened to, and never left behind.

It lives as long as this process holds the other end of its standard input: a parent that ends,
however that happens, closes it with everything else, and the exchange ends with it. One that
lingers goes on for a while, so that whoever starts again finds the same account.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec import Struct

from botcore_tui.config.masking import printable
from botcore_tui.exchange.sim.ready import Ready

logger = logging.getLogger(__name__)

_LONGEST_LINE: Final = 65_536
_LONGEST_WORDS: Final = 300
_GRACE_SECONDS: Final = 2.0
"""An exchange that was told to end and did not in this time is killed."""


class ExchangeOptions(Struct, frozen=True, kw_only=True):
    """How an exchange is set up; see ``botcore sim --help``."""

    symbols: tuple[str, ...] = ()
    """Empty for those of the tape."""
    market: str = "synthetic"
    """Or ``tape:`` and a path."""
    seed: int = 0
    balance: str = "5000"
    """USDT."""
    speed: float = 1.0
    faults: tuple[str, ...] = ()
    linger_seconds: float = 0.0
    """How long it waits for the next one to follow it, once its parent was killed."""


def sim_command(options: ExchangeOptions) -> tuple[str, ...]:
    """What is executed for an exchange of this set-up."""
    # -P: a file that happens to lie in the working directory must not stand in for a module.
    words = [sys.executable, "-P", "-m", "botcore_tui", "sim", "--json", "--until-eof"]
    words += ["--market", options.market, "--seed", str(options.seed)]
    words += ["--balance", options.balance, "--speed", f"{options.speed:g}"]
    if options.symbols:
        words += ["--symbols", ",".join(options.symbols)]
    if options.linger_seconds:
        words += ["--linger", f"{options.linger_seconds:g}"]
    for fault in options.faults:
        words += ["--fault", fault]
    return tuple(words)


class EmbeddedExchange:
    """One run of an exchange in a process of its own.

    Args:
        command: What is executed, see ``sim_command``.
        on_change: Called when ``ready`` or ``end`` has changed, in a thread of this object.
        lingers: The end of its standard input is not the end of it.

    Attributes:
        ready: Its addresses and keys; None before it can be asked.
        end: How it ended; empty while it runs.
    """

    def __init__(
        self, command: Sequence[str], on_change: Callable[[], None], *, lingers: bool = False
    ) -> None:
        self.ready: Ready | None = None
        self.end = ""
        self._command = command
        self._on_change = on_change
        self._lingers = lingers
        self._changed = threading.Condition()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopping = False
        self._force: threading.Timer | None = None
        self._said: deque[str] = deque(maxlen=1)
        self._reader = threading.Thread(target=self._listen, name="exchange", daemon=True)
        self._hearer = threading.Thread(target=self._hear, name="exchange-words", daemon=True)

    def start(self) -> None:
        """Start the process, in a few milliseconds; the rest is told by ``on_change``.

        Raises:
            OSError: It cannot be started.
        """
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Its own session: ctrl+c and a hangup of the terminal are for us, not for it.
            start_new_session=True,
            env=_surroundings(),
        )
        self._hearer.start()
        self._reader.start()

    def stop(self) -> None:
        """Let it end, after two seconds by force; returns at once and may be called again."""
        if self._process is None or self._is_stopping:
            return
        self._is_stopping = True
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        if self._lingers:
            self._process.terminate()
        self._force = threading.Timer(_GRACE_SECONDS, self._process.kill)
        self._force.daemon = True
        self._force.start()
        if self.end:  # it ended by itself meanwhile
            self._force.cancel()

    def wait(self, seconds: float) -> bool:
        """Block until it is ready or has ended; False if neither came true in that time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self.ready or self.end), seconds)

    def wait_for_end(self, seconds: float) -> bool:
        """Block until it has ended; False if it has not in that time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self.end), seconds)

    # --- threads ------------------------------------------------------------------------------

    def _listen(self) -> None:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        line = process.stdout.readline(_LONGEST_LINE)
        problem = ""
        try:
            ready = msgspec.json.decode(line, type=Ready)
        except msgspec.MsgspecError as error:
            process.kill()
            if line:
                problem = f"its first line is not what an exchange says when it is ready: {error}"
        else:
            self._tell(ready, "")
        _drain(process.stdout)
        self._finish(process, problem)

    def _finish(self, process: subprocess.Popen[bytes], problem: str) -> None:
        code = process.wait()
        self._hearer.join()
        if self._force is not None:
            self._force.cancel()
        assert process.stdin is not None
        with contextlib.suppress(OSError):
            process.stdin.close()
        last_words = "".join(f": {words}" for words in self._said)
        how = "stopped" if self._is_stopping else problem or f"{_how(code)}{last_words}"
        self._tell(self.ready, how)

    def _hear(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        with self._process.stderr as stderr:
            while line := stderr.readline(_LONGEST_LINE):
                words = printable(line.decode(errors="replace").strip())[:_LONGEST_WORDS]
                if words:
                    self._said.append(words.removeprefix("botcore: "))
                    logger.info("embedded exchange: %s", words)

    def _tell(self, ready: Ready | None, end: str) -> None:
        with self._changed:
            self.ready, self.end = ready, end
            self._changed.notify_all()
        self._on_change()


def _surroundings() -> dict[str, str]:
    # What it must know stands in its command; neither our settings nor any key is its business.
    kept = {name: text for name, text in os.environ.items() if not name.startswith("BOTCORE_")}
    # The same modules as here, in the same order, however and wherever this process was started.
    kept["PYTHONPATH"] = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    return kept


def _drain(stream: IO[bytes]) -> None:
    with stream:
        while stream.read(_LONGEST_LINE):
            pass


def _how(code: int) -> str:
    if code >= 0:
        return f"left with exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal has no name
        return f"killed by signal {-code}"
