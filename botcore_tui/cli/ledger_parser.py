"""The words of ``botcore ledger``. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import add_environment, add_places, file_path

_DESCRIPTION: Final = "Look into the record of all that was decided and done; never changes it."
_EPILOG: Final = """\
It may be read while an engine writes it. Without --account: that of the newest run.
exit codes: 0 done; 1 the record was tampered with, does not agree with the venue, or cannot be read
"""
RISK_TABLES: Final = (
    "anchors",
    "trips",
    "resets",
    "overrides",
    "strategies",
    "phases",
    "drills",
    "streams",
)
"""Tables of what limits trading."""
OTHER_TABLES: Final = (
    "runs",
    "commands",
    "audit",
    "breaker_events",
    "equity",
    "funding",
    "transfers",
    "protection",
    "calls",
)
"""Who asked for what, what else was noted, and money."""
_MOST_ROWS: Final = 1_000_000
_MOST_DAYS: Final = 90

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_ledger(add: Adder) -> None:
    """Add the command with its topics."""
    ledger = add(
        "ledger",
        help="verify, show, export the record of orders and executions, or attest it",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    topics = ledger.add_subparsers(
        dest="topic", required=True, metavar="verify|show|export|attest"
    ).add_parser
    verify = topics("verify", help="find any edited, removed or reordered row")
    show = topics("show", help="orders, executions, profit and loss, or what limited trading")
    _add_show(show)
    export = topics("export", help="write tables for other programs")
    _add_export(export)
    attest = topics("attest", help="compare each day with the venue's own books")
    attest.add_argument(
        "--days", type=_days, metavar="N", default=7, help="today and so many days before (7)"
    )
    for parser in (verify, show, attest):
        parser.add_argument("--json", action="store_true", help="one JSON object")
    for parser in (verify, show, export, attest):
        parser.allow_abbrev = False
        add_places(parser, is_sub=True)
        add_environment(parser, is_sub=True)
    for parser in (show, export, attest):
        parser.add_argument(
            "--account", metavar="NAME", default="", help="such as testnet:3f9c0a12"
        )


def _add_show(show: argparse.ArgumentParser) -> None:
    show.add_argument(
        "what",
        choices=("orders", "fills", "pnl", "risk", *RISK_TABLES, *OTHER_TABLES),
        metavar="orders|fills|pnl|risk|TABLE",
        help=f"risk: the newest of {', '.join(RISK_TABLES[:-1])}; each of them is a TABLE, and so"
        f" are {', '.join((RISK_TABLES[-1], *OTHER_TABLES))}",
    )
    show.add_argument(
        "--limit",
        dest="rows",
        type=_rows,
        metavar="N",
        default=50,
        help="so many of the newest (50)",
    )
    show.add_argument(
        "--by",
        choices=("day", "run", "position"),
        help="of pnl: a line for each UTC day, run, or trade from flat to flat (day)",
    )


def _add_export(export: argparse.ArgumentParser) -> None:
    export.add_argument(
        "--format",
        choices=("csv", "json", "parquet"),
        required=True,
        help="amounts are exact text in all of them",
    )
    export.add_argument(
        "--output",
        type=file_path,
        metavar="DIR",
        default=None,
        help="directory for a file each table",
    )
    export.add_argument(
        "--table", metavar="NAME", default="", help="this one only; without --output to stdout"
    )


def _rows(text: str) -> int:
    return _number(text, _MOST_ROWS)


def _days(text: str) -> int:
    return _number(text, _MOST_DAYS)


def _number(text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {most:,}")
    return int(text)
