"""Standard output and standard error, whatever has become of them."""

import contextlib
import errno
import os
import sys
import threading
from collections.abc import Callable
from typing import Final, NoReturn, TextIO

from botcore_tui.errors import UnavailableError

_PATIENCE_SECONDS: Final = 2.0
"""Longest wait for a reader of standard error that does not read: what is to end must end."""
_stuck = threading.Event()
"""Nobody reads standard error: nothing waits for it any more."""


def prepare_output() -> None:
    """Make standard input, output and error usable where the shell closed or restricts them."""
    # A closed one (`>&-`) would give its number to the next file that is opened: a log, a tape.
    for fileno in range(3):
        try:
            os.fstat(fileno)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal can show every file name.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def say(text: str) -> None:
    """Write lines to standard output at once; a reader that has left (`| head`) is no error.

    Raises:
        UnavailableError: The output cannot be written; a full disk.
    """
    if sys.stdout is None:
        return
    try:
        print(text, flush=True)
    except OSError as error:
        _abandon(sys.stdout)
        if error.errno != errno.EPIPE:
            raise UnavailableError(
                f"standard output cannot be written: {error.strerror}"
            ) from error


def announce(text: str) -> str:
    """Write lines that must be read: to standard error where standard output takes nothing.

    Returns:
        Why it takes nothing; empty if it does.
    """
    try:
        say(text)
    except UnavailableError as error:
        complain(f"{error}\n{text}")
        return str(error)
    return ""


def complain(text: str) -> None:
    """Write lines to standard error, each with the program's name in front.

    They are lost where nobody reads them: the program goes on to its end nevertheless.
    """
    stream = sys.stderr
    if stream is None:
        return
    lines = "".join(f"botcore: {line}\n" for line in text.splitlines())

    def write() -> None:
        try:
            stream.write(lines)
            stream.flush()
        except OSError:
            _abandon(stream)

    _in_time(write)


def finish_output() -> None:
    """Write what other code left in the buffers, so that the interpreter's end finds nothing."""
    if sys.stdout is not None:  # a pager may take its time
        _flush(sys.stdout)
    stream = sys.stderr
    if stream is not None:
        _in_time(lambda: _flush(stream))


def leave(code: int) -> NoReturn:
    """End the program, after ``finish_output``.

    A log line that nobody reads holds standard error, for which the interpreter's end would wait
    for ever, with all claims of the program: no other one could be started.
    """
    # Of an output without a buffer, as containers like it, only whoever writes finds that nobody
    # reads: a log's handler, whose lock the end of the interpreter takes.
    if (logs := sys.modules.get("logging")) is not None:
        _in_time(logs.shutdown)
    if _stuck.is_set():
        os._exit(code)
    sys.exit(code)


def _flush(stream: TextIO) -> None:
    try:
        stream.flush()
    except OSError:
        _abandon(stream)


def _in_time(act: Callable[[], None]) -> None:
    if _stuck.is_set():
        return
    thread = threading.Thread(target=act, name="stderr", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # no more threads: waiting may be for long, being silent is for ever
        act()
        return
    thread.join(_PATIENCE_SECONDS)
    if thread.is_alive():
        _stuck.set()


def _abandon(stream: TextIO) -> None:
    # What is still in its buffer goes nowhere, instead of failing again at the very end.
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
