"""A contract that the venue no longer knows (-1121) must not cost the account its pictures."""

import asyncio

from fake_account import NOW_MS, FakeAccount
from msgspec.structs import replace
from order_builders import a_fill, an_income
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.reconciler import Reconciler
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.account import AccountPicture, IncomeKind, ReconcileFailed
from botcore_tui.model.event import Reconcile
from botcore_tui.model.order import Fill

BTC = "BTCUSDT"
GONE = "GONEUSDT"
DAY_MS = 86_400_000


class Delisting(FakeAccount):
    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        if symbol == GONE:
            self.calls.append(f"trades {symbol}")
            url = "https://fapi.binance.com/fapi/v1/userTrades"
            raise RestError(url, "Invalid symbol.", status=400, code=-1121)
        return await super().trades(symbol, from_id=from_id, order_id=order_id)


def play(time: VirtualTime, account: FakeAccount, reconciler: Reconciler) -> None:
    async def run() -> None:
        reconciler.start()
        task = asyncio.create_task(reconciler.run())
        for reason in ("start", "again", "again"):
            reconciler.ask(Reconcile(reason=reason))
            await settle(80)
        reconciler.stop()
        task.cancel()
        await asyncio.wait([task])

    time.run(run)


def test_contract_of_the_ledger_that_was_delisted(time: VirtualTime) -> None:
    told: list[object] = []
    account = Delisting()
    reconciler = Reconciler(
        account, time, told.append, followed=(BTC,), known_trades={}, since_ms=0, held=(GONE,)
    )
    play(time, account, reconciler)
    failures = [one.error for one in told if isinstance(one, ReconcileFailed)]
    assert [one for one in told if isinstance(one, AccountPicture)], failures


def test_contract_of_the_income_that_was_delisted(time: VirtualTime) -> None:
    told: list[object] = []
    account = Delisting()
    row = an_income(
        "-50", transaction_id=1, symbol=GONE, kind=IncomeKind.REALIZED_PNL, time_ms=NOW_MS - 9
    )
    account.incomes = [replace(row, trade_id=8)]
    account.fills = [a_fill(trade_id=5, time_ms=NOW_MS)]
    reconciler = Reconciler(
        account, time, told.append, followed=(BTC,), known_trades={BTC: 4}, since_ms=1
    )
    play(time, account, reconciler)
    failures = [one.error for one in told if isinstance(one, ReconcileFailed)]
    assert [one for one in told if isinstance(one, AccountPicture)], failures
