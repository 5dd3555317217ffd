"""Signals, taken by one thread that nothing else in the program can hold up.

Python runs a signal handler in the main thread, between two of its own instructions: never while
that thread sits in C code, and an asyncio handler never while its loop is stuck. So the signals
are blocked in every thread, and this one waits for them with ``sigwait``. No thread may open its
mask, not even while it starts a child: a signal that comes just then is for the main thread, which
may sit in C code for ever. Children inherit the mask, and open it themselves.
"""

import faulthandler
import logging
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from botcore_tui.clock import SystemClock

logger = logging.getLogger(__name__)

EXIT_FORCED = 70
"""Exit code where an orderly leave took too long (EX_SOFTWARE of sysexits.h)."""

_TAKEN = frozenset(
    {
        signal.SIGTERM,
        signal.SIGINT,
        signal.SIGHUP,
        signal.SIGUSR1,
        signal.SIGUSR2,
        signal.SIGQUIT,
        # A stopped process guards no position. Blocked, SIGTTOU lets output of a background
        # process pass and SIGTTIN makes its input fail instead of stopping it (POSIX 11.1.4).
        signal.SIGTSTP,
        signal.SIGTTIN,
        signal.SIGTTOU,
    }
)
_FAREWELL_SECONDS = 1.0
_SAME_REQUEST_NS = 300_000_000
"""The same signal again so soon is the same request, delivered twice."""


class SignalHandlers(Protocol):
    """What signals ask for; each is called in a thread of its own and may take its time."""

    def halt(self, actor: str, reason: str) -> None:
        """SIGUSR1, SIGQUIT: halt, the program goes on."""

    def terminate(self, signal_name: str) -> None:
        """SIGTERM, SIGINT, at most once: halt, then leave in order."""

    def disconnect(self, signal_name: str) -> None:
        """SIGHUP: the terminal is gone."""


class SignalThread(threading.Thread):
    """Takes the process's signals; ``start`` it from the main thread before any other thread.

    A second SIGTERM or SIGINT leaves at once with 128 plus its number, an orderly leave that
    takes longer than ``leave_seconds`` ends with ``EXIT_FORCED``; in both cases the terminal is
    given back first. SIGQUIT also writes the stack of every thread to the end of ``dump_path``.

    Args:
        handlers: What to do.
        dump_path: File for the stacks, usually the log.
        leave_seconds: Time for an orderly leave, from the first request on.
        restore_terminal: Gives the terminal back, whatever the cockpit is doing.
    """

    def __init__(
        self,
        handlers: SignalHandlers,
        *,
        dump_path: Path,
        leave_seconds: float,
        restore_terminal: Callable[[], None],
    ) -> None:
        super().__init__(name="signals", daemon=True)
        self._handlers = handlers
        self._dump_path = dump_path
        self._leave_seconds = leave_seconds
        self._restore_terminal = restore_terminal
        self._is_leaving = False
        self._left_on: signal.Signals | None = None
        self._left_ns = 0
        self._stacks: threading.Thread | None = None
        self._clock = SystemClock()
        self._deadline = threading.Lock()  # taken once, by whoever sets the deadline first

    def start(self) -> None:
        """Block the signals in this thread, and so in all that it starts, and wait for them.

        Raises:
            ValueError: Not called from the main thread.
        """
        if early := [thread.name for thread in threading.enumerate()[1:]]:
            # What lands there waits until the main thread runs Python again.
            logger.warning(
                "threads that can hold up signals, started too early: %s", ", ".join(early)
            )
        for number in _TAKEN:
            # For those threads. A function, not SIG_IGN, which a child would inherit.
            signal.signal(number, self._forward)
        signal.pthread_sigmask(signal.SIG_BLOCK, _TAKEN)
        super().start()

    def run(self) -> None:
        """Take one signal after the other, for as long as the process lives."""
        while True:
            self._take(signal.Signals(signal.sigwait(_TAKEN)))

    def expect_exit(self) -> None:
        """Start the deadline for an orderly leave, as SIGTERM does; once is enough."""
        if self._deadline.acquire(blocking=False):
            timer = threading.Timer(self._leave_seconds, self._leave_late)
            timer.name = "leave-deadline"
            timer.daemon = True
            timer.start()

    def _forward(self, number: int, _frame: object) -> None:
        if self.ident is not None:
            signal.pthread_kill(self.ident, number)

    def _take(self, number: signal.Signals) -> None:
        match number:
            case signal.SIGTERM | signal.SIGINT:
                self._terminate(number)
            case signal.SIGHUP:
                _in_thread(number.name, lambda: self._handlers.disconnect(number.name))
            case signal.SIGUSR1:
                self._halt(number.name)
            case signal.SIGQUIT:
                self._halt(number.name)
                self._stacks = _in_thread("stacks", self._dump_stacks)
            case signal.SIGUSR2:
                self._log("%s has no meaning here", number.name)
            case _:
                self._log("%s ignored: the engine is not to stop", number.name)

    def _halt(self, name: str) -> None:
        _in_thread(name, lambda: self._handlers.halt("signal", name))
        self._log("halt by %s", name)

    def _terminate(self, number: signal.Signals) -> None:
        now_ns = self._clock.monotonic_ns()
        if self._is_leaving:
            # timeout(1) and process groups deliver one request twice.
            if number is not self._left_on or now_ns - self._left_ns > _SAME_REQUEST_NS:
                self._leave_now(f"left at once on a second {number.name}", 128 + number)
            return
        self._is_leaving = True
        self._left_on, self._left_ns = number, now_ns
        self.expect_exit()
        _in_thread(number.name, lambda: self._leave(number.name))
        self._log("leaving on %s", number.name)

    def _leave(self, name: str) -> None:
        if self._stacks is not None:
            # Whoever asked for them wants to read them: the end of the process would cut them off.
            # Trading is halted meanwhile, by the same signal.
            self._stacks.join(_FAREWELL_SECONDS)
        self._handlers.terminate(name)

    def _log(self, text: str, name: str) -> None:
        # A handler of the log may hang; this thread must not.
        _in_thread("log", lambda: logger.warning(text, name))

    def _dump_stacks(self) -> None:
        try:
            with self._dump_path.open("a", encoding="utf-8") as file:
                faulthandler.dump_traceback(file, all_threads=True)
        except OSError as error:
            logger.error("stacks cannot be written: %s", error)  # noqa: TRY400 - no bug of ours

    def _leave_late(self) -> None:
        reason = f"an orderly leave took more than {self._leave_seconds:g} s"
        self._leave_now(f"forced out: {reason}", EXIT_FORCED)

    def _leave_now(self, reason: str, code: int) -> None:
        text = f"botcore: {reason}; orders may be open, look at the venue"

        def farewell() -> None:
            self._restore_terminal()
            os.write(2, f"{text}\n".encode())
            logger.critical("%s", text)

        # Whatever it waits for (a stalled terminal, the lock of a log handler), the exit does not.
        _in_thread("farewell", farewell).join(_FAREWELL_SECONDS)
        os._exit(code)


def _in_thread(name: str, act: Callable[[], None]) -> threading.Thread:
    # A handler that hangs or raises must not make the process deaf to the next signal.
    thread = threading.Thread(target=act, name=f"signal-{name}", daemon=True)
    thread.start()
    return thread
