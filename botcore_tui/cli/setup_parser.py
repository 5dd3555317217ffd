"""The words of the first steps: ``setup`` and ``runbook``. Only the standard library."""

import argparse
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import add_environment, add_places

_SETUP: Final = (
    "Go through the first start: a configuration for the testnet, where keys come from and whether"
    " they are good, the limits in force, an alert that arrives."
)
_SETUP_EPILOG: Final = """\
In a terminal it asks before each step. With any of the flags it asks nothing and does only what
they say; without flags and without a terminal it only tells how things stand. Keys are never typed
in and never written: they come from variables, files or the keyring. A configuration that is there
is left alone.
exit codes: 0 done, 1 a step failed or was refused, 2 wrong usage
"""
_RUNBOOK: Final = (
    "Say what codes mean, what the program has done, what to look at and how to clear it; all codes"
    " if none is named."
)

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_setup(add: Adder) -> None:
    """Add the wizard."""
    setup = add(
        "setup",
        help="go through the first start: configuration, keys, limits, an alert",
        description=_SETUP,
        epilog=_SETUP_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_places(setup, is_sub=True)
    add_environment(setup, is_sub=True)
    for flag, text in (
        ("--write-config", "write a configuration for the testnet where there is none"),
        ("--check-keys", "ask the venue whether clock and key are good; nothing is ordered"),
        ("--limits", "show the limits in force"),
        ("--accept", "show them, and store that you have read them"),
        ("--test-alert", "send one test alert and tell what became of it"),
    ):
        setup.add_argument(flag, action="store_true", help=text)


def add_runbook(add: Adder) -> None:
    """Add the pages."""
    pages = add(
        "runbook",
        help="say what a code means and how to clear it",
        description=_RUNBOOK,
        allow_abbrev=False,
    )
    pages.add_argument("codes", metavar="CODE", nargs="*", help="such as P15, A01, state.halted")
    pages.add_argument("--json", action="store_true", help="one JSON object")
