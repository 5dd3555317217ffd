"""Requests for pictures: one at a time, merged while one is made, each answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fake_account import NOW_MS, FakeAccount
from msgspec.structs import replace
from order_builders import a_fill, an_income
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.reconciler import Reconciler, merged
from botcore_tui.errors import FetchError
from botcore_tui.model.account import AccountPicture, IncomeKind, ReconcileFailed
from botcore_tui.model.event import Event, Reconcile

BTC = "BTCUSDT"
PERIODIC = Reconcile(reason="periodic", symbols=(BTC,))


class Stage:
    def __init__(
        self,
        time: VirtualTime,
        known: dict[str, int] | None = None,
        *,
        since_ms: int = 0,
        payments_ms: int = 0,
    ) -> None:
        self.time = time
        self.account = FakeAccount()
        self.told: list[Event] = []
        self.reconciler = Reconciler(
            self.account,
            time,
            self.told.append,
            followed=(BTC,),
            known_trades=known or {},
            since_ms=since_ms,
            payments_ms=payments_ms,
        )

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncio.Task[None]]:
        self.reconciler.start()
        task = asyncio.create_task(self.reconciler.run())
        yield task
        await settle(60)
        self.reconciler.stop()
        task.cancel()
        await asyncio.wait([task])

    async def ask(self, request: Reconcile) -> None:
        self.reconciler.ask(request)
        await settle(60)

    def pictures(self) -> list[AccountPicture]:
        return [event for event in self.told if isinstance(event, AccountPicture)]

    def failures(self) -> list[str]:
        return [event.error for event in self.told if isinstance(event, ReconcileFailed)]


def test_request_is_answered_with_a_picture(time: VirtualTime) -> None:
    stage = Stage(time, {BTC: 4})

    async def play() -> None:
        async with stage.session():
            await stage.ask(PERIODIC)

    time.run(play)

    (picture,) = stage.pictures()
    assert (picture.reason, picture.listed) == ("periodic", (BTC,))
    assert "trades BTCUSDT from 5" in stage.account.calls


def test_requests_during_one_are_merged_and_answered_after_it(time: VirtualTime) -> None:
    stage = Stage(time)

    async def play() -> None:
        async with stage.session():
            stage.account.hold("balance")
            await stage.ask(Reconcile(reason="start"))
            await stage.ask(PERIODIC)
            await stage.ask(Reconcile(reason="mismatch", symbols=("ETHUSDT",)))
            await stage.ask(PERIODIC)
            assert stage.account.count("balance") == 1
            stage.account.release("balance")

    time.run(play)

    first, second = stage.pictures()
    assert (first.reason, first.listed) == ("start", ())
    assert (second.reason, second.listed) == ("mismatch", (BTC, "ETHUSDT"))
    assert stage.account.count("balance") == 2


def test_merged_request_covers_the_whole_account_if_one_of_both_does() -> None:
    whole = Reconcile(reason="odd")

    assert merged(PERIODIC, whole) == Reconcile(reason="periodic")
    assert merged(whole, PERIODIC).symbols == ()
    assert merged(PERIODIC, Reconcile(reason="command")).reason == "command"


@pytest.mark.requirement("F05")
def test_next_picture_begins_after_the_last_one_and_not_after_what_the_stream_told(
    time: VirtualTime,
) -> None:
    stage = Stage(time)
    stage.account.fills = [a_fill(10)]

    async def play() -> None:
        async with stage.session():
            await stage.ask(PERIODIC)
            stage.account.fills += [a_fill(11), a_fill(12)]  # 11 was lost, 12 came by the stream
            await stage.ask(PERIODIC)

    time.run(play)

    _, second = stage.pictures()
    assert [fill.trade_id for fill in second.symbols[0].fills] == [11, 12]


def test_settings_are_asked_at_the_start_and_every_ten_minutes_and_remembered(
    time: VirtualTime,
) -> None:
    stage = Stage(time)
    stage.account.one_way = False

    async def play() -> None:
        async with stage.session():
            for reason, count in (("periodic", 1), ("periodic", 1), ("start", 2)):
                await stage.ask(Reconcile(reason=reason))
                assert stage.account.count("is_one_way") == count
            await time.sleep(600)
            await stage.ask(PERIODIC)
            assert stage.account.count("is_one_way") == 3

    time.run(play)

    assert [picture.is_one_way for picture in stage.pictures()] == [False] * 4


HOUR = 3_600
DAYS_MS = 3 * 86_400_000


def test_income_is_asked_for_after_gaps_and_every_hour(time: VirtualTime) -> None:
    stage = Stage(time)
    told: list[bool] = []

    async def play() -> None:
        async with stage.session():
            for reason, seconds in (
                ("start", 0),
                ("periodic", HOUR - 1),
                ("periodic", 1),
                ("reconnect", 1),
                ("mismatch", 1),
            ):
                await time.sleep(seconds)
                await stage.ask(Reconcile(reason=reason))
                told.append(stage.pictures()[-1].income is not None)

    time.run(play)

    assert told == [True, False, True, True, False]
    assert stage.account.count("income") == 3


def test_income_is_asked_for_from_three_days_ago_and_then_from_ten_minutes_before(
    time: VirtualTime,
) -> None:
    stage = Stage(time, since_ms=NOW_MS - 2 * DAYS_MS)
    times = [NOW_MS - ms for ms in (DAYS_MS + 1, DAYS_MS, 600_001, 600_000, -1)]
    stage.account.incomes = [an_income(transaction_id=1, time_ms=time_ms) for time_ms in times]

    async def play() -> None:
        async with stage.session():
            await stage.ask(Reconcile(reason="start"))
            stage.account.time_ms += 1
            await stage.ask(Reconcile(reason="reconnect"))

    time.run(play)

    first, second = [each.income for each in stage.pictures()]
    assert first is not None
    assert second is not None
    assert [row.time_ms for row in first] == times[1:4]
    assert [row.time_ms for row in second] == times[3:]


@pytest.mark.parametrize("ahead_ms", [-1_000, 2_000])
def test_nothing_is_asked_for_before_the_accounts_first_session(
    time: VirtualTime, ahead_ms: int
) -> None:
    stage = Stage(time, since_ms=NOW_MS + ahead_ms)
    times = [NOW_MS - 1_001, NOW_MS - 1_000, NOW_MS]
    stage.account.incomes = [an_income(transaction_id=1, time_ms=time_ms) for time_ms in times]

    async def play() -> None:
        async with stage.session():
            await stage.ask(Reconcile(reason="start"))
            await stage.ask(Reconcile(reason="reconnect"))

    time.run(play)

    expected = times[1:] if ahead_ms < 0 else times[2:]
    for picture in stage.pictures():
        assert picture.income is not None
        assert [row.time_ms for row in picture.income] == expected


def test_picture_is_made_without_income_that_is_not_told_and_asked_for_a_minute_later(
    time: VirtualTime,
) -> None:
    stage = Stage(time)
    stage.account.failures["income"].append(FetchError("the venue is away"))
    told: list[bool] = []

    async def play() -> None:
        async with stage.session():
            for seconds in (0, 59, 1):
                await time.sleep(seconds)
                await stage.ask(PERIODIC)
                told.append(stage.pictures()[-1].income is not None)

    time.run(play)

    assert told == [False, False, True]
    assert stage.failures() == []


def test_picture_does_not_wait_long_for_income(time: VirtualTime) -> None:
    stage = Stage(time)

    async def play() -> None:
        async with stage.session():
            stage.account.hold("income")
            await stage.ask(Reconcile(reason="start"))
            assert stage.pictures() == []
            await time.sleep(5.0)
            await settle(60)
            assert [each.income for each in stage.pictures()] == [None]

    time.run(play)


def test_income_is_still_wanted_after_a_picture_that_failed(time: VirtualTime) -> None:
    stage = Stage(time)

    async def play() -> None:
        async with stage.session():
            await stage.ask(Reconcile(reason="start"))
            stage.account.failures["positions"].append(FetchError("the venue is away"))
            await stage.ask(Reconcile(reason="reconnect"))
            await stage.ask(Reconcile(reason="again"))

    time.run(play)

    assert [each.income is not None for each in stage.pictures()] == [True, True]


def test_reconnection_while_income_is_being_told_has_it_asked_for_again(
    time: VirtualTime,
) -> None:
    stage = Stage(time)

    async def play() -> None:
        async with stage.session():
            stage.account.hold("income")
            await stage.ask(Reconcile(reason="start"))
            await stage.ask(Reconcile(reason="reconnect"))
            stage.account.release("income")

    time.run(play)

    assert stage.account.count("income") == 2


def test_failed_one_is_told_and_the_next_is_made(time: VirtualTime) -> None:
    stage = Stage(time)
    stage.account.failures["positions"].append(FetchError("the venue is away"))

    async def play() -> None:
        async with stage.session():
            await stage.ask(PERIODIC)
            await stage.ask(PERIODIC)

    time.run(play)

    assert stage.failures() == ["the venue is away"]
    assert len(stage.pictures()) == 1


def test_defect_is_told_as_a_failure_and_raised(time: VirtualTime) -> None:
    stage = Stage(time)
    stage.account.failures["positions"].append(ZeroDivisionError("by nothing"))

    async def play() -> None:
        async with stage.session() as task:
            await stage.ask(PERIODIC)
            assert isinstance(task.exception(), ZeroDivisionError)

    time.run(play)

    assert stage.failures() == ["internal: it broke off"]


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    "where", ["positions", "trades", "balance", "open_orders", "open_algo_orders", "leverages"]
)
def test_request_that_is_cut_off_and_one_that_waits_are_both_answered(
    time: VirtualTime, where: str
) -> None:
    stage = Stage(time)

    async def play() -> None:
        async with stage.session():
            stage.account.hold(where)
            await stage.ask(PERIODIC)
            await stage.ask(PERIODIC)

    time.run(play)

    assert stage.failures() == ["the session ended before there was an answer"] * 2


def test_without_a_session_a_request_fails_at_once(time: VirtualTime) -> None:
    stage = Stage(time)

    stage.reconciler.ask(PERIODIC)

    assert stage.failures() == ["no session with the venue"]


def test_trades_of_a_symbol_that_is_not_followed_and_flat_by_now_are_told(
    time: VirtualTime,
) -> None:
    stage = Stage(time, {BTC: 4, "ETHUSDT": 7}, since_ms=NOW_MS - DAYS_MS)
    closing = a_fill(symbol="ETHUSDT", trade_id=8, realized_pnl="-50", time_ms=NOW_MS - 9)
    stage.account.fills = [closing]
    row = an_income(
        "-50",
        transaction_id=1,
        symbol="ETHUSDT",
        kind=IncomeKind.REALIZED_PNL,
        time_ms=NOW_MS - 9,
    )
    stage.account.incomes = [replace(row, trade_id=8)]

    async def play() -> None:
        async with stage.session():
            await stage.ask(Reconcile(reason="start"))
            await stage.ask(Reconcile(reason="reconnect"))

    time.run(play)

    first, second = stage.pictures()
    told = {account.position.symbol: account.fills for account in first.symbols}
    assert told == {BTC: (), "ETHUSDT": (closing,)}
    assert [account.position.symbol for account in second.symbols] == [BTC]


def test_income_of_a_long_absence_is_asked_for(time: VirtualTime) -> None:
    stage = Stage(time, payments_ms=NOW_MS - 20 * DAYS_MS)
    times = [NOW_MS - 20 * DAYS_MS - 1, NOW_MS - 20 * DAYS_MS, NOW_MS]
    stage.account.incomes = [an_income(transaction_id=1, time_ms=time_ms) for time_ms in times]

    async def play() -> None:
        async with stage.session():
            await stage.ask(Reconcile(reason="start"))

    time.run(play)

    (picture,) = stage.pictures()
    assert picture.income is not None
    assert [row.time_ms for row in picture.income] == times[1:]
