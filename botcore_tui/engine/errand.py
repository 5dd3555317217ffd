"""Runs a program of the user's for a moment: no shell, a bounded time, none of our secrets."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from botcore_tui.config.masking import printable

_LONGEST_WORDS: Final = 300
"""Of what it said on its standard error, the end."""
_OURS: Final = "BOTCORE_"


class Outcome(Struct, frozen=True):
    """How it went."""

    exit_code: int | None
    """None: it was not started, or did not end in time."""
    trouble: str
    """One line; empty if it ended with 0."""


def run_errand(command: Sequence[str], text: str, timeout_seconds: float) -> Outcome:
    """Execute, hand it the text on its standard input, wait for the end; blocks.

    With everything that it started it is killed when its time is over.

    Args:
        command: Program and arguments, at least one word.
        text: What it reads.
        timeout_seconds: Longest time.
    """
    with _words() as words:
        try:
            process = subprocess.Popen(  # noqa: S603 - what the user configured
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=words,
                # Its own session: all of it can be killed, and ctrl+c is not for it.
                start_new_session=True,
                env=surroundings(os.environ),
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return Outcome(None, f"{printable(command[0])} cannot be started: {reason}")
        with contextlib.suppress(OSError):  # one that does not read has said what it wants
            assert process.stdin is not None
            with process.stdin as pipe:
                pipe.write(text.encode())
        is_late = _is_late(process, timeout_seconds)
        if is_late:
            told = f"not done within {timeout_seconds:g} s, killed"
            return Outcome(None, f"{told}{_said(words)}")
        code = process.returncode
        trouble = f"exit code {code}{_said(words)}" if code else ""
        return Outcome(code, trouble)


def surroundings(env: Mapping[str, str]) -> dict[str, str]:
    """What it may know: neither our settings nor any key is its business."""
    return {name: text for name, text in env.items() if not name.startswith(_OURS)}


def _words() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError:  # a full disk is what an alert may be about: rather tell than know why not
        return Path(os.devnull).open("w+b")


def _is_late(process: subprocess.Popen[bytes], timeout_seconds: float) -> bool:
    try:
        process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


def _said(words: IO[bytes]) -> str:
    end = words.seek(0, os.SEEK_END)
    words.seek(max(0, end - _LONGEST_WORDS))
    text = " ".join(words.read().decode(errors="replace").split())
    return f": {printable(text)}" if text else ""
