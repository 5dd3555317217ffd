"""The safe driver in a real pseudo-terminal, under everything a terminal does to a program."""

import signal
from pathlib import Path

import pytest
from pty_harness import F12, Terminal, assert_is_restored
from textual.app import App

from botcore_tui.errors import UnavailableError
from botcore_tui.ui.driver import SafeDriver, prepare


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    return tmp_path / "botcore.log"


@pytest.mark.slow
@pytest.mark.requirement("F17")
def test_stalled_terminal_stops_neither_app_nor_halt_and_is_repainted_after(
    log_path: Path,
) -> None:
    with Terminal(log_path, columns=200) as terminal:
        terminal.wait_for("ready")
        for _ in range(2):
            terminal.skip_lines()
            terminal.wait_until(lambda line: line.endswith("dropping"), "drop", reading=False)
            for _ in range(20):
                terminal.wait_for("beat", reading=False)
            terminal.send(F12)
            assert terminal.wait_for("halt", reading=False) == "halt key F12"
            terminal.wait_for("key f12", reading=False)
            before = len(terminal.output)
            terminal.wait_until(
                lambda line: line.startswith("beat") and not line.endswith("dropping"), "drain"
            )
            # Nothing but a full repaint writes the part that never changes.
            terminal.wait_for_output(b"STILL LIFE", start=before)


@pytest.mark.slow
@pytest.mark.requirement("F17")
def test_terminate_while_stalled_leaves_and_restores(log_path: Path) -> None:
    with Terminal(log_path, columns=200) as terminal:
        terminal.wait_for("ready")
        terminal.wait_until(lambda line: line.endswith("dropping"), "drop", reading=False)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for("leave", reading=False) == "leave terminated  SIGTERM"
        assert terminal.wait_for_exit(reading=False) == 0
        assert_is_restored(terminal)


@pytest.mark.slow
@pytest.mark.requirement("F18")
def test_halt_keys_are_heard_in_every_form_and_place(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        for form in (b"\x0b", b"\x1b[107;5u", b"\x1b[107;133:1u"):
            terminal.send(form)
            assert terminal.wait_for("halt") == "halt key ctrl+k"
        # Cut into two reads: the answer to what stands between shows that the first was read.
        terminal.send(b"zz\x1b[2")
        terminal.wait_for("key z")
        terminal.send(b"4~")
        assert terminal.wait_for("halt") == "halt key F12"
        terminal.send(b"\x1b[200~no end to this ")
        terminal.send(F12)
        assert terminal.wait_for("halt") == "halt key F12"
        # The halt key also ends the paste, and keys arrive again.
        assert terminal.wait_for("paste").startswith("paste 'no end to this")
        terminal.send(b"z")
        terminal.wait_for("key z")


@pytest.mark.slow
def test_malformed_input_ends_nothing_and_the_keys_after_it_arrive(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        for nonsense in (b"\x1b[104:72;2;72u", b"\x1b[9999999999u", b"\xff\xfe\xc3", b"\x1b[;;u"):
            terminal.send(nonsense + F12)
            assert terminal.wait_for("halt") == "halt key F12"
            terminal.wait_for("key f12")
        assert "cannot be parsed" in terminal.log()


@pytest.mark.slow
def test_mouse_paste_resize_and_synchronized_output_work(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        terminal.send(b"\x1b[<35;11;4M")
        assert terminal.wait_for("mouse") == "mouse 10 3"
        terminal.send(b"\x1b[200~two\nlines\x1b[201~")
        assert terminal.wait_for("paste") == "paste 'two\\nlines'"
        terminal.resize(60, 20)
        terminal.wait_for("size 60 20")
        terminal.send(b"\x1b[?2026;2$y")
        terminal.wait_for_output(b"\x1b[?2026h")
        terminal.send(b"\x1b[?2048;2$y\x1b[48;30;100;600;1000t")
        terminal.wait_for("size 100 30")
        terminal.send(b"\x1b[104:72;2;72u\x1b[<35;11;41M")
        # Pixels still count as pixels with the parser that follows a malformed key.
        assert terminal.wait_for("mouse") == "mouse 1 2"
        terminal.signal(signal.SIGTERM)
        assert terminal.wait_for_exit() == 0
        assert_is_restored(terminal)


@pytest.mark.slow
def test_stop_and_continue_signals_start_no_threads_and_stop_nothing(log_path: Path) -> None:
    with Terminal(log_path) as terminal:
        terminal.wait_for("ready")
        before = terminal.thread_count()
        for number in (signal.SIGCONT, signal.SIGTSTP, signal.SIGCONT, signal.SIGTTOU):
            terminal.signal(number)
            terminal.skip_lines()
            terminal.wait_for("beat")
            terminal.wait_for("engine")
        terminal.send(b"\x1a")
        terminal.wait_for("key ctrl+z")
        terminal.wait_for("engine")
        assert terminal.thread_count() == before


class Deaf(App[object]):
    """An app without a way to halt."""


async def test_an_app_that_cannot_halt_is_refused() -> None:
    with pytest.raises(TypeError, match="Deaf must be a HaltSource"):
        SafeDriver(Deaf())


def test_an_app_on_another_driver_is_refused() -> None:
    with pytest.raises(UnavailableError, match="SafeDriver only, not by LinuxDriver"):
        prepare(Deaf())
