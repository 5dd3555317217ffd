"""A client that keeps a book from depth updates, strictly as the venue tells it to."""

from listeners import heard
from sim_frames import pairs
from sim_rest import Json

from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_views import depth
from botcore_tui.exchange.sim.session import Session


class Follower:
    """Keeps a book by the venue's procedure: "How to manage a local order book correctly".

    Args:
        session: Connection with depth updates.
        market: Whose snapshots it asks for.

    Attributes:
        bids: Price to quantity.
        asks: The same.
        snapshots: How often it asked.
    """

    def __init__(self, session: Session, market: SymbolMarket) -> None:
        self._session = session
        self._market = market
        self._buffered: list[Json] = []
        self._snapshot: Json | None = None
        self._last_id = 0
        self.bids: dict[str, str] = {}
        self.asks: dict[str, str] = {}
        self.snapshots = 0

    @property
    def is_joined(self) -> bool:
        """Whether it has a book."""
        return bool(self._last_id)

    def fetch(self, now_ms: int) -> None:
        """Ask for a snapshot, if there is need of one."""
        if not self._last_id:
            self._snapshot = depth(self._market, 1_000, now_ms)
            self.snapshots += 1

    def restart(self) -> None:
        """Begin anew."""
        self._last_id, self._snapshot = 0, None
        self._buffered.clear()

    def read(self, now_ms: int) -> None:
        """Do with the frames that came what the procedure says."""
        for event in heard(self._session):
            if self._last_id:
                self._apply(event)
            else:
                self._buffered.append(event)
        if not self._last_id and self._snapshot is not None:
            self._join(self._snapshot, now_ms)

    def _join(self, snapshot: Json, now_ms: int) -> None:
        last_id = snapshot["lastUpdateId"]
        assert isinstance(last_id, int)
        events = [event for event in self._buffered if not number(event, "u") < last_id]
        if not events:
            return  # the snapshot is newer than all of them
        if number(events[0], "U") > last_id:
            assert events[0]["pu"] == last_id  # nothing between: it came before we listened
            self.fetch(now_ms)
            assert self.snapshots < 100
            return
        self.bids, self.asks = dict(pairs(snapshot["bids"])), dict(pairs(snapshot["asks"]))
        self._last_id = number(events[0], "pu")
        self._buffered.clear()
        for event in events:
            self._apply(event)

    def _apply(self, event: Json) -> None:
        assert event["pu"] == self._last_id
        self._last_id = number(event, "u")
        for side, changes in ((self.bids, event["b"]), (self.asks, event["a"])):
            for price, quantity in pairs(changes):
                if float(quantity):
                    side[price] = quantity
                else:
                    side.pop(price, None)


def number(event: Json, key: str) -> int:
    """A number of an event."""
    number = event[key]
    assert isinstance(number, int)
    return number
