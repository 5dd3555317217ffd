"""Orders as values: what we ask for, what the venue says of it, and what was executed.

Prices and money are quote units (USDT), quantities base units; all Decimal from strings. Times are
the venue's UTC milliseconds.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

from botcore_tui.model.market import Side

LEAST_TRAIL_PCT: Final = Decimal("0.1")
MOST_TRAIL_PCT: Final = Decimal(20)
"""Binance USD-M, new algo order: callbackRate is 0.1 to 20 since 2026-10-23 (10 before). Commands,
ticket, configuration and embedded exchange allow just these."""


class OrderType(StrEnum):
    """How an order executes."""

    LIMIT = "LIMIT"
    MARKET = "MARKET"
    STOP_MARKET = "STOP_MARKET"
    TAKE_PROFIT_MARKET = "TAKE_PROFIT_MARKET"
    TRAILING_STOP_MARKET = "TRAILING_STOP_MARKET"

    @property
    def is_conditional(self) -> bool:
        """Whether it waits for a trigger, at the venue's service for conditional orders."""
        return self not in {OrderType.LIMIT, OrderType.MARKET}


class TimeInForce(StrEnum):
    """How long an order may rest."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTX = "GTX"
    """Post only: refused rather than executed at once."""


class Purpose(StrEnum):
    """What an order is for."""

    ENTRY = "entry"
    """Raises the absolute position."""
    EXIT = "exit"
    """Strictly lowers it."""
    STOP = "stop"
    """The protective stop of a position."""
    TARGET = "target"
    """Takes profit."""
    TRAIL = "trail"
    """Follows the best price since entry."""

    @property
    def is_reducing(self) -> bool:
        """Whether it can only lower a position."""
        return self is not Purpose.ENTRY


class OrderState(StrEnum):
    """What is known of an order, and by evidence only."""

    PLANNED = "planned"
    """Its intent is being recorded; no byte has left."""
    IN_FLIGHT = "in flight"
    """Bytes may have left and nothing came back; counts as exposure."""
    UNKNOWN = "UNKNOWN"
    """The venue may or may not have it; its exposure stays reserved."""
    OPEN = "open"
    """The venue has it; it rests, or waits for its trigger."""
    PARTLY_FILLED = "partly filled"
    TRIGGERED = "triggered"
    """A conditional order that became an order of the book; what came of that is not known yet."""
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    """The venue refused it."""
    NOT_PLACED = "not placed"
    """Evidence says that the venue never had it and never will."""

    @property
    def is_terminal(self) -> bool:
        """Whether nothing but a late fill can follow."""
        return self in _TERMINAL

    @property
    def is_at_venue(self) -> bool:
        """Whether the venue is known to have it now."""
        return self in {OrderState.OPEN, OrderState.PARTLY_FILLED, OrderState.TRIGGERED}


_TERMINAL: Final = frozenset(
    {
        OrderState.FILLED,
        OrderState.CANCELED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
        OrderState.NOT_PLACED,
    }
)


class OrderRequest(Struct, frozen=True, kw_only=True):
    """One order as it is asked for; never changed, never sent twice."""

    client_order_id: str
    """Ours, unique for ever; the id of a conditional order too."""
    symbol: str
    side: Side
    type: OrderType
    purpose: Purpose
    quantity: Decimal = Decimal(0)
    """Zero with ``close_position``."""
    price: Decimal | None = None
    trigger_price: Decimal | None = None
    callback_pct: Decimal | None = None
    """Of a trailing stop: distance from the best price."""
    time_in_force: TimeInForce | None = None
    """Of a LIMIT order."""
    reduce_only: bool = False
    close_position: bool = False
    entry_id: str = ""
    """Of the entry that this order protects or closes; empty of an entry itself, or unknown."""
    actor: str = ""
    reason: str = ""
    created_ms: int = 0

    @property
    def is_algo(self) -> bool:
        """Whether it goes to the venue's service for conditional orders."""
        return self.type.is_conditional


class VenueStatus(StrEnum):
    """An order's status in the venue's words."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"
    REJECTED = "REJECTED"


class AlgoStatus(StrEnum):
    """A conditional order's status in the venue's words."""

    NEW = "NEW"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"


class Source(StrEnum):
    """Who told it."""

    REPLY = "reply"
    """The answer to our own request."""
    STREAM = "stream"
    """The user stream."""
    QUERY = "query"
    """An answer to a question about this one order."""
    LIST = "list"
    """A listing that was asked for in a reconciliation."""
    LEDGER = "ledger"
    """Our own record of an earlier run."""


class OrderReport(Struct, frozen=True, kw_only=True):
    """The venue's word on one order of its book."""

    source: Source
    symbol: str
    client_order_id: str
    order_id: int
    side: Side
    type: str
    """The venue's word: LIMIT, MARKET, LIQUIDATION ..., of a triggered one its present type."""
    status: VenueStatus
    quantity: Decimal
    filled_quantity: Decimal
    price: Decimal
    reduce_only: bool = False
    close_position: bool = False
    time_ms: int
    """Of the state told; 0 if the reply does not say."""
    detail: str = ""
    """The venue's reason for an expiry, where it gives one."""


class AlgoReport(Struct, frozen=True, kw_only=True):
    """The venue's word on one conditional order."""

    source: Source
    symbol: str
    client_order_id: str
    algo_id: int
    side: Side
    type: str
    status: AlgoStatus
    quantity: Decimal
    """Zero with ``close_position``."""
    trigger_price: Decimal
    """Zero of a trailing stop."""
    close_position: bool = False
    reduce_only: bool = False
    order_id: int = 0
    """Of the order that it became; 0 before."""
    time_ms: int = 0
    detail: str = ""
    """Why it was refused, where the venue says."""


class Fill(Struct, frozen=True, kw_only=True):
    """One execution; ``(symbol, trade_id)`` is unique for ever."""

    source: Source
    symbol: str
    trade_id: int
    order_id: int
    client_order_id: str = ""
    """Empty where the venue does not say (its list of trades)."""
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    """Positive is paid; in ``fee_asset``."""
    fee_asset: str
    realized_pnl: Decimal
    is_maker: bool
    time_ms: int


class Outcome(StrEnum):
    """How a request that brought no report ended."""

    REJECTED = "rejected"
    """The venue refused it: it is not placed, the same again would be refused again."""
    FAILED = "failed"
    """It is certain that nothing was done; the same may well work later."""
    UNKNOWN = "unknown"
    """It may have been done."""


class OrderSent(Struct, frozen=True):
    """The request is signed and about to leave; told before the first byte does."""

    client_order_id: str
    timestamp_ms: int
    """As signed, by the venue's clock."""
    expires_ms: int
    """The venue refuses a copy that arrives after this (timestamp + recvWindow)."""


class SubmitFailed(Struct, frozen=True):
    """A request to place an order brought no report."""

    client_order_id: str
    outcome: Outcome
    code: int
    """Binance's number; 0 if it gave none."""
    reason: str
    time_ms: int


class CancelFailed(Struct, frozen=True):
    """A request to cancel an order brought no report."""

    client_order_id: str
    outcome: Outcome
    code: int
    reason: str
    time_ms: int


class OrderNotFound(Struct, frozen=True):
    """The venue says that it has no such order; alone it proves nothing (it may lag)."""

    client_order_id: str
    asked_ms: int
    """When the question was sent, by the venue's clock."""


class QueryFailed(Struct, frozen=True):
    """The question about an order brought no answer."""

    client_order_id: str
    reason: str
    time_ms: int
