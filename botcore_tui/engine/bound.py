"""Asks the venue whose account a session is really connected to (P02)."""

import logging
from typing import Final

from msgspec.structs import replace

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.account import AccountBound, Binding

logger = logging.getLogger(__name__)

_BASE_SECONDS: Final = 1.0
_CAP_SECONDS: Final = 30.0


async def bound(account: VenueAccount, binding: Binding, clock: Clock) -> AccountBound:
    """The tuple in force, with the account's name as the venue tells it; asks until it does.

    Args:
        account: That is traded.
        binding: What the session was opened with.
        clock: All waiting goes through it.
    """
    pause = _BASE_SECONDS
    while True:
        try:
            name = await account.account_id()
        except FetchError as error:
            logger.warning("the account's name did not come: %s", error)
            await clock.sleep(pause)
            pause = min(2 * pause, _CAP_SECONDS)
        else:
            return AccountBound(replace(binding, account_id=name), clock.now_ms())
