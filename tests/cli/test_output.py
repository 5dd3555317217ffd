"""Output that is closed, full, left by its reader or unable to spell a name."""

import os
import subprocess
import sys
import threading

import pytest
from command_line import FullDisk
from real_program import ROOT

from botcore_tui.cli.output import announce, complain, finish_output, leave, say
from botcore_tui.errors import UnavailableError


def python(
    code: str, redirection: str = "", *, before: str = ""
) -> subprocess.CompletedProcess[str]:
    command = f'{before}exec {sys.executable} -c "$CODE" {redirection}'
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "CODE": code}
    return subprocess.run(
        ["sh", "-c", command], env=env, check=False, capture_output=True, text=True, timeout=30
    )


def test_complaints_carry_the_name_on_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("one\ntwo")
    assert capsys.readouterr().err == "botcore: one\nbotcore: two\n"


def test_streams_that_do_not_exist_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    say("x")
    complain("x")
    finish_output()


class NobodyReads(FullDisk):
    """A pipe whose reader has left."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", FullDisk())
    with pytest.raises(UnavailableError, match="standard output cannot be written: No space"):
        say("x")


def test_what_standard_output_does_not_take_goes_to_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert announce("done") == ""
    assert capsys.readouterr() == ("done\n", "")
    monkeypatch.setattr(sys, "stdout", FullDisk())
    problem = announce("done\nand more")
    assert problem == "standard output cannot be written: No space left on device"
    lines = (problem, "done", "and more")
    assert capsys.readouterr().err == "".join(f"botcore: {line}\n" for line in lines)


def test_a_reader_that_left_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", NobodyReads())
    monkeypatch.setattr(sys, "stderr", NobodyReads())
    say("x")
    complain("x")
    finish_output()


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_files_are_not_given_to_other_files(redirection: str) -> None:
    done = python(
        "import os\n"
        "from botcore_tui.cli.output import prepare_output\n"
        "prepare_output()\n"
        "raise SystemExit(os.open('/dev/null', os.O_RDONLY) < 3)",
        redirection,
    )
    assert done.returncode == 0


def test_names_that_the_terminal_cannot_spell_are_escaped() -> None:
    done = python(
        "import sys\n"
        "sys.stdout.reconfigure(encoding='ascii')\n"
        "from botcore_tui.cli.output import prepare_output, say\n"
        "prepare_output()\n"
        "say('tape \\u00e9 \\udcff')"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "tape \\xe9 \\udcff\n", "")


NOBODY_READS_ERRORS = """
import os, sys, threading
from botcore_tui.cli import output
output._PATIENCE_SECONDS = 0.05
reader, writer = os.pipe()
os.set_blocking(writer, False)
try:
    while True:
        os.write(writer, bytes(4096))
except BlockingIOError:
    os.set_blocking(writer, True)
os.dup2(writer, 2)
"""

STUCK = f"""{NOBODY_READS_ERRORS}
def log():
    print("a log line", file=sys.stderr, flush=True)
threading.Thread(target=log, daemon=True).start()
output.complain("the account is left in doubt")
output.finish_output()
print("went on", flush=True)
output.leave(5)
"""


def test_program_ends_with_its_code_where_nobody_reads_standard_error() -> None:
    """It stayed for ever, and no other one could be started for its account."""
    done = python(STUCK)
    assert (done.returncode, done.stdout) == (5, "went on\n")


STUCK_LOG = f"""{NOBODY_READS_ERRORS}
import logging
begun = threading.Event()
class Handler(logging.StreamHandler):
    def emit(self, record):
        begun.set()
        super().emit(record)
logging.getLogger().addHandler(Handler())
threading.Thread(target=logging.critical, args=["halted"], daemon=True).start()
begun.wait()
output.finish_output()
output.leave(5)
"""


@pytest.mark.parametrize("is_unbuffered", [False, True])
def test_program_ends_where_nobody_reads_its_log(is_unbuffered: bool) -> None:
    """Where it had nothing to complain of, and no buffer, as in a container, it stayed for ever."""
    unbuffered = "PYTHONUNBUFFERED=1 " if is_unbuffered else ""
    done = python(STUCK_LOG, before=unbuffered)
    assert (done.returncode, done.stdout) == (5, "")


def test_program_whose_output_is_read_ends_as_usual() -> None:
    with pytest.raises(SystemExit) as ended:
        leave(3)
    assert ended.value.code == 3


def test_complaint_is_told_where_no_thread_can_be_had(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    complain("one")
    assert capsys.readouterr().err == "botcore: one\n"
