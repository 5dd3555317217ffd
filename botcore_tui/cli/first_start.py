"""The first start: the limits in force, that somebody has read them, and what waits for that (R71).

In testnet and production an engine that may trade begins HALTED, and stays so, until the limits
were acknowledged once in this state directory; without a screen it does not start. An exchange on
this machine, demo's or another that ``[hosts]`` names, needs nothing of that.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from botcore_tui import __version__
from botcore_tui.cli.desk_settings import breaker_limits, configured_caps, exact
from botcore_tui.cli.offers import REASONS, trades
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.core.briefing import Paragraph, Terms, briefing
from botcore_tui.core.phase import PhaseRules, starting_rules
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Command, Resume
from botcore_tui.model.risk import RiskView
from botcore_tui.small_file import replace_content

WAITING: Final = (
    "the limits in force were not acknowledged yet: press i in the cockpit and read them, or"
    " botcore setup --accept"
)
"""Why trading stays halted."""


class Acknowledgement(Struct, frozen=True):
    """Somebody has read the limits."""

    actor: str
    time_ms: int
    """UTC."""
    environment: str
    version: str
    """Of the program whose text it was."""

    @property
    def text(self) -> str:
        """Who and when."""
        when = datetime.fromtimestamp(self.time_ms / 1000, UTC)
        return f"{when:%Y-%m-%d %H:%MZ} by {self.actor}"


class Acknowledgements:
    """Keeps it in the state directory.

    Args:
        state_dir: Of this installation.
    """

    def __init__(self, state_dir: Path) -> None:
        self.path = state_dir / "acknowledged.json"

    def last(self) -> Acknowledgement | None:
        """The one that is kept; None where there is none, or it cannot be read: ask once more."""
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=Acknowledgement)
        except (OSError, msgspec.MsgspecError):
            return None

    def keep(self, actor: str, environment: str) -> Acknowledgement:
        """Write it, now.

        Raises:
            UnavailableError: It cannot be written.
        """
        now_ms = SystemClock().now_ms()
        acknowledgement = Acknowledgement(actor, now_ms, environment, __version__)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_content(self.path, msgspec.json.encode(acknowledgement) + b"\n")
        except OSError as error:
            raise UnavailableError(
                f"{self.path} cannot be written ({error.strerror}): the limits stay"
                " unacknowledged; name another directory with --state-dir"
            ) from error
        return acknowledgement


def is_needed(config: Config, environment: Environment) -> bool:
    """Whether trading in an environment waits for an acknowledgement at all."""
    is_own = environment is Environment.DEMO or bool(config.hosts.rest)
    return trades(config, environment) and not is_own


def waiting(config: Config, environment: Environment, state_dir: Path) -> str:
    """Why trading waits; empty if it does not."""
    if not is_needed(config, environment) or Acknowledgements(state_dir).last() is not None:
        return ""
    return WAITING


class Admitting(Protocol):
    """Says who may command what."""

    def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
        """The command in the name of its operator, or why it is refused."""


class CautiousAuthority:
    """Refuses to resume while something waits; everything else is for another to judge.

    Args:
        authority: The other.
        waits: Why trading waits; empty if it does not.
    """

    def __init__(self, authority: Admitting, waits: Callable[[], str]) -> None:
        self._authority = authority
        self._waits = waits

    def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
        """The command in the name of its operator, or why it is refused."""
        if isinstance(command, Resume) and (why := self._waits()):
            return why
        return self._authority.admit(command, credential, peer)


def terms_of(
    config: Config,
    environment: Environment,
    *,
    rules: PhaseRules | None = None,
    equity: Decimal | None = None,
) -> Terms:
    """What is in force in an environment.

    Args:
        config: Checked.
        environment: See there.
        rules: Of the phase; None: those that it begins with.
        equity: If it is known.
    """
    is_demo = environment is Environment.DEMO
    return Terms(
        environment=str(environment),
        about=REASONS[environment],
        is_trading=trades(config, environment),
        rules=rules
        or starting_rules(is_real_money=environment.is_real_money, is_play_money=is_demo),
        configured=configured_caps(config),
        breakers=breaker_limits(config),
        verify_seconds=exact(config.protection.verify_seconds),
        countdown_seconds=exact(config.dead_man.countdown_seconds),
        equity=equity,
    )


class FirstStart:
    """What the cockpit asks of all this.

    Args:
        config: Checked.
        environment: That is shown.
        state_dir: Of this installation.
        actor: Who sits there.
    """

    def __init__(
        self, config: Config, environment: Environment, state_dir: Path, actor: str
    ) -> None:
        self._terms = terms_of(config, environment)
        self._marks = Acknowledgements(state_dir)
        self._actor = actor
        self.is_needed = is_needed(config, environment)
        found = self._marks.last()
        self.acknowledged = "" if found is None else found.text

    def paragraphs(self, risk: RiskView | None) -> Sequence[Paragraph]:
        """The limits in force."""
        return briefing(self._terms, risk)

    def acknowledge(self) -> None:
        """Store that they were read; may wait for a disk.

        Raises:
            UnavailableError: It cannot be written.
        """
        self.acknowledged = self._marks.keep(self._actor, self._terms.environment).text
