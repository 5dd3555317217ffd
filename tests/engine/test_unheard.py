"""Contracts that were delivered or delisted, and trades of long ago: the venue refuses them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fake_account import NOW_MS, FakeAccount
from msgspec.structs import replace
from order_builders import a_fill, a_position_report, an_income
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.reconciler import Reconciler
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.account import AccountPicture, IncomeKind, ReconcileFailed
from botcore_tui.model.event import Event, Reconcile
from botcore_tui.model.order import AlgoReport, Fill, OrderReport

BTC, DELIVERED = "BTCUSDT", "BTCUSDT_261225"


class Venue(FakeAccount):
    """Has delivered a contract, and taken it off its list."""

    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        _know(symbol)
        return await super().trades(symbol, from_id=from_id, order_id=order_id)

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        _know(symbol)
        return await super().open_orders(symbol)

    async def open_algo_orders(self, symbol: str) -> list[AlgoReport]:
        _know(symbol)
        return await super().open_algo_orders(symbol)


def _know(symbol: str) -> None:
    if symbol == DELIVERED:
        raise RestError("http://venue/x", "Invalid symbol.", status=400, code=-1121)


class Stage:
    def __init__(
        self, time: VirtualTime, *, followed: tuple[str, ...], held: tuple[str, ...]
    ) -> None:
        self.account = Venue()
        self.account.held_positions = [a_position_report(quantity="1")]
        self.told: list[Event] = []
        self.reconciler = Reconciler(
            self.account,
            time,
            self.told.append,
            followed=followed,
            held=held,
            known_trades={},
            since_ms=0,
        )

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        self.reconciler.start()
        task = asyncio.create_task(self.reconciler.run())
        yield
        await settle(60)
        self.reconciler.stop()
        task.cancel()
        await asyncio.wait([task])

    def pictures(self) -> list[AccountPicture]:
        assert not [event for event in self.told if isinstance(event, ReconcileFailed)]
        return [event for event in self.told if isinstance(event, AccountPicture)]


def play(time: VirtualTime, stage: Stage, *requests: Reconcile) -> None:
    async def run() -> None:
        async with stage.session():
            for request in requests:
                stage.reconciler.ask(request)
                await settle(60)

    time.run(run)


def test_remembered_position_in_a_delivered_contract_costs_no_other_its_picture(
    time: VirtualTime,
) -> None:
    """It was held as the program ended, and delivered before the program began again."""
    stage = Stage(time, followed=(BTC,), held=(DELIVERED,))
    play(time, stage, Reconcile(reason="start"), Reconcile(reason="again"))
    first, _ = stage.pictures()
    told = {each.position.symbol: each.position.quantity for each in first.symbols}
    assert told == {BTC: 1, DELIVERED: 0}


def test_income_of_a_delivered_contract_costs_no_other_its_picture(time: VirtualTime) -> None:
    """A person traded it in the last days; nobody here ever held it."""
    stage = Stage(time, followed=(BTC,), held=())
    paid = an_income(
        transaction_id=7, kind=IncomeKind.REALIZED_PNL, symbol=DELIVERED, time_ms=NOW_MS - 1
    )
    stage.account.incomes = [replace(paid, trade_id=31)]
    play(time, stage, Reconcile(reason="start"))
    (picture,) = stage.pictures()
    assert BTC in {each.position.symbol for each in picture.symbols}


class Forgetful(FakeAccount):
    """Refuses numbers of trades that it keeps no longer."""

    code = -1130

    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        if 0 < from_id < 900:
            text = "Data sent for parameter 'fromId' is not valid."
            raise RestError("http://venue/x", text, status=400, code=self.code)
        return await super().trades(symbol, from_id=from_id, order_id=order_id)


def told_by(account: FakeAccount, time: VirtualTime) -> list[Event]:
    told: list[Event] = []

    async def run() -> None:
        reconciler = Reconciler(
            account, time, told.append, followed=(BTC,), known_trades={BTC: 41}, since_ms=0
        )
        reconciler.start()
        task = asyncio.create_task(reconciler.run())
        reconciler.ask(Reconcile(reason="start"))
        await settle(60)
        reconciler.stop()
        task.cancel()
        await asyncio.wait([task])

    time.run(run)
    return told


def test_account_that_rested_longer_than_trades_are_kept_begins_with_the_newest(
    time: VirtualTime,
) -> None:
    account = Forgetful()
    account.fills = [a_fill(number, symbol=BTC) for number in (950, 951)]
    (picture,) = [each for each in told_by(account, time) if isinstance(each, AccountPicture)]
    (symbol,) = picture.symbols
    assert [fill.trade_id for fill in symbol.fills] == [950, 951]


def test_refusal_for_another_reason_is_no_answer(time: VirtualTime) -> None:
    account = Forgetful()
    account.code = -1021
    account.fills = [a_fill(number, symbol=BTC) for number in (950, 951)]
    assert [type(each) for each in told_by(account, time)] == [ReconcileFailed]


@pytest.mark.parametrize("listed", [(), (BTC, DELIVERED)])
def test_followed_contract_that_was_delivered_costs_no_other_its_picture(
    time: VirtualTime, listed: tuple[str, ...]
) -> None:
    stage = Stage(time, followed=(BTC, DELIVERED), held=())
    play(time, stage, Reconcile(reason="periodic", symbols=listed))
    assert len(stage.pictures()) == 1
