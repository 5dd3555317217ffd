"""The words of stopping: ``halt``, ``flatten``, ``status``. Only the standard library."""

import argparse
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import add_environment, add_places, contract, one_text

KILL_COMMANDS: Final = ("halt", "flatten", "status")
"""Commands that work without an engine, too."""

_EPILOG: Final = """\
It is a program of its own: it writes the halt file first, tells the engine if one runs, then
cancels entries at the venue with its own connection, and asks the venue until that is confirmed.
So it works while the engine hangs, is stopped or is gone. The engine is halted as a whole, whatever
contracts are named; protective stops stay, except where flattening is confirmed.
exit codes: 0 confirmed; 1 not confirmed: what is still open, or could not be seen, is told;
2 wrong usage
"""
_STATUS_EPILOG: Final = """\
It asks the engine that runs; where none answers, the halt file, the ledger and the venue itself.
A position counts as without a stop unless one for all of it is confirmed, also while one is placed.
exit codes: 0 told, and every position has its stop; 1 not all of it could be told: why is said;
2 wrong usage; 3 a position is WITHOUT A STOP
"""

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_kill_commands(add: Adder) -> None:
    """Add every command that stops trading or tells how it stands."""
    halt = json_command(add, "halt", "stop trading: cancel entries, keep protective stops", _EPILOG)
    halt.add_argument(
        "--flatten",
        action="store_true",
        help="also close positions at market, then cancel their stops",
    )
    _add_scope(halt, is_required=False)
    flatten = json_command(
        add, "flatten", "stop trading and close positions: halt --flatten", _EPILOG
    )
    _add_scope(flatten, is_required=True)
    for parser in (halt, flatten):
        parser.add_argument(
            "--reason", metavar="TEXT", type=one_text, default="", help="why; stands in the ledger"
        )
    json_command(add, "status", "say how trading stands, and what is open", _STATUS_EPILOG)


def json_command(
    add: Adder, name: str, what: str, epilog: str, *, way: str = ""
) -> argparse.ArgumentParser:
    """A command about one environment that can answer in JSON.

    Args:
        add: See there.
        name: Of the command.
        what: It does, in one line.
        epilog: Exit codes among others.
        way: What the list of commands says besides.
    """
    parser = add(
        name,
        help=what + way,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_places(parser, is_sub=True)
    add_environment(parser, is_sub=True)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    return parser


def _add_scope(parser: argparse.ArgumentParser, *, is_required: bool) -> None:
    scope = parser.add_mutually_exclusive_group(required=is_required)
    scope.add_argument(
        "--symbol",
        dest="contracts",
        metavar="SYMBOL",
        type=contract,
        action="append",
        default=None,
        help="this contract only; may be given several times",
    )
    scope.add_argument(
        "--all",
        dest="everything",
        action="store_true",
        help="whatever is on the account, ours or not"
        + ("" if is_required else "; so it is, too, if neither is given"),
    )
