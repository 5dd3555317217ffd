"""The feed that starts an exchange of its own: while it starts, while it lives, when it dies."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from demo_stage import RECONCILE, REQUEST, ROW, Demo, FakeBroker, a_demo, settings
from fake_exchange import a_command

from botcore_tui.exchange.broker import AccountStamps
from botcore_tui.model.account import ReconcileFailed
from botcore_tui.model.event import (
    FeedDown,
    MarketReset,
)


async def test_before_it_is_ready_one_row_says_that_the_exchange_starts() -> None:
    async with a_demo(settings(*a_command("silent"))) as demo:
        await asyncio.sleep(0)  # its task begins
        (row,) = demo.feed.states(0)
        assert (row.name, row.status) == ("exchange", "connecting")
        assert row.detail == "embedded exchange: starting"
        assert demo.feed.counters() == (0, 0)
        demo.feed.request_snapshot(REQUEST)
        assert demo.events == []


async def test_its_market_is_followed_at_the_addresses_of_the_ready_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO"):
        async with a_demo() as demo:
            feed = await demo.until_followed()
    assert feed.ready.rest == "http://127.0.0.1:1"
    assert feed.receiver is demo.feed.receiver
    assert demo.events == []
    (message,) = caplog.messages
    assert message == (
        f"embedded exchange is ready: http://127.0.0.1:1, pid {feed.ready.pid}, seed 7"
    )


async def test_rows_and_requests_are_those_of_the_market() -> None:
    async with a_demo() as demo:
        feed = await demo.until_followed()
        assert [(row.name, row.status) for row in demo.feed.states(5)] == [
            ("btcusdt@depth", "live")
        ]
        demo.feed.request_snapshot(REQUEST)
        assert feed.requests == [REQUEST]


async def test_cancelling_ends_the_exchange() -> None:
    async with a_demo() as demo:
        pid = (await demo.until_followed()).ready.pid
    assert demo.task is not None
    assert demo.task.cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_cancelling_before_it_is_ready_ends_the_exchange_too() -> None:
    async with a_demo(settings(*a_command("silent"))) as demo:
        await asyncio.sleep(0)  # its task begins
    assert demo.task is not None
    assert demo.task.cancelled()


@pytest.mark.requirement("R03", "R13")
async def test_an_exchange_that_is_killed_is_told_and_started_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with a_demo() as demo:
        first = await demo.until_followed()
        demo.feed.receiver._book_symbols.add("GONEUSDT")
        os.kill(first.ready.pid, signal.SIGKILL)
        await demo.until(lambda: demo.events)
        assert demo.events == [
            FeedDown(("BTCUSDT",), "embedded exchange: killed by SIGKILL", demo.clock.now_ms())
        ]
        assert first.has_ended.is_set()
        text = "embedded exchange: killed by SIGKILL; starting again in 1.0 s"
        assert demo.row == ("down", text)
        assert demo.feed.states(0)[0].reconnects == 1
        (error,) = [record for record in caplog.records if record.levelname == "ERROR"]
        assert error.getMessage() == text
        await demo.clock.pass_pause(1.0)
        second = await demo.until_followed(2)
        assert second.ready.pid != first.ready.pid
        assert second.receiver is first.receiver
        assert isinstance(demo.events[-1], MarketReset)
        assert second.receiver._book_symbols == set()


async def test_pauses_grow_while_it_dies_and_start_anew_once_it_has_lived() -> None:
    async with a_demo(settings(*a_command("dying", words="no room"))) as demo:
        for seconds in (1.0, 2.0, 4.0):
            await demo.clock.until(lambda: demo.row[0] == "down")
            assert demo.row[1].startswith(
                "embedded exchange: left with exit code 7: no room; starting again in "
            )
            await demo.clock.pass_pause(seconds)
        assert demo.events == []
    async with a_demo() as demo:
        for exchanges in (1, 2):
            feed = await demo.until_followed(exchanges)
            await demo.clock.run(60.0)
            os.kill(feed.ready.pid, signal.SIGKILL)
            await demo.clock.pass_pause(1.0)


async def test_an_exchange_that_is_not_ready_in_time_is_ended() -> None:
    async with a_demo(settings(*a_command("silent"), ready_seconds=0.01)) as demo:
        await demo.clock.until(lambda: demo.row[0] == "down")
        assert demo.row[1] == "embedded exchange: not ready within 0.01 s; starting again in 1.0 s"


async def test_a_program_that_is_not_there_is_told() -> None:
    async with a_demo(settings("/no/such/program")) as demo:
        await demo.clock.until(lambda: demo.row[0] == "down")
        assert demo.row[1].startswith("embedded exchange: cannot be started: No such file")


async def test_the_child_is_started_inside_what_frees_it_of_our_threads() -> None:
    story: list[str] = []

    @contextmanager
    def starting() -> Iterator[None]:
        story.append("in")
        yield
        story.append("out")

    demo = Demo(settings())
    demo.feed.starting = starting
    demo.start()
    await demo.until_followed()
    await demo.stop()
    assert story == ["in", "out"]


# --- an account ---------------------------------------------------------------------------------


async def test_what_the_account_is_asked_goes_to_the_exchange_that_runs() -> None:
    async with a_demo(kind=FakeBroker) as demo:
        feed = await demo.until_followed()
        assert isinstance(feed, FakeBroker)
        demo.feed.perform(RECONCILE)
        demo.feed.open_market()
        assert feed.performed == [RECONCILE]
        assert feed.is_open
        assert demo.feed.stamps() == AccountStamps(reconciled_ns=5)
        assert demo.events == []
    assert demo.closed == 1


@pytest.mark.requirement("F17")
async def test_without_an_exchange_a_wish_fails_and_a_row_waits_for_the_next_ledger() -> None:
    async with a_demo(settings(*a_command("silent")), FakeBroker) as demo:
        demo.feed.perform(RECONCILE)  # nobody listens yet
        await asyncio.sleep(0)  # its task begins
        assert demo.feed.stamps() == AccountStamps()
        demo.feed.open_market()
        demo.feed.perform(RECONCILE)
        why = "the embedded exchange is not running"
        assert demo.events == [ReconcileFailed("start", why, demo.clock.now_ms())]
    async with a_demo(kind=FakeBroker) as demo:
        demo.feed.perform(ROW)
        feed = await demo.until_followed()
        assert isinstance(feed, FakeBroker)
        assert feed.performed == [ROW]


async def test_a_feed_without_an_account_takes_no_rows() -> None:
    async with a_demo() as demo:
        demo.feed.perform(ROW)
        await demo.until_followed()
        assert not demo.feed._forwarder._rows
