"""Our port to a venue's market data; live streams and tapes stand behind the same words."""

from typing import Protocol

from botcore_tui.model.event import Event, RequestSnapshot
from botcore_tui.model.snapshot import FeedState


class Sink(Protocol):
    """Where a feed delivers; all of it in the engine's loop."""

    def deliver(self, event: Event, received_ns: int) -> None:
        """Hand over one event; ``received_ns`` is monotonic, 0 where no latency is to be taken."""

    async def room(self) -> None:
        """Return when more may be delivered; a full engine stops the reading of sockets here."""


class MarketFeed(Protocol):
    """A source of market events."""

    owns_time: bool
    """True: the feed delivers the Ticks (a tape); False: the engine makes them from its clock."""

    async def run(self, sink: Sink) -> None:
        """Deliver until there is no more or the task is cancelled.

        Returns only when the market has ended for good (the end of a tape). A failure of the
        network is no reason to return or to raise.
        """

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """See to it that a BookSnapshot or a SnapshotFailed is delivered, after the back-off."""

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row for each stream, for the screen."""

    def counters(self) -> tuple[int, int]:
        """Frames that could not be decoded, and frames of unknown types, since the start."""
