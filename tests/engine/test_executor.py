"""Orders on their way to the venue: recorded first, sent once, never without an outcome."""

from contextlib import suppress

import pytest
from executor_stage import ENTRY, STOP, Stage, a_cancel, a_query, kinds
from fake_account import NOW_MS, accepted
from order_builders import an_order_report
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.exchange.base import OrderError
from botcore_tui.model.order import (
    CancelFailed,
    OrderSent,
    Outcome,
    QueryFailed,
    SubmitFailed,
)


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


# --- recorded before sent ----------------------------------------------------------------------


def test_order_is_sent_once_and_told_as_sent_before_its_reply(
    stage: Stage, time: VirtualTime
) -> None:
    async def play() -> None:
        async with stage.session():
            stage.submit(ENTRY)

    time.run(play)

    assert stage.account.sent == [ENTRY]
    assert stage.told == [
        OrderSent(ENTRY.client_order_id, NOW_MS, NOW_MS + 5_000),
        accepted(ENTRY, 1_001, NOW_MS),
    ]
    assert stage.executor.timings.tick_to_order.percentiles().count == 1
    assert stage.executor.timings.acknowledging.percentiles().count == 1


def test_entry_leaves_only_after_its_intent_is_durable(stage: Stage, time: VirtualTime) -> None:
    async def play() -> None:
        stage.ledger.hold()
        async with stage.session():
            stage.submit(ENTRY)
            await settle()
            assert stage.account.calls == []
            stage.ledger.release()
            await settle()
            assert stage.account.calls == [
                f"place {ENTRY.client_order_id}",
                f"reply {ENTRY.client_order_id}",
            ]
            assert stage.account.sent == [ENTRY]

    time.run(play)


@pytest.mark.requirement("F13")
@pytest.mark.parametrize("trouble", ["not writable", "slow", "broken"])
def test_entry_is_not_sent_while_the_ledger_cannot_record_it(
    stage: Stage, time: VirtualTime, trouble: str
) -> None:
    async def play() -> None:
        spoil(stage, trouble)
        async with stage.session():
            stage.submit(ENTRY)
            await time.sleep(5)
            if trouble == "slow":
                stage.ledger.release()

    time.run(play)

    assert stage.account.calls == []
    (failure,) = stage.told
    assert isinstance(failure, SubmitFailed)
    assert failure.outcome is Outcome.FAILED
    assert failure.reason.startswith("ledger ")


@pytest.mark.requirement("F13")
@pytest.mark.parametrize("trouble", ["not writable", "slow", "broken"])
def test_reducing_order_is_sent_within_a_quarter_second_whatever_the_ledger_does(
    stage: Stage, time: VirtualTime, trouble: str
) -> None:
    async def play() -> None:
        spoil(stage, trouble)
        async with stage.session():
            before = time.elapsed()
            stage.submit(STOP)
            await stage.account.until(lambda: stage.account.sent)
            assert time.elapsed() - before <= 0.25

    time.run(play)

    assert kinds(stage.told) == ["OrderSent", "OrderReport"]
    assert stage.deaths == (["ledger: no disk"] if trouble == "broken" else [])


def spoil(stage: Stage, trouble: str) -> None:
    if trouble == "slow":
        stage.ledger.hold()
    elif trouble == "broken":
        stage.ledger.failure = RuntimeError("no disk")
    else:
        stage.ledger.is_writable = False


# --- halted ------------------------------------------------------------------------------------


@pytest.mark.requirement("F18")
@pytest.mark.parametrize("where", ["recording", "waiting for its turn"])
def test_entry_is_not_sent_if_trading_is_halted_before_its_first_byte(
    stage: Stage, time: VirtualTime, where: str
) -> None:
    async def play() -> None:
        if where == "recording":
            stage.ledger.hold()
        else:
            stage.account.hold("place")
        async with stage.session():
            stage.submit(ENTRY)
            await settle()
            stage.bars_entries = True
            if where == "recording":
                stage.ledger.release()
            else:
                stage.account.release("place")

    time.run(play)

    assert stage.account.sent == []
    now_ms = time.now_ms()
    assert stage.told == [
        SubmitFailed(
            ENTRY.client_order_id, Outcome.FAILED, 0, "halted or reducing before sending", now_ms
        )
    ]


@pytest.mark.requirement("F18")
def test_reducing_order_is_sent_while_trading_is_halted(stage: Stage, time: VirtualTime) -> None:
    async def play() -> None:
        stage.bars_entries = True
        async with stage.session():
            stage.submit(STOP)

    time.run(play)

    assert stage.account.sent == [STOP]


