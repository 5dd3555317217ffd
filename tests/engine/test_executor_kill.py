"""Whole contracts that are cancelled, and countdowns, as effects."""

from contextlib import suppress

import pytest
from executor_stage import Stage
from order_builders import an_order_report
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.model.account import DeadManFailed, DeadManSet
from botcore_tui.model.event import ArmDeadMan, CancelAll
from botcore_tui.model.order import Outcome

BTC = "BTCUSDT"
ARM = ArmDeadMan(symbol=BTC, countdown_ms=120_000)
UNSURE = OrderError(Outcome.UNKNOWN, 0, "timed out")


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


def cancelled(stage: Stage) -> None:
    async def play() -> None:
        async with stage.session():
            stage.executor.cancel_all(CancelAll(symbol=BTC))

    stage.time.run(play)


@pytest.mark.requirement("K9")
def test_contract_is_cancelled_by_one_request_and_looked_at(stage: Stage) -> None:
    stage.account.orders = [an_order_report(symbol=BTC)]
    cancelled(stage)
    assert stage.account.calls == [f"cancel_all {BTC}", f"open_orders {BTC}"]
    assert stage.told == []


@pytest.mark.requirement("K4")
def test_orders_that_are_left_are_told(stage: Stage) -> None:
    left = an_order_report(symbol=BTC)
    stage.account.orders = [left]
    stage.account.failures["cancel_all"].append(UNSURE)
    cancelled(stage)
    assert stage.told == [left]


def test_listing_that_fails_after_it_tells_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.account.failures["open_orders"].append(FetchError("502"))
    cancelled(stage)
    assert stage.told == []
    assert "orders of BTCUSDT after cancel all: 502" in caplog.text


def test_defect_in_it_is_seen(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.account.failures["cancel_all"].append(ZeroDivisionError("by nothing"))
    cancelled(stage)
    assert stage.deaths == ["cancel all: by nothing"]
    assert "cancel all of BTCUSDT: internal: ZeroDivisionError" in caplog.text


def armed(stage: Stage) -> None:
    async def play() -> None:
        async with stage.session():
            stage.executor.arm(ARM)

    stage.time.run(play)


@pytest.mark.requirement("A16")
def test_countdown_that_is_confirmed_began_no_earlier_than_it_was_asked_for(stage: Stage) -> None:
    async def play() -> None:
        stage.account.hold("count_down")
        async with stage.session():
            stage.executor.arm(ARM)
            await stage.time.sleep(2)
            stage.account.release("count_down")

    before_ms = stage.time.now_ms()
    stage.time.run(play)
    assert stage.account.calls == [f"count_down {BTC} 120000"]
    assert stage.told == [
        DeadManSet(symbol=BTC, countdown_ms=120_000, asked_ms=before_ms, time_ms=before_ms + 2_000)
    ]


@pytest.mark.requirement("A16")
@pytest.mark.parametrize("error", [UNSURE, ZeroDivisionError("by nothing")])
def test_countdown_that_is_not_confirmed_has_failed(stage: Stage, error: Exception) -> None:
    stage.account.failures["count_down"].append(error)
    armed(stage)
    (told,) = stage.told
    assert isinstance(told, DeadManFailed)
    assert (told.symbol, bool(told.reason)) == (BTC, True)


@pytest.mark.requirement("A16")
def test_countdown_that_is_cut_off_or_not_even_asked_for_has_failed(stage: Stage) -> None:
    async def play() -> None:
        stage.account.hold("count_down")
        with suppress(ExceptionGroup):
            async with stage.session():
                stage.executor.arm(ARM)
                stage.executor.cancel_all(CancelAll(symbol=BTC))
                await settle()
                raise ValueError("the end")
        stage.executor.stop()
        stage.executor.arm(ARM)
        stage.executor.cancel_all(CancelAll(symbol=BTC))

    stage.time.run(play)
    assert [type(event) for event in stage.told] == [DeadManFailed, DeadManFailed]
