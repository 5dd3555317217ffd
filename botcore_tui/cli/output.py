"""Standard output and standard error, whatever has become of them."""

import contextlib
import errno
import os
import sys
from typing import TextIO

from botcore_tui.errors import UnavailableError


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


def complain(text: str) -> None:
    """Write lines to standard error, each with the program's name in front."""
    if sys.stderr is None:
        return
    lines = "".join(f"botcore: {line}\n" for line in text.splitlines())
    try:
        sys.stderr.write(lines)
        sys.stderr.flush()
    except OSError:
        _abandon(sys.stderr)


def finish_output() -> None:
    """Write what other code left in the buffers, so that the interpreter's end finds nothing."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                _abandon(stream)


def _abandon(stream: TextIO) -> None:
    # What is still in its buffer goes nowhere, instead of failing again at the very end.
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
