"""Signals arrive whatever the main thread does, and whatever their handlers do."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from botcore_tui.engine.signals import EXIT_FORCED, SignalThread

ROOT = Path(__file__).parents[2]


class Program:
    """The program under test."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip()

    def hear(self, text: str) -> None:
        """Read its errors up to a line that has the text in it."""
        assert self._process.stderr is not None
        assert any(text in line for line in self._process.stderr)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> tuple[int, str]:
        _, errors = self._process.communicate(timeout=20)
        return self._process.returncode, errors


@contextmanager
def program(mode: str, dump_path: Path) -> Iterator[Program]:
    environment = {key: text for key, text in os.environ.items() if key.startswith("COVERAGE")}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tests/signals_app.py"), mode, str(dump_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
    ) as process:
        try:
            running = Program(process)
            assert running.line() == "ready"
            yield running
        finally:
            process.kill()


@pytest.fixture
def dump_path(tmp_path: Path) -> Path:
    return tmp_path / "botcore.log"


@pytest.mark.requirement("F18")
@pytest.mark.requirement("K6")
def test_signals_are_heard_while_the_main_thread_sits_in_c_code(dump_path: Path) -> None:
    with program("c code", dump_path) as running:
        running.signal(signal.SIGUSR1)
        assert running.line() == "halt signal SIGUSR1"
        running.signal(signal.SIGHUP)
        assert running.line() == "disconnect SIGHUP"
        running.signal(signal.SIGTERM)
        assert running.line() == "terminate SIGTERM"
        running.signal(signal.SIGINT)
        code, errors = running.end()
        assert code == 128 + signal.SIGINT
        assert "left at once on a second SIGINT" in errors


def test_a_leave_that_takes_too_long_is_forced_with_its_own_code(dump_path: Path) -> None:
    with program("c code", dump_path) as running:
        running.signal(signal.SIGTERM)
        assert running.line() == "terminate SIGTERM"
        assert running.line() == "restored"
        code, errors = running.end()
        assert code == EXIT_FORCED
        assert "an orderly leave took more than 0.5 s; orders may be open" in errors


@pytest.mark.slow
def test_a_leave_without_a_signal_has_the_same_deadline(dump_path: Path) -> None:
    with program("quit", dump_path) as running:
        assert running.end()[0] == EXIT_FORCED


def test_an_orderly_leave_has_the_programs_own_code(dump_path: Path) -> None:
    with program("wait", dump_path) as running:
        running.signal(signal.SIGTERM)
        assert running.line() == "terminate SIGTERM"
        code, errors = running.end()
        assert code == 0
        assert errors in ("", "leaving on SIGTERM\n")  # acting comes first, telling second


def test_handlers_that_raise_or_hang_make_nobody_deaf(dump_path: Path) -> None:
    with program("reports", dump_path) as running:
        running.signal(signal.SIGUSR1)
        assert running.line() == "halt signal SIGUSR1"
        assert running.line() == "reported ZeroDivisionError"
        for _ in range(2):
            running.signal(signal.SIGUSR1)
            assert running.line() == "halt signal SIGUSR1"
        running.signal(signal.SIGTERM)
        assert running.line() == "terminate SIGTERM"
        code, errors = running.end()
        assert code == 0
        assert "ZeroDivisionError" in errors


def test_quit_writes_the_stack_of_every_thread_and_halts(dump_path: Path) -> None:
    with program("wait", dump_path) as running:
        running.signal(signal.SIGQUIT)
        assert running.line() == "halt signal SIGQUIT"
        running.signal(signal.SIGTERM)
        running.end()
    assert "signals_app.py" in dump_path.read_text()


def test_quit_halts_where_the_stacks_cannot_be_written(tmp_path: Path) -> None:
    with program("wait", tmp_path) as running:
        running.signal(signal.SIGQUIT)
        assert running.line() == "halt signal SIGQUIT"
        running.hear("stacks cannot be written")
        running.signal(signal.SIGUSR2)
        running.signal(signal.SIGTSTP)
        # The end of the process cuts off what is still to be told.
        running.hear("SIGUSR2 has no meaning")
        running.signal(signal.SIGTERM)
        assert running.line() == "terminate SIGTERM"
        assert running.end()[0] == 0


def test_threads_that_were_started_too_early_are_named(dump_path: Path) -> None:
    with program("late", dump_path) as running:
        running.signal(signal.SIGKILL)
        assert "started too early: early bird" in running.end()[1]


class Nobody:
    """Handlers that are never called."""

    def halt(self, actor: str, reason: str) -> None: ...

    def terminate(self, signal_name: str) -> None: ...

    def disconnect(self, signal_name: str) -> None: ...


def test_only_the_main_thread_can_start_it(dump_path: Path) -> None:
    errors: list[ValueError] = []

    def start() -> None:
        try:
            SignalThread(
                Nobody(), dump_path=dump_path, leave_seconds=1, restore_terminal=lambda: None
            ).start()
        except ValueError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert len(errors) == 1
