"""Depth updates of one market: its changes at the venue's paces, and the best levels."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_writer import MarketWriter
from botcore_tui.exchange.sim.matching import BookSide
from botcore_tui.exchange.sim.streams import Hub

PACE_MS: Final = 50
"""Every depth pace is a multiple of it."""
_SUFFIXES: Final = {100: "@100ms", 250: "", 500: "@500ms"}
_AT_ONCE: Final = 0
"""The pace that waits for nothing."""
_COUNTS: Final = (5, 10, 20)
_RPI_PACE_MS: Final = 500
"""Of the book with retail price improvement; nobody here has such orders, it is the same book."""


class _Chain:
    """What happened since the last boundary of a pace.

    Boundaries pass whether anybody listens or not, so that a stream's updates chain to the one
    before also for who has just come.
    """

    def __init__(self, pace_ms: int, changes: Sequence[str], update_id: int) -> None:
        self.pace_ms = pace_ms
        self.changes = changes
        self.tops: Sequence[tuple[int, str]] = ()
        self.last_id = update_id
        self.bids: set[int] = set()
        self.asks: set[int] = set()
        self.first_id = 0

    def pass_boundary(self, update_id: int) -> None:
        self.last_id = update_id
        self.first_id = 0
        self.bids.clear()
        self.asks.clear()


class DepthFrames:
    """Tells of the changes of a market's book.

    Args:
        market: Whose.
        writer: Writes its events.
        hub: Sends them.
        faults: Failures that are to happen here.

    Attributes:
        time_ms: When the book changed last.
    """

    def __init__(
        self, market: SymbolMarket, writer: MarketWriter, hub: Hub, faults: Faults
    ) -> None:
        self._market = market
        self._writer = writer
        self._hub = hub
        self._faults = faults
        self._first_id = 0
        self.time_ms = market.agenda.now_ms
        stream = market.contract.symbol.lower()
        self._at_once = _Chain(_AT_ONCE, [f"{stream}@depth@0ms"], market.update_id)
        self._paced = [_paced(pace_ms, stream, market.update_id) for pace_ms in _SUFFIXES]
        self._chains = [self._at_once, *self._paced]

    def note(self, update_id: int, time_ms: int) -> None:
        """The book has changed."""
        self._first_id = self._first_id or update_id
        self.time_ms = time_ms
        if self._hub.wanted(self._at_once.changes[0]):
            self._collect()
            self._pass(self._at_once, time_ms)

    def tick(self, now_ms: int) -> None:
        """A multiple of 50 ms has come: send what is due."""
        if self._first_id:
            self._collect()
        for chain in self._paced:
            if not now_ms % chain.pace_ms:
                self._pass(chain, now_ms)
        if not self._hub.wanted(self._at_once.changes[0]):
            self._at_once.pass_boundary(self._market.update_id)

    def _pass(self, chain: _Chain, now_ms: int) -> None:
        if chain.first_id and not self._is_frozen():
            self._send(chain, now_ms)
            chain.pass_boundary(self._market.update_id)

    def _collect(self) -> None:
        book = self._market.book
        bids, asks = book.changed_bids, book.changed_asks
        for chain in self._chains:
            chain.first_id = chain.first_id or self._first_id
            chain.bids |= bids
            chain.asks |= asks
        bids.clear()
        asks.clear()
        self._first_id = 0

    def _is_frozen(self) -> bool:
        # What changes meanwhile comes when it thaws.
        return self._faults.take("frozen-book", symbol=self._market.contract.symbol) is not None

    def _send(self, chain: _Chain, now_ms: int) -> None:
        hub = self._hub
        if any(hub.wanted(stream) for stream in chain.changes):
            self._send_changes(chain, now_ms)
        for count, stream in chain.tops:
            if hub.wanted(stream):
                book = self._market.book
                bids = [*self._crossed(), *islice(book.bids.walk(), count)][:count]
                asks = [*islice(book.asks.walk(), count)]
                hub.publish(stream, self._frame(chain, now_ms, bids, asks))

    def _send_changes(self, chain: _Chain, now_ms: int) -> None:
        book = self._market.book
        if self._faults.take("depth-gap", symbol=self._market.contract.symbol):
            return
        bids, asks = _lots(book.bids, chain.bids), _lots(book.asks, chain.asks)
        bids += self._crossed()
        frame = self._frame(chain, now_ms, bids, asks)
        for stream in chain.changes:
            self._hub.publish(stream, frame)

    def _crossed(self) -> list[tuple[int, int]]:
        """A bid above the best ask, where that fault is armed."""
        best = self._market.book.asks.best
        if best is None or not self._faults.take(
            "crossed-book", symbol=self._market.contract.symbol
        ):
            return []
        return [(best + 1, 1)]

    def _frame(
        self,
        chain: _Chain,
        now_ms: int,
        bids: list[tuple[int, int]],
        asks: list[tuple[int, int]],
    ) -> str:
        ids = chain.first_id, self._market.update_id, chain.last_id
        sides = self._writer.levels(bids), self._writer.levels(asks)
        return self._writer.depth(ids, sides, time_ms=self.time_ms, sent_ms=now_ms)


def _paced(pace_ms: int, stream: str, update_id: int) -> _Chain:
    suffix = _SUFFIXES[pace_ms]
    changes = [f"{stream}@depth{suffix}"]
    if pace_ms == _RPI_PACE_MS:
        changes.append(f"{stream}@rpiDepth@{pace_ms}ms")
    chain = _Chain(pace_ms, changes, update_id)
    chain.tops = [(count, f"{stream}@depth{count}{suffix}") for count in _COUNTS]
    return chain


def _lots(side: BookSide, changed: set[int]) -> list[tuple[int, int]]:
    levels = side.levels
    return [(ticks, levels.get(ticks, 0)) for ticks in sorted(changed)]
