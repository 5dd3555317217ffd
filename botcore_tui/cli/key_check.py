"""What the venue tells of the API key, for the monthly checks (R69)."""

import asyncio
import os
import random
from typing import Final

from botcore_tui.cli.addresses import looking_address
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Environment
from botcore_tui.errors import BotcoreError
from botcore_tui.exchange.binance.key_rights import ask_rights
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.account import KeyRights

_SECONDS: Final = 10.0
_SILENT: Final = "the venue does not tell what this key may do"


def told_rights(config: Config, environment: Environment) -> tuple[KeyRights | None, str]:
    """Ask the venue; blocks. What it told, or why it did not.

    Args:
        config: Checked.
        environment: Whose key.
    """
    if not environment.is_real_money:
        # Only the wallet API of production has such a question.
        return None, _SILENT
    try:
        return asyncio.run(_asked(config, environment))
    except BotcoreError as error:
        return None, f"the venue did not tell: {error}"
    except TimeoutError:
        return None, f"the venue did not tell within {_SECONDS:g} s"


async def _asked(config: Config, environment: Environment) -> tuple[KeyRights | None, str]:
    address, clock = looking_address(config, environment, os.environ), SystemClock()
    if address.permit is None:
        return None, _SILENT
    async with asyncio.timeout(_SECONDS):
        rights = await ask_rights(
            address.permit,
            address.credentials,
            clock=clock,
            rng=random.Random(),  # noqa: S311 - jitter
            limiter=Limiter(config.limits.weight_per_minute, clock),
        )
    return rights, "" if rights is not None else _SILENT
