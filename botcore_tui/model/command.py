"""Wishes of a person or a strategy, whichever door they come through: all go one way."""

from decimal import Decimal

from msgspec import Struct

from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, TimeInForce


class Halt(Struct, frozen=True, tag=True, tag_field="command"):
    """Stop trading now. Idempotent, never refused, never asked about."""

    actor: str
    reason: str
    time_ms: int


class Resume(Struct, frozen=True, tag=True, tag_field="command"):
    """One step back towards trading: HALTED to REDUCING, REDUCING to ACTIVE."""

    actor: str
    reason: str
    time_ms: int


class PlaceOrder(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Buy or sell. What raises a position needs a stop; ``reduce_only`` says it must not."""

    command_id: str
    actor: str
    symbol: str
    side: Side
    type: OrderType
    """MARKET or LIMIT."""
    quantity: Decimal
    """Base units."""
    price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    trail_pct: Decimal | None = None
    """Distance of a trailing stop from the best price, 0.1 to 20."""
    reduce_only: bool = False
    reason: str = ""
    time_ms: int


class ClosePosition(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Close a position at market; its stop stays until it is confirmed flat."""

    command_id: str
    actor: str
    symbol: str
    reason: str = ""
    time_ms: int


class CancelOrder(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Cancel one order; a protective stop only where another one protects."""

    command_id: str
    actor: str
    client_order_id: str
    reason: str = ""
    time_ms: int


class MoveStop(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Put the stop of a position elsewhere: the new one first, then the old one is cancelled."""

    command_id: str
    actor: str
    symbol: str
    stop_price: Decimal
    reason: str = ""
    time_ms: int


OrderCommand = PlaceOrder | ClosePosition | CancelOrder | MoveStop
Command = Halt | Resume | OrderCommand


class Signal(Struct, frozen=True, kw_only=True):
    """What a strategy wants a symbol's position to be; idempotent.

    ``target`` is signed and a share of the position that the risk rules allow: 1 long, -1 short,
    0 flat.
    """

    strategy: str
    symbol: str
    target: Decimal
    confidence: float
    reason: str
    time_ms: int
    """Open time of the bar that decided, plus its length."""
