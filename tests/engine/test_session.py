"""A session: what it tells first, and what it performs."""

import asyncio

import pytest
from engine_fakes import ScriptedFeed, a_trade
from fake_account import NOW_MS, FakeAccount
from msgspec.structs import replace
from order_builders import a_request, a_stop_request, an_income
from session_stage import BTC, RECOLLECTION, Stage, the_rules
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.session import SessionSettings, TradingSession
from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.broker import Broker, Stamped
from botcore_tui.model.account import (
    AccountPicture,
    DeadManSet,
    ReconcileFailed,
    UserStreamUp,
)
from botcore_tui.model.event import (
    Append,
    ArmDeadMan,
    Cancel,
    CancelAll,
    Event,
    Query,
    Reconcile,
    RequestSnapshot,
    RulesUpdate,
    Submit,
)
from botcore_tui.model.ledger import IntentRow, Recollection
from botcore_tui.model.order import (
    CancelFailed,
    OrderNotFound,
    OrderReport,
    OrderSent,
    QueryFailed,
    SubmitFailed,
)
from botcore_tui.model.snapshot import FeedState


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


# --- the start ---------------------------------------------------------------------------------


def test_session_is_a_broker(stage: Stage) -> None:
    assert isinstance(stage.session, Broker)
    assert isinstance(stage.session, Stamped)
    assert not isinstance(stage.market, Broker)


def test_recollection_is_the_first_event_then_rules_and_stream(
    stage: Stage, time: VirtualTime
) -> None:
    async def play() -> None:
        async with stage.running():
            assert stage.told[0] == RECOLLECTION
            assert stage.of(RulesUpdate) == [RulesUpdate(the_rules(), time.now_ms())]
            assert stage.of(UserStreamUp) == [UserStreamUp(NOW_MS)]

    time.run(play)


@pytest.mark.parametrize("since_ms", [NOW_MS - 9, 0])
def test_income_from_before_the_accounts_first_session_is_not_asked_for(
    stage: Stage, time: VirtualTime, since_ms: int
) -> None:
    # An account that the ledger does not know begins with this session.
    begin_ms = since_ms or NOW_MS - 5
    times = [begin_ms - 1, begin_ms]
    stage.account.incomes = [an_income(transaction_id=1, time_ms=time_ms) for time_ms in times]
    stage.session = TradingSession(
        stage.account,
        stage.market,
        stage.ledger,
        replace(RECOLLECTION, since_ms=since_ms, time_ms=NOW_MS - 5),
        time,
        settings=SessionSettings(symbols=(BTC,)),
        overseer=stage.overseer,
    )

    async def play() -> None:
        async with stage.running():
            stage.session.perform(Reconcile(reason="start"))
            await settle(60)

    time.run(play)

    (picture,) = stage.of(AccountPicture)
    assert isinstance(picture, AccountPicture)
    assert picture.income == (stage.account.incomes[1],)


def test_market_waits_until_it_is_opened(stage: Stage, time: VirtualTime) -> None:
    request = RequestSnapshot(BTC, 0, "first", 0)

    async def play() -> None:
        async with stage.running():
            stage.session.request_snapshot(request)
            assert stage.market.starts == 0
            assert stage.market.requests == []
            stage.session.open_market()
            stage.session.open_market()
            await settle()
            assert stage.market.starts == 1
            stage.session.request_snapshot(request)
            assert stage.market.requests == [request]

    time.run(play)


def test_end_of_the_market_ends_the_session(stage: Stage, time: VirtualTime) -> None:
    async def one_trade(sink: Sink) -> None:
        sink.deliver(a_trade(), 5)

    stage.market = ScriptedFeed(one_trade, owns_time=False)
    stage.session._market = stage.market

    async def play() -> None:
        async with stage.running() as task:
            stage.session.open_market()
            await asyncio.wait([task])
            assert task.done()

    time.run(play)

    assert stage.told[-1] == a_trade()
    assert stage.stamps[-1] == 5


class WatchedAccount(FakeAccount):
    """An account with a row and frames that it could not read."""

    ROW = FeedState("user data", "live", 0, None, 0, 0.0, "-", 0)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        return (self.ROW,)

    def counters(self) -> tuple[int, int]:
        return 10, 20


