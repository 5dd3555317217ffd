"""The words of ``botcore checks`` and ``botcore report``. Only the standard library."""

import argparse
import re
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import add_environment, add_places, one_text

PERIODS: Final = ("daily", "weekly", "monthly")
_TOPICS: Final = ("show", "sign", "trades", "review")
_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
_MOST_DAYS: Final = 3_650
_CHECKS: Final = "What a person looks at each day, week and month, as far as a program can tell it."
_CHECKS_EPILOG: Final = """\
show            the list (the default): each check with state, value, limit, source, age, next step
sign PERIOD     put your name to a list: daily, weekly or monthly; keeps what was seen
trades          the journal: trades that ended flat, and what was noted of each
review NUMBER   note what is to be said of a trade; its number is that of the journal

Signatures go to the engine that runs, which takes those of the account that it trades; where none
does, into the ledger. With real money they need an operator's token of scopes trade and production.
states: OK; LOOK, a person should look; FAILED; NOT KNOWN, nothing on record tells
exit codes: of show: 0 all OK, 1 one FAILED, 3 one to LOOK at or NOT KNOWN; of the others: 0 done,
1 refused or failed, with every reason; 2 wrong usage
"""
_REPORT: Final = "A month of one account from its ledger: performance, costs, controls, evidence."
_REPORT_EPILOG: Final = """\
It is also the self-assessment: phase evidence, what each control did, drills, signatures, versions.
exit codes: 0 done; 1 the record was tampered with or cannot be read; 2 wrong usage
"""

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_checks(add: Adder) -> None:
    """Add both commands."""
    checks = _command(add, "checks", "daily, weekly and monthly checks, and their signatures")
    checks.description, checks.epilog = _CHECKS, _CHECKS_EPILOG
    checks.add_argument(
        "topic", nargs="?", choices=_TOPICS, default="show", metavar="|".join(_TOPICS)
    )
    checks.add_argument(
        "subject", nargs="?", default="", metavar="PERIOD|NUMBER", help="of sign, of review"
    )
    period = checks.add_mutually_exclusive_group()
    for name in PERIODS:
        period.add_argument(
            f"--{name}",
            dest="period",
            action="store_const",
            const=name,
            default=None,
            help=f"show: the {name} list" + (" (the default)" if name == PERIODS[0] else ""),
        )
    checks.add_argument(
        "--reason", type=one_text, metavar="TEXT", default="", help="sign, review: stays on record"
    )
    checks.add_argument(
        "--accept-limits",
        action="store_true",
        help="sign weekly: confirm that the limits differ from those last signed",
    )
    checks.add_argument(
        "--days", type=_days, metavar="N", default=0, help="trades: how far back; 7 if left out"
    )
    report = _command(add, "report", "performance and self-assessment of a month, by the ledger")
    report.description, report.epilog = _REPORT, _REPORT_EPILOG
    report.add_argument(
        "--month",
        type=_month,
        metavar="YYYY-MM",
        default=None,
        help="which; the one before the present one if left out",
    )


def checks_nonsense(arguments: argparse.Namespace) -> str:
    """Why words of ``checks`` make no sense together; empty if they do."""
    topic, subject = arguments.topic, arguments.subject
    is_signing = topic in {"sign", "review"}
    if topic == "sign" and subject not in PERIODS:
        return f"checks sign needs one of {', '.join(PERIODS)}"
    if topic == "review" and _NUMBER.fullmatch(subject) is None:
        return "checks review needs the number of a trade; botcore checks trades lists them"
    if not is_signing and subject:
        return f"{subject!r}: not for checks {topic}"
    if is_signing != bool(arguments.reason.strip()):
        return f"checks {topic} needs --reason TEXT" if is_signing else "--reason: not for that"
    if arguments.period is not None and topic != "show":
        return f"--{arguments.period}: not for checks {topic}"
    if arguments.days and topic != "trades":
        return f"--days: not for checks {topic}"
    if arguments.accept_limits and subject != "weekly":
        return "--accept-limits: only for checks sign weekly"
    return ""


def _command(add: Adder, name: str, what: str) -> argparse.ArgumentParser:
    parser = add(
        name,
        help=what,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--account", metavar="NAME", default="", help="such as testnet:3f9c0a12")
    add_places(parser, is_sub=True)
    add_environment(parser, is_sub=True)
    return parser


def _month(text: str) -> str:
    if _MONTH.fullmatch(text) is None or not "1970-01" <= text < "9999-12":
        raise argparse.ArgumentTypeError(f"{text!r} is no month such as 2026-10")
    return text


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
    if not 1 <= days <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days up to {_MOST_DAYS}")
    return days
