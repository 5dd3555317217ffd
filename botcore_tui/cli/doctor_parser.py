"""The words of ``botcore doctor``. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import add_market, add_places, add_theme

_DESCRIPTION: Final = (
    "Say what this machine and terminal can do, and whether the configured environment is ready to"
    " be traded."
)
_EPILOG: Final = """\
ok    as it should be
NOTE  worth knowing
WARN  trading works; put it right before it matters
FAIL  the program, or trading in this environment, is not possible

What needs the venue is asked with the environment's key. On demo and testnet one order of each type
is placed far from the market and cancelled, unless an engine runs there; in production nothing but
questions is sent. Demo is looked at on an exchange that is started for it.
exit codes: 0 ok, notes at most; 1 something fails; 2 wrong usage; 3 warnings only
"""

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_doctor(add: Adder) -> None:
    """Add the command."""
    doctor = add(
        "doctor",
        help="say what this machine can do, and whether the environment is ready to be traded",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_places(doctor, is_sub=True)
    add_theme(doctor, is_sub=True)
    add_market(doctor, is_sub=True)
    doctor.add_argument("--json", action="store_true", help="one JSON object")
