"""A local order book that is either the venue's or says that it is not.

Source: Binance USD-M futures, "How to manage a local order book correctly" (steps cited below).
The futures procedure differs from the spot one: continuity is ``pu``, not ``U``.
"""

from collections import deque
from statistics import median
from typing import Final

from msgspec import Struct

from botcore_tui.core.book_refresh import BookRefresh
from botcore_tui.core.book_side import BookSide
from botcore_tui.core.venue_time import VenueTime
from botcore_tui.model.market import BookDelta, BookSnapshot, BookState

_BUFFER_LIMIT: Final = 20_000
"""Deltas kept while waiting for a snapshot: minutes of a busy symbol."""
_GAPS_REMEMBERED: Final = 51
_GAPS_NEEDED: Final = 5
"""Fewer say nothing about what is usual for a stream."""
_LASTING_MS: Final = 10_000
"""A book that stayed live so long was no accident: the next request is a first attempt again. A
snapshot that no update reached for so long never will be."""


class Staleness(Struct, frozen=True):
    """When a live book counts as stale: ``max(floor_ms, multiple * median gap)`` without a delta,
    or if deltas are so old when they come.

    The median gap is that of this stream, by the venue's clock, so that a quiet symbol is not
    called stale for being quiet.
    """

    floor_ms: int = 1_000
    multiple: int = 10


class Applied(Struct, frozen=True, gc=False):
    """The best prices right after one applied delta; None and 0 where a side is empty."""

    symbol: str
    first_update_id: int
    last_update_id: int
    bid: float | None
    bid_quantity: float
    ask: float | None
    ask_quantity: float


