"""What was traded, one by one: the public record of a market."""

from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.sim.matching import Match

_TRADES_KEPT: Final = 1_000
"""What the venue returns at most."""
_AGGREGATES_KEPT: Final = 10_000


class TradePrint(Struct, frozen=True, gc=False):
    """A trade as published, or all of one incoming order's trades at one price."""

    trade_id: int
    """Of the last one."""
    aggregate_id: int
    first_id: int
    last_id: int
    ticks: int
    lots: int
    is_sell: bool
    """The taker sold: the buyer is the maker."""
    time_ms: int


class TradeLog:
    """The latest trades of a market.

    Args:
        trade_id: Number of the last trade before the first one here.
        aggregate_id: The same of aggregates.

    Attributes:
        trades: Single trades, oldest first.
        aggregates: The same, put together by incoming order and price.
        last_id: Number of the latest trade.
    """

    def __init__(self, trade_id: int, aggregate_id: int) -> None:
        self.trades: deque[TradePrint] = deque(maxlen=_TRADES_KEPT)
        self.aggregates: deque[TradePrint] = deque(maxlen=_AGGREGATES_KEPT)
        self.last_id = trade_id
        self._aggregate_id = aggregate_id

    def add(self, matches: Sequence[Match], *, is_sell: bool, time_ms: int) -> TradePrint:
        """Write down what one incoming order traded at one price; numbers the matches.

        Args:
            matches: In order.
            is_sell: Whether the incoming order sold.
            time_ms: When.
        """
        ticks = matches[0].ticks
        self._aggregate_id = aggregate_id = self._aggregate_id + 1
        first = self.last_id + 1
        self.last_id = last = self.last_id + len(matches)
        lots = sum([match.lots for match in matches])
        whole = TradePrint(last, aggregate_id, first, last, ticks, lots, is_sell, time_ms)
        self.aggregates.append(whole)
        for trade_id, match in enumerate(matches, first):
            match.trade_id = trade_id
            self.trades.append(
                whole
                if first == last
                else TradePrint(
                    trade_id,
                    aggregate_id,
                    trade_id,
                    trade_id,
                    ticks,
                    match.lots,
                    is_sell,
                    time_ms,
                )
            )
        return whole

    def next_id(self) -> int:
        """Number of a trade that is not published."""
        self.last_id += 1
        return self.last_id

    def recent(self, limit: int, *, from_id: int | None = None) -> list[TradePrint]:
        """Trades from a number on, else the latest ones; oldest first."""
        if from_id is None:
            return list(islice(self.trades, max(0, len(self.trades) - limit), None))
        return list(islice((one for one in self.trades if one.trade_id >= from_id), limit))

    def aggregated(
        self,
        limit: int,
        *,
        from_id: int | None = None,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> list[TradePrint]:
        """Aggregates from a number or time on, else the latest up to ``end_ms``; oldest first."""
        found = (
            one
            for one in self.aggregates
            if (from_id is None or one.aggregate_id >= from_id)
            and (start_ms is None or one.time_ms >= start_ms)
            and (end_ms is None or one.time_ms <= end_ms)
        )
        if from_id is None and start_ms is None:
            return list(deque(found, maxlen=limit))
        return list(islice(found, limit))
