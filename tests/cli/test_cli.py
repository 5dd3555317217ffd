"""The outermost function: whatever happens becomes an exit code and one line."""

import signal
from pathlib import Path

import pytest
from command_line import Run

from botcore_tui.cli import config_command, main
from botcore_tui.errors import UnavailableError


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(config_command, "run_config", fail)


def test_version_and_help_are_exit_code_0(run: Run) -> None:
    assert run("--version").out.startswith("botcore ")
    assert run("--help").code == 0


def test_an_interrupt_is_128_plus_the_number_of_the_signal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(KeyboardInterrupt(), monkeypatch)
    done = run("config", "show")
    assert (done.code, done.out, done.err) == (128 + signal.SIGINT, "", "")


@pytest.mark.requirement("R13")
def test_an_expected_failure_is_its_own_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(UnavailableError("no; do this"), monkeypatch)
    assert run("config", "show").err == "botcore: no; do this\n"


@pytest.mark.requirement("R09", "R52")
def test_a_defect_leaves_its_traceback_in_the_state_directory(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fail_with(ZeroDivisionError("planted"), monkeypatch)
    done = run("config", "show", "--state-dir", tmp_path)
    assert done.code == 1
    assert done.err.startswith("botcore: unexpected failure (ZeroDivisionError: planted); details")
    (crash,) = tmp_path.glob("botcore-crash-*.txt")
    assert "planted" in crash.read_text()


def test_the_exit_code_is_the_commands() -> None:
    assert main(["config", "check"]) == 0
