"""Sets contracts to no more leverage at the venue than is planned (P13, R28)."""

import logging
from collections.abc import Callable
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import Leaving, OrderError, VenueAccount, freely
from botcore_tui.model.account import LeverageChange
from botcore_tui.model.order import Outcome

logger = logging.getLogger(__name__)

_BASE_SECONDS: Final = 1.0
_CAP_SECONDS: Final = 30.0
_ROUNDS: Final = 5


async def lower_leverages(
    account: VenueAccount,
    symbols: tuple[str, ...],
    most: int,
    tell: Callable[[LeverageChange], None],
    clock: Clock,
    *,
    leaving: Leaving = freely,
) -> None:
    """Lower what is above ``most``; raise nothing.

    Where the venue refuses, as it may while there is a position, entries stay denied and the gate
    says why. Where it does not answer, it is looked at and asked again, a few times.

    Args:
        account: That is traded.
        symbols: That are followed.
        most: As planned.
        tell: Of each that was set.
        clock: All waiting goes through it.
        leaving: Called before each of them leaves; see there.
    """
    refused: set[str] = set()
    for number in range(_ROUNDS):
        # Somebody may have lowered one further meanwhile.
        high = [
            each
            for each in await _known(account, clock)
            if each.symbol in symbols and each.leverage > most and each.symbol not in refused
        ]
        failed: list[LeverageChange] = []
        for each in high:
            try:
                tell(await account.set_leverage(each.symbol, most, leaving))
            except OrderError as error:
                logger.warning("leverage of %s stays %d: %s", each.symbol, each.leverage, error)
                if error.outcome is Outcome.REJECTED:
                    refused.add(each.symbol)
                else:
                    failed.append(each)
            else:
                logger.info(
                    "leverage of %s lowered from %d to %d", each.symbol, each.leverage, most
                )
        if not failed:
            return
        await clock.sleep(min(_BASE_SECONDS * 2**number, _CAP_SECONDS))


async def _known(account: VenueAccount, clock: Clock) -> list[LeverageChange]:
    pause = _BASE_SECONDS
    while True:
        try:
            return await account.leverages()
        except FetchError as error:
            logger.warning("leverages did not come: %s", error)
            await clock.sleep(pause)
            pause = min(2 * pause, _CAP_SECONDS)
