"""Who may have a command done: the one way in for every door that people come through."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

from msgspec import structs

from botcore_tui.config import Environment
from botcore_tui.config.masking import printable, redacted, without
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    Command,
    EnableStrategy,
    Halt,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
    Scope,
    SignOff,
)
from botcore_tui.operators.names import Operator

if TYPE_CHECKING:
    from botcore_tui.operators.trust import Trust

LOCAL_SCOPES: Final = tuple(scope for scope in Scope if scope is not Scope.PRODUCTION)
"""Of the system's user where no real money is at stake."""

_LONGEST_ACTOR: Final = 120
_SHORTEST_SECRET: Final = 8


class Authority:
    """Names the actor of each command and what that one may do, or refuses it.

    With real money everything but a halt needs a token (R17). Elsewhere a token may be left out:
    then it is the system's user who acts; one that is sent is checked, and names who acts.

    Args:
        environment: Where the engine trades.
        directory: Of public keys and revocations, see ``operators_directory``.
        clock_ms: UTC.
    """

    def __init__(
        self, environment: Environment, directory: Path, clock_ms: Callable[[], int]
    ) -> None:
        self._is_production = environment is Environment.PRODUCTION
        self._directory = directory
        self._clock_ms = clock_ms
        self._trust: Trust | None = None
        # The first token must not wait in the engine's loop for what takes long to import.
        if self._is_production or _is_there(directory):
            self._trusted()

    def admit(self, command: Command, credential: str | None, peer: str) -> Command | str:
        """The command in the name of who gave it, or one sentence on why not and what to do.

        Args:
            command: Whatever it says of scopes is replaced.
            credential: The token that was sent with it, if one was.
            peer: What the door itself knows of who is there: the system's user.
        """
        proof = self._proof(command, credential)
        actor = _person(command.actor, peer)
        reason = _shown(command.reason, credential)
        if isinstance(proof, Operator):
            actor = f"{proof.name} {actor}".rstrip()
        if isinstance(command, Halt):  # never refused, with whatever token
            return structs.replace(command, actor=actor, reason=reason)
        scopes = proof.scopes if isinstance(proof, Operator) else LOCAL_SCOPES
        if refusal := self._refusal(command, proof):
            return refusal
        return structs.replace(command, actor=actor, reason=reason, scopes=scopes)

    def _refusal(self, command: Command, proof: Operator | str) -> str:
        is_reducing = reduces(command)
        if not self._is_production and (is_reducing or not proof):
            return ""
        name = type(command).__name__
        needed = [needed_scope(command)]
        if self._is_production and not is_reducing:
            needed.append(Scope.PRODUCTION)
        how = "issue one with botcore operator issue --scope " + ",".join(needed)
        if self._is_production and is_reducing:
            how += ", or use botcore halt --flatten, which needs none"
        elif not self._is_production:
            how += ", or send none to act as the system's user"
        if not proof:
            return f"{name} needs a token in production: {how}"
        if isinstance(proof, str):
            return f"{name}: the token is refused, {proof}: {how}"
        if missing := [scope for scope in needed if scope not in proof.scopes]:
            return f"{name}: the token of {proof.name} lacks {' and '.join(missing)}: {how}"
        return ""

    def _proof(self, command: Command, token: str | None) -> Operator | str:
        """Whom a token names, why it does not, or empty if none was sent."""
        if token is None or not token.strip():
            return ""
        try:
            if not isinstance(command, Halt):
                return self._trusted().operator(token.strip(), self._clock_ms())
            # A halt waits for no import and no disk.
            if self._trust is not None:
                return self._trust.remembered(token.strip(), self._clock_ms())
        except UnavailableError as error:
            return str(error)
        return ""

    def _trusted(self) -> "Trust":
        if self._trust is None:
            # Those who use no token need not wait for it.
            from botcore_tui.operators.trust import Trust  # noqa: PLC0415 - a tenth of a second

            self._trust = Trust(self._directory)
        return self._trust


def reduces(command: Command) -> bool:
    """Whether a command can only lower what is at stake."""
    match command:
        case Halt() | ClosePosition() | CancelOrder() | MoveStop():
            return True
        case PlaceOrder():
            return command.reduce_only
        case Resume() | ResetBreaker() | Relax() | EnableStrategy() | SignOff():
            return False
        case _:
            assert_never(command)


def needed_scope(command: Command) -> Scope:
    """What a token must allow for a command, the place aside."""
    match command:
        case Halt():
            return Scope.HALT
        case PlaceOrder() | ClosePosition() | CancelOrder() | MoveStop() | SignOff():
            return Scope.TRADE
        case Resume() | ResetBreaker() | Relax() | EnableStrategy():
            return Scope.RESUME
        case _:
            assert_never(command)


def _is_there(directory: Path) -> bool:
    try:
        return directory.exists()
    except OSError:  # a token will tell
        return True


def _person(given: str, peer: str) -> str:
    # A ``#`` stands in the names of operators only: nobody else can pass for one.
    said = printable(given).replace("#", "_")[:_LONGEST_ACTOR].strip()
    if not peer or peer in said:
        return said
    # The door knows better than the sender, who may write any name.
    return f"{said} ({peer})" if said else peer


def _shown(reason: str, token: str | None) -> str:
    # A short one would be found by chance in innocent text, and can be no token.
    return without(redacted(reason), {token} if token and len(token) >= _SHORTEST_SECRET else ())
