"""Which account a command is about."""

import os

from botcore_tui.cli.credentials import credentials_of
from botcore_tui.config import Environment, credential_variables
from botcore_tui.errors import ConfigError
from botcore_tui.exchange.binance.keys import fingerprint


def account_here(environment: Environment) -> str:
    """The account that the key opens; empty: that of the newest run.

    Args:
        environment: Whose key.
    """
    if credential_variables(environment) is None:
        return ""
    try:
        key = credentials_of(environment, os.environ).api_key
    except ConfigError:
        return ""
    return f"{environment}:{fingerprint(key)}"
