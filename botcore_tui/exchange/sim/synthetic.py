"""A market without end that nobody traded: for trying the program without network or recording.

Orders of makers and takers change a ladder of integer ticks one at a time, and the frames say
what the venue would say of each change, so they agree with each other as the venue's do: updates
chain, best prices match the book, trades take what the book loses. The same seed gives the same
bytes.
"""

from collections.abc import Iterator
from typing import Final

from botcore_tui.exchange.sim.synthetic_frames import Best, Frames
from botcore_tui.exchange.sim.synthetic_state import Dice, FairPrice, LadderSide, LastDay

_SLOT_MS: Final = 100
"""Length between two depth updates."""
_DELAY_NS: Final = 28_000_000
"""Least time a frame travels."""
_JITTER_NS: Final = 4_000_000
_SNAPSHOT_SLOT: Final = 4
"""The snapshot is taken amid this slot and arrives a slot later: its buffer must be bridged."""
_FEWEST, _MOST = 600, 900
"""Levels a side, kept so every few seconds."""
_SPAN: Final = 4_000
"""Ticks from the best price to the last level."""
_STEP: Final = 12
"""Most levels that one order makes or takes."""
_AT_TOUCH, _BEHIND = 60, 8
"""Usual size of a level, small orders."""
_UPDATES: Final = 25
"""Orders in a slot, about."""


