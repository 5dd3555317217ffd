"""The exchange of a rehearsal, asked and steered from outside the engine that trades there."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Final

from botcore_tui.cli.addresses import demo_address
from botcore_tui.cli.kill_venue import venue_to_kill
from botcore_tui.core.exposure import only_lowers
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.base import OrderError, VenueAccount
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.exchange.sim.steering import Steering
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import AlgoReport, OrderReport, OrderRequest, OrderType, Purpose

_ID_BYTES: Final = 5
_LEVERAGE: Final = 20
_SMALLEST: Final = Decimal(100)
"""Quote units: orders are not made smaller than that in search of one that is taken."""


class DrillExchange:
    """One account there, by its own client.

    Args:
        ready: Where it is.
        venue: The client.

    Attributes:
        symbol: What is traded.
    """

    def __init__(self, ready: Ready, venue: VenueAccount) -> None:
        self.symbol = ready.symbols[0]
        self._steering = Steering(ready.rest)
        self._venue = venue

    async def rules(self) -> ContractRules:
        """Filters of the contract.

        Raises:
            UnavailableError: It has none.
        """
        found = await self._venue.rules((self.symbol,))
        if not found:
            raise UnavailableError(f"the embedded exchange does not list {self.symbol}")
        return found[0]

    async def entries(self) -> list[OrderReport]:
        """Orders of the book that could raise a position."""
        orders = await self._venue.open_orders(self.symbol)
        return [each for each in orders if not only_lowers(each)]

    async def stops(self) -> list[AlgoReport]:
        """Conditional orders."""
        return await self._venue.open_algo_orders(self.symbol)

    async def position(self) -> Decimal:
        """Signed quantity; zero is flat."""
        found = await self._venue.positions()
        return next((each.quantity for each in found if each.symbol == self.symbol), Decimal(0))

    async def wallet(self) -> Decimal:
        """Of the account, without unrealized profit."""
        return (await self._venue.balance()).wallet

    async def price(self) -> Decimal:
        """Best that somebody bids."""
        return await asyncio.to_thread(self._steering.bid, self.symbol)

    async def lever(self) -> None:
        """Let the account trade for more than it has, as somebody else might set it."""
        await self._venue.set_leverage(self.symbol, _LEVERAGE)

    async def waste(self, price: Decimal, worth: Decimal, rules: ContractRules) -> Decimal:
        """Buy and sell again at market, which costs fees and spread; what was tried, quote units.

        Smaller and smaller until the exchange takes it. The sale can only reduce.

        Args:
            price: About that of the market.
            worth: Of the first try, quote units.
            rules: Of the contract.
        """
        quantity = Decimal(0)
        while not quantity and worth >= _SMALLEST:
            wanted = min(worth / price, rules.market_max_quantity)
            quantity = rules.round_quantity(wanted, is_market=True)
            if not await self._is_taken(Side.BUY, quantity, Purpose.ENTRY):
                quantity, worth = Decimal(0), worth / 2
        if quantity:  # refused if the engine has closed it meanwhile
            await self._is_taken(Side.SELL, quantity, Purpose.EXIT)
        return worth

    async def arm(self, name: str, **keys: object) -> None:
        """Inject a failure; see ``botcore sim --list-faults``."""
        await asyncio.to_thread(self._steering.arm, name, **keys)

    async def disarm(self) -> None:
        """Inject none any more."""
        await asyncio.to_thread(self._steering.disarm)

    async def advance(self, ms: int) -> None:
        """Let so much of the exchange's time pass at once."""
        await asyncio.to_thread(self._steering.advance, ms)

    async def _is_taken(self, side: Side, quantity: Decimal, purpose: Purpose) -> bool:
        request = OrderRequest(
            client_order_id=f"drill-{secrets.token_hex(_ID_BYTES)}",
            symbol=self.symbol,
            side=side,
            type=OrderType.MARKET,
            purpose=purpose,
            quantity=quantity,
            reduce_only=purpose.is_reducing,
            actor="drill",
        )
        try:
            await self._venue.place(request, lambda _: None)
        except OrderError:
            return False
        return True


@asynccontextmanager
async def drill_exchange(ready: Ready) -> AsyncIterator[DrillExchange]:
    """Its client, closed in the end."""
    async with venue_to_kill(demo_address(ready)) as venue:
        yield DrillExchange(ready, venue)
