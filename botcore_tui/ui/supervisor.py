"""Keeps a cockpit on the screen, and the engine out of whatever happens to it.

The cockpit runs in the main thread. It may crash, lose its terminal or be told to leave by a
signal; the engine's thread is not touched by any of that. Textual is imported only when a cockpit
is shown, so a headless engine does without it.
"""

import contextlib
import enum
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from botcore_tui.clock import Clock, SystemClock
from botcore_tui.engine.port import EnginePort
from botcore_tui.errors import UnavailableError

if TYPE_CHECKING:
    from textual.app import App

logger = logging.getLogger(__name__)

_CRASH_LIMIT = 3
_CRASH_WINDOW_SECONDS = 60
_RESTART_SECONDS = 1.0
_NUDGE_SECONDS = 0.2
_SAY_SECONDS = 0.5


class LeaveReason(enum.Enum):
    """Why a cockpit, or the program, ends."""

    QUIT = "quit"
    SWITCH = "switch"
    TTY_LOST = "tty lost"
    TERMINATED = "terminated"
    CRASHED = "crashed"


class Leave(Struct, frozen=True):
    """How it ended: the result of the app, and of the supervisor."""

    reason: LeaveReason
    environment: str = ""
    """The one to switch to; empty but for SWITCH."""
    detail: str = ""
    """For the log: a signal, an exception."""
    typed: str = ""
    """What confirms that environment; empty where nothing need."""


class OnDisconnect(enum.Enum):
    """What to do when the terminal is gone."""

    CONTINUE = "continue"
    """Run on without a cockpit."""
    HALT = "halt"
    """Halt, then run on without a cockpit: stops stay watched."""
    LEAVE = "leave"
    """End: nothing here is worth running unseen (demo, replay). So does a cockpit that keeps
    crashing."""


def check_terminal() -> None:
    """Make sure that a cockpit can be shown here.

    Raises:
        UnavailableError: It cannot; the text says why and what to do.
    """
    for name, stream in (("input", sys.__stdin__), ("output", sys.__stdout__)):
        if stream is None or not stream.isatty():
            raise UnavailableError(
                f"the cockpit needs a terminal, but standard {name} is none; "
                "use --headless to run the engine alone"
            )
    if os.tcgetpgrp(0) != os.getpgrp():
        raise UnavailableError(
            "the cockpit cannot start in the background of a terminal; "
            "start it in the foreground, in tmux, or use --headless"
        )
    if driver := os.environ.get("TEXTUAL_DRIVER"):
        raise UnavailableError(
            f"the cockpit draws only on a real terminal, but TEXTUAL_DRIVER={driver} is set "
            "(textual-serve would start an engine for each browser tab); "
            "unset it, or use --headless"
        )