class OrderBook:
    """Order book of one symbol, fed with deltas and snapshots in arrival order.

    ``on_delta``, ``on_snapshot`` and ``on_tick`` return why a new snapshot is needed, or None.
    ``state`` and ``reason`` say what may be believed; unless the state is LIVE or STALE the sides
    are empty. Of a snapshot that is cut, the sides say with ``known_to`` how deep it reached; a
    live book whose best price comes near that edge asks for another one and stays live.
    """

    def __init__(
        self, symbol: str, staleness: Staleness | None = None, venue: VenueTime | None = None
    ) -> None:
        self.symbol = symbol
        self.bids = BookSide(is_bid=True)
        self.asks = BookSide(is_bid=False)
        self.state = BookState.SYNCING
        self.reason = "waiting for the first update"
        self.last_update_id = 0
        self.applied = 0
        self.dropped = 0
        self.gaps = 0
        self.resyncs = 0
        self.attempt = 0
        self.late_ms = 0
        """How old the newest delta was when it came, by the venue's clock; 0 if that is unknown."""
        self.trail: list[Applied] | None = None
        """Set to a list, it gets an entry for each applied delta: for checking the book against
        the venue's own best prices. Whoever sets it empties it."""
        self._staleness = staleness or Staleness()
        self._venue = venue or VenueTime()
        self._buffer: deque[BookDelta] = deque(maxlen=_BUFFER_LIMIT)
        self._snapshot: BookSnapshot | None = None
        self._refresh = BookRefresh()
        self._is_requested = False
        self._is_loaded = False
        self._delta_times: deque[int] = deque(maxlen=_GAPS_REMEMBERED + 1)
        self._applied_at_tick = 0
        self._tick_ms = 0
        self._last_data_ms = 0
        self._is_late = False
        self._late_at_ms = 0
        self._live_ms = 0
        self._awaited_ms = 0

    # --- events ------------------------------------------------------------------------------

    def on_delta(self, delta: BookDelta) -> str | None:
        """Apply, buffer or refuse one delta."""
        self.late_ms = self._venue.late_ms(delta.time_ms)
        if not self._is_loaded:
            return self._buffered(delta)
        needed = self._follow(delta)
        if needed is None:
            self._see_late()
        return needed

    def on_snapshot(self, snapshot: BookSnapshot) -> str | None:
        """Join a snapshot with the deltas; ignored unless one is needed."""
        if self._is_loaded:
            self._refresh.offer(snapshot)
            self._renew()
            return None
        self._is_requested = False
        self._snapshot = snapshot
        return self._join()

    def on_snapshot_failed(self, reason: str) -> str | None:
        """Ask again, unless nobody waits: another one came, or the feed was interrupted since."""
        if not self._is_requested:
            self._refresh.fail()
            return None
        return self._request(f"snapshot failed: {reason}")

    def on_tick(self, time_ms: int) -> str | None:
        """Notice silence; ``time_ms`` is the engine's clock and never that of the venue."""
        has_news = self.applied != self._applied_at_tick
        if has_news:
            # Counted from the tick before the data, so that an age is never understated.
            self._applied_at_tick = self.applied
            self._last_data_ms = self._tick_ms or time_ms
        # A clock that was set back must not make old data young.
        self._last_data_ms = min(self._last_data_ms, time_ms)
        self._tick_ms = time_ms
        if not self._is_loaded:
            return self._awaited(time_ms)
        if has_news:
            self._see_in_time(time_ms)
        if time_ms - self._last_data_ms > self.stale_after_ms():
            self.state = BookState.STALE
            self.reason = f"no update for {(time_ms - self._last_data_ms) / 1000:.1f} s"
        self._live_ms = min(self._live_ms or time_ms, time_ms)
        if time_ms - self._live_ms > _LASTING_MS:
            self.attempt = 0
        if self.state is BookState.LIVE:
            return self._refresh.ask(self.bids, self.asks, time_ms)
        return None

    def interrupt(self, reason: str) -> None:
        """Believe nothing any more; the next delta asks for a snapshot."""
        self._forget(BookState.SYNCING, reason)
        self._buffer.clear()
        self._is_requested = False

    def stale_after_ms(self) -> float:
        """Silence that makes this book stale, milliseconds."""
        times = self._delta_times
        if len(times) <= _GAPS_NEEDED:
            return self._staleness.floor_ms
        gaps = [after - before for before, after in zip(times, list(times)[1:], strict=False)]
        return max(self._staleness.floor_ms, self._staleness.multiple * median(gaps))

    # --- lateness ----------------------------------------------------------------------------

    def _see_late(self) -> None:
        # What is later than silence may last is as little the market of now.
        late_ms = self.late_ms
        if late_ms > self._staleness.floor_ms and late_ms > self.stale_after_ms():
            self._is_late, self._late_at_ms = True, self._tick_ms
            self.state = BookState.STALE
            self.reason = f"updates come {late_ms / 1000:.1f} s late"
        elif self._is_late:
            self.reason = "updates came late a moment ago"

    def _see_in_time(self, time_ms: int) -> None:
        # Only after a while: a line at the limit would else be live and stale by turns.
        self._late_at_ms = min(self._late_at_ms, time_ms)
        if self._is_late and time_ms - self._late_at_ms > self.stale_after_ms():
            self._is_late = False
            self._believe()

    # --- synchronising -----------------------------------------------------------------------

    def _awaited(self, time_ms: int) -> str | None:
        # A snapshot may be a little ahead of its stream. One that stays ahead belongs to another
        # numbering: a test market that started anew, or another host.
        if self._snapshot is None:
            self._awaited_ms = 0
            return None
        self._awaited_ms = min(self._awaited_ms or time_ms, time_ms)
        if time_ms - self._awaited_ms <= _LASTING_MS:
            return None
        last = self._snapshot.last_update_id
        self._snapshot = None
        self._awaited_ms = 0
        return self._request(f"no update reached snapshot {last} within {_LASTING_MS // 1000} s")

    def _buffered(self, delta: BookDelta) -> str | None:
        # Steps 1 and 2: buffer first, then fetch, so that the snapshot falls inside the buffer.
        if len(self._buffer) == _BUFFER_LIMIT:
            self.dropped += 1
        self._buffer.append(delta)
        if self._snapshot is not None:
            return self._join()
        if not self._is_requested:
            return self._request(self.reason)
        return None

    def _join(self) -> str | None:
        snapshot, buffer = self._snapshot, self._buffer
        assert snapshot is not None
        last = snapshot.last_update_id
        while buffer and buffer[0].last_update_id < last:  # step 3: drop u < lastUpdateId
            buffer.popleft()
            self.dropped += 1
        if not buffer:
            return None  # nothing reaches the snapshot yet: the next delta decides
        first = buffer[0]
        if first.first_update_id > last:  # step 4 wants U <= lastUpdateId <= u
            self._snapshot = None
            return self._request(
                f"snapshot {last} is older than the first buffered update {first.first_update_id}"
            )
        self._load(snapshot)
        return self._replay_buffer()

    def _load(self, snapshot: BookSnapshot) -> None:
        self.bids.load(snapshot.bids)
        self.asks.load(snapshot.asks)
        self._snapshot = None
        self._is_loaded = True
        self._live_ms = self._tick_ms
        self._believe()

    def _replay_buffer(self) -> str | None:
        waiting = list(self._buffer)
        self._buffer.clear()
        # The first delta bridges by range (step 4); only from the second on does pu decide.
        self.last_update_id = waiting[0].previous_update_id
        for index, delta in enumerate(waiting):
            needed = self._follow(delta)
            if needed is not None:
                self._buffer.extend(waiting[index + 1 :])
                return needed
        self._see_late()  # of the newest: the others are old because they waited here
        return None

    def _request(self, reason: str) -> str:
        self.reason = reason
        self._is_requested = True
        self.attempt += 1
        return reason

    # --- applying ----------------------------------------------------------------------------

    def _follow(self, delta: BookDelta) -> str | None:
        # Step 5: each pu must equal the previous u, otherwise start again from the snapshot.
        if delta.previous_update_id != self.last_update_id:
            self.gaps += 1
            return self._resync(
                f"gap: update {delta.previous_update_id} expected to follow {self.last_update_id}",
                delta,
            )
        return self._apply(delta)

    def _apply(self, delta: BookDelta) -> str | None:
        self.bids.apply(delta.bids)  # step 6: quantities are absolute, 0 removes
        self.asks.apply(delta.asks)
        self.last_update_id = delta.last_update_id
        self.applied += 1
        self._delta_times.append(delta.time_ms)
        if self.state is BookState.STALE and not self._is_late:
            self._believe()
        best_bid, best_ask = self.bids.best, self.asks.best
        if best_bid is not None and best_ask is not None and best_bid >= best_ask:
            return self._resync(f"crossed: best bid {best_bid} >= best ask {best_ask}", None)
        if self.trail is not None:
            self.trail.append(self._applied(delta))
        if self._refresh.is_keeping:
            self._refresh.keep(delta)
            self._renew()
        return None

    def _renew(self) -> None:
        sides = self._refresh.rebuilt(self.last_update_id)
        if sides is not None:
            self.bids, self.asks = sides

    def _applied(self, delta: BookDelta) -> Applied:
        bid, ask = self.bids.best, self.asks.best
        return Applied(
            delta.symbol,
            delta.first_update_id,
            delta.last_update_id,
            bid,
            self.bids.quantity(bid) if bid is not None else 0.0,
            ask,
            self.asks.quantity(ask) if ask is not None else 0.0,
        )

    def _resync(self, reason: str, keep: BookDelta | None) -> str:
        self.resyncs += 1
        state = BookState.CROSSED if keep is None else BookState.SYNCING
        self._forget(state, reason)
        self._buffer.clear()
        if keep is not None:
            self._buffer.append(keep)
        return self._request(reason)

    def _forget(self, state: BookState, reason: str) -> None:
        self.bids.load(())
        self.asks.load(())
        self.state = state
        self.reason = reason
        self.last_update_id = 0
        self._snapshot = None
        self._refresh.drop()
        self._is_loaded = False
        self._delta_times.clear()
        self._is_late = False

    def _believe(self) -> None:
        self.state = BookState.LIVE
        self.reason = ""
