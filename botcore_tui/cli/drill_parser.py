"""The words of ``botcore drill``. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import add_environment, add_places

DRILLS: Final = ("halt", "breaker", "dead-man", "disconnect", "crash")
_DESCRIPTION: Final = (
    "Rehearse on an embedded exchange what must work on the worst day, with the limits that are"
    " configured: an engine of its own, play money, a state directory of its own."
)
_EPILOG: Final = """\
halt        SIGUSR1: latched, no entry open, stops still there; with --flatten flat by a second
            program
breaker     losses at the venue until the daily loss trips: latched, no entry open, entries refused,
            the reset refused while the loss is beyond the limit
dead-man    kill -9: entries are gone after the countdown, stops still there
disconnect  all streams cut: entries refused; streams back: reconciled, entries taken
crash       kill -9 and a new start: the same position with its stop within 5 seconds

Nothing of it touches a venue or an engine that runs. The result goes to the ledger of the
configured environment, with its timings; the breaker drill is evidence for the next phase.
exit codes: 0 passed, 1 failed, or not recorded; 2 wrong usage
"""

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_drill(add: Adder) -> None:
    """Add the command."""
    drill = add(
        "drill",
        help="rehearse halt, breaker, dead man, disconnection or crash on an embedded exchange",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    drill.add_argument("topic", choices=DRILLS, metavar="|".join(DRILLS))
    drill.add_argument(
        "--flatten", action="store_true", help="halt: also close the position, by botcore halt"
    )
    drill.add_argument("--json", action="store_true", help="one JSON object")
    add_places(drill, is_sub=True)
    add_environment(drill, is_sub=True)


def drill_nonsense(topic: str, *, flatten: bool) -> str:
    """Why words of the command make no sense together; empty if they do."""
    return "--flatten: only for drill halt" if flatten and topic != "halt" else ""