class CockpitSupervisor:
    """Shows cockpits until one of them, or a signal, says to leave.

    It is the ``SignalHandlers`` of a ``SignalThread``; every method but ``run`` and
    ``run_headless`` may be called from any thread and returns at once.

    Args:
        engine: Halted where a rule says so; otherwise left alone.
        on_disconnect: What a lost terminal means.
        log_path: Named to the user when the cockpit is given up.
        clock: Times crashes.
    """

    def __init__(
        self,
        engine: EnginePort,
        *,
        on_disconnect: OnDisconnect,
        log_path: Path,
        clock: Clock | None = None,
    ) -> None:
        self._engine = engine
        self._on_disconnect = on_disconnect
        self._log_path = log_path
        self._clock = SystemClock() if clock is None else clock
        self._crashes: deque[int] = deque(maxlen=_CRASH_LIMIT)
        self._lock = threading.Lock()
        self._app: App[Leave] | None = None
        self._wish: Leave | None = None
        self._restore_terminal: Callable[[], None] = _do_nothing
        self._ui_must_end = threading.Event()
        self._ui_has_ended = threading.Event()
        self._must_leave = threading.Event()

    def halt(self, actor: str, reason: str) -> None:
        """Halt the engine; cockpit and program go on."""
        self._engine.halt(actor, reason)

    def terminate(self, signal_name: str) -> None:
        """Halt the engine, then leave."""
        self._engine.halt("signal", signal_name)
        self._ask(Leave(LeaveReason.TERMINATED, detail=signal_name), ends_program=True)

    def disconnect(self, reason: str) -> None:
        """Take the cockpit down and do what ``on_disconnect`` says; SIGHUP, or the app's tty_lost.

        Args:
            reason: For the log.
        """
        logger.warning("terminal is gone (%s): %s", reason, self._on_disconnect.value)
        if self._on_disconnect is OnDisconnect.HALT:
            self._engine.halt("terminal", f"lost: {reason}")
        is_end = self._on_disconnect is OnDisconnect.LEAVE
        self._ask(Leave(LeaveReason.TTY_LOST, detail=reason), ends_program=is_end)

    def restore_terminal(self) -> None:
        """Give the terminal back at once, past a cockpit that may be stuck; for a forced exit."""
        self._restore_terminal()

    def run(self, make_app: Callable[[], "App[Leave]"]) -> Leave:
        """Show cockpits until it is time to leave the program; blocks the main thread.

        An app that crashes is replaced after a second. After three crashes within a minute, and
        after the loss of the terminal, the program runs on without one.

        Args:
            make_app: Makes a fresh app on ``SafeDriver``; its result says how to go on.

        Raises:
            UnavailableError: A cockpit cannot be shown here.
        """
        check_terminal()
        terminals = [fileno for fileno in (0, 1, 2) if os.isatty(fileno)]
        while True:
            leave = self._show(make_app)
            leave = leave if self._wish is None else self._wish
            if leave.reason is LeaveReason.CRASHED and not self._is_given_up():
                self._ui_must_end.wait(_RESTART_SECONDS)
            elif leave.reason in (LeaveReason.CRASHED, LeaveReason.TTY_LOST):
                return self._go_on_without(leave, terminals)
            else:
                return leave

    def run_headless(self) -> Leave:
        """Wait without a cockpit until it is time to leave the program."""
        logger.info("running without a cockpit, pid %d", os.getpid())
        self._must_leave.wait()
        assert self._wish is not None
        return self._wish

    def _ask(self, leave: Leave, *, ends_program: bool) -> None:
        with self._lock:
            if self._wish is None or leave.reason is LeaveReason.TERMINATED:
                self._wish = leave
            self._ui_must_end.set()
            if ends_program:
                self._must_leave.set()
        # Not here: the input thread calls this, and the app waits for that thread when it ends.
        threading.Thread(target=self._push_out, name="cockpit-exit", daemon=True).start()

    def _push_out(self) -> None:
        # More than once: an app that is just starting may not hear it.
        while (app := self._app) is not None:
            with contextlib.suppress(RuntimeError):  # its loop is closed: it has ended meanwhile
                app.exit(self._wish)
            if self._ui_has_ended.wait(_NUDGE_SECONDS):
                return

    def _show(self, make_app: Callable[[], "App[Leave]"]) -> Leave:
        from botcore_tui.ui import driver  # noqa: PLC0415 - a headless engine does without Textual

        self._restore_terminal = driver.restore_terminal
        error: BaseException | None
        try:
            app = make_app()
            driver.prepare(app)
            leave = self._run_unless_over(app)
            if leave is not None:
                return leave
            error = driver.failure_of(app)
        except UnavailableError:
            raise
        except Exception as raised:  # noqa: BLE001 - whatever the cockpit raises, the engine goes on
            error = raised
        finally:
            driver.restore_terminal()
        logger.error("cockpit crashed: %r", error, exc_info=error)
        return Leave(LeaveReason.CRASHED, detail=repr(error))

    def _run_unless_over(self, app: "App[Leave]") -> Leave | None:
        with self._lock:
            if self._ui_must_end.is_set():
                return self._wish
            self._app = app
        try:
            leave = app.run()
        finally:
            self._app = None
            if self._ui_must_end.is_set():
                self._ui_has_ended.set()
        # Textual's return code is 0 only after App.exit; a panic leaves it None.
        return (leave or Leave(LeaveReason.QUIT)) if app.return_code == 0 else None

    def _is_given_up(self) -> bool:
        now_ns = self._clock.monotonic_ns()
        self._crashes.append(now_ns)
        is_full = len(self._crashes) == _CRASH_LIMIT
        return is_full and now_ns - self._crashes[0] <= _CRASH_WINDOW_SECONDS * 1_000_000_000

    def _go_on_without(self, leave: Leave, terminals: list[int]) -> Leave:
        if leave.reason is LeaveReason.TTY_LOST:
            if self._wish is None:
                self.disconnect(leave.detail)
            _let_go(terminals)
            what = "terminal lost"
        else:
            what = f"cockpit crashed {_CRASH_LIMIT} times within {_CRASH_WINDOW_SECONDS} s"
        if self._on_disconnect is OnDisconnect.LEAVE:
            _say(f"botcore: {what} and left with it (log: {self._log_path}): {leave.detail}")
            return leave
        pid = os.getpid()
        _say(
            f"botcore: {what} (log: {self._log_path}); the engine goes on without it, pid {pid}. "
            f"Stop: kill -TERM {pid}. Halt: kill -USR1 {pid}"
        )
        return self.run_headless()


def _let_go(terminals: list[int]) -> None:
    # Output to a terminal that hung up fails; as long as we hold it, sshd waits for us.
    null = os.open(os.devnull, os.O_RDWR)
    for fileno in terminals:
        if not os.isatty(fileno):
            os.dup2(null, fileno)
    os.close(null)


def _say(line: str) -> None:
    def write() -> None:
        with contextlib.suppress(OSError):  # nobody there to read it; the log has it
            os.write(2, f"{line}\n".encode())

    # A terminal that is stalled takes it when it goes on; we do not wait for that.
    thread = threading.Thread(target=write, name="cockpit-last-word", daemon=True)
    thread.start()
    thread.join(_SAY_SECONDS)


def _do_nothing() -> None:
    pass
