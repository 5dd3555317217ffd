"""Signatures of checks and trades: through the engine that runs, else straight into the ledger."""

import os
import secrets
from collections.abc import Callable
from typing import Final

import msgspec

from botcore_tui.cli.actor import actor
from botcore_tui.cli.kill_command import is_nobody_there
from botcore_tui.cli.ledger_write import write_row
from botcore_tui.cli.operator_token import operator_token
from botcore_tui.cli.places import Places, socket_path
from botcore_tui.clock import Clock
from botcore_tui.config import Config, Environment
from botcore_tui.core.desk_commands import sign_off_denial, sign_off_text
from botcore_tui.core.permission import scope_denial
from botcore_tui.engine.control import Refusal, ask, reply_of
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import SignOff
from botcore_tui.model.event import Answer
from botcore_tui.model.ledger import CommandRow
from botcore_tui.operators.authority import Authority
from botcore_tui.operators.names import operators_directory

_SECONDS: Final = 15.0
_ID_BYTES: Final = 6

Ask = Callable[[SignOff, str | None], bytes]
"""Sends a command with its token to the engine that runs; its reply."""


def a_sign_off(
    what: str,
    reason: str,
    time_ms: int,
    *,
    subject: str = "",
    seen: str = "",
    summary: str = "",
) -> SignOff:
    """A signature in the name of whoever sits here."""
    return SignOff(
        command_id=f"cli-{secrets.token_hex(_ID_BYTES)}",
        actor=actor(),
        what=what,
        subject=subject,
        seen=seen,
        summary=summary,
        reason=reason,
        time_ms=time_ms,
    )


class Signing:
    """Signs in one environment.

    Args:
        config: Checked.
        where: Of this installation.
        environment: Whose checks.
        account: Whose chain; needed where no engine runs.
        clock: See there.
    """

    def __init__(
        self, config: Config, where: Places, environment: Environment, account: str, clock: Clock
    ) -> None:
        self._config, self._where = config, where
        self._environment, self._account, self._clock = environment, account, clock

    def sign(self, command: SignOff) -> tuple[str, ...]:
        """Have it recorded; why it was not, a line each.

        Raises:
            ConfigError: The operator's token cannot be read.
            UnavailableError: The engine does not answer, or another program has the ledger.
        """
        token = operator_token(os.environ)
        path = socket_path(self._where.state_dir, self._environment)
        try:
            reply = reply_of(ask(path, command, _SECONDS, token))
        except UnavailableError as error:
            if not is_nobody_there(error):
                raise
            return self._written(command, token)
        except msgspec.MsgspecError as error:
            raise UnavailableError(f"the engine answered something else: {error}") from error
        match reply:
            case Refusal():
                return (f"{reply.error} ({reply.code})",)
            case Answer(is_accepted=True):
                return ()
            case Answer():
                return (f"{reply.text} ({reply.code})",)
            case _:
                return ("the engine answered something else",)

    def _written(self, command: SignOff, token: str | None) -> tuple[str, ...]:
        if not self._account:
            return (f"no account of {self._environment} is known here: nothing can be signed yet",)
        directory = operators_directory(self._where.state_dir)
        authority = Authority(self._environment, directory, self._clock.now_ms)
        admitted = authority.admit(command, token, actor())
        if not isinstance(admitted, SignOff):
            return (str(admitted),)
        denial = scope_denial(admitted, is_real_money=self._environment.is_real_money)
        denial = denial or sign_off_denial(admitted)
        if denial is not None:
            return (f"{denial.text}: {denial.remedy}",)
        row = CommandRow(
            command_id=admitted.command_id,
            command=type(admitted).__name__,
            actor=admitted.actor,
            arguments=msgspec.json.encode(admitted).decode(),
            reason=admitted.reason,
            is_accepted=True,
            code="",
            text=sign_off_text(admitted),
            time_ms=admitted.time_ms,
        )
        state_dir = self._where.state_dir
        account, clock = self._account, self._clock
        return write_row(self._config, state_dir, self._environment, account, row, clock)
