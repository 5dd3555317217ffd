"""The income of a long absence, where others trade on the account: many pages."""

import asyncio

from fake_account import NOW_MS, FakeAccount
from order_builders import an_income
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.reconciler import Reconciler
from botcore_tui.exchange.binance.allowance import Lane
from botcore_tui.exchange.binance.limiter import Gate
from botcore_tui.exchange.binance.weights import cost_of
from botcore_tui.model.account import AccountPicture, Income
from botcore_tui.model.event import Reconcile

BTC = "BTCUSDT"
DAY_MS = 86_400_000
PAGE = 1_000
DAYS = 20
A_DAY = 3_000
"""Rows: a thousand executions of another program, with profit and fee, and something more."""


class Paged(FakeAccount):
    """Its income comes in pages as ``BinanceAccount`` asks for it: each waits at the gate."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self.gate = Gate("venue", 1_200, time)
        self.pages = 0
        step = DAY_MS // A_DAY
        first = NOW_MS - DAYS * DAY_MS
        self.times = [first + number * step for number in range(DAYS * A_DAY)]

    async def income(self, start_ms: int, end_ms: int) -> list[Income]:
        found = [ms for ms in self.times if start_ms <= ms <= end_ms]
        for _ in range(len(found) // PAGE + 1):
            async with self.gate.turn(Lane.ACCOUNT, cost_of("income", {})):
                self.pages += 1
                await asyncio.sleep(0.2)  # of virtual time
        return [an_income(transaction_id=ms, time_ms=ms) for ms in found]


def test_income_of_a_long_absence_comes_in_the_end(time: VirtualTime) -> None:
    told: list[object] = []
    account = Paged(time)
    reconciler = Reconciler(
        account,
        time,
        told.append,
        followed=(BTC,),
        known_trades={},
        since_ms=0,
        payments_ms=NOW_MS - DAYS * DAY_MS,
    )

    async def run() -> None:
        reconciler.start()
        task = asyncio.create_task(reconciler.run())
        for number in range(120):  # twenty minutes of an ordinary session
            reconciler.ask(Reconcile(reason="periodic" if number else "start"))
            await time.sleep(10.0)
            await settle(60)
        reconciler.stop()
        task.cancel()
        await asyncio.wait([task])

    time.run(run)
    incomes = [each.income for each in told if isinstance(each, AccountPicture) and each.income]
    assert incomes, f"never told; {account.pages} pages were asked for, {account.pages * 30} weight"
    assert {row.time_ms for row in incomes[0]} >= set(account.times)
    assert account.pages < 150
