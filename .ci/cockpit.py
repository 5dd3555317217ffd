#!/usr/bin/env python3
"""Start the cockpit in a real terminal, see it paint and halt, end it by signal.

``cockpit.py COMMAND [ARGUMENT...]`` fails, with what the terminal received, if any of that takes
too long or the exit code is not 0.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence

_DEADLINE_SECONDS = 60.0
"""For each step, on a machine that is busy with other things."""
_ROWS, _COLUMNS = 48, 160
_F12 = b"\x1b[24~"
_ESCAPES = re.compile(
    rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[PX^_].*?\x1b\\|.)", re.DOTALL
)


class _Terminal:
    """The side of a pseudo-terminal where a person would sit."""

    def __init__(self, command: Sequence[str]) -> None:
        self.received = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execvp(command[0], list(command))  # noqa: S606 - no shell is wanted

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._fd, keys)

    def seen(self, start: int = 0) -> str:
        """What was painted since ``start`` bytes, without colours and positions."""
        return _ESCAPES.sub(b"", self.received[start:]).decode("utf-8", "replace")

    def wait_for(self, words: Sequence[str], *, start: int = 0) -> bool:
        """Read until every word was painted; False if the program ends or the time does."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while not all(word in self.seen(start) for word in words):
            if not self._read(deadline):
                return False
        return True

    def wait_for_end(self) -> int | None:
        """The exit code; None if the program did not end in time, and had to be killed."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while self._read(deadline):
            pass
        if time.monotonic() >= deadline:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            return None
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self, deadline: float) -> bool:
        # What moves on the screen comes for ever: only the clock ends that.
        if time.monotonic() >= deadline:
            return False
        ready, _, _ = select.select([self._fd], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._fd, 65_536)
        except OSError:  # Linux: the other side is closed
            return False
        self.received += data
        return bool(data)


def main(command: Sequence[str]) -> int:
    """Drive the cockpit; 0 if it did what it should."""
    started = time.monotonic()
    terminal = _Terminal(command)
    failure = ""
    if not terminal.wait_for(["HALT", "BTCUSDT"]):
        failure = "it did not paint HALT and BTCUSDT"
    else:
        painted = time.monotonic() - started
        sys.stdout.write(f"painted after {painted:.1f} s\n")
        start = len(terminal.received)
        terminal.send(_F12)
        if not terminal.wait_for(["HALTED"], start=start):
            failure = "F12 did not show HALTED"
        else:
            sys.stdout.write("halted by F12\n")
    os.kill(terminal.pid, signal.SIGTERM)
    code = terminal.wait_for_end()
    if not failure and code != 0:
        failure = f"it ended with {code} after SIGTERM" if code is not None else "it did not end"
    if failure:
        sys.stdout.write(f"{failure}; exit code {code}; the terminal received last:\n")
        sys.stdout.write(f"{terminal.seen()[-4000:]}\n")
        return 1
    sys.stdout.write(f"ended by SIGTERM, {len(terminal.received):,} bytes painted\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
