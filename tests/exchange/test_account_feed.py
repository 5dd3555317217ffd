"""A feed that is opened when it runs and closed when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from demo_stage import RECONCILE, REQUEST, FakeBroker, Heard
from fake_exchange import ready_facts
from waiting import SteppedClock

from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.account_feed import AccountFeed
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.broker import AccountStamps, Broker, Stamped
from botcore_tui.model.account import ReconcileFailed


async def test_it_is_opened_run_and_closed_and_says_what_the_feed_says() -> None:
    feed, story = FakeBroker(ready_facts(), Receiver()), list[str]()

    @asynccontextmanager
    async def opened(_receiver: Receiver) -> AsyncIterator[MarketFeed]:
        story.append("opened")
        yield feed
        story.append("closed")

    made, heard = AccountFeed(opened, Receiver(), SteppedClock()), Heard()
    assert isinstance(made, Broker)
    assert isinstance(made, Stamped)
    assert made.states(0) == ()
    assert made.stamps() == AccountStamps()
    running = asyncio.create_task(made.run(heard))
    await feed.is_running.wait()
    made.perform(RECONCILE)
    made.open_market()
    made.request_snapshot(REQUEST)
    assert feed.performed == [RECONCILE]
    assert feed.requests == [REQUEST]
    assert [row.name for row in made.states(0)] == ["btcusdt@depth"]
    assert made.counters() == (0, 0)
    assert made.stamps().reconciled_ns == 5
    running.cancel()
    await asyncio.wait([running])
    assert story == ["opened"]  # the cancellation passed through
    assert made.states(0) == ()


async def test_one_that_cannot_be_opened_says_why_and_wishes_fail() -> None:
    def refuse() -> None:
        raise UnavailableError("another program trades there")

    @asynccontextmanager
    async def opened(receiver: Receiver) -> AsyncIterator[MarketFeed]:
        refuse()
        yield FakeBroker(ready_facts(), receiver)

    made, heard = AccountFeed(opened, Receiver(), SteppedClock()), Heard()
    with pytest.raises(UnavailableError, match="another program"):
        await made.run(heard)
    made.perform(RECONCILE)
    (failure,) = heard.events
    assert isinstance(failure, ReconcileFailed)
    assert failure.error == "the session with the venue has not begun"
