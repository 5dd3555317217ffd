"""Command lines inside the test's process."""

import io
from collections.abc import Callable

from msgspec import Struct

from botcore_tui.cli.parser import Arguments, parse


class Outcome(Struct, frozen=True):
    """What a command left."""

    code: object
    out: str
    err: str


class FullDisk(io.StringIO):
    """Standard output that takes nothing."""

    def write(self, text: str, /) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


Run = Callable[..., Outcome]
"""Runs a command; the fixture ``run``."""

Exchange = Callable[..., None]
"""Takes the command that stands in for the embedded exchange; the fixture ``exchange``."""


def arguments(*words: object) -> Arguments:
    """Parsed words of a command line."""
    return parse([*map(str, words)])
