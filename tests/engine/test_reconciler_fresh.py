"""Reconnections that follow each other while a picture is being made."""

import asyncio

import desk_stage
import pytest
from fake_account import NOW_MS, FakeAccount
from order_builders import a_fill
from session_stage import Stage
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.reconciler import Reconciler
from botcore_tui.errors import FetchError
from botcore_tui.model.account import (
    AccountPicture,
    LeverageChange,
    ReconcileFailed,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.event import Reconcile


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


def test_picture_that_began_before_a_second_reconnect_reconciles_nothing(
    stage: Stage, time: VirtualTime
) -> None:
    """Its positions and trades were read before the gap in which executions may have been lost."""

    async def play() -> None:
        async with stage.running():
            stage.account.hold("balance")
            stage.session.perform(Reconcile(reason="reconnect"))
            await settle()
            # Positions and trades were told; now the stream is cut, and comes back.
            stage.account.tell(UserStreamDown("cut", NOW_MS))
            stage.account.tell(UserStreamUp(NOW_MS))
            stage.session.perform(Reconcile(reason="reconnect"))
            stage.account.release("balance")
            await stage.until(AccountPicture, 2)

    time.run(play)
    first, second = stage.of(AccountPicture)
    desk = desk_stage.Stage().begin()
    desk.is_performing = False
    desk.tell(desk_stage.DOWN, desk_stage.UP, desk_stage.DOWN, desk_stage.UP)
    desk.tell(first)
    assert not desk.view().is_reconciled
    desk.tell(second)
    assert desk.view().is_reconciled


def test_blind_looks_go_on_after_a_late_picture() -> None:
    """The stream is down again when the picture that the reconnection asked for comes."""
    desk = desk_stage.Stage().begin()
    desk.is_performing = False
    desk.tell(desk_stage.DOWN, desk_stage.UP)
    picture = desk.venue.picture("overtaken")
    desk.tell(desk_stage.DOWN, picture)
    asked = [one.reason for one in desk_stage.reconciles(desk.wait(5_250))]
    assert asked == ["blind"]


def test_trades_of_a_picture_that_broke_off_at_the_income_are_told_again(
    time: VirtualTime,
) -> None:
    """A defect in the last question loses the picture; the executions in it are in no other."""
    told: list[object] = []
    account = FakeAccount()
    account.fills = [a_fill(trade_id=5, time_ms=NOW_MS)]
    account.failures["income"].append(ZeroDivisionError("by nothing"))
    reconciler = Reconciler(
        account, time, told.append, followed=("BTCUSDT",), known_trades={"BTCUSDT": 4}, since_ms=0
    )

    async def play() -> None:
        reconciler.start()
        for reason in ("start", "again"):
            task = asyncio.create_task(reconciler.run())
            reconciler.ask(Reconcile(reason=reason))
            await settle(60)
            task.cancel()
            await asyncio.wait([task])
        reconciler.stop()

    time.run(play)
    (picture,) = [one for one in told if isinstance(one, AccountPicture)]
    assert [fill.trade_id for fill in picture.symbols[0].fills] == [5]


@pytest.mark.requirement("P13")
@pytest.mark.requirement("F05")
def test_leverage_and_mode_that_were_changed_while_the_stream_was_down_are_known_after_it(
    stage: Stage, time: VirtualTime
) -> None:
    async def play() -> None:
        async with stage.running():
            stage.session.perform(Reconcile(reason="start"))
            await stage.until(AccountPicture, 1)
            stage.account.tell(UserStreamDown("cut", NOW_MS))
            stage.account.leverage_list = [LeverageChange("BTCUSDT", 50)]
            stage.account.single_asset = False
            stage.account.tell(UserStreamUp(NOW_MS))
            stage.account.failures["positions"].append(FetchError("the venue is away"))
            stage.session.perform(Reconcile(reason="reconnect"))
            await stage.until(ReconcileFailed, 1)
            stage.session.perform(Reconcile(reason="again"))
            await stage.until(AccountPicture, 2)

    time.run(play)

    picture = stage.of(AccountPicture)[1]
    assert isinstance(picture, AccountPicture)
    assert picture.leverages == (LeverageChange("BTCUSDT", 50),)
    assert not picture.is_single_asset
