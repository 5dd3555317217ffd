"""Opens the way to production: an operator, a phase, a look at the account, a typed word."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from botcore_tui.cli.binding import Confirmations, Inspected, confirmed, inspect, lines
from botcore_tui.config import Config
from botcore_tui.core.phase import PhaseRules
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.permit import Confirmed

_PROMPT: Final = "Type the last 4 characters of the account's name to trade there: "


class Offer(Struct, frozen=True):
    """What a person is shown before typing."""

    lines: Sequence[str]
    word: str
    """To be typed."""


class RealMoney:
    """The only place that confirms a production account.

    Args:
        config: Checked.
        limiter: Of this process.
        actor: Who sits here.
        operator_refusal: Why the operator's token does not allow production; empty if it does.
        rules: Of the phase that is in force there.
            Raises UnavailableError where no gate was passed.
        confirmations: Keeps the last one, for a kill from another program.
    """

    def __init__(
        self,
        config: Config,
        limiter: Limiter,
        *,
        actor: str,
        operator_refusal: Callable[[], str],
        rules: Callable[[], PhaseRules],
        confirmations: Confirmations,
    ) -> None:
        self._config = config
        self._limiter = limiter
        self._actor = actor
        self._operator_refusal = operator_refusal
        self._rules = rules
        self._confirmations = confirmations
        self._found: Inspected | None = None

    def look(self) -> Offer:
        """Look at the account; blocks for seconds, changes nothing there.

        Raises:
            ConfigError: There is no key.
            UnavailableError: Production is not to be had, and why.
        """
        self._found = None
        if refusal := self._operator_refusal():
            raise UnavailableError(refusal)
        rules = self._rules()
        self._found = inspect(self._config, os.environ, self._limiter, str(rules.phase))
        return Offer(lines(self._found, rules), self._found.tail)

    def confirm(self, typed: str) -> Confirmed:
        """Take a person's word for what was looked at last.

        Raises:
            UnavailableError: Something else was typed, or nothing was looked at.
        """
        if self._found is None:
            raise UnavailableError("the account was not looked at: nothing can be confirmed")
        word = confirmed(self._found, typed, self._actor)
        self._confirmations.keep(word.confirmation)
        self._found = None  # one look, one confirmation
        return word


def ask(road: RealMoney, typed: str | None) -> Confirmed:
    """Show what is at risk on the terminal, and have it confirmed there.

    Args:
        road: See there.
        typed: What was typed on the command line already; None: it is asked for.

    Raises:
        ConfigError: There is no key.
        UnavailableError: It was not confirmed, or there is nobody who could be asked.
    """
    offer = road.look()
    print("\n".join(offer.lines), file=sys.stderr)
    if typed is None:
        if not sys.stdin.isatty():
            raise UnavailableError(
                "nobody can be asked here: confirm with --confirm and the end of the account's name"
            )
        typed = _typed()
    return road.confirm(typed)


def _typed() -> str:
    print(_PROMPT, end="", file=sys.stderr, flush=True)
    try:
        return input()
    except EOFError:
        return ""
