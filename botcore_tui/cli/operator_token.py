"""The token of whoever gives commands here."""

from collections.abc import Mapping

from botcore_tui.cli.credentials import secret_of
from botcore_tui.config.masking import OPERATOR_TOKEN
from botcore_tui.errors import ConfigError
from botcore_tui.model.command import Command, Halt


def operator_token(env: Mapping[str, str]) -> str | None:
    """The token in the environment, a file or the keyring; None where there is none.

    Args:
        env: Environment variables.

    Raises:
        ConfigError: It stands in two places, or cannot be read; never shows any of it.
    """
    return secret_of(OPERATOR_TOKEN, env) or None


def token_for(command: Command, env: Mapping[str, str]) -> str | None:
    """The token to send with a command; nothing about it holds up a halt.

    Raises:
        ConfigError: As ``operator_token``, of all but a halt.
    """
    if not isinstance(command, Halt):
        return operator_token(env)
    try:
        return secret_of(OPERATOR_TOKEN, env, asks_keyring=False) or None
    except ConfigError:
        return None
