"""The cockpit's supervisor: in a real pseudo-terminal, and its rules on their own."""

import os
import signal
import subprocess
import sys
import termios
import threading
from io import StringIO
from pathlib import Path

import pytest
from brief import brief
from pty_app import CountingEngine, Pipe
from pty_harness import F12, ROOT, Terminal, assert_is_restored

from botcore_tui.errors import UnavailableError
from botcore_tui.ui.supervisor import (
    CockpitSupervisor,
    Leave,
    LeaveReason,
    OnDisconnect,
    check_terminal,
)

SUPERVISOR = "botcore_tui.ui.supervisor"


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    return tmp_path / "botcore.log"


def engine_count(terminal: Terminal) -> int:
    terminal.skip_lines()
    return int(terminal.wait_for("engine").split()[1])


@pytest.mark.parametrize("number", brief([signal.SIGTERM, signal.SIGINT]))
def test_terminate_halts_and_leaves_in_order_with_the_terminal_restored(
    log_path: Path, number: signal.Signals
) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        terminal.signal(number)
        assert terminal.wait_for("halt") == f"halt signal {number.name}"
        assert terminal.wait_for("leave") == f"leave terminated  {number.name}"
        assert terminal.wait_for_exit() == 0
        assert_is_restored(terminal)


@pytest.mark.slow
def test_terminate_before_the_first_frame_leaves_in_order(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("started")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for("leave") == "leave terminated  SIGTERM"
        assert terminal.wait_for_exit() == 0
        assert terminal.output.count(b"\x1b[?1049h") == terminal.output.count(b"\x1b[?1049l")
        assert termios.tcgetattr(terminal.slave) == terminal.before


@pytest.mark.slow
@pytest.mark.requirement("F18")
def test_user_signals_halt_or_do_nothing_and_the_cockpit_goes_on(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        for number in (signal.SIGUSR1, signal.SIGUSR1, signal.SIGQUIT):
            terminal.signal(number)
            assert terminal.wait_for("halt") == f"halt signal {number.name}"
            terminal.wait_for("beat")
        terminal.signal(signal.SIGUSR2)
        terminal.wait_for_log("SIGUSR2 has no meaning")
        terminal.send(F12)
        assert terminal.wait_for("halt") == "halt key F12"
        terminal.wait_for("beat")
        log = terminal.log()
        assert "Thread 0x" in log
        assert "in _count" in log


@pytest.mark.slow
@pytest.mark.requirement("F17")
def test_lost_terminal_leaves_the_engine_running_without_spinning(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        before = engine_count(terminal)
        terminal.hang_up()
        terminal.wait_for("tty_lost")
        assert engine_count(terminal) > before
        start = terminal.cpu_seconds()
        for _ in range(10):
            terminal.wait_for("engine")
        assert terminal.cpu_seconds() - start < 0.3
        for fileno in (0, 1, 2):
            end = Path(f"/proc/{terminal.process.pid}/fd/{fileno}").readlink()
            assert end == Path(os.devnull)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for("leave") == "leave terminated  SIGTERM"
        assert terminal.wait_for_exit() == 0


@pytest.mark.slow
@pytest.mark.requirement("F17")
def test_lost_terminal_halts_where_the_policy_says_so(log_path: Path) -> None:
    with Terminal(log_path, policy="halt") as terminal:
        terminal.wait_for("ready")
        terminal.hang_up()
        assert terminal.wait_for("halt").startswith("halt terminal lost: ")
        engine_count(terminal)


@pytest.mark.slow
def test_lost_terminal_ends_what_need_not_run_unseen(log_path: Path) -> None:
    with Terminal(log_path, policy="leave") as terminal:
        terminal.wait_for("ready")
        terminal.hang_up()
        assert terminal.wait_for("leave").startswith("leave tty lost")
        assert terminal.wait_for_exit() == 0


@pytest.mark.slow
def test_hang_up_signal_on_a_live_terminal_gives_it_back_and_says_how_to_go_on(
    log_path: Path,
) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        terminal.signal(signal.SIGHUP)
        terminal.wait_for_output(f"Stop: kill -TERM {terminal.process.pid}".encode())
        assert_is_restored(terminal)
        engine_count(terminal)
        terminal.send(b"\x03")
        assert terminal.wait_for("leave") == "leave terminated  SIGINT"
        assert terminal.wait_for_exit() == 0


@pytest.mark.slow
@pytest.mark.requirement("R52")
@pytest.mark.requirement("F17")
def test_crashing_cockpit_is_restarted_twice_then_given_up_and_the_engine_goes_on(
    log_path: Path,
) -> None:
    with Terminal(log_path) as terminal:
        for key, cause in ((b"c", "key handler"), (b"w", "worker"), (b"r", "render")):
            terminal.wait_for("ready")
            before = engine_count(terminal)
            terminal.send(key)
            terminal.wait_for_output(b"\x1b[?1049l")
            assert engine_count(terminal) > before
            terminal.wait_for_log(f"ZeroDivisionError: {cause}")
        pid = terminal.process.pid
        terminal.wait_for_output(f"kill -TERM {pid}. Halt: kill -USR1 {pid}".encode())
        assert_is_restored(terminal)
        assert b"cockpit crashed 3 times within 60 s" in terminal.output
        assert str(log_path).encode() in terminal.output
        # A traceback shows locals, among them what must not be shown.
        assert b"Traceback" not in terminal.output
        terminal.signal(signal.SIGUSR1)
        assert terminal.wait_for("halt") == "halt signal SIGUSR1"
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for_exit() == 0


@pytest.mark.slow
def test_terminate_between_crash_and_restart_does_not_wait_for_the_restart(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        terminal.send(b"c")
        terminal.wait_for_output(b"\x1b[?1049l")
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for("leave") == "leave terminated  SIGTERM"
        assert terminal.output.count(b"\x1b[?1049h") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("again", "code"), [(True, 128 + 2), (False, 70)])
def test_a_cockpit_that_hangs_cannot_keep_the_program_or_the_terminal(
    log_path: Path, again: bool, code: int
) -> None:
    with Terminal(log_path, leave=30 if again else 0.5) as terminal:
        terminal.wait_for("ready")
        terminal.send(b"h")
        terminal.wait_for("key h")
        terminal.signal(signal.SIGTERM)
        terminal.wait_for("halt")
        if again:
            terminal.signal(signal.SIGINT)
        assert terminal.wait_for_exit() == code
        assert_is_restored(terminal)
        assert b"orders may be open" in terminal.output


@pytest.mark.slow
def test_the_result_of_the_app_is_the_result_of_the_supervisor(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        terminal.send(b"q")
        assert terminal.wait_for("leave") == "leave switch paper "
        assert terminal.wait_for_exit() == 0
        assert_is_restored(terminal)


@pytest.mark.parametrize("name", ["__stdin__", "__stdout__"])
def test_what_is_no_terminal_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in ("__stdin__", "__stdout__"):
        monkeypatch.setattr(sys, stream, Tty())
    monkeypatch.setattr(sys, name, StringIO())
    with pytest.raises(UnavailableError, match=f"standard {name[5:-2]}put is none; use --headless"):
        check_terminal()


def test_the_background_of_a_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_terminal(monkeypatch, foreground=os.getpgrp() + 1)
    with pytest.raises(UnavailableError, match="in the background"):
        check_terminal()


def test_a_browser_in_place_of_the_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_terminal(monkeypatch, foreground=os.getpgrp())
    check_terminal()
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    with pytest.raises(UnavailableError, match="TEXTUAL_DRIVER=textual"):
        check_terminal()


class Tty(StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *, foreground: int) -> None:
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    for stream in ("__stdin__", "__stdout__"):
        monkeypatch.setattr(sys, stream, Tty())
    monkeypatch.setattr(os, "tcgetpgrp", lambda _fileno: foreground)


def test_without_a_cockpit_it_waits_for_the_signal_and_needs_no_textual(log_path: Path) -> None:
    script = (
        f"import sys, {SUPERVISOR}\n"
        "assert not [name for name in sys.modules if name.startswith(('textual', 'rich'))]"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": str(ROOT)})

    reader, fileno = os.pipe()
    engine = CountingEngine(Pipe(fileno))
    supervisor = CockpitSupervisor(engine, on_disconnect=OnDisconnect.CONTINUE, log_path=log_path)
    supervisor.restore_terminal()
    ended: list[Leave] = []
    waiting = threading.Thread(target=lambda: ended.append(supervisor.run_headless()))
    waiting.start()
    supervisor.disconnect("SIGHUP")
    supervisor.halt("signal", "SIGUSR1")
    supervisor.terminate("SIGTERM")
    waiting.join(10)
    assert ended == [Leave(LeaveReason.TERMINATED, detail="SIGTERM")]
    assert os.read(reader, 1000) == b"halt signal SIGUSR1\nhalt signal SIGTERM\n"
    os.close(reader)
    os.close(fileno)
