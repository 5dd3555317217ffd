"""The words of ``botcore phase``. Only the standard library: ``--help`` must answer at once."""

import argparse
from collections.abc import Callable
from typing import Final

from botcore_tui.cli.parser_parts import add_environment, add_places, unset

_DESCRIPTION: Final = "How much may be at risk, and what is missing for the next step."
_EPILOG: Final = """\
phases: testnet, conservative, scale, full; one step at a time, each on evidence that the ledger
shows of the one before. Real money begins with conservative, whose evidence is the testnet's.

show      phase, limits in percent and money, evidence and what is missing
promote   begin the next phase: all evidence met, the phase's name typed, an operator's token
demote    go back one phase; needs nothing but a reason
restart   begin the same phase anew: what went wrong before no longer counts, nor what went well
sign-off  sign the review of the phase

With real money all but show and demote need an operator's token of scope production.
All but show write to the ledger, which an engine that runs has for itself: end it first.
exit codes: 0 done, 1 refused, with every reason, 2 wrong usage
"""
_TOPICS: Final = ("show", "promote", "demote", "restart", "sign-off")

Adder = Callable[..., argparse.ArgumentParser]
"""``add_parser`` of the commands."""


def add_phase(add: Adder) -> None:
    """Add the command."""
    phase = add(
        "phase",
        help="deployment phase, its limits, and the evidence for the next one",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    phase.add_argument(
        "topic", nargs="?", choices=_TOPICS, default="show", metavar="|".join(_TOPICS)
    )
    phase.add_argument(
        "--reason", type=_reason, metavar="TEXT", default="", help="stays on record; not for show"
    )
    phase.add_argument(
        "--confirm",
        metavar="NAME",
        default=unset(is_sub=True),
        help="promote: name of the phase, where nobody can be asked",
    )
    phase.add_argument("--json", action="store_true", help="one JSON object")
    phase.add_argument("--account", metavar="NAME", default="", help="such as testnet:3f9c0a12")
    add_places(phase, is_sub=True)
    add_environment(phase, is_sub=True)


def phase_nonsense(topic: str, reason: str, confirm: str | None) -> str:
    """Why words of the command make no sense together; empty if they do."""
    if topic == "show" and reason:
        return "--reason: not for phase show"
    if topic != "show" and not reason:
        return f"phase {topic} needs --reason TEXT"
    if topic != "promote" and confirm is not None:
        return f"--confirm: not for phase {topic}"
    return ""


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said.isprintable():
        raise argparse.ArgumentTypeError("say why, in plain characters")
    return said
