"""The other processes of a bench: a sender of frames, and a program in a pseudo-terminal."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.figures import FailedError

TESTS = Path(__file__).resolve().parents[1]
_DEADLINE_SECONDS = 120.0
_ESCAPES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[PX^_].*?\x1b\\|.)")

Chunk = tuple[int, bytes]
"""When the terminal got it, monotonic nanoseconds, and what."""


def bench_environment() -> dict[str, str]:
    """Environment in which ``python -m bench.NAME`` works."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    return {**os.environ, "PYTHONPATH": path, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Sender:
    """A running ``bench.sender``."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.url = f"ws://127.0.0.1:{self.line('port')}/public"

    def line(self, word: str) -> int:
        """The number behind the next line that starts with ``word``."""
        assert self._process.stdout is not None
        name, _, number = self._process.stdout.readline().decode().partition(" ")
        assert name == word, f"the sender said {name!r} for {word!r}"
        return int(number)


@contextmanager
def a_sender(source: str, *, part: str = "", rate: float = 0.0) -> Iterator[Sender]:
    """Run a sender; rate 0 is as fast as it is read."""
    command = [sys.executable, "-m", "bench.sender", source, part, str(rate)]
    process = subprocess.Popen(command, env=bench_environment(), stdout=subprocess.PIPE)
    try:
        yield Sender(process)
    finally:
        process.kill()
        process.communicate()


class Program:
    """A program in a pseudo-terminal of its own; what it paints is read by a thread.

    Attributes:
        started_ns: Just before it was started, monotonic.
        chunks: All output so far.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int,
        rows: int,
        environment: Mapping[str, str],
    ) -> None:
        self.chunks: list[Chunk] = []
        self._pipe, pipe_end = os.pipe()
        self._rest = b""
        self._lines: list[str] = []
        self.started_ns = time.monotonic_ns()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.dup2(pipe_end, 3)
            os.execve(command[0], list(command), dict(environment))
        os.close(pipe_end)
        self._reader = threading.Thread(target=self._drain, name="terminal")
        self._reader.start()

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def line(self, seconds: float = _DEADLINE_SECONDS) -> str:
        """The next line that the program writes to its file descriptor 3.

        Raises:
            FailedError: There is none, in that time or because it has ended.
        """
        deadline = time.monotonic() + seconds
        while not self._lines:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._pipe], [], [], left)[0]:
                raise FailedError(f"the program said nothing for {seconds:g} s: {self._tail()}")
            data = os.read(self._pipe, 65536)
            if not data:
                raise FailedError(f"the program has ended: {self._tail()}")
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines += [line.decode() for line in lines]
        return self._lines.pop(0)

    def has_line(self) -> bool:
        """Whether ``line`` would return at once."""
        return bool(self._lines) or bool(select.select([self._pipe], [], [], 0)[0])

    def bytes_between(self, start_ns: int, end_ns: int) -> int:
        """Output that arrived in that time."""
        return sum(len(data) for at_ns, data in self.chunks if start_ns <= at_ns < end_ns)

    def memory_mb(self) -> tuple[float, float]:
        """Resident memory now, and its peak, MiB.

        Raises:
            FailedError: The program has ended.
        """
        text = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        values = dict(line.split(":", 1) for line in text.splitlines())
        if "VmRSS" not in values:
            raise FailedError(f"the program has ended: {self._tail()}")
        return int(values["VmRSS"].split()[0]) / 1024, int(values["VmHWM"].split()[0]) / 1024

    def close(self) -> None:
        """End it and wait for that."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._reader.join()
        os.close(self._master)
        os.close(self._pipe)

    def _drain(self) -> None:
        while True:
            try:
                data = os.read(self._master, 65536)
            except OSError:  # the program has ended: nobody holds the other side
                return
            if not data:
                return
            self.chunks.append((time.monotonic_ns(), data))

    def _tail(self) -> str:
        output = b"".join(data for _, data in self.chunks[-100:])
        return " ".join(without_escapes(output).decode("utf-8", "replace").split())[-500:]


def without_escapes(output: bytes) -> bytes:
    """What was painted, without colours and positions."""
    return _ESCAPES.sub(b" ", output)


@contextmanager
def a_program(
    command: Sequence[str],
    *,
    columns: int,
    rows: int,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """Run a program in a terminal that is read."""
    program = Program(
        command, columns=columns, rows=rows, environment=environment or bench_environment()
    )
    try:
        yield program
    finally:
        program.close()
