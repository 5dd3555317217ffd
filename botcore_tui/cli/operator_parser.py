"""The words of ``botcore operator``. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import file_path

_DESCRIPTION: Final = "Keys and tokens of the people who may command an engine."
_EPILOG: Final = """\
With real money every command but a halt needs a token: in BOTCORE_OPERATOR_TOKEN, in a file that
BOTCORE_OPERATOR_TOKEN_FILE names, or in the keyring. An engine knows the public keys in operators/
of its state directory and no other; it never sees a private one.

scopes: view; trade (orders); halt; resume (resume, reset, relax, enable: all that loosens);
production (the same with real money)
exit codes: 0 done, 1 refused or failed, 2 wrong usage
"""
_MOST_HOURS: Final = 24
_SCOPES: Final = ("view", "trade", "halt", "resume", "production")
_LONGEST_REASON: Final = 200

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_operator(add: Adder) -> None:
    """Add the command with its topics."""
    operator = add(
        "operator",
        help="keys and tokens of those who may command an engine",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    topics = operator.add_subparsers(
        dest="topic", required=True, metavar="keygen|issue|revoke|list"
    ).add_parser
    keygen = topics("keygen", help="make a pair of keys and trust its public half here")
    keygen.add_argument(
        "--force",
        action="store_true",
        help="in place of the pair that is there, whose tokens are refused from then on",
    )
    issue = topics("issue", help="print a new token on standard output")
    _add_issue(issue)
    revoke = topics("revoke", help="have a token refused from now on")
    revoke.add_argument("token_id", metavar="JTI", help="its name, as issue and list tell it")
    revoke.add_argument(
        "--reason", type=_reason, required=True, metavar="TEXT", help="stays on record"
    )
    listed = topics("list", help="keys that are trusted, tokens that were issued or revoked")
    listed.add_argument("--json", action="store_true", help="one JSON object")
    for parser in (keygen, issue):
        parser.add_argument(
            "--private-key",
            type=file_path,
            metavar="FILE",
            default=None,
            help="instead of operator/private.pem beside the configuration",
        )
    for parser in (keygen, issue, revoke, listed):
        parser.allow_abbrev = False
        parser.add_argument(
            "--state-dir",
            type=file_path,
            metavar="DIR",
            default=argparse.SUPPRESS,
            help="state directory of the engine",
        )


def _add_issue(issue: argparse.ArgumentParser) -> None:
    issue.add_argument("--sub", required=True, metavar="NAME", help="who is to act with it")
    issue.add_argument(
        "--scope",
        type=_scopes,
        required=True,
        metavar="A,B",
        help=f"what for: {', '.join(_SCOPES)}",
    )
    issue.add_argument(
        "--hours",
        type=_hours,
        metavar="N",
        default=8,
        help=f"how long it is valid: 1 to {_MOST_HOURS} (8)",
    )


def _scopes(text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in _SCOPES:
            known = ", ".join(_SCOPES)
            raise argparse.ArgumentTypeError(f"{name!r} is no scope; there are {known}")
    return tuple(name for name in _SCOPES if name in names)


def _hours(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= _MOST_HOURS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of hours, 1 to {_MOST_HOURS}")
    return int(text)


def _reason(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST_REASON or not text.isprintable():
        raise argparse.ArgumentTypeError(
            f"must be a line of 1 to {_LONGEST_REASON} characters that says why"
        )
    return text.strip()
