"""Sets contracts to no more leverage at the venue than is planned (P13, R28)."""

import logging
from collections.abc import Callable
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError, VenueAccount
from botcore_tui.model.account import LeverageChange

logger = logging.getLogger(__name__)

_BASE_SECONDS: Final = 1.0
_CAP_SECONDS: Final = 30.0


async def lower_leverages(
    account: VenueAccount,
    symbols: tuple[str, ...],
    most: int,
    tell: Callable[[LeverageChange], None],
    clock: Clock,
) -> None:
    """Lower what is above ``most``, once; raise nothing.

    Where the venue refuses, as it may while there is a position, entries stay denied and the gate
    says why.

    Args:
        account: That is traded.
        symbols: That are followed.
        most: As planned.
        tell: Of each that was set.
        clock: All waiting goes through it.
    """
    for each in await _known(account, clock):
        if each.symbol not in symbols or each.leverage <= most:
            continue
        try:
            tell(await account.set_leverage(each.symbol, most))
        except OrderError as error:
            logger.warning("leverage of %s stays %d: %s", each.symbol, each.leverage, error)
        else:
            logger.info("leverage of %s lowered from %d to %d", each.symbol, each.leverage, most)


async def _known(account: VenueAccount, clock: Clock) -> list[LeverageChange]:
    pause = _BASE_SECONDS
    while True:
        try:
            return await account.leverages()
        except FetchError as error:
            logger.warning("leverages did not come: %s", error)
            await clock.sleep(pause)
            pause = min(2 * pause, _CAP_SECONDS)
