"""Command lines inside the test's process."""

from collections.abc import Callable

from msgspec import Struct

from botcore_tui.cli.parser import Arguments, parse


class Outcome(Struct, frozen=True):
    """What a command left."""

    code: object
    out: str
    err: str


Run = Callable[..., Outcome]
"""Runs a command; the fixture ``run``."""

Exchange = Callable[..., None]
"""Takes the command that stands in for the embedded exchange; the fixture ``exchange``."""


def arguments(*words: object) -> Arguments:
    """Parsed words of a command line."""
    return parse([*map(str, words)])
