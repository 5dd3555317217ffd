"""A session to play upon: on a fake account, a fake ledger and a scripted market."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from engine_fakes import ScriptedFeed
from engine_stage import for_ever
from fake_account import FakeAccount
from fake_ledger import FakeLedger
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.session import SessionSettings, TradingSession
from botcore_tui.model.event import (
    Event,
)
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.ledger import KnownTrade, Recollection

BTC = "BTCUSDT"
RECOLLECTION = Recollection(account="demo:1", run_id="1", trades=(KnownTrade(BTC, 41),))


class Overseer:
    """Lets entries leave or not, and knows who died."""

    def __init__(self) -> None:
        self.bars_entries = False
        self.deaths: list[str] = []

    def on_death(self, name: str, error: Exception) -> None:
        self.deaths.append(f"{name}: {error}")


class Stage:
    """A session, all that it stands upon, and the sink that it tells."""

    def __init__(self, time: VirtualTime, *scripts: object, leverage: int | None = None) -> None:
        self.time = time
        self.account = FakeAccount()
        self.account.rules_of = {BTC: the_rules()}
        self.ledger = FakeLedger()
        self.market = ScriptedFeed(for_ever, owns_time=False)
        self.overseer = Overseer()
        self.told: list[Event] = []
        self.stamps: list[int] = []
        self.rooms = 0
        self.session = TradingSession(
            self.account,
            self.market,
            self.ledger,
            RECOLLECTION,
            time,
            settings=SessionSettings(symbols=(BTC,), leverage=leverage),
            overseer=self.overseer,
        )

    def deliver(self, event: Event, received_ns: int) -> None:
        self.told.append(event)
        self.stamps.append(received_ns)
        self.account.changed()

    async def room(self) -> None:
        self.rooms += 1

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """The session runs inside; after it no task is left."""
        before = asyncio.all_tasks()
        task = asyncio.create_task(self.session.run(self))
        await settle(40)
        yield task
        await settle(60)
        task.cancel()
        await asyncio.wait([task])
        await settle()
        assert asyncio.all_tasks() == before

    def of(self, *kinds: type) -> list[Event]:
        return [event for event in self.told if isinstance(event, kinds)]

    async def until(self, kind: type, count: int = 1) -> None:
        await self.account.until(lambda: len(self.of(kind)) >= count)


def the_rules(
    symbol: str = "BTCUSDT", *, tick: str = "0.1", status: str = "TRADING"
) -> ContractRules:
    """A contract as the venue lists it."""
    one, most = Decimal("0.001"), Decimal(1_000)
    return ContractRules(
        symbol=symbol,
        status=status,
        tick=Decimal(tick),
        min_price=Decimal(1),
        max_price=Decimal(1_000_000),
        step=one,
        min_quantity=one,
        max_quantity=most,
        market_step=one,
        market_min_quantity=one,
        market_max_quantity=most,
        min_notional=Decimal(5),
        multiplier_up=Decimal("1.05"),
        multiplier_down=Decimal("0.95"),
    )
