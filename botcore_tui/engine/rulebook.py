"""Asks for the filters of contracts: of those that are followed, and of any with a position."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.event import Event, RulesUpdate
from botcore_tui.model.instrument import ContractRules

logger = logging.getLogger(__name__)

_SECONDS: Final = 3_600.0
_RETRY_BASE: Final = 2.0
_RETRY_CAP: Final = 60.0
_LEAST_SECONDS: Final = 5.0
"""Between two looks at them, however often an order is refused for its numbers."""
_GONE: Final = "NOT LISTED"
"""Status of a contract that the venue's list no longer has."""


class Rulebook:
    """The filters of contracts, as the venue told them last; changes are told.

    Args:
        account: At the venue.
        clock: All waiting goes through it.
        deliver: Takes the changes.
        followed: Contracts that are traded.
        held: Others, in which there is or was a position: a stop needs their tick.
    """

    def __init__(
        self,
        account: VenueAccount,
        clock: Clock,
        deliver: Callable[[Event], None],
        *,
        followed: tuple[str, ...],
        held: Iterable[str],
    ) -> None:
        self._account = account
        self._clock = clock
        self._deliver = deliver
        self._followed = followed
        self._others = dict.fromkeys(symbol for symbol in held if symbol not in followed)
        self._rules: dict[str, ContractRules] = {}
        self._is_doubted = asyncio.Event()
        self._is_incomplete = asyncio.Event()

    def doubt(self) -> None:
        """An order was refused for what the rules say: they are asked for again soon."""
        self._is_doubted.set()

    def hold(self, symbol: str) -> None:
        """There is a position in it: its rules are asked for at once, followed or not."""
        if symbol not in self._followed and symbol not in self._others:
            self._others[symbol] = None
            self._is_incomplete.set()

    async def run(self) -> None:
        """Keep them until cancelled."""
        pause = _RETRY_BASE
        while True:
            self._is_doubted.clear()
            self._is_incomplete.clear()
            try:
                await self._renew()
            except FetchError as error:
                logger.warning("contract rules did not come: %s", error)
                await self._happens(pause, self._is_incomplete)
                pause = min(2 * pause, _RETRY_CAP)
                continue
            pause = _RETRY_BASE
            # A position waits for the rules of its contract, and then for its stop.
            if not await self._happens(_LEAST_SECONDS, self._is_incomplete):
                await self._happens(
                    _SECONDS - _LEAST_SECONDS, self._is_incomplete, self._is_doubted
                )

    async def _renew(self) -> None:
        self._take(self._followed, await self._account.rules(self._followed))
        # By themselves: what cannot be read of a contract that nobody trades costs no other its
        # rules.
        if others := tuple(self._others):
            self._take(others, await self._account.rules(others))

    def _take(self, asked: Sequence[str], listed: Sequence[ContractRules]) -> None:
        found = {rules.symbol: rules for rules in listed}
        for symbol in asked:
            if symbol not in found:
                logger.error("the venue knows no contract %s", symbol)
                # The filters stay, so that a position in it can still be closed.
                if (known := self._rules.get(symbol)) is not None:
                    found[symbol] = replace(known, status=_GONE)
        for symbol, rules in found.items():
            if self._rules.get(symbol) != rules:
                self._deliver(RulesUpdate(rules, self._clock.now_ms()))
        self._rules |= found

    async def _happens(self, at_most_seconds: float, *events: asyncio.Event) -> bool:
        """Return when one of them is so, or that time has passed; whether one is."""
        waiting = [asyncio.ensure_future(event.wait()) for event in events]
        pause = asyncio.ensure_future(self._clock.sleep(at_most_seconds))
        try:
            await asyncio.wait((*waiting, pause), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (*waiting, pause):
                each.cancel()
        return any(event.is_set() for event in events)
