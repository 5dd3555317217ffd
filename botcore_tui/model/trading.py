"""What the cockpit shows of the account: positions, orders, money; confirmed by the venue."""

from decimal import Decimal
from enum import StrEnum
from typing import Final

from msgspec import Struct

from botcore_tui.model.event import Answer
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, Purpose
from botcore_tui.model.risk import RiskView


class Cover(StrEnum):
    """How far a position is protected at the venue."""

    VERIFIED = "verified"
    """The venue confirms a stop for all of it."""
    PLACING = "placing"
    """A stop is under way; not confirmed yet."""
    NAKED = "NAKED"
    """No stop is confirmed, and none is under way."""
    CLOSING = "closing"
    """No stop could be had: the position is being closed at market."""


class Wish(Struct, frozen=True):
    """What a strategy wants of a contract; a position of another direction is not left alone."""

    strategy: str
    symbol: str
    direction: int
    """1 long, -1 short, 0 flat."""

    def warning(self, side: Side) -> str:
        """What becomes of a position that somebody opens; empty where it is as wanted.

        Args:
            side: Of his order.
        """
        if self.direction == side.sign:
            return ""
        wanted, opened = _WAYS[self.direction], _WAYS[side.sign]
        return f"{self.strategy} wants {self.symbol} {wanted}: it closes a {opened} at once"


_WAYS: Final = {1: "long", -1: "short", 0: "flat"}

FIGURES_OLD_NS: Final = 15_000_000_000
"""A figure that was told longer ago shows its age, wherever it is shown."""


class PositionView(Struct, frozen=True, kw_only=True):
    """One position that is not flat."""

    symbol: str
    quantity: Decimal
    """Signed."""
    entry_price: Decimal
    mark: Decimal | None
    notional: Decimal | None
    """At mark, above zero."""
    unrealized: Decimal | None
    unrealized_pct: float | None
    """Of the notional at entry."""
    liquidation_price: Decimal | None
    liquidation_pct: float | None
    """Distance from the mark, percent of it."""
    cover: Cover
    stop_price: Decimal | None
    """Of the verified stop; of the wanted one while none is verified."""
    target_price: Decimal | None
    trail_pct: Decimal | None
    risk: Decimal | None
    """What is lost if the stop fills at its trigger, fees left out; above zero is a loss."""
    unprotected_seconds: float
    """Of this trade, in all."""
    realized: Decimal
    """Of this trade, without fees and funding."""
    fees: Decimal
    """In the settlement asset; see ``has_other_fees``."""
    funding: Decimal
    opened_ms: int
    tag: str
    """Empty, or ``adopted``: it was there before we knew of it."""
    confirmed_ns: int
    """When the venue last confirmed its quantity, monotonic; 0 never."""
    mark_age_ms: int | None = 0
    """Of the mark, and of all that follows from it, when the picture was made; None without one."""
    has_other_fees: bool = False
    """Some were taken in another asset, and are not in ``fees``."""


class OrderView(Struct, frozen=True, kw_only=True):
    """One order that has not ended, or has ended a moment ago."""

    client_order_id: str
    symbol: str
    side: Side
    type: str
    """LIMIT, MARKET, STOP_MARKET ...; of a foreign one whatever the venue calls it."""
    purpose: Purpose | None
    """None: it is not ours."""
    quantity: Decimal
    """Zero: all of the position."""
    filled_quantity: Decimal
    price: Decimal | None
    trigger_price: Decimal | None
    state: OrderState
    is_cancel_requested: bool
    """Asked for; not confirmed."""
    is_algo: bool
    is_verified: bool
    """The venue has shown it to us by other than the reply to our own request."""
    created_ms: int
    changed_ms: int
    reason: str


class FillView(Struct, frozen=True, kw_only=True):
    """One of our executions, for the chart."""

    symbol: str
    side: Side
    price: Decimal
    quantity: Decimal
    purpose: Purpose | None
    time_ms: int


class MoneyView(Struct, frozen=True, kw_only=True):
    """Money of the account, quote units."""

    wallet: Decimal
    unrealized: Decimal
    equity: Decimal
    available: Decimal | None
    day_start_equity: Decimal | None
    """What A01 measures from: the first valid equity of this UTC day, or that of a later rebase,
    transfers since included; None while unknown."""
    day_pnl: Decimal | None
    """Since then, transfers left out: A01's loss with the other sign. None while unknown."""
    day_pnl_pct: float | None
    realized_today: Decimal
    fees_today: Decimal
    """Paid is positive."""
    funding_today: Decimal
    """Received is positive."""
    realized_run: Decimal
    fees_run: Decimal
    funding_run: Decimal
    as_of_ns: int
    """When the venue last told the wallet, monotonic."""
    mark_age_ms: int = 0
    """Of the oldest mark in equity, when the picture was made; 0 where none is needed."""


class AccountView(Struct, frozen=True, kw_only=True):
    """The account at one instant."""

    account: str
    run_id: str
    is_stream_up: bool
    is_reconciled: bool
    reconciled_ns: int
    """When a reconciliation was last finished, monotonic; 0 never."""
    trouble: str
    """Why no new risk is taken, besides the trading state: user stream down, ledger not writable,
    not reconciled, UNKNOWN order ...; empty if nothing."""
    is_ledger_writable: bool
    money: MoneyView | None
    """None before the venue has told."""
    positions: tuple[PositionView, ...]
    orders: tuple[OrderView, ...]
    """Open ones first, newest first; then some that ended, newest first."""
    fills: tuple[FillView, ...]
    """Newest last."""
    answers: tuple[Answer, ...]
    """To the last commands, newest last."""
    unknown_orders: int
    foreign_orders: int
    unprotected_seconds_today: float
    denied: int
    rejected: int
    strategy: str
    """Its name, what it wants of each contract and why; empty without one."""
    risk: RiskView | None = None
    """None before a session began."""
    wishes: tuple[Wish, ...] = ()
    """What the strategy is about to enforce, against people too."""
