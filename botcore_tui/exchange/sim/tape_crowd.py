"""The crowd of a recorded market: everybody but the accounts does what the recording says.

What is told of a level is how many lots of others stand there. Orders of accounts fill as follows.

- A trade on the tape uses up the queue at its price from the front: whoever came before an order,
  then the order.
- A trade at a worse price fills the orders that it would have met on its way, up to its size.
- Lots that newly appear where they would cross an order trade with it.

Others do not react to an account: what it takes from a level is back when the tape next speaks of
that level.
"""

from collections.abc import Iterator
from typing import Final

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.wire import decode
from botcore_tui.exchange.sim.contracts import RATE
from botcore_tui.exchange.sim.funding import INTEREST
from botcore_tui.exchange.sim.history import Activity, usual_activity
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.marks import Mark
from botcore_tui.exchange.sim.matching import CROWD, BookSide, Match
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.tape_opening import Line, open_tape
from botcore_tui.model.market import BookDelta, BookSnapshot, Level, MarkPrice, Side, Trade

_MS_NS: Final = 1_000_000
_SMOOTHING: Final = 0.1
"""Share of the way to the middle of the book that the mark price goes in a second."""
_OPEN_INTEREST: Final = 5 * 10**9
"""USDT; a tape does not tell."""


class TapeCrowd:
    """Plays a recording of one symbol.

    Args:
        lines: Of the recording, in order.
        symbol: Whose; of the first frame that names one if empty.

    Attributes:
        contract: As the digits of the recording show it.
        first_ticks: Price that it begins with.
        activity: How much is traded in a usual minute, about.
        open_interest: Lots that are held long, and short, about.
        is_over: Nothing more will happen: the market stands still.
        bad_frames: Frames that were skipped because they are not what the venue sends.
        gaps: Places where depth updates do not chain: the recording lost some.

    Raises:
        ValueError: There is no book to begin with.
    """

    def __init__(self, lines: Iterator[Line], symbol: str = "") -> None:
        self.is_over = False
        self.bad_frames = 0
        self.gaps = 0
        self._lines = lines
        opening = open_tape(lines, symbol)
        self.contract = terms = opening.contract
        self._start_ns = opening.local_ns
        self._earlier = opening.earlier
        self._snapshot = opening.snapshot
        self._price_scale = 10**terms.price_decimals
        self._lot_scale = 10**terms.quantity_decimals
        self.first_ticks = terms.first_price
        self.activity: Activity = usual_activity(terms)
        self.open_interest = _OPEN_INTEREST * ATOMS // terms.notional(terms.first_price, 1)
        self._told: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
        self._last_id = 0
        self._book_ms = 0
        self._prints_aggregates: bool | None = None
        self._smooth = float(terms.first_price)
        self._mark: Mark | None = None
        self._next: Line | None = None
        self._shift_ms = 0

    def start(self, market: SymbolMarket) -> None:
        """Take the book that the recording begins with, and go on by way of the agenda."""
        self._market = market
        self._shift_ms = market.agenda.now_ms - self._start_ns // _MS_NS
        self._take_snapshot(self._snapshot)
        for delta in self._earlier:
            self._take_delta(delta)
        self._earlier.clear()
        market.touched()
        self._next = next(self._lines, None)
        self._await()

    def mark(self) -> Mark:
        """Mark price of this second: as recorded, else near the middle of the book."""
        if self._mark is not None:
            return self._mark
        bids, asks = self._market.book.bids, self._market.book.asks
        if bids.best is not None and asks.best is not None:
            self._smooth += _SMOOTHING * ((bids.best + asks.best) / 2 - self._smooth)
        price = max(1, round(self._smooth * self.contract.price_atoms))
        return Mark(price, price, INTEREST)

    def funded(self) -> None:
        """A funding interval is over."""

    # --- time ----------------------------------------------------------------------------------

    def _await(self) -> None:
        if self._next is None:
            self.is_over = True
        else:
            self._market.agenda.at(self._due_ms(self._next), self._play)

    def _play(self) -> None:
        """Take all lines that are due by now."""
        now_ms = self._market.agenda.now_ms
        while self._next is not None and self._due_ms(self._next) <= now_ms:
            self._take_line(self._next[1])
            self._next = next(self._lines, None)
        self._await()

    def _due_ms(self, line: Line) -> int:
        return line[0] // _MS_NS + self._shift_ms

    def _take_line(self, raw: bytes) -> None:
        try:
            _, data = decode(raw)
        except DecodeError:
            self.bad_frames += 1
            return
        if getattr(data, "symbol", self.contract.symbol) not in {self.contract.symbol, ""}:
            return
        match data:
            case BookDelta():
                self._take_delta(data)
                self._market.touched()
            case Trade():
                self._take_trade(data)
            case BookSnapshot() if data.last_update_id > self._last_id:
                self._take_snapshot(data)
                self._market.touched()
            case MarkPrice():
                self._mark = _mark(data)
            case _:
                pass

    # --- the book ------------------------------------------------------------------------------

    def _take_snapshot(self, snapshot: BookSnapshot) -> None:
        self._last_id = snapshot.last_update_id
        self._book_ms = max(self._book_ms, snapshot.time_ms)
        bids, asks = self._scaled(snapshot.bids), self._scaled(snapshot.asks)
        for side, levels in ((Side.BUY, bids), (Side.SELL, asks)):
            gone = [(ticks, 0) for ticks in self._told[side].keys() - dict(levels).keys()]
            self._lower(side, gone)
        self._change(bids, asks)

    def _take_delta(self, delta: BookDelta) -> None:
        # Binance futures: updates before the snapshot's are dropped (local order book guide).
        if delta.last_update_id < self._last_id:
            return
        is_first = delta.first_update_id <= self._last_id
        if not is_first and delta.previous_update_id != self._last_id:
            self.gaps += 1
        self._last_id = delta.last_update_id
        self._book_ms = delta.time_ms
        self._change(self._scaled(delta.bids), self._scaled(delta.asks))

    def _scaled(self, levels: list[Level]) -> list[tuple[int, int]]:
        price_scale, tick = self._price_scale, self.contract.tick
        lot_scale = self._lot_scale
        return [
            (round(price * price_scale) // tick, round(quantity * lot_scale))
            for price, quantity in levels
        ]

    def _change(self, bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> None:
        # What leaves goes first, so that nothing crosses that does not in the end.
        higher_bids, higher_asks = self._lower(Side.BUY, bids), self._lower(Side.SELL, asks)
        for ticks, lots in higher_bids:
            self._raise(Side.BUY, ticks, lots)
        for ticks, lots in higher_asks:
            self._raise(Side.SELL, ticks, lots)

    def _lower(self, side: Side, levels: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Apply what became less; returns the rest."""
        told, book = self._told[side], self._market.book
        higher: list[tuple[int, int]] = []
        for ticks, lots in levels:
            if lots > book.crowd_lots(side, ticks):
                higher.append((ticks, lots))
                continue
            book.crowd_set(side, ticks, lots)
            if lots:
                told[ticks] = lots
            else:
                told.pop(ticks, None)
        return higher

    def _raise(self, side: Side, ticks: int, lots: int) -> None:
        told, book = self._told[side], self._market.book
        facing = book.opposite(side)
        before = told.get(ticks, 0)
        told[ticks] = lots
        if _crosses(facing, ticks):
            self._clear_stale(facing, ticks)
        if _crosses(facing, ticks):
            lots = self._cross(side, ticks, lots - before)
        if lots:
            book.crowd_set(side, ticks, lots)

    def _clear_stale(self, facing: BookSide, ticks: int) -> None:
        """Others cannot stand on both sides: the recording lost their leaving."""
        side = Side.BUY if facing.sign > 0 else Side.SELL
        for there in [one for one in facing.levels if (one - ticks) * facing.sign >= 0]:
            self._market.book.crowd_set(side, there, 0)
            self._told[side].pop(there, None)

    def _cross(self, side: Side, ticks: int, new: int) -> int:
        """Let new lots trade with the orders in their way; returns those that are left."""
        market = self._market
        while new > 0 and (matches := market.crowd_take(side, new, ticks)):
            new -= sum(match.lots for match in matches)
        is_blocked = _crosses(market.book.opposite(side), ticks)
        return 0 if is_blocked else max(0, new)

    # --- trades --------------------------------------------------------------------------------

    def _take_trade(self, trade: Trade) -> None:
        if self._prints_aggregates is None:
            self._prints_aggregates = trade.is_aggregate
        # A recording of both streams tells everything twice.
        if trade.is_aggregate != self._prints_aggregates or not trade.price or not trade.quantity:
            return
        ((ticks, lots),) = self._scaled([(trade.price, trade.quantity)])
        taker = Side.SELL if trade.buyer_is_maker else Side.BUY
        maker = Side.BUY if trade.buyer_is_maker else Side.SELL
        resting = self._market.book.side(maker)
        if resting.queues:
            lots = self._fill_better(maker, ticks, lots)
            lots = self._fill_equal(taker, maker, ticks, lots, trade.time_ms)
        if lots:
            self._market.publish(taker, [Match(ticks, lots, CROWD)], is_book_changed=False)

    def _fill_better(self, maker: Side, ticks: int, lots: int) -> int:
        market = self._market
        while lots and (order_id := market.book.first_order(maker)) is not None:
            side, price = market.book.where(order_id)
            if (price - ticks) * market.book.side(side).sign <= 0:
                break
            filled = min(lots, market.book.left(order_id))
            lots -= filled
            market.trade_with(order_id, filled)
        return lots

    def _fill_equal(self, taker: Side, maker: Side, ticks: int, lots: int, time_ms: int) -> int:
        """Use up the queue at the price of a trade; returns the lots that no order got."""
        others = lots
        is_told = time_ms <= self._book_ms
        while lots:
            match, lots = self._market.book.pass_by(maker, ticks, lots, is_told=is_told)
            if match is None:
                break
            others -= match.lots
            self._market.publish(taker, [match])
        return others


def _crosses(facing: BookSide, ticks: int) -> bool:
    return facing.best is not None and (facing.best - ticks) * facing.sign >= 0


def _mark(data: MarkPrice) -> Mark:
    rate = INTEREST if data.funding_rate is None else round(data.funding_rate * RATE)
    price, index = round(data.mark * ATOMS), round(data.index * ATOMS)
    return Mark(max(1, price), max(1, index), rate)