# --- outcomes ----------------------------------------------------------------------------------


@pytest.mark.requirement("F01")
@pytest.mark.parametrize("outcome", list(Outcome))
def test_failure_is_told_as_it_is_and_nothing_is_sent_again(
    stage: Stage, time: VirtualTime, outcome: Outcome
) -> None:
    stage.account.replies[ENTRY.client_order_id] = OrderError(outcome, -1007, "no answer")

    async def play() -> None:
        async with stage.session():
            stage.submit(ENTRY)
            await time.sleep(60)

    time.run(play)

    assert stage.account.sent == [ENTRY]
    assert isinstance(stage.told[0], OrderSent)
    told = stage.told[1]
    assert isinstance(told, SubmitFailed)
    assert (told.outcome, told.code, told.reason) == (outcome, -1007, "no answer")


def test_defect_while_placing_is_unknown_and_told_as_a_death(
    stage: Stage, time: VirtualTime
) -> None:
    stage.account.replies[ENTRY.client_order_id] = ZeroDivisionError("by nothing")

    async def play() -> None:
        async with stage.session():
            stage.submit(ENTRY)
            await settle()
            stage.submit(STOP)

    time.run(play)

    told = stage.told[1]
    assert isinstance(told, SubmitFailed)
    assert told.outcome is Outcome.UNKNOWN
    assert told.reason == "internal: ZeroDivisionError: by nothing"
    assert stage.deaths == ["submit: by nothing"]
    assert stage.account.sent == [ENTRY, STOP]


# --- the session ends in the middle ------------------------------------------------------------


@pytest.mark.requirement("F14")
@pytest.mark.parametrize(
    ("where", "outcome"),
    [
        ("not begun", Outcome.FAILED),
        ("recording", Outcome.FAILED),
        ("place", Outcome.FAILED),
        ("reply", Outcome.UNKNOWN),
    ],
)
def test_order_that_is_cut_off_is_unknown_only_if_bytes_may_have_left(
    stage: Stage, time: VirtualTime, where: str, outcome: Outcome
) -> None:
    async def play() -> None:
        if where == "recording":
            stage.ledger.hold()
        elif where != "not begun":
            stage.account.hold(where)
        with suppress(ExceptionGroup):
            async with stage.session():
                stage.submit(ENTRY)
                if where != "not begun":
                    await settle()
                raise ValueError("the end")

    time.run(play)

    told = stage.told[-1]
    assert isinstance(told, SubmitFailed)
    assert told.outcome is outcome
    assert kinds(stage.told) == (["OrderSent"] if outcome is Outcome.UNKNOWN else []) + [
        "SubmitFailed"
    ]


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("where", ["not begun", "cancel"])
def test_cancel_that_is_cut_off_is_unknown(stage: Stage, time: VirtualTime, where: str) -> None:
    async def play() -> None:
        stage.account.hold("cancel")
        with suppress(ExceptionGroup):
            async with stage.session():
                stage.executor.cancel(a_cancel())
                if where == "cancel":
                    await settle()
                raise ValueError("the end")

    time.run(play)

    (told,) = stage.told
    assert isinstance(told, CancelFailed)
    assert told.outcome is Outcome.UNKNOWN


@pytest.mark.requirement("F14")
@pytest.mark.parametrize("where", ["pause", "order", "trades"])
def test_query_that_is_cut_off_has_failed_and_tells_no_half(
    stage: Stage, time: VirtualTime, where: str
) -> None:
    stage.account.reports["bc-1-1-e"] = an_order_report(
        client_order_id="bc-1-1-e", filled_quantity="1"
    )

    async def play() -> None:
        stage.account.hold(where)
        with suppress(ExceptionGroup):
            async with stage.session():
                stage.executor.query(a_query(delay_seconds=3.0 if where == "pause" else 0.0))
                await settle()
                raise ValueError("the end")

    time.run(play)

    assert kinds(stage.told) == ["QueryFailed"]


def test_without_a_session_everything_is_answered_as_not_done(stage: Stage) -> None:
    stage.submit(ENTRY)
    stage.executor.cancel(a_cancel())
    stage.executor.query(a_query())

    submit, cancel, query = stage.told
    assert isinstance(submit, SubmitFailed)
    assert submit.outcome is Outcome.FAILED
    assert isinstance(cancel, CancelFailed)
    assert cancel.outcome is Outcome.FAILED
    assert isinstance(query, QueryFailed)
    assert stage.account.calls == []
