"""Does what the trader decided; outcomes come back as events and in no other way."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final, assert_never

from botcore_tui.clock import Clock
from botcore_tui.engine.answers import Answers
from botcore_tui.engine.latch_writer import LatchWriter
from botcore_tui.engine.log_ring import LEVELS
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.broker import Broker, BrokerEffect, failure_of
from botcore_tui.model.event import (
    Answer,
    Append,
    ArmDeadMan,
    Cancel,
    CancelAll,
    Effect,
    Event,
    OpenMarket,
    Query,
    Reconcile,
    Record,
    RequestSnapshot,
    StateChanged,
    Submit,
    TradingState,
)
from botcore_tui.model.snapshot import HaltInfo

logger = logging.getLogger(__name__)

_TELL_SECONDS: Final = 0.01
_NO_ACCOUNT = "no account here"


class Performer:
    """Hands each effect to whoever carries it out; call in the engine's loop.

    Args:
        feed: The market; also the account, if it is a ``Broker``.
        clock: Stamps failures.
        answers: Where answers to commands go.
        deliver: Takes the failures of what nobody here can do.
        latch: Keeps a halt over restarts; None where nothing is to be kept.
        redraw: Called when the trading state moved.

    Attributes:
        broker: The feed, if it has an account.
    """

    def __init__(
        self,
        feed: MarketFeed,
        clock: Clock,
        answers: Answers,
        deliver: Callable[[Event, int], None],
        *,
        latch: LatchWriter | None,
        redraw: Callable[[], None],
    ) -> None:
        self.broker = feed if isinstance(feed, Broker) else None
        self._feed = feed
        self._clock = clock
        self._answers = answers
        self._deliver = deliver
        self._latch = latch
        self._redraw = redraw
        self._untold: list[tuple[Record, int]] = []
        """With the time that stands in the log."""

    def perform(self, effect: Effect) -> None:
        """Start it; never waits."""
        match effect:
            case RequestSnapshot():
                self._feed.request_snapshot(effect)
            case Record():
                self._untold.append((effect, self._moment(effect)))
                if len(self._untold) == 1:
                    asyncio.get_running_loop().call_later(_TELL_SECONDS, self.tell)
            case StateChanged():
                self._change_state(effect)
            case Answer():
                self._answers.add(effect)
            case OpenMarket():
                if self.broker is not None:
                    self.broker.open_market()
            case (
                Submit() | Cancel() | CancelAll() | Query() | Reconcile() | ArmDeadMan() | Append()
            ):
                self._ask_broker(effect)
            case _:
                assert_never(effect)

    def tell(self) -> None:
        """Log the records that wait.

        Not when they come: each wakes the threads that write the log, and for a millisecond or
        more the engine, with an order in its hands, would wait for its own turn.
        """
        untold, self._untold = self._untold, []
        for record, time_ms in untold:
            extra = {"code": record.code, "time_ms": time_ms}
            logger.log(LEVELS[record.severity], "%s", record.text, extra=extra)

    def _moment(self, record: Record) -> int:
        # The core knows the time by ticks only: beside lines of others that would step back.
        return record.time_ms if self._feed.owns_time else self._clock.now_ms()

    def _ask_broker(self, effect: BrokerEffect) -> None:
        if self.broker is not None:
            self.broker.perform(effect)
            return
        failure = failure_of(effect, _NO_ACCOUNT, self._clock.now_ms())
        if failure is not None:
            self._deliver(failure, 0)

    def _change_state(self, change: StateChanged) -> None:
        if self._latch is not None:
            if change.state is TradingState.HALTED:
                halt = HaltInfo(change.actor, change.reason, change.time_ms, change.account)
                self._latch.set(halt)
            elif change.previous is TradingState.HALTED:
                self._latch.clear()
        # The record beside it tells the log; the picture tells the screen.
        self._redraw()
