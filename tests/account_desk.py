"""An account client at a REST server of its own, which answers as it is told."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct
from order_server import OrderServer, order_server

from botcore_tui.clock import SystemClock
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Gate, Limiter


class Desk(Struct):
    """An account at a server of its own."""

    server: OrderServer
    account: BinanceAccount
    gate: Gate

    def passed(self) -> dict[str, int]:
        rest = self.gate.state().rest
        assert rest is not None
        return {use.lane: use.passed for use in rest.lanes if use.lane not in {"account", "query"}}


@asynccontextmanager
async def account_desk() -> AsyncIterator[Desk]:
    """With a client that is closed at the end."""
    clock = SystemClock()
    async with order_server() as server:
        limiter = Limiter(1_200, clock)
        account = BinanceAccount(
            AccountSettings(rest=server.url, ws_private="ws://127.0.0.1:1", recv_window_ms=4_000),
            Credentials("k" * 64, "s" * 64),
            clock=clock,
            rng=random.Random(3),
            limiter=limiter,
        )
        yield Desk(server, account, limiter.gate(server.url))
        await account.close()
