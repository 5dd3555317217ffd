"""A small cockpit over an engine that only counts; the pty tests run it as a program.

It tells what happens by lines on a pipe: beats of engine and app, halts, the end.
"""

import fcntl
import logging
import os
import signal
import sys
import termios
import threading
from collections.abc import Sequence
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult, RenderResult
from textual.events import Key, MouseMove, Paste, Resize
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from botcore_tui.engine.port import PlayerCommand
from botcore_tui.engine.signals import SignalThread
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import DeskCommand, Scope
from botcore_tui.model.snapshot import LogLine, Snapshot, View
from botcore_tui.ui.driver import SafeDriver
from botcore_tui.ui.supervisor import CockpitSupervisor, Leave, LeaveReason, OnDisconnect


class Pipe:
    """Lines to the test."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno

    def tell(self, line: str) -> None:
        """Write one line."""
        os.write(self._fileno, f"{line}\n".encode())


class CountingEngine:
    """An engine that counts in a thread of its own, ten times a second."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._thread = threading.Thread(target=self._count, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to count."""
        self._thread.start()

    def halt(self, actor: str, reason: str, *, flattens: bool = False) -> None:
        """Tell the test."""
        self._pipe.tell(f"halt {actor} {reason}{' and flatten' if flattens else ''}")

    def resume(
        self, actor: str, reason: str, *, command_id: str = "", scopes: tuple[Scope, ...] = ()
    ) -> None:
        """Do nothing."""

    def send(self, command: DeskCommand) -> None:
        """Do nothing."""

    def play(self, command: PlayerCommand) -> None:
        """Do nothing."""

    def look(self, view: View) -> Snapshot | None:
        """Show nothing."""

    def log_since(self, sequence: int) -> Sequence[LogLine]:
        """Nothing was logged."""
        return ()

    def _count(self) -> None:
        pause = threading.Event()
        number = 0
        while not pause.wait(0.1):
            number += 1
            self._pipe.tell(f"engine {number}")


class Flood(Widget):
    """Paints a lot."""

    number = 0
    fails = False

    def render(self) -> RenderResult:
        """Never shown."""
        return ""

    def render_line(self, y: int) -> Strip:
        """Every cell in a colour of its own."""
        if self.fails:
            raise ZeroDivisionError("render")
        width = self.size.width
        return Strip(
            [
                Segment("x", Style(color=f"#{(self.number * 977 + x * 31 + y) % 0xFFFFFF:06x}"))
                for x in range(width)
            ],
            width,
        )


class SmallCockpit(App[Leave]):
    """Halts by raw key, crashes on demand."""

    def __init__(self, engine: CountingEngine, supervisor: CockpitSupervisor, pipe: Pipe) -> None:
        super().__init__(driver_class=SafeDriver)
        self._engine = engine
        self._supervisor = supervisor
        self._pipe = pipe
        self._beats = 0

    def halt_from_key(self, key: str) -> None:
        """See HaltSource."""
        self._engine.halt("key", key)

    def tty_lost(self) -> None:
        """See HaltSource."""
        self._pipe.tell("tty_lost")
        self._supervisor.disconnect("no input")

    def compose(self) -> ComposeResult:
        """One part that changes, one that does not."""
        yield Static("STILL LIFE")
        yield Flood()

    def on_mount(self) -> None:
        """Begin to beat."""
        self.set_interval(0.05, self._beat)
        self.call_after_refresh(lambda: self._pipe.tell("ready"))

    def on_key(self, event: Key) -> None:
        """Tell the key; some do harm."""
        self._pipe.tell(f"key {event.key}")
        match event.key:
            case "c":
                raise ZeroDivisionError("key handler")
            case "w":
                self.run_worker(_fail())
            case "r":
                self.query_one(Flood).fails = True
            case "q":
                self.exit(Leave(LeaveReason.SWITCH, environment="paper"))
            case "h":
                threading.Event().wait()

    def on_paste(self, event: Paste) -> None:
        """Tell what was pasted."""
        self._pipe.tell(f"paste {event.text!r}")

    def on_mouse_move(self, event: MouseMove) -> None:
        """Tell where the mouse is."""
        self._pipe.tell(f"mouse {event.screen_x:.0f} {event.screen_y:.0f}")

    def on_resize(self, event: Resize) -> None:
        """Tell the size."""
        self._pipe.tell(f"size {event.size.width} {event.size.height}")

    def _beat(self) -> None:
        self._beats += 1
        flood = self.query_one(Flood)
        flood.number = self._beats
        flood.refresh()
        driver = self._driver
        assert isinstance(driver, SafeDriver)
        dropping = " dropping" if driver._writer._is_dropping else ""
        self._pipe.tell(f"beat {self._beats}{dropping}")


async def _fail() -> None:
    raise ZeroDivisionError("worker")


def main() -> int:
    """Run: PIPE LOG POLICY LEAVE_SECONDS."""
    pipe = Pipe(int(sys.argv[1]))
    log_path = Path(sys.argv[2])
    if os.isatty(0) and os.getsid(0) == os.getpid():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    logging.basicConfig(filename=log_path, level=logging.DEBUG)
    engine = CountingEngine(pipe)
    supervisor = CockpitSupervisor(
        engine, on_disconnect=OnDisconnect(sys.argv[3]), log_path=log_path
    )
    SignalThread(
        supervisor,
        dump_path=log_path,
        leave_seconds=float(sys.argv[4]),
        restore_terminal=supervisor.restore_terminal,
    ).start()
    engine.start()
    pipe.tell("started")
    try:
        leave = supervisor.run(lambda: SmallCockpit(engine, supervisor, pipe))
    except UnavailableError as error:
        pipe.tell(f"refused {error}")
        return 2
    pipe.tell(f"leave {leave.reason.value} {leave.environment} {leave.detail}")
    return 0


if __name__ == "__main__":
    signal.alarm(60)  # a test that fails leaves nothing behind
    sys.exit(main())
