"""A program in a pseudo-terminal that the test reads, stalls, types at and hangs up."""

import os
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from fcntl import ioctl
from pathlib import Path
from struct import pack
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
DEADLINE_SECONDS = 20.0

F12 = b"\x1b[24~"
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"


class Terminal:
    """One program, its terminal and the pipe on which it tells what happens."""

    def __init__(
        self, log_path: Path, *, policy: str = "continue", columns: int = 80, leave: float = 10
    ) -> None:
        self.log_path = log_path
        self.output = bytearray()
        self.lines: list[str] = []
        self._rest = b""
        self.master, self.slave = os.openpty()
        self.resize(columns, 24)
        self.before = termios.tcgetattr(self.slave)
        self._pipe, pipe_end = os.pipe()
        self.process = subprocess.Popen(
            [
                sys.executable,
                str(ROOT / "tests/pty_app.py"),
                *(str(pipe_end), str(log_path), policy, str(leave)),
            ],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            pass_fds=[pipe_end],
            start_new_session=True,
            env={
                **{key: text for key, text in os.environ.items() if key.startswith("COVERAGE")},
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
            },
        )
        os.close(pipe_end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        for fileno in (self.master, self.slave, self._pipe):
            if fileno >= 0:
                os.close(fileno)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the kernel sends SIGWINCH."""
        ioctl(self.slave, termios.TIOCSWINSZ, pack("HHHH", rows, columns, 0, 0))

    def send(self, data: bytes) -> None:
        """Type."""
        os.write(self.master, data)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal window."""
        os.close(self.master)
        self.master = -1

    def wait_for(self, start: str, *, reading: bool = True) -> str:
        """Read until the program tells a line that starts so, and take all lines up to it.

        Args:
            start: Of the line.
            reading: False leaves the terminal stalled.
        """
        return self.wait_until(lambda line: line.startswith(start), start, reading=reading)

    def wait_until(
        self, is_wanted: Callable[[str], bool], name: str, *, reading: bool = True
    ) -> str:
        """Read until a line is wanted, and take all lines up to it."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            while self.lines:
                line = self.lines.pop(0)
                if is_wanted(line):
                    return line
            assert time.monotonic() < deadline, f"no {name!r}: {self.log()} {self.tail()!r}"
            self._pump(reading=reading)

    def wait_for_output(self, text: bytes, *, start: int = 0) -> None:
        """Read until the program has written this, at or after an offset of ``output``."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while text not in self.output[start:]:
            assert time.monotonic() < deadline, f"no {text!r}: {self.log()} {self.tail()!r}"
            self._pump(reading=True)

    def wait_for_log(self, text: str) -> None:
        """Read until the log file holds this."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while text not in self.log():
            assert time.monotonic() < deadline, f"no {text!r}: {self.log()} {self.tail()!r}"
            self._pump(reading=True)

    def wait_for_exit(self, *, reading: bool = True) -> int:
        """Read until the program has ended; its exit code."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"no end: {self.log()} {self.tail()!r}"
            self._pump(reading=reading)
        while self._pump(reading=True):
            pass
        return self.process.returncode

    def skip_lines(self) -> None:
        """Forget what was told so far."""
        self._pump(reading=False)
        self.lines.clear()

    def log(self) -> str:
        """The program's log file."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def tail(self) -> bytes:
        """The last of the output."""
        return bytes(self.output[-500:])

    def cpu_seconds(self) -> float:
        """Processor time of the program so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def thread_count(self) -> int:
        """Threads of the program now."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def _pump(self, *, reading: bool) -> bool:
        sources = [self._pipe] if self._pipe >= 0 else []
        if reading and self.master >= 0:
            sources.append(self.master)
        ready = select.select(sources, [], [], 0.05)[0]
        if self.master in ready:
            self.output += os.read(self.master, 65536)
        if self._pipe in ready:
            data = os.read(self._pipe, 65536)
            if not data:
                os.close(self._pipe)
                self._pipe = -1
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.lines += [line.decode() for line in lines]
        return bool(ready)


def assert_is_restored(terminal: Terminal) -> None:
    """Check that an ended program gave the terminal back as it was."""
    assert termios.tcgetattr(terminal.slave) == terminal.before
    end = terminal.output[terminal.output.rindex(b"\x1b[?1049") :]
    assert end.startswith(LEAVES_ALTERNATE_SCREEN)
    assert SHOWS_CURSOR in end
    for mode in (b"1000", b"1003", b"1006", b"1016", b"2004", b"2026"):
        last = terminal.output.rindex(b"\x1b[?" + mode)
        assert terminal.output[last + 3 + len(mode) :][:1] == b"l", mode