class SyntheticMarket:
    """Endless frames of one symbol: iterate it, once.

    Yields ``(local UTC nanoseconds, raw frame)`` in time order, 60 to 150 a simulated second at
    intensity 1: depth updates, best prices, trades, mark price, 24 hour ticker, and after the
    first few one snapshot of the book under ``<symbol>@depth@snapshot``.

    Args:
        rng: Decides everything that happens.
        symbol: Upper or lower case.
        start_ms: The venue's time of the beginning, UTC milliseconds.
        price: First price, quote units.
        tick: Price step, quote units, with the decimals that the venue writes.
        intensity: Multiple of the usual number of orders.

    Raises:
        ValueError: The price is below 10,000 ticks, too coarse for a ladder of this depth.
    """

    def __init__(
        self,
        rng: Dice,
        symbol: str,
        *,
        start_ms: int,
        price: str = "61659.70",
        tick: str = "0.10",
        intensity: float = 1.0,
    ) -> None:
        self._rng = rng
        self._frames = Frames(symbol, tick)
        self._intensity = intensity
        self._start = round(float(price) / float(tick))
        if self._start < 10_000:
            raise ValueError(f"price {price} is fewer than 10,000 ticks of {tick}")
        # Sizes are of the same worth whatever the price: 300 USDT is a small order.
        self._lots = max(1, round(300_000 / float(price)))
        self._fair = FairPrice(rng, self._start)
        self._now_ms = start_ms
        self._local_ns = 0
        self._slot = 0
        self._update_id = 5_000_000_000_000 + rng.randrange(10**9)
        self._first_id = self._last_sent_id = self._update_id
        self._trade_id = 5_000_000_000 + rng.randrange(10**6)
        self._aggregate_id = 2_000_000_000 + rng.randrange(10**6)
        self._bids = LadderSide(1, self._start, self._size(self._start, _AT_TOUCH))
        self._asks = LadderSide(-1, self._start + 1, self._size(self._start + 1, _AT_TOUCH))
        for side in (self._bids, self._asks):
            self._deepen(side)
            side.changed.clear()
        self._best = self._best_now()
        self._day = LastDay(
            rng, self._start, hourly_lots=400_000 * self._lots, trade_id=self._trade_id
        )
        self._premium = 0.0
        self._late_snapshot = b""
        self._out: list[tuple[int, bytes]] = []

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while True:
            self._play_slot()
            frames, self._out = self._out, []
            yield from frames

    def snapshot(self) -> bytes:
        """The book as it is now, as a wrapped REST depth reply.

        It is that of the latest depth update, of which the last frames may not be yielded yet:
        a reader that joins by update ids waits for them.
        """
        frames = self._frames
        sides = (
            frames.levels(self._bids.sorted_levels()),
            frames.levels(self._asks.sorted_levels()),
        )
        return frames.snapshot(self._update_id, sides, time_ms=self._now_ms)

    # --- time ----------------------------------------------------------------------------------

    def _play_slot(self) -> None:
        start_ms = self._now_ms
        activity = self._intensity * self._fair.move()
        times = sorted(
            self._rng.randrange(_SLOT_MS)
            for _ in range(1 + int(_UPDATES * activity * (0.5 + self._rng.random())))
        )
        self._first_id = 0
        for index, offset in enumerate(times):
            self._now_ms = start_ms + offset
            self._next_id()
            self._happen()
            self._publish_best()
            if self._slot == _SNAPSHOT_SLOT and index == len(times) // 2:
                self._late_snapshot = self.snapshot()
        if self._slot % 20 == 0:
            self._next_id()
            for side in (self._bids, self._asks):
                self._deepen(side)
        self._publish_depth(start_ms + _SLOT_MS)
        self._now_ms = start_ms + _SLOT_MS
        self._publish_periodic()
        self._slot += 1

    def _next_id(self) -> None:
        # The venue counts the updates of all symbols together, so those of one have gaps.
        self._update_id += 1 + self._rng.randrange(400)
        self._first_id = self._first_id or self._update_id

    # --- what happens --------------------------------------------------------------------------

    def _happen(self) -> None:
        gap = self._asks.best - self._bids.best
        pull = self._fair.ticks - (self._bids.best + self._asks.best) / 2
        dice = self._rng.random()
        if gap > 1 and dice < 0.9:
            self._quote_inside(self._bids if pull > 0 else self._asks, gap)
        elif abs(pull) > 1.5 and dice < 0.5:
            taken = self._asks if pull > 0 else self._bids
            self._take(taken, 1 + int(min(abs(pull), _STEP - 1)), is_trade=dice < 0.35)
        elif dice < 0.05:
            self._trade_small(self._asks if self._rng.random() < 0.5 + pull / 8 else self._bids)
        elif dice < 0.12:
            side = self._bids if self._rng.random() < 0.5 else self._asks
            side.set(side.best, self._size(side.best, _AT_TOUCH))
        else:
            self._change_deep()

    def _quote_inside(self, side: LadderSide, gap: int) -> None:
        wanted = int((self._fair.ticks - side.best) * side.sign)
        count = max(1, min(wanted, gap - 1, _STEP))
        start = side.best
        for distance in range(1, count):
            if self._rng.random() < 0.8:
                tick = start + distance * side.sign
                side.set(tick, self._size(tick, _BEHIND))
        tick = start + count * side.sign
        side.set(tick, self._size(tick, _AT_TOUCH))

    def _take(self, side: LadderSide, levels: int, *, is_trade: bool) -> None:
        for _ in range(levels):
            if len(side.levels) < _FEWEST // 4:
                return
            tick = side.best
            if is_trade:
                self._publish_trade(tick, side.best_lots, is_sell=side.sign > 0)
            side.set(tick, 0)

    def _trade_small(self, side: LadderSide) -> None:
        lots = self._size(1, 1)
        if lots >= side.best_lots:
            self._take(side, 1, is_trade=True)
            return
        self._publish_trade(side.best, lots, is_sell=side.sign > 0)
        side.set(side.best, side.best_lots - lots)

    def _change_deep(self) -> None:
        side = self._bids if self._rng.random() < 0.5 else self._asks
        distance = int(self._rng.paretovariate(0.6))
        if distance > _SPAN // 2:
            distance = 1 + self._rng.randrange(_SPAN // 2)
        tick = side.best - side.sign * distance
        is_removed = tick in side.levels and self._rng.random() < 0.4
        side.set(tick, 0 if is_removed else self._size(tick, _BEHIND))

    def _deepen(self, side: LadderSide) -> None:
        while len(side.levels) < _FEWEST:
            distance = int(_SPAN // 2 * self._rng.random() ** 2) + 1
            tick = side.best - side.sign * distance
            if tick not in side.levels:
                side.set(tick, self._size(tick, _BEHIND))
        if len(side.levels) > _MOST:
            for tick, _lots in side.sorted_levels()[_MOST:]:
                side.set(tick, 0)

    def _size(self, tick: int, multiple: int) -> int:
        # People like round prices: walls stand there.
        if tick % 50 == 0:
            multiple *= 12 if tick % 500 == 0 else 4
        lots = self._rng.random() * multiple * self._lots * self._rng.paretovariate(1.3)
        return 1 + min(int(lots), 10_000 * self._lots)

    # --- what is said of it ----------------------------------------------------------------------

    def _best_now(self) -> Best:
        bids, asks = self._bids, self._asks
        return Best(bids.best, bids.best_lots, asks.best, asks.best_lots)

    def _publish_best(self) -> None:
        best = self._best_now()
        if best != self._best:
            self._best = best
            self._send(self._frames.best(self._update_id, best, time_ms=self._now_ms))

    def _publish_trade(self, tick: int, lots: int, *, is_sell: bool) -> None:
        trades = 1 + self._rng.randrange(3)
        self._aggregate_id += 1
        ids = (self._aggregate_id, self._trade_id + 1, self._trade_id + trades)
        self._trade_id += trades
        self._day.add(tick, lots, trade_id=ids[1], time_ms=self._now_ms)
        self._send(self._frames.trade(ids, (tick, lots), is_sell=is_sell, time_ms=self._now_ms))

    def _publish_depth(self, sent_ms: int) -> None:
        frames, ids = self._frames, (self._first_id, self._update_id, self._last_sent_id)
        sides = (
            frames.levels(sorted(self._bids.changed.items())),
            frames.levels(sorted(self._asks.changed.items())),
        )
        self._bids.changed.clear()
        self._asks.changed.clear()
        self._last_sent_id = self._update_id
        self._send(frames.depth(ids, sides, time_ms=self._now_ms, sent_ms=sent_ms), sent_ms)

    def _publish_periodic(self) -> None:
        if self._slot == _SNAPSHOT_SLOT + 1:
            self._send(self._late_snapshot)
        if self._slot % 10 == 0:
            self._premium += self._rng.gauss(-0.02 * self._premium, 0.00002)
            mark = self._fair.smooth
            self._send(self._frames.mark(mark, premium=self._premium, time_ms=self._now_ms))
        if self._slot % 20 == 0:
            day = self._day.statistics(self._trade_id)
            self._send(self._frames.day(day, time_ms=self._now_ms))

    def _send(self, frame: bytes, sent_ms: int | None = None) -> None:
        sent_ns = (self._now_ms if sent_ms is None else sent_ms) * 1_000_000
        arrival_ns = sent_ns + _DELAY_NS + self._rng.randrange(_JITTER_NS)
        self._local_ns = max(self._local_ns + 1_000 + self._rng.randrange(9_000), arrival_ns)
        self._out.append((self._local_ns, frame))
