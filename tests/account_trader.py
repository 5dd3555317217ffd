"""An account at the embedded exchange, and orders that fit its market."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import count
from typing import Final, TypeVar

import pytest
from msgspec import Struct, field
from msgspec.structs import replace
from sim_process import Sim
from waiting import Changing

from botcore_tui.clock import SystemClock
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.keys import load_credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.event import Cancel, Event, Query
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    OrderReport,
    OrderRequest,
    OrderSent,
    OrderType,
    Purpose,
    TimeInForce,
)

T = TypeVar("T")
BTC: Final = "BTCUSDT"
_numbers: Final = count(1)


class Heard(Changing):
    """A sink that keeps everything."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def deliver(self, event: Event, received_ns: int) -> None:
        self.events.append(event)
        self.changed()

    async def room(self) -> None:
        """There always is."""


class Trader(Struct):
    """An account, and orders that fit its market."""

    sim: Sim
    account: BinanceAccount
    sent: list[OrderSent] = field(default_factory=list)

    async def place(self, request: OrderRequest) -> OrderReport | AlgoReport:
        return await self.account.place(request, self.sent.append)

    async def failure(self, request: OrderRequest) -> OrderError:
        with pytest.raises(OrderError) as caught:
            await self.place(request)
        return caught.value

    async def found(self, request: OrderRequest) -> OrderReport | AlgoReport | None:
        return await self.account.order(
            Query(client_order_id=request.client_order_id, symbol=BTC, is_algo=request.is_algo)
        )

    async def cancel(self, request: OrderRequest) -> OrderReport | None:
        return await self.account.cancel(
            Cancel(client_order_id=request.client_order_id, symbol=BTC, is_algo=request.is_algo)
        )

    def a_bid(self) -> OrderRequest:
        """A limit order that rests."""
        bid, _ = self.sim.best(BTC)
        return replace(
            a_market(),
            type=OrderType.LIMIT,
            price=bid - 500,
            time_in_force=TimeInForce.GTC,
        )

    def a_stop(self, away: int = 3_000) -> OrderRequest:
        """A stop that closes a long position."""
        bid, _ = self.sim.best(BTC)
        return OrderRequest(
            client_order_id=an_id("s"),
            symbol=BTC,
            side=Side.SELL,
            type=OrderType.STOP_MARKET,
            purpose=Purpose.STOP,
            trigger_price=bid - away,
            close_position=True,
        )

    def open_at_venue(self) -> list[str]:
        """Client ids of all that is open, by the exchange's own account."""
        state = self.sim.control("GET", "/sim/state")
        assert isinstance(state, dict)
        return [row["client_id"] for row in (*state["open_orders"], *state["open_algo_orders"])]

    def arm(self, name: str, **keys: object) -> None:
        self.sim.control("POST", "/sim/faults", {"name": name, **keys})


def an_id(letter: str) -> str:
    return f"bc-test-{next(_numbers)}-{letter}"


def a_market(side: Side = Side.BUY) -> OrderRequest:
    return OrderRequest(
        client_order_id=an_id("e"),
        symbol=BTC,
        side=side,
        type=OrderType.MARKET,
        purpose=Purpose.ENTRY,
        quantity=Decimal("0.010"),
    )


@asynccontextmanager
async def trading(
    sim: Sim, *, is_ed25519: bool = False, timeout_seconds: float = 5.0
) -> AsyncIterator[Trader]:
    clock = SystemClock()
    keys = (
        (sim.ed25519_api_key, sim.ed25519_private_key)
        if is_ed25519
        else (sim.api_key, sim.api_secret)
    )
    account = BinanceAccount(
        AccountSettings(
            rest=sim.rest,
            ws_private=sim.ws_private,
            symbols=(BTC,),
            timeout_seconds=timeout_seconds,
        ),
        load_credentials(*keys),
        clock=clock,
        rng=random.Random(5),
        limiter=Limiter(2_400, clock),
    )
    try:
        yield Trader(sim, account)
    finally:
        await account.close()


def quickly(account: BinanceAccount) -> BinanceAccount:
    """The same, without pauses between attempts."""

    class QuickClock(SystemClock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(0)  # others run

    account._rest._questions._clock = QuickClock()
    return account


def has(heard: Heard, kind: type[T], claim: Callable[[T], bool]) -> bool:
    return any(isinstance(event, kind) and claim(event) for event in heard.events)
