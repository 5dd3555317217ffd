"""What of a session survives what dies; rules, health and stamps in the course of time."""

import threading

import pytest
from engine_fakes import ScriptedFeed
from engine_stage import for_ever
from fake_account import NOW_MS
from msgspec.structs import replace
from order_builders import a_fill, a_position_report, a_request, a_stop_request
from session_stage import BTC, RECOLLECTION, Stage, the_rules
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError, Sink
from botcore_tui.exchange.broker import AccountStamps
from botcore_tui.model.account import (
    AccountPicture,
    AccountUpdate,
    DeadManFailed,
    LedgerHealth,
    LeverageChange,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.event import (
    ArmDeadMan,
    Cancel,
    CancelAll,
    FeedDown,
    Reconcile,
    RulesUpdate,
    Submit,
)
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.order import (
    CancelFailed,
    OrderReport,
    Outcome,
    SubmitFailed,
)

TAKEN = LedgerHealth(is_writable=False, reason="taken", time_ms=1, is_taken=True)
"""By another program."""


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


# --- ends and new starts -----------------------------------------------------------------------


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("where", ["place", "reply"])
def test_order_under_way_when_the_session_ends_has_an_outcome(
    stage: Stage, time: VirtualTime, where: str
) -> None:
    async def play() -> None:
        stage.account.hold(where)
        async with stage.running():
            stage.session.perform(Submit(a_request()))

    time.run(play)

    (failure,) = stage.of(SubmitFailed)
    assert isinstance(failure, SubmitFailed)
    assert failure.outcome is (Outcome.UNKNOWN if where == "reply" else Outcome.FAILED)


@pytest.mark.requirement("F14")
def test_second_run_goes_on_without_a_second_recollection(stage: Stage, time: VirtualTime) -> None:
    async def play() -> None:
        async with stage.running():
            pass
        async with stage.running():
            stage.session.perform(Submit(a_request()))
            await stage.until(OrderReport)

    time.run(play)

    assert stage.of(Recollection) == [RECOLLECTION]
    assert len(stage.of(UserStreamUp)) == 2
    assert len(stage.account.sent) == 1


@pytest.mark.requirement("F05")
def test_account_that_dies_is_told_as_down_and_started_again(
    stage: Stage, time: VirtualTime
) -> None:
    stage.account.failures["run"].append(ZeroDivisionError("by nothing"))

    async def play() -> None:
        async with stage.running():
            assert stage.of(UserStreamUp) == []
            await stage.until(UserStreamUp)

    time.run(play)

    (down,) = stage.of(UserStreamDown)
    assert isinstance(down, UserStreamDown)
    assert down.reason == "account died: by nothing"
    assert stage.overseer.deaths == ["account: by nothing"]


def test_market_that_dies_takes_nothing_with_it(time: VirtualTime) -> None:
    async def dies(_sink: Sink) -> None:
        raise ZeroDivisionError("by nothing")

    stage = Stage(time)
    stage.market = ScriptedFeed(dies, for_ever, owns_time=False)
    stage.session._market = stage.market

    async def play() -> None:
        async with stage.running():
            stage.account.hold("reply")
            stage.session.perform(Submit(a_request()))
            stage.session.open_market()
            await stage.until(FeedDown)
            stage.account.release("reply")
            await time.sleep(2)
            assert stage.market.starts == 2

    time.run(play)

    (down,) = stage.of(FeedDown)
    assert isinstance(down, FeedDown)
    assert down.symbols == (BTC,)
    assert stage.of(SubmitFailed) == []
    assert stage.overseer.deaths == ["market: by nothing"]


# --- rules -------------------------------------------------------------------------------------


@pytest.mark.requirement("F19")
def test_rules_are_asked_for_every_hour_and_told_when_they_change(
    stage: Stage, time: VirtualTime
) -> None:
    async def play() -> None:
        async with stage.running():
            await time.sleep(3_601)
            assert len(stage.of(RulesUpdate)) == 1
            stage.account.rules_of[BTC] = the_rules(tick="0.5")
            await time.sleep(3_600)
            stage.account.rules_of.clear()
            await time.sleep(7_200)

    time.run(play)

    told = [event.rules for event in stage.told if isinstance(event, RulesUpdate)]
    assert told == [
        the_rules(),
        the_rules(tick="0.5"),
        the_rules(tick="0.5", status="NOT LISTED"),
    ]


@pytest.mark.requirement("F19")
@pytest.mark.parametrize(("code", "is_asked"), [(-1111, True), (-4140, True), (-2019, False)])
def test_rules_are_asked_for_soon_when_an_order_was_refused_for_what_they_say(
    stage: Stage, time: VirtualTime, code: int, *, is_asked: bool
) -> None:
    refusal = OrderError(Outcome.REJECTED, code, "no")
    stage.account.failures["place"].extend([refusal, refusal])

    async def play() -> None:
        async with stage.running():
            stage.account.rules_of[BTC] = the_rules(tick="0.5")
            stage.session.perform(Submit(a_request(client_order_id="bc-r1-1-e")))
            await time.sleep(4)
            assert len(stage.of(RulesUpdate)) == 1
            await time.sleep(2)
            assert len(stage.of(RulesUpdate)) == 1 + is_asked
            stage.account.rules_of[BTC] = the_rules(tick="1")
            await time.sleep(60)
            stage.session.perform(Submit(a_request(client_order_id="bc-r1-2-e")))
            await time.sleep(1)
            assert len(stage.of(RulesUpdate)) == 1 + 2 * is_asked

    time.run(play)


def test_rules_that_do_not_come_are_asked_for_again_at_growing_pauses(
    stage: Stage, time: VirtualTime
) -> None:
    stage.account.failures["rules"].extend(FetchError("away") for _ in range(7))

    async def play() -> None:
        async with stage.running():
            await time.sleep(2 + 4 + 8 + 16 + 32 + 60 + 59)
            assert stage.of(RulesUpdate) == []
            await time.sleep(2)
            assert len(stage.of(RulesUpdate)) == 1

    time.run(play)


# --- figures and health ------------------------------------------------------------------------


def test_stamps_say_when_the_venue_confirmed(stage: Stage, time: VirtualTime) -> None:
    stage.account.held_positions = [a_position_report(symbol="ETHUSDT", quantity="1")]
    update = AccountUpdate(
        reason="ORDER",
        balances=(stage.account.money,),
        positions=(a_position_report(quantity="1"),),
        time_ms=NOW_MS,
    )

    async def play() -> None:
        async with stage.running():
            assert stage.session.stamps() == AccountStamps()
            stage.session.perform(Reconcile(reason="start"))
            await stage.until(AccountPicture)
            first = time.monotonic_ns()
            both = {BTC: first, "ETHUSDT": first}
            assert stage.session.stamps() == AccountStamps(first, first, both)
            await time.sleep(1)
            second = time.monotonic_ns()
            stage.account.tell(update)
            both[BTC] = second
            assert stage.session.stamps() == AccountStamps(first, second, both)
            await time.sleep(1)
            stage.account.tell(replace(update, balances=(), positions=()))
            assert stage.session.stamps() == AccountStamps(first, second, both)

    time.run(play)


def test_events_of_the_account_pass_and_room_is_that_of_the_engine(
    stage: Stage, time: VirtualTime
) -> None:
    async def play() -> None:
        async with stage.running():
            stage.account.tell(a_fill())
            assert stage.account.sink is not None
            await stage.account.sink.room()

    time.run(play)

    assert stage.told[-1] == a_fill()
    assert stage.rooms == 1


@pytest.mark.requirement("F20")
def test_nothing_is_changed_at_the_venue_once_another_program_has_the_account(
    stage: Stage, time: VirtualTime
) -> None:
    stop = a_stop_request()

    async def play() -> None:
        async with stage.running():
            stage.session.tell_health(TAKEN)
            stage.session.perform(Submit(stop))
            stage.session.perform(Cancel(client_order_id="bc-1", symbol=BTC, is_algo=True))
            stage.session.perform(CancelAll(symbol=BTC))
            stage.session.perform(ArmDeadMan(symbol=BTC, countdown_ms=120_000))
            await settle(20)

    time.run(play)

    (failed,) = stage.of(SubmitFailed)
    assert isinstance(failed, SubmitFailed)
    assert (failed.client_order_id, failed.outcome) == (stop.client_order_id, Outcome.FAILED)
    assert len(stage.of(CancelFailed)) == len(stage.of(DeadManFailed)) == 1
    deeds = {"place", "cancel", "cancel_all", "count_down"}
    assert not deeds.intersection(call.partition(" ")[0] for call in stage.account.calls)


@pytest.mark.requirement("F13")
def test_health_of_the_ledger_is_told_from_any_thread_and_remembered(
    stage: Stage, time: VirtualTime
) -> None:
    early = LedgerHealth(is_writable=True, reason="", time_ms=1)
    late = LedgerHealth(is_writable=False, reason="disk full", time_ms=2)
    stage.session.tell_health(early)

    async def play() -> None:
        async with stage.running():
            assert stage.told[:2] == [RECOLLECTION, early]
            thread = threading.Thread(target=stage.session.tell_health, args=(late,))
            thread.start()
            await stage.until(LedgerHealth, 2)
            thread.join()

    time.run(play)

    assert stage.of(LedgerHealth) == [early, late]
    stage.session.tell_health(early)  # the loop has ended; nobody is told, nothing breaks


@pytest.mark.requirement("F20")
@pytest.mark.parametrize("where", ["recording", "waiting for its turn"])
def test_order_on_its_way_does_not_leave_once_another_program_has_the_account(
    stage: Stage, time: VirtualTime, where: str
) -> None:
    stop = a_stop_request()

    async def play() -> None:
        if where == "recording":
            stage.ledger.hold()
        else:
            stage.account.hold("place")
        async with stage.running():
            stage.session.perform(Submit(stop))
            await settle(20)
            stage.session.tell_health(TAKEN)
            if where == "recording":
                stage.ledger.release()
            else:
                stage.account.release("place")
            await settle(20)

    time.run(play)

    assert stage.account.sent == []
    (failed,) = stage.of(SubmitFailed)
    assert isinstance(failed, SubmitFailed)
    assert (failed.outcome, failed.reason) == (
        Outcome.FAILED,
        "another program trades this account",
    )


@pytest.mark.requirement("F13")
def test_cancels_and_countdowns_in_line_when_another_program_takes_over_never_leave(
    stage: Stage, time: VirtualTime
) -> None:
    """Sent, they would take the other program's stop, or end the countdown that guards it."""
    deeds = ("cancel", "cancel_all", "count_down")

    async def play() -> None:
        for deed in deeds:
            stage.account.hold(deed)
        async with stage.running():
            stage.session.perform(Cancel(client_order_id="bc-1", symbol=BTC, is_algo=True))
            stage.session.perform(CancelAll(symbol=BTC))
            stage.session.perform(ArmDeadMan(symbol=BTC, countdown_ms=0))
            await settle(20)
            assert [stage.account.count(deed) for deed in deeds] == [1, 1, 1]
            stage.session.tell_health(TAKEN)
            for deed in deeds:
                stage.account.release(deed)
            await settle(20)

    time.run(play)

    assert stage.account.deeds == []
    (failed,) = stage.of(CancelFailed)
    assert isinstance(failed, CancelFailed)
    assert (failed.outcome, failed.reason) == (
        Outcome.FAILED,
        "another program trades this account",
    )
    (ended,) = stage.of(DeadManFailed)
    assert isinstance(ended, DeadManFailed)
    assert ended.reason == "another program trades this account"


@pytest.mark.requirement("F13")
def test_leverage_in_line_when_another_program_takes_over_is_not_lowered(
    time: VirtualTime,
) -> None:
    stage = Stage(time, leverage=3)
    stage.account.leverage_list = [LeverageChange(BTC, 20)]

    async def play() -> None:
        stage.account.hold("set_leverage")
        async with stage.running():
            await settle(20)
            assert stage.account.count("set_leverage") == 1
            stage.session.tell_health(TAKEN)
            stage.account.release("set_leverage")
            await settle(20)

    time.run(play)

    assert stage.account.leverage_list == [LeverageChange(BTC, 20)]
