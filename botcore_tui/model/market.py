"""Market data as values: what the venue published, in our words.

Prices and quantities of public market data are floats parsed from the venue's decimal strings:
equal strings give equal floats, so comparing two published numbers is exact. Money never comes
from here; the mark price, which values positions, is a Decimal.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Price = Annotated[float, Meta(gt=0, le=1e15)]
"""Quote units (USDT) for one base unit; finite and positive, or the frame is refused."""

Quantity = Annotated[float, Meta(ge=0, le=1e15)]
"""Base units; finite, zero means "level gone" in a delta."""

Level = tuple[Price, Quantity]


class Side(StrEnum):
    """Direction of an order or of the taker of a trade."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> "Side":
        """Whoever takes the other end."""
        return Side.SELL if self is Side.BUY else Side.BUY

    @property
    def sign(self) -> int:
        """Of the position that it makes: 1 of a purchase, -1 of a sale."""
        return 1 if self is Side.BUY else -1


class BookState(StrEnum):
    """What may be believed of a local order book."""

    SYNCING = "syncing"
    """Waiting for a snapshot that joins the buffered deltas; empty to readers."""
    LIVE = "live"
    """Continuous since a snapshot, uncrossed, fresh."""
    STALE = "stale"
    """Continuous, but no delta for longer than this stream's usual gaps allow, or so late."""
    CROSSED = "crossed"
    """Best bid reached best ask: wrong by definition; resynchronising."""


class BookTicker(Struct, frozen=True, gc=False):
    """Best bid and ask after one update of the venue's book."""

    symbol: str
    update_id: int
    bid: Price
    bid_quantity: Quantity
    ask: Price
    ask_quantity: Quantity
    time_ms: int


class Trade(Struct, frozen=True, gc=False):
    """One trade, or several of one taker order at one price (aggregate)."""

    symbol: str
    trade_id: int
    """Of the trade; of the last one in an aggregate."""
    price: Quantity
    """Zero in the venue's placeholder prints, which nobody traded; readers skip those."""
    quantity: Quantity
    buyer_is_maker: bool
    """True: the taker sold."""
    time_ms: int
    is_aggregate: bool = False


class BookDelta(Struct, frozen=True, gc=False):
    """Changed levels between two updates of the venue's book; quantities are absolute."""

    symbol: str
    first_update_id: int
    last_update_id: int
    previous_update_id: int
    """``last_update_id`` of the delta before this one on the same stream."""
    bids: list[Level]
    asks: list[Level]
    time_ms: int


class BookTop(Struct, frozen=True, gc=False):
    """The venue's own top 5, 10 or 20 levels, best first; complete, needs no history."""

    symbol: str
    last_update_id: int
    bids: list[Level]
    asks: list[Level]
    time_ms: int


class BookSnapshot(Struct, frozen=True, gc=False):
    """The venue's order book at one update, best first."""

    symbol: str
    last_update_id: int
    bids: list[Level]
    asks: list[Level]
    time_ms: int


class MarkPrice(Struct, frozen=True):
    """Mark and index price, and the funding that the mark decides."""

    symbol: str
    mark: Decimal
    index: Decimal
    funding_rate: Decimal | None
    """Fraction of notional at ``next_funding_ms``; None on contracts without funding."""
    next_funding_ms: int
    time_ms: int


class Bar(Struct, frozen=True, gc=False):
    """Open, high, low, close and volume of one interval."""

    symbol: str
    interval_ms: int
    open_time_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    """Base units."""
    trades: int
    is_closed: bool


class DayTicker(Struct, frozen=True, gc=False):
    """Rolling 24 hours of one symbol."""

    symbol: str
    last: float
    change_pct: float
    high: float
    low: float
    volume: float
    quote_volume: float
    time_ms: int


class Liquidation(Struct, frozen=True, gc=False):
    """A liquidation order of some account, as published (the largest of its second)."""

    symbol: str
    side: Side
    price: Price
    quantity: Quantity
    time_ms: int


class ContractNotice(Struct, frozen=True, gc=False):
    """A contract was listed, changed its status or its brackets."""

    symbol: str
    contract_type: str
    status: str
    time_ms: int


MarketEvent = (
    BookTicker
    | Trade
    | BookDelta
    | BookTop
    | BookSnapshot
    | MarkPrice
    | Bar
    | DayTicker
    | Liquidation
    | ContractNotice
)
