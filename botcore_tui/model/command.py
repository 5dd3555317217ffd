"""Wishes of a person or a strategy, whichever door they come through: all go one way."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, TimeInForce


class Scope(StrEnum):
    """What an operator may do; halting is everybody's."""

    VIEW = "view"
    TRADE = "trade"
    HALT = "halt"
    RESUME = "resume"
    """Resume, reset breakers, relax limits, enable strategies: all that loosens."""
    PRODUCTION = "production"
    """The same with real money."""


class NotedTrip(Struct, frozen=True):
    """A breaker that tripped while trading was halted already, as the halt file has it."""

    reason: str
    """Its code, then its words."""
    time_ms: int
    account: str = ""
    """Whose; empty: not known."""


class Halt(Struct, frozen=True, tag=True, tag_field="command"):
    """Stop trading now. Idempotent, never refused, never asked about."""

    actor: str
    reason: str
    time_ms: int
    flattens: bool = False
    """Also close every position at market, those that are not ours included."""
    account: str = ""
    """Which one it was about, where that is known."""
    trips: tuple[NotedTrip, ...] = ()
    """What the halt file that it comes from has besides."""


class Resume(Struct, frozen=True, tag=True, tag_field="command"):
    """One step back towards trading: HALTED to REDUCING, REDUCING to ACTIVE."""

    actor: str
    reason: str
    time_ms: int
    command_id: str = ""
    """Where an answer is wanted."""
    scopes: tuple[Scope, ...] = ()
    """Of the operator; set by the door that it came through, whatever the sender wrote."""


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
    scopes: tuple[Scope, ...] = ()


class ClosePosition(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Close a position at market; its stop stays until it is confirmed flat."""

    command_id: str
    actor: str
    symbol: str
    reason: str = ""
    time_ms: int
    scopes: tuple[Scope, ...] = ()


class CancelOrder(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Cancel one order; a protective stop only where another one protects."""

    command_id: str
    actor: str
    client_order_id: str
    reason: str = ""
    time_ms: int
    scopes: tuple[Scope, ...] = ()


class MoveStop(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Put the stop of a position elsewhere: the new one first, then the old one is cancelled."""

    command_id: str
    actor: str
    symbol: str
    stop_price: Decimal
    reason: str = ""
    time_ms: int
    scopes: tuple[Scope, ...] = ()


class ResetBreaker(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Let go of a latched breaker; trading stays halted until it is resumed.

    Without ``rebases`` it is refused while the loss is still beyond the limit; with it losses
    count anew from now.
    """

    command_id: str
    actor: str
    code: str
    rebases: bool = False
    reason: str = ""
    time_ms: int
    scopes: tuple[Scope, ...] = ()


class Relax(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Relax one limit for a while (P24): at most 60 minutes, at most twice its normal value."""

    command_id: str
    actor: str
    limit: str
    """Key of the configuration: risk.max_leverage ..."""
    value: Decimal
    minutes: int
    """0 ends it at once."""
    reason: str = ""
    time_ms: int
    scopes: tuple[Scope, ...] = ()


class EnableStrategy(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Let a strategy that was disabled trade again."""

    command_id: str
    actor: str
    strategy: str
    reason: str = ""
    time_ms: int
    scopes: tuple[Scope, ...] = ()


class SignOff(Struct, frozen=True, kw_only=True, tag=True, tag_field="command"):
    """Put one's name to what one has looked at: a list of checks, or a trade.

    It changes nothing but the record.
    """

    command_id: str
    actor: str
    what: str
    """daily, weekly, monthly: the checks of that name; trade: the one that ``subject`` names."""
    subject: str = ""
    """Of a trade: its number in the ledger."""
    seen: str = ""
    """JSON: the states that were seen, and the limits in force."""
    summary: str = ""
    """The same in a few words."""
    reason: str = ""
    time_ms: int
    scopes: tuple[Scope, ...] = ()


OrderCommand = PlaceOrder | ClosePosition | CancelOrder | MoveStop
RiskCommand = ResetBreaker | Relax | EnableStrategy
"""What loosens: each needs an actor and a reason."""
DeskCommand = OrderCommand | RiskCommand | SignOff
"""What is answered."""
Command = Halt | Resume | DeskCommand


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
