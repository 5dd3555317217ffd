"""Passes what the engine wants on to the feed that is there just now, if one is."""

from collections import deque
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.exchange.base import MarketFeed, Sink
from botcore_tui.exchange.broker import (
    AccountStamps,
    Broker,
    BrokerEffect,
    Stamped,
    failure_of,
)
from botcore_tui.model.event import Append, RequestSnapshot

_MOST_ROWS: Final = 1_000
"""Rows that wait for the next feed's ledger."""


class Forwarder:
    """Stands before feeds that come and go.

    Args:
        clock: Stamps failures.
        nobody: Why nothing can be done while there is no feed, one line.

    Attributes:
        feed: The one that is there; None while there is none.
    """

    def __init__(self, clock: Clock, nobody: str) -> None:
        self.feed: MarketFeed | None = None
        self._broker: Broker | None = None
        self._clock = clock
        self._nobody = nobody
        self._sink: Sink | None = None
        self._rows: deque[Append] = deque(maxlen=_MOST_ROWS)

    def begin(self, sink: Sink) -> None:
        """Deliver failures there from now on."""
        self._sink = sink

    def enter(self, feed: MarketFeed) -> None:
        """From now on this one; it gets the rows that waited, if it has a ledger."""
        self.feed = feed
        # Asked once: to look through a protocol takes longer than to pass an order on.
        self._broker = feed if isinstance(feed, Broker) else None
        rows, self._rows = self._rows, deque(maxlen=_MOST_ROWS)
        if self._broker is not None:
            for row in rows:
                self._broker.perform(row)

    def leave(self) -> None:
        """None any more."""
        self.feed = self._broker = None

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Pass it on; without a feed the request is void, as the books were told."""
        if self.feed is not None:
            self.feed.request_snapshot(request)

    def perform(self, effect: BrokerEffect) -> None:
        """Pass it on; without a feed it fails, and a row waits for the next one's ledger."""
        if self._broker is not None:
            self._broker.perform(effect)
        elif isinstance(effect, Append):
            self._rows.append(effect)
        elif self._sink is not None:
            failure = failure_of(effect, self._nobody, self._clock.now_ms())
            assert failure is not None  # only rows have no outcome
            self._sink.deliver(failure, 0)

    def open_market(self) -> None:
        """Pass it on."""
        if self._broker is not None:
            self._broker.open_market()

    def stamps(self) -> AccountStamps:
        """When the account's figures were confirmed."""
        feed: object = self.feed
        return feed.stamps() if isinstance(feed, Stamped) else AccountStamps()
