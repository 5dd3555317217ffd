"""A program of the user's: what it is told, what it must not know, and that it ends."""

import errno
import os
import sys
from pathlib import Path

import pytest

from botcore_tui.engine.errand import Outcome, run_errand

SECONDS = 20.0
"""Never waited for in a passing test."""


def python(code: str, *words: object) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *map(str, words))


@pytest.mark.requirement("R74")
def test_the_text_comes_on_standard_input_and_arguments_meet_no_shell(tmp_path: Path) -> None:
    file = tmp_path / "told"
    code = "import sys; open(sys.argv[1], 'w').write(sys.argv[2] + sys.stdin.read())"
    outcome = run_errand(python(code, file, "$HOME `ls`;"), "halted ▲\n", SECONDS)
    assert outcome == Outcome(0, "")
    assert file.read_text() == "$HOME `ls`;halted ▲\n"


@pytest.mark.requirement("R16")
def test_no_variable_of_ours_is_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "s3cr3t-s3cr3t")
    monkeypatch.setenv("MAILER", "kept")
    file = tmp_path / "env"
    code = "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))"
    run_errand(python(code, file), "", SECONDS)
    told = file.read_text()
    assert "kept" in told
    assert "BOTCORE" not in told
    assert "s3cr3t" not in told


def test_a_failure_tells_its_exit_code_and_the_end_of_what_it_said() -> None:
    code = "import sys; sys.stderr.write('x' * 1000 + '\\nno\\x1b route\\n'); sys.exit(7)"
    outcome = run_errand(python(code), "text", SECONDS)
    assert outcome.exit_code == 7
    assert outcome.trouble.startswith("exit code 7: xxx")
    assert outcome.trouble.endswith("no\\x1b route")
    assert len(outcome.trouble) < 340


def test_one_that_is_not_there_is_told_in_one_line() -> None:
    outcome = run_errand(("/no/such/program",), "text", SECONDS)
    assert outcome == Outcome(None, "/no/such/program cannot be started: No such file or directory")


def test_one_that_does_not_end_is_killed_with_what_it_started() -> None:
    outcome = run_errand(("sh", "-c", "sleep 60 & wait"), "text", 0.2)
    assert outcome == Outcome(None, "not done within 0.2 s, killed")


def test_one_that_reads_nothing_is_no_failure() -> None:
    assert run_errand(("true",), "text" * 100_000, SECONDS) == Outcome(0, "")


@pytest.mark.requirement("R74")
def test_a_disk_without_room_keeps_nobody_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("botcore_tui.engine.errand.tempfile.TemporaryFile", full)
    file = tmp_path / "told"
    code = "import sys; open(sys.argv[1], 'w').write(sys.stdin.read()); sys.exit('why')"
    outcome = run_errand(python(code, file), "halted\n", SECONDS)
    assert (outcome, file.read_text()) == (Outcome(1, "exit code 1"), "halted\n")
