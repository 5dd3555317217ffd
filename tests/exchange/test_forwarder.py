"""What the engine wants reaches the feed that is there; without one it fails, and rows wait."""

import pytest
from demo_stage import RECONCILE, REQUEST, ROW, FakeBroker, FakeFeed, Heard
from fake_exchange import ready_facts
from waiting import SteppedClock

from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.broker import AccountStamps
from botcore_tui.exchange.forwarder import Forwarder
from botcore_tui.model.account import ReconcileFailed


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def forwarder(heard: Heard) -> Forwarder:
    made = Forwarder(SteppedClock(), "nobody is there")
    made.perform(RECONCILE)  # nobody hears of that either
    made.begin(heard)
    return made


def test_everything_reaches_the_feed_that_is_there(forwarder: Forwarder, heard: Heard) -> None:
    feed = FakeBroker(ready_facts(), Receiver())
    forwarder.enter(feed)
    for effect in (RECONCILE, ROW):
        forwarder.perform(effect)
    forwarder.open_market()
    forwarder.request_snapshot(REQUEST)
    assert feed.performed == [RECONCILE, ROW]
    assert feed.is_open
    assert feed.requests == [REQUEST]
    assert forwarder.stamps().reconciled_ns == 5
    assert heard.events == []


def test_without_a_feed_wishes_fail_and_rows_wait_in_order(
    forwarder: Forwarder, heard: Heard
) -> None:
    forwarder.perform(RECONCILE)
    forwarder.open_market()
    forwarder.request_snapshot(REQUEST)
    assert forwarder.stamps() == AccountStamps()
    (failure,) = heard.events
    assert isinstance(failure, ReconcileFailed)
    assert failure.error == "nobody is there"
    forwarder.perform(ROW)
    forwarder.perform(ROW)
    feed = FakeBroker(ready_facts(), Receiver())
    forwarder.enter(feed)
    assert feed.performed == [ROW, ROW]
    forwarder.leave()
    forwarder.perform(RECONCILE)
    assert len(heard.events) == 2


def test_a_feed_without_an_account_is_asked_for_its_market_only(
    forwarder: Forwarder, heard: Heard
) -> None:
    feed = FakeFeed(ready_facts(), Receiver())
    forwarder.enter(feed)
    forwarder.request_snapshot(REQUEST)
    forwarder.open_market()
    forwarder.perform(RECONCILE)
    assert feed.requests == [REQUEST]
    assert len(heard.events) == 1
    assert forwarder.stamps() == AccountStamps()
