"""Closes positions by orders that can only reduce, and asks for nothing but the venue's word."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.core.client_ids import KILL_PREFIX
from botcore_tui.engine.kill_terms import exits, near_stop
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError, VenueAccount
from botcore_tui.model.account import PositionReport
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.order import OrderRequest, OrderSent, Outcome

_NOTHING_TO_REDUCE: Final = -2022
_TAKEN: Final = -4130
"""There is a stop that closes the position already."""
_OFTEN: Final = 3
"""So many refusals that may be over at the next look are not."""


class Flattener:
    """Sends what closes a position; whether it did, only the next look at the venue tells.

    Args:
        account: At the venue.
        clock: Makes ids unlike those of any other kill.
        note: Told of every refusal.
    """

    def __init__(self, account: VenueAccount, clock: Clock, note: Callable[[str], None]) -> None:
        self._account = account
        self._note = note
        self._run = f"{clock.utc_ns() // 1_000:x}"
        self._numbers = count(1)
        self._rules: dict[str, ContractRules] = {}
        self._refusals: Counter[str] = Counter()
        self._has_stop: set[str] = set()

    async def reduce(self, position: PositionReport) -> None:
        """Try to close a position that was read just now; never raises an OrderError."""
        rules = self._rules.get(position.symbol)
        requests = exits(position, rules, self._name())
        errors = await asyncio.gather(*map(self._sent, requests))
        refused = [error for error in errors if error is not None]
        if any(error.outcome is Outcome.REJECTED for error in refused):
            await self._on_refusal(position, refused)

    async def _on_refusal(self, position: PositionReport, refused: list[OrderError]) -> None:
        symbol = position.symbol
        self._refusals[symbol] += 1
        # It may be closed already, by a stop or by another kill; the next look will tell.
        may_pass = all(error.code == _NOTHING_TO_REDUCE for error in refused)
        if not may_pass and symbol not in self._rules:
            # Was it too large for one order? The next round is cut by the contract's rules.
            await self._learn(symbol)
        if self._refusals[symbol] >= (_OFTEN if may_pass else 1) and symbol not in self._has_stop:
            await self._stop(position)

    async def _stop(self, position: PositionReport) -> None:
        rules = self._rules.get(position.symbol)
        for closes in (True, False):
            request = near_stop(position, rules, self._name(), closes=closes)
            if request is None:
                return
            error = await self._sent(request)
            if error is None or error.outcome is Outcome.UNKNOWN:
                self._has_stop.add(position.symbol)
                return
            if error.code != _TAKEN:
                return

    async def _sent(self, request: OrderRequest) -> OrderError | None:
        try:
            await self._account.place(request, _unheard)
        except OrderError as error:
            self._note(f"{request.symbol}: {request.type} {request.side} refused: {error}")
            return error
        return None

    async def _learn(self, symbol: str) -> None:
        try:
            for rules in await self._account.rules((symbol,)):
                self._rules[rules.symbol] = rules
        except FetchError as error:
            self._note(f"{symbol}: its rules did not come: {error}")

    def _name(self) -> str:
        return f"{KILL_PREFIX}{self._run}-{next(self._numbers)}"


def _unheard(_sent: OrderSent) -> None:
    """There is nobody who keeps what was sent."""
