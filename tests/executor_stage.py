"""An executor to play upon: between a fake account, a fake ledger and a list of what it told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fake_account import FakeAccount
from fake_ledger import FakeLedger
from order_builders import a_request
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.executor import Executor
from botcore_tui.model.event import Cancel, Event, Query, Submit
from botcore_tui.model.order import (
    OrderRequest,
    Purpose,
)

ENTRY = a_request(client_order_id="bc-1-1-e", purpose=Purpose.ENTRY)
STOP = a_request(client_order_id="bc-1-2-s", purpose=Purpose.STOP, reduce_only=True)


class Stage:
    """An executor between an account, a ledger and a list of what it told."""

    def __init__(self, time: VirtualTime) -> None:
        self.time = time
        self.account = FakeAccount()
        self.ledger = FakeLedger()
        self.told: list[Event] = []
        self.deaths: list[str] = []
        self.bars_entries = False
        self.executor = Executor(
            self.account,
            self.ledger,
            self.told.append,
            self._barred,
            time,
            on_death=lambda name, error: self.deaths.append(f"{name}: {error}"),
        )

    def _barred(self, request: OrderRequest | None) -> str:
        is_entry = request is not None and not request.purpose.is_reducing
        return "halted or reducing before sending" if is_entry and self.bars_entries else ""

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncio.TaskGroup]:
        """Within, tasks are owned; at the end all of them have ended."""
        async with asyncio.TaskGroup() as group:
            self.executor.start(group)
            yield group
            await settle()
        self.executor.stop()

    def submit(self, request: OrderRequest) -> None:
        self.executor.submit(Submit(request))


def kinds(events: list[Event]) -> list[str]:
    """Names of the events."""
    return [type(event).__name__ for event in events]


def a_cancel(client_order_id: str = "bc-1-1-e", *, is_algo: bool = False) -> Cancel:
    """Of one order."""
    return Cancel(client_order_id=client_order_id, symbol="BTCUSDT", is_algo=is_algo)


def a_query(
    client_order_id: str = "bc-1-1-e",
    *,
    is_algo: bool = False,
    order_id: int = 0,
    delay_seconds: float = 0.0,
) -> Query:
    """About one order."""
    return Query(
        client_order_id=client_order_id,
        symbol="BTCUSDT",
        is_algo=is_algo,
        order_id=order_id,
        delay_seconds=delay_seconds,
    )
