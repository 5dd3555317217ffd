"""Each effect goes to whoever carries it out."""

import logging

import pytest
from engine_fakes import ScriptedFeed
from engine_stage import for_ever
from order_builders import a_request
from virtual_time import VirtualTime

from botcore_tui.clock import ManualClock
from botcore_tui.engine.answers import Answers
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.latch_writer import LatchWriter
from botcore_tui.engine.performer import Performer
from botcore_tui.exchange.broker import BrokerEffect
from botcore_tui.model.account import ReconcileFailed
from botcore_tui.model.event import (
    Answer,
    Append,
    Cancel,
    Event,
    OpenMarket,
    Query,
    Reconcile,
    Record,
    RequestSnapshot,
    Severity,
    StateChanged,
    Submit,
    TradingState,
)
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.order import CancelFailed, QueryFailed, SubmitFailed
from botcore_tui.model.snapshot import HaltInfo

REQUEST = a_request()
BROKERS_EFFECTS: list[BrokerEffect] = [
    Append(IntentRow(REQUEST, None, None, None)),
    Submit(REQUEST),
    Cancel(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=False),
    Query(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=False),
    Reconcile(reason="start"),
]


class BrokerFeed(ScriptedFeed):
    """A market with an account that notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__(for_ever)
        self.performed: list[BrokerEffect] = []
        self.openings = 0

    def perform(self, effect: BrokerEffect) -> None:
        self.performed.append(effect)

    def open_market(self) -> None:
        self.openings += 1


class RememberedLatch(LatchWriter):
    """Notes instead of writing."""

    def __init__(self, latch: HaltLatch) -> None:
        super().__init__(latch, pytest.fail)
        self.wishes: list[HaltInfo | None] = []

    def set(self, halt: HaltInfo) -> None:
        self.wishes.append(halt)

    def clear(self) -> None:
        self.wishes.append(None)


class Stage:
    def __init__(self, feed: ScriptedFeed, latch: LatchWriter | None = None) -> None:
        self.answers = Answers()
        self.delivered: list[Event] = []
        self.drawn = 0
        self.performer = Performer(
            feed,
            ManualClock(),
            self.answers,
            lambda event, _received_ns: self.delivered.append(event),
            latch=latch,
            redraw=self.redraw,
        )

    def redraw(self) -> None:
        self.drawn += 1


def a_change(state: TradingState, previous: TradingState) -> StateChanged:
    return StateChanged(state, previous, "anna", "why", 7)


def test_broker_gets_all_that_concerns_the_account() -> None:
    feed = BrokerFeed()
    stage = Stage(feed)

    for effect in BROKERS_EFFECTS:
        stage.performer.perform(effect)
    stage.performer.perform(OpenMarket(1))

    assert feed.performed == BROKERS_EFFECTS
    assert feed.openings == 1
    assert stage.performer.broker is not None
    assert stage.delivered == []


def test_without_a_broker_all_of_it_fails_and_rows_are_dropped() -> None:
    stage = Stage(ScriptedFeed(for_ever))

    for effect in BROKERS_EFFECTS:
        stage.performer.perform(effect)
    stage.performer.perform(OpenMarket(1))

    assert stage.performer.broker is None
    assert [type(event) for event in stage.delivered] == [
        SubmitFailed,
        CancelFailed,
        QueryFailed,
        ReconcileFailed,
    ]


def test_market_and_answer_go_their_ways() -> None:
    feed = ScriptedFeed(for_ever)
    stage = Stage(feed)
    request = RequestSnapshot("BTCUSDT", 0, "first", 1)
    answer = Answer(command_id="c1", is_accepted=True, code="", text="", time_ms=1)

    stage.performer.perform(request)
    stage.performer.perform(answer)

    assert feed.requests == [request]
    assert stage.answers.newest == (answer,)


@pytest.mark.parametrize(("owns_time", "time_ms"), [(True, 5), (False, ManualClock().now_ms())])
def test_record_is_logged_after_the_orders_that_were_decided_with_it(
    time: VirtualTime,
    caplog: pytest.LogCaptureFixture,
    owns_time: bool,
    time_ms: int,
) -> None:
    stage = Stage(ScriptedFeed(for_ever, owns_time=owns_time))

    async def play() -> None:
        stage.performer.perform(Record(Severity.WARNING, "book.gap", "a gap", 5))
        assert caplog.records == []
        await time.sleep(0.02)

    with caplog.at_level(logging.INFO):
        time.run(play)

    (line,) = caplog.records
    assert (line.getMessage(), line.levelname) == ("a gap", "WARNING")
    assert (line.__dict__["code"], line.__dict__["time_ms"]) == ("book.gap", time_ms)


def test_latch_follows_the_state_and_the_picture_is_drawn_anew() -> None:
    latch = RememberedLatch(HaltLatch.__new__(HaltLatch))
    stage = Stage(ScriptedFeed(for_ever), latch)
    active, reducing, halted = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED

    for change in (
        a_change(reducing, active),
        a_change(halted, reducing),
        a_change(reducing, halted),
        a_change(active, reducing),
    ):
        stage.performer.perform(change)

    assert latch.wishes == [HaltInfo("anna", "why", 7), None]
    assert stage.drawn == 4


def test_without_a_latch_a_halt_is_only_drawn() -> None:
    stage = Stage(ScriptedFeed(for_ever))

    stage.performer.perform(a_change(TradingState.HALTED, TradingState.ACTIVE))

    assert stage.drawn == 1
