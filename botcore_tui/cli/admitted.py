"""The cockpit's door to the engine: each wish in the name, and with the scopes, of its operator."""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from botcore_tui.clock import Clock
from botcore_tui.engine.port import EnginePort, PlayerCommand
from botcore_tui.errors import ConfigError
from botcore_tui.model.command import Command, DeskCommand, Halt, Resume, Scope
from botcore_tui.model.event import Answer
from botcore_tui.model.snapshot import LogLine, Snapshot, View

logger = logging.getLogger(__name__)


class Answering(EnginePort, Protocol):
    """An engine that can be told the answer to a command which never reaches it."""

    def tell(self, answer: Answer) -> None:
        """Show it among the answers."""


class Admitting(Protocol):
    """Says who may command what."""

    def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
        """The command in the name of its operator, or why it is refused."""


class AdmittedPort:
    """Implements ``EnginePort``; halting is never refused.

    Args:
        engine: Behind the door.
        authority: Says who may command what.
        token: Of whoever sits here, read anew for each command; may raise ConfigError.
        peer: The system's user.
        clock: Stamps answers.
    """

    def __init__(
        self,
        engine: Answering,
        authority: Admitting,
        token: Callable[[], str | None],
        peer: str,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._authority = authority
        self._token = token
        self._peer = peer
        self._clock = clock

    def look(self, view: View) -> Snapshot | None:
        """The newest picture."""
        return self._engine.look(view)

    def halt(self, actor: str, reason: str, *, flattens: bool = False) -> None:
        """Latch HALTED; in force when this returns, whoever asks."""
        # First of all, and without a file that might have to be read.
        self._engine.halt(actor, reason, flattens=flattens)

    def resume(
        self, actor: str, reason: str, *, command_id: str = "", scopes: tuple[Scope, ...] = ()
    ) -> None:
        """Ask for one step back towards trading."""
        now_ms = self._clock.now_ms()
        admitted = self._admit(Resume(actor, reason, now_ms, command_id, scopes))
        if isinstance(admitted, str):
            self._refuse(command_id, admitted)
        elif isinstance(admitted, Resume):
            self._engine.resume(
                admitted.actor,
                admitted.reason,
                command_id=admitted.command_id,
                scopes=admitted.scopes,
            )

    def send(self, command: DeskCommand) -> None:
        """Ask for what is answered."""
        admitted = self._admit(command)
        if isinstance(admitted, str):
            self._refuse(command.command_id, admitted)
        elif not isinstance(admitted, Halt | Resume):
            self._engine.send(admitted)

    def play(self, command: PlayerCommand) -> None:
        """Steer the tape."""
        self._engine.play(command)

    def log_since(self, sequence: int) -> Sequence[LogLine]:
        """Log lines after a sequence number."""
        return self._engine.log_since(sequence)

    def _admit(self, command: Command) -> Command | str:
        try:
            return self._authority.admit(command, self._token(), self._peer)
        except ConfigError as error:
            return str(error)

    def _refuse(self, command_id: str, text: str) -> None:
        logger.warning("refused: %s", text)
        self._engine.tell(
            Answer(
                command_id=command_id,
                is_accepted=False,
                code="P03",
                text=text,
                time_ms=self._clock.now_ms(),
            )
        )