def test_rows_and_counters_are_those_of_account_and_market(stage: Stage) -> None:
    row = replace(WatchedAccount.ROW, name="depth")
    stage.market.rows = (row,)
    assert stage.session.states(0) == (row,)
    assert stage.session.counters() == (3, 4)

    watched = TradingSession(
        WatchedAccount(),
        stage.market,
        stage.ledger,
        RECOLLECTION,
        stage.time,
        settings=SessionSettings(symbols=(BTC,)),
        overseer=stage.overseer,
    )
    assert watched.states(0) == (WatchedAccount.ROW, row)
    assert watched.counters() == (13, 24)


# --- effects -----------------------------------------------------------------------------------


def test_each_effect_is_performed(stage: Stage, time: VirtualTime) -> None:
    request = a_request()
    client_order_id = request.client_order_id
    row = IntentRow(request, None, None, None)

    async def play() -> None:
        async with stage.running():
            perform = stage.session.perform
            perform(Append(row))
            perform(Submit(request))
            perform(Cancel(client_order_id=client_order_id, symbol=BTC, is_algo=False))
            perform(CancelAll(symbol=BTC))
            perform(ArmDeadMan(symbol=BTC, countdown_ms=120_000))
            perform(Query(client_order_id=client_order_id, symbol=BTC, is_algo=False))
            perform(Reconcile(reason="periodic", symbols=(BTC,)))
            await stage.until(AccountPicture)
            await stage.until(DeadManSet)

    time.run(play)

    assert stage.ledger.rows == [row]
    assert stage.account.sent == [request]
    assert stage.account.count("cancel") == 1
    assert f"cancel_all {BTC}" in stage.account.calls
    assert f"count_down {BTC} 120000" in stage.account.calls
    assert len(stage.of(OrderSent)) == len(stage.of(OrderReport)) == 1
    assert len(stage.of(OrderNotFound)) == 1
    assert "trades BTCUSDT from 42" in stage.account.calls


def test_effects_of_the_first_event_find_everything_ready(time: VirtualTime) -> None:
    # The engine may process the recollection before any task of the session has had its turn.
    stage = Stage(time)

    def deliver(event: Event, received_ns: int) -> None:
        stage.told.append(event)
        if isinstance(event, Recollection):
            stage.session.perform(Reconcile(reason="start"))
            stage.session.perform(Submit(a_request()))

    stage.deliver = deliver  # type: ignore[method-assign]  # it acts at once

    async def play() -> None:
        async with stage.running():
            pass

    time.run(play)

    assert len(stage.of(AccountPicture)) == 1
    assert len(stage.account.sent) == 1


@pytest.mark.requirement("F18")
def test_entry_is_held_back_when_the_overseer_bars_it(stage: Stage, time: VirtualTime) -> None:
    async def play() -> None:
        stage.account.hold("place")
        async with stage.running():
            stage.session.perform(Submit(a_request()))
            stage.session.perform(Submit(a_stop_request()))
            await settle()
            stage.overseer.bars_entries = True
            stage.account.release("place")

    time.run(play)

    assert [request.purpose for request in stage.account.sent] == ["stop"]


def test_without_a_run_everything_fails_and_rows_are_kept(stage: Stage, time: VirtualTime) -> None:
    row = IntentRow(a_request(), None, None, None)
    ask_all(stage, row)
    assert stage.told == []  # before the recollection nothing would count
    assert stage.ledger.rows == [row]

    async def play() -> None:
        async with stage.running():
            pass
        stage.told.clear()
        ask_all(stage, row)

    time.run(play)

    assert [type(event) for event in stage.told] == [
        SubmitFailed,
        CancelFailed,
        QueryFailed,
        ReconcileFailed,
    ]
    assert stage.account.sent == []


def ask_all(stage: Stage, row: IntentRow) -> None:
    perform = stage.session.perform
    perform(Append(row))
    perform(Submit(a_request()))
    perform(Cancel(client_order_id="bc-1-1-e", symbol=BTC, is_algo=False))
    perform(Query(client_order_id="bc-1-1-e", symbol=BTC, is_algo=False))
    perform(Reconcile(reason="periodic"))
