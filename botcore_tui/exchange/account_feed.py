"""A feed that is opened when it begins to run, and closed when it ends: one with a ledger."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from botcore_tui.clock import Clock
from botcore_tui.exchange.base import MarketFeed, Sink
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.broker import AccountStamps, BrokerEffect
from botcore_tui.exchange.forwarder import Forwarder
from botcore_tui.model.event import RequestSnapshot
from botcore_tui.model.snapshot import FeedState


class AccountFeed:
    """A ``MarketFeed`` and ``Broker`` on whatever ``opened`` gives, anew in each run.

    Args:
        opened: Opens a feed, and closes it in the end.
        receiver: Of its market.
        clock: Stamps failures.

    Attributes:
        receiver: Of its market.
    """

    owns_time = False

    def __init__(
        self,
        opened: Callable[[Receiver], AbstractAsyncContextManager[MarketFeed]],
        receiver: Receiver,
        clock: Clock,
    ) -> None:
        self.receiver = receiver
        self._opened = opened
        self._forwarder = Forwarder(clock, "the session with the venue has not begun")

    async def run(self, sink: Sink) -> None:
        """Open the feed and run it.

        Raises:
            UnavailableError: It cannot be opened.
        """
        self._forwarder.begin(sink)
        self.receiver.deliver = sink.deliver
        async with self._opened(self.receiver) as feed:
            self._forwarder.enter(feed)
            try:
                await feed.run(sink)
            finally:
                self._forwarder.leave()

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Pass it on."""
        self._forwarder.request_snapshot(request)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row a stream."""
        feed = self._forwarder.feed
        return () if feed is None else feed.states(now_ns)

    def counters(self) -> tuple[int, int]:
        """Unreadable frames, frames of unknown types."""
        return self.receiver.decode_errors, sum(self.receiver.unknown.values())

    def perform(self, effect: BrokerEffect) -> None:
        """Pass it on."""
        self._forwarder.perform(effect)

    def open_market(self) -> None:
        """Pass it on."""
        self._forwarder.open_market()

    def stamps(self) -> AccountStamps:
        """When the account's figures were confirmed."""
        return self._forwarder.stamps()
