"""The real program, run as a user runs it: in a home of its own, with or without a terminal."""

import os
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from struct import pack
from types import TracebackType
from typing import Final, Self

import pyte

from botcore_tui.cli.first_start import Acknowledgements

ROOT: Final = Path(__file__).resolve().parents[1]
DEADLINE_SECONDS: Final = 30.0
"""Never waited for in a passing test."""

F7, F9, F12 = b"\x1b[18~", b"\x1b[20~", b"\x1b[24~"
CTRL_Q, ENTER, DOWN = b"\x11", b"\r", b"\x1b[B"


def surroundings(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables of a user who has set nothing, but for ``more``.

    A machine that has too much to do is what no test is about, unless it says so.
    """
    return {
        **{key: text for key, text in os.environ.items() if key.startswith("COVERAGE")},
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHONWARNINGS": "error",
        "BOTCORE__BREAKER__STANDSTILL_SECONDS": "8",
        **(more or {}),
    }


def acknowledge(arguments: Sequence[object], home: Path) -> None:
    """Have the limits been read in the state directory of these arguments."""
    words = [*map(str, arguments)]
    state = home / ".local" / "state" / "botcore"
    if "--state-dir" in words:
        state = Path(words[words.index("--state-dir") + 1])
    Acknowledgements(state).keep("tester", "demo")


def command(*arguments: object) -> list[str]:
    """What is executed for these arguments."""
    return [sys.executable, "-m", "botcore_tui", *map(str, arguments)]


def botcore(
    *arguments: object, home: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run to the end without a terminal."""
    return subprocess.run(
        command(*arguments),
        check=False,
        env=surroundings(home, env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        cwd=home,
    )


class Program:
    """The program in the background, without a terminal; its log lines are read as they come."""

    def __init__(
        self, *arguments: object, home: Path, env: Mapping[str, str] | None = None
    ) -> None:
        self.process = subprocess.Popen(
            command(*arguments),
            env=surroundings(home, env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=home,
        )
        self.told = ""

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
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait_for(self, text: str) -> None:
        """Read standard error until this was told."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        assert self.process.stderr is not None
        while text not in self.told:
            assert time.monotonic() < deadline, f"{text!r} was not told: {self.told}"
            if select.select([self.process.stderr], [], [], 0.05)[0]:
                data = os.read(self.process.stderr.fileno(), 65_536)
                assert data, f"it ended without {text!r}: {self.told}"
                self.told += data.decode()

    def forget(self) -> None:
        """Let ``wait_for`` wait for what is told from now on."""
        self.told = ""

    def wait_for_exit(self) -> int:
        """Read the rest; the exit code."""
        assert self.process.stderr is not None
        _, rest = self.process.communicate(timeout=DEADLINE_SECONDS)
        self.told += rest.decode()
        return self.process.returncode


class Screen:
    """The program in a pseudo-terminal, with an emulator that keeps what a person would see."""

    def __init__(
        self,
        *arguments: object,
        home: Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (100, 30),
        is_first_start: bool = False,
    ) -> None:
        columns, rows = size
        if not is_first_start:
            acknowledge(arguments, home)
        self.output = bytearray()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.master, self.slave = os.openpty()
        ioctl(self.slave, termios.TIOCSWINSZ, pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _IN_TERMINAL, *map(str, arguments)],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            # Each frame costs the emulator as much as the program.
            env=surroundings(home, {"BOTCORE__UI__FRAMES_PER_SECOND": "4", **(env or {})}),
            cwd=home,
        )

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
        for fileno in (self.master, self.slave):
            os.close(fileno)

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(self._screen.display)

    def send(self, data: bytes) -> None:
        """Type."""
        os.write(self.master, data)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def wait_for(self, *texts: str) -> None:
        """Read until all of them are on the screen."""
        self.until(lambda screen: all(text in screen for text in texts), ", ".join(texts))

    def until(self, claim: Callable[[str], object], what: str) -> None:
        """Read until the claim is true of the screen."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not claim(self.text):
            assert time.monotonic() < deadline, f"not seen: {what}\n{self.text}"
            assert self.process.poll() is None, f"it ended without {what}\n{self.text}"
            # Putting the text together costs more than reading: after each frame, not in it.
            while not self.pump() and time.monotonic() < deadline and self.process.poll() is None:
                pass
            while self.pump():
                pass

    def wait_for_exit(self) -> int:
        """Read until the program has ended; its exit code."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"no end\n{self.text}"
            self.pump()
        while self.pump():
            pass
        return self.process.returncode

    def confirm(self, word: str, label: str) -> None:
        """Answer a dialog with its word; it takes one only a second after it appeared.

        Args:
            word: To be typed.
            label: Of the button.
        """
        before = self._look_of(label)
        self.send(word.encode())
        # Only its colours tell when a button can be pressed, or has the focus.
        self.until(lambda _: self._look_of(label) != before, f"the button {label} to be enabled")
        self.send(ENTER)

    def press(self, label: str) -> None:
        """Move down to a button of a dialog and press it."""
        before = self._look_of(label)

        def has_focus(_: str) -> bool:
            if self._look_of(label) == before:
                self.send(DOWN)
                return False
            return True

        self.until(has_focus, f"the focus on {label}")
        self.send(ENTER)

    def _look_of(self, label: str) -> tuple[str, str, bool]:
        """Colours of the last place where this stands."""
        rows = self._screen.display
        row = max(number for number, line in enumerate(rows) if label in line)
        cell = self._screen.buffer[row][rows[row].rindex(label)]
        return cell.fg, cell.bg, cell.reverse

    def assert_is_restored(self) -> None:
        """Check that the ended program gave the terminal back as it was."""
        assert termios.tcgetattr(self.slave) == self.before
        assert self.output.rindex(b"\x1b[?1049l") > self.output.rindex(b"\x1b[?1049h")
        assert self.output.rindex(b"\x1b[?25h") > self.output.rindex(b"\x1b[?25l")

    def pump(self) -> bool:
        """Read what there is; False if there was nothing for a moment."""
        if not select.select([self.master], [], [], 0.02)[0]:
            return False
        data = os.read(self.master, 65_536)
        self.output += data
        self._stream.feed(data)
        return True


_IN_TERMINAL: Final = """
import fcntl, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.alarm(120)  # a test that fails leaves nothing behind
from botcore_tui.__main__ import main
main()
"""


def wait_for_bytes(directory: Path, least: int) -> None:
    """Return when a recording has become so large."""
    deadline, pause = time.monotonic() + DEADLINE_SECONDS, threading.Event()
    while sum(path.stat().st_size for path in directory.glob("demo.*")) < least:
        assert time.monotonic() < deadline, "nothing is recorded"
        pause.wait(0.02)
