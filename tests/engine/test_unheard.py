"""Contracts that were delivered or delisted, and trades of long ago: the venue refuses them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from fake_account import NOW_MS, FakeAccount
from msgspec.structs import replace
from order_builders import a_fill, a_position_report, an_algo_report, an_income
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.reconcile import account_sighting
from botcore_tui.engine.reconciler import Reconciler
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.account import AccountPicture, IncomeKind, ReconcileFailed
from botcore_tui.model.event import Event, Reconcile
from botcore_tui.model.order import AlgoReport, Fill, OrderReport

BTC, DELIVERED = "BTCUSDT", "BTCUSDT_261225"


class Venue(FakeAccount):
    """Has delivered a contract, and taken it off its list, or lets it rest."""

    code = -1121

    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        self._know(symbol)
        return await super().trades(symbol, from_id=from_id, order_id=order_id)

    async def open_orders(self, symbol: str) -> list[OrderReport]:
        self._know(symbol)
        return await super().open_orders(symbol)

    async def open_algo_orders(self, symbol: str) -> list[AlgoReport]:
        self._know(symbol)
        return await super().open_algo_orders(symbol)

    def _know(self, symbol: str) -> None:
        if symbol == DELIVERED:
            raise RestError("http://venue/x", "Invalid symbol.", status=400, code=self.code)


class Stage:
    def __init__(
        self,
        time: VirtualTime,
        *,
        followed: tuple[str, ...],
        held: tuple[str, ...],
        code: int = -1121,
        known: int = 0,
    ) -> None:
        self.account = Venue()
        self.account.code = code
        self.account.held_positions = [a_position_report(quantity="1")]
        self.told: list[Event] = []
        self.reconciler = Reconciler(
            self.account,
            time,
            self.told.append,
            followed=followed,
            held=held,
            known_trades={DELIVERED: known},
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


@pytest.mark.parametrize("known", [0, 41])
@pytest.mark.parametrize("code", [-1121, -1122])
def test_remembered_position_in_a_delivered_contract_costs_no_other_its_picture(
    time: VirtualTime, code: int, known: int
) -> None:
    """It was held as the program ended, and delivered before the program began again."""
    stage = Stage(time, followed=(BTC,), held=(DELIVERED,), code=code, known=known)
    play(time, stage, Reconcile(reason="start"), Reconcile(reason="again"))
    first, _ = stage.pictures()
    told = {each.position.symbol: each.position.quantity for each in first.symbols}
    assert told == {BTC: 1, DELIVERED: 0}


@pytest.mark.parametrize("code", [-1121, -1122])
def test_income_of_a_delivered_contract_costs_no_other_its_picture(
    time: VirtualTime, code: int
) -> None:
    """A person traded it in the last days; nobody here ever held it."""
    stage = Stage(time, followed=(BTC,), held=(), code=code)
    paid = an_income(
        transaction_id=7, kind=IncomeKind.REALIZED_PNL, symbol=DELIVERED, time_ms=NOW_MS - 1
    )
    stage.account.incomes = [replace(paid, trade_id=31)]
    play(time, stage, Reconcile(reason="start"))
    (picture,) = stage.pictures()
    assert picture.income == tuple(stage.account.incomes)
    assert BTC in {each.position.symbol for each in picture.symbols}


class Forgetful(FakeAccount):
    """Refuses numbers of trades that it keeps no longer."""

    code = -1130
    oldest_told = 900

    async def trades(self, symbol: str, *, from_id: int = 0, order_id: int = 0) -> list[Fill]:
        if 0 < from_id < self.oldest_told or not self.oldest_told:
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


def test_trades_that_are_refused_whatever_is_asked_cost_only_themselves(
    time: VirtualTime,
) -> None:
    account = Forgetful()
    account.oldest_told = 0
    account.held_positions = [a_position_report(quantity="1")]
    (picture,) = [each for each in told_by(account, time) if isinstance(each, AccountPicture)]
    (symbol,) = picture.symbols
    assert (symbol.position.quantity, symbol.last_trade_id) == (Decimal(1), 41)
    assert "-1130" in symbol.untold


def test_refusal_for_another_reason_is_no_answer(time: VirtualTime) -> None:
    account = Forgetful()
    account.code = -1021
    account.fills = [a_fill(number, symbol=BTC) for number in (950, 951)]
    assert [type(each) for each in told_by(account, time)] == [ReconcileFailed]


@pytest.mark.parametrize("code", [-1121, -1122])
@pytest.mark.parametrize("listed", [(), (BTC, DELIVERED)])
def test_followed_contract_that_was_delivered_costs_no_other_its_picture(
    time: VirtualTime, listed: tuple[str, ...], code: int
) -> None:
    stage = Stage(time, followed=(BTC, DELIVERED), held=(), code=code)
    play(time, stage, Reconcile(reason="periodic", symbols=listed))
    (picture,) = stage.pictures()
    assert picture.listed == listed[:1]
    untold = {each.position.symbol: each.untold for each in picture.symbols}
    assert untold[BTC] == ""
    assert f"{code}" in untold[DELIVERED]


@pytest.mark.parametrize("code", [-1121, -1122])
def test_orders_of_a_contract_that_rests_are_taken_from_the_list_of_all(
    time: VirtualTime, code: int
) -> None:
    """Asked for by itself it is refused; that says nothing of a stop that stands there."""
    stage = Stage(time, followed=(BTC, DELIVERED), held=(), code=code)
    stage.account.algo_orders = [an_algo_report(symbol=DELIVERED)]
    play(time, stage, Reconcile(reason="mismatch", symbols=(DELIVERED,)))
    (picture,) = stage.pictures()
    assert (picture.listed, picture.algo_orders) == ((), tuple(stage.account.algo_orders))


@pytest.mark.parametrize("code", [-1121, -1122])
def test_position_in_a_contract_that_rests_is_seen_with_its_stop(
    time: VirtualTime, code: int
) -> None:
    account = Venue()
    account.code = code
    account.held_positions = [a_position_report(symbol=DELIVERED, quantity="1")]
    account.algo_orders = [an_algo_report(symbol=DELIVERED)]
    seen = time.run(lambda: account_sighting(account, reason="start"))
    assert seen is not None
    assert (seen.listed, seen.algo_orders) == ((), tuple(account.algo_orders))
