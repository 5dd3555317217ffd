"""The life of one order: what is known of it, and which state may follow which."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.inquiry import Inquiry, Need
from botcore_tui.core.money import ZERO
from botcore_tui.model.event import Cancel, Query
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.order import (
    AlgoStatus,
    OrderReport,
    OrderState,
    Purpose,
    Source,
    VenueStatus,
)

_TOLD: Final = frozenset(
    {
        OrderState.OPEN,
        OrderState.PARTLY_FILLED,
        OrderState.TRIGGERED,
        OrderState.FILLED,
        OrderState.CANCELED,
        OrderState.EXPIRED,
        OrderState.REJECTED,
    }
)
"""What the venue's word on an order, or an execution, can lead to."""

AFTER: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState.PLANNED: _TOLD | {OrderState.IN_FLIGHT, OrderState.UNKNOWN, OrderState.NOT_PLACED},
    OrderState.IN_FLIGHT: _TOLD | {OrderState.UNKNOWN, OrderState.NOT_PLACED},
    OrderState.UNKNOWN: _TOLD | {OrderState.NOT_PLACED},
    OrderState.OPEN: _TOLD - {OrderState.OPEN},
    OrderState.TRIGGERED: _TOLD - {OrderState.OPEN, OrderState.TRIGGERED},
    OrderState.PARTLY_FILLED: frozenset(
        {OrderState.FILLED, OrderState.CANCELED, OrderState.EXPIRED}
    ),
    # A fill that is told after the end was executed before it.
    OrderState.CANCELED: frozenset({OrderState.FILLED}),
    OrderState.EXPIRED: frozenset({OrderState.FILLED}),
    OrderState.FILLED: frozenset(),
    OrderState.REJECTED: frozenset(),
    OrderState.NOT_PLACED: frozenset(),
}
"""Legal transitions. Whatever else is told is late or repeated and changes no state.

Along these the states of the venue only ever grow, so the order in which its words arrive does not
matter.
"""

AFTER_PRESUMED: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState.EXPIRED: _TOLD - {OrderState.EXPIRED},
    OrderState.REJECTED: _TOLD - {OrderState.REJECTED},
    OrderState.NOT_PLACED: _TOLD,
}
"""The same for an end that was concluded and not told by the venue as the state of that order: its
word overrules the conclusion."""

BEFORE_VENUE: Final = frozenset({OrderState.PLANNED, OrderState.IN_FLIGHT, OrderState.UNKNOWN})
"""It is not known yet whether the venue has it."""

_OF_BOOK: Final[Mapping[VenueStatus, OrderState]] = {
    VenueStatus.NEW: OrderState.OPEN,
    VenueStatus.PARTIALLY_FILLED: OrderState.PARTLY_FILLED,
    VenueStatus.FILLED: OrderState.FILLED,
    VenueStatus.CANCELED: OrderState.CANCELED,
    VenueStatus.EXPIRED: OrderState.EXPIRED,
    VenueStatus.EXPIRED_IN_MATCH: OrderState.EXPIRED,
    VenueStatus.REJECTED: OrderState.REJECTED,
}

OF_ALGO: Final[Mapping[AlgoStatus, OrderState]] = {
    AlgoStatus.NEW: OrderState.OPEN,
    AlgoStatus.TRIGGERING: OrderState.TRIGGERED,
    AlgoStatus.TRIGGERED: OrderState.TRIGGERED,
    # It became an order of the book that has ended; how, only that order tells.
    AlgoStatus.FINISHED: OrderState.TRIGGERED,
    AlgoStatus.CANCELED: OrderState.CANCELED,
    AlgoStatus.EXPIRED: OrderState.EXPIRED,
    AlgoStatus.REJECTED: OrderState.REJECTED,
}
"""What a conditional order's status says of it."""

_LONGEST_WINDOW_MS: Final = 60_000
"""The largest recvWindow that the venue takes."""


class Change(Struct, frozen=True, kw_only=True):
    """What somebody says of an order's state."""

    state: OrderState
    time_ms: int
    source: Source | None = None
    """None: we concluded it."""
    code: int = 0
    reason: str = ""
    is_presumed: bool = False
    """See ``Order``."""


class Order:
    """One order of ours; written by ``OrderRegister`` and its parts only.

    Attributes:
        request: What was asked for.
        stop_price: Of an entry: where its stop will be; None for a default.
        target_price: Of an entry: where profit is taken; None for nowhere.
        trail_pct: Of an entry: distance of its trailing stop; None for none.
        quantity: As asked for, or as somebody has changed it at the venue since.
        price: The same.
        state: What is known of it.
        order_id: Its number in the venue's book; 0 while unknown.
        algo_id: Its number at the service for conditional orders; 0 while unknown.
        told_ms: The venue's time of its last word on quantity and price.
        told_quantity: Filled quantity by the venue's word.
        fills_quantity: Sum of its unique fills seen here.
        expires_ms: The venue refuses a copy that arrives after this; 0 before it was sent.
        created_ms: When it was planned.
        died_ms: When its run was known to be dead, by the time of ticks, -1 before the first of
            them; 0: it lives.
        changed_ms: When its state last changed.
        is_verified: The venue has shown it waiting or resting, by other than the reply.
        is_cancel_requested: Its cancellation was asked for.
        is_doubted: There is reason to doubt that the venue still has it.
        is_absent: It was missing from a listing that covers it; never told since.
        is_presumed: It has ended by our conclusion, not by the venue's word on it.
        is_untold: It has ended, and of executions that are missing the venue tells nothing: they
            are waited for no longer.
        code: Of the last refusal; Binance's number.
        reason: Of the last refusal, or of its end.
        inquiry: When the venue is asked about it.
        empty_ms: When those questions were asked that count as evidence against it.
        cancel_due_ms: When its cancellation is asked for again.
        cancel_pause_ms: Time between the last two of those.
        overfill: Quantity above the request that was told already.
        recorded: State that the ledger has; None before it has any.
        unrecorded: What led to the present state, if the ledger is not to have it yet.
    """

    __slots__ = (
        "algo_id",
        "cancel_due_ms",
        "cancel_pause_ms",
        "changed_ms",
        "code",
        "created_ms",
        "died_ms",
        "empty_ms",
        "expires_ms",
        "fills_quantity",
        "inquiry",
        "is_absent",
        "is_cancel_requested",
        "is_doubted",
        "is_presumed",
        "is_untold",
        "is_verified",
        "order_id",
        "overfill",
        "price",
        "quantity",
        "reason",
        "recorded",
        "request",
        "state",
        "stop_price",
        "target_price",
        "told_ms",
        "told_quantity",
        "trail_pct",
        "unrecorded",
    )

    def __init__(
        self, intent: IntentRow, *, state: OrderState = OrderState.PLANNED, time_ms: int
    ) -> None:
        self.request = intent.request
        self.stop_price = intent.stop_price
        self.target_price = intent.target_price
        self.trail_pct = intent.trail_pct
        self.quantity = intent.request.quantity
        self.price = intent.request.price
        self.state = state
        self.order_id = 0
        self.algo_id = 0
        self.told_ms = 0
        self.told_quantity = ZERO
        self.fills_quantity = ZERO
        self.expires_ms = 0
        self.created_ms = intent.request.created_ms
        self.died_ms = 0
        self.changed_ms = time_ms
        self.is_verified = False
        self.is_cancel_requested = False
        self.is_doubted = False
        self.is_absent = False
        self.is_presumed = False
        self.is_untold = False
        self.code = 0
        self.reason = ""
        self.inquiry = Inquiry()
        self.empty_ms: list[int] = []
        self.cancel_due_ms = 0
        self.cancel_pause_ms = 0
        self.overfill = ZERO
        self.recorded: OrderState | None = None
        self.unrecorded: Change | None = None

    @property
    def client_order_id(self) -> str:
        """Its name; the same at the venue."""
        return self.request.client_order_id

    @property
    def filled_quantity(self) -> Decimal:
        """What is known to be executed, by fills or by the venue's word."""
        return max(self.told_quantity, self.fills_quantity)

    @property
    def remaining(self) -> Decimal:
        """What may still be executed while it lives; zero if that is all of a position."""
        return max(self.quantity - self.filled_quantity, ZERO)

    @property
    def is_terminal(self) -> bool:
        """Whether nothing but a late fill can follow."""
        return self.state.is_terminal

    @property
    def is_entry(self) -> bool:
        """Whether it raises the absolute position."""
        return self.request.purpose is Purpose.ENTRY

    @property
    def misses_fills(self) -> bool:
        """Whether the venue told of more than we have seen, and may tell it yet."""
        return self.told_quantity > self.fills_quantity and not self.is_untold

    @property
    def is_in_book(self) -> bool:
        """Whether to look for it in the book and not at the service for conditional orders."""
        is_past_trigger = self.state in {OrderState.TRIGGERED, OrderState.PARTLY_FILLED}
        return not self.request.is_algo or self.order_id != 0 or is_past_trigger

    @property
    def refused_from_ms(self) -> int:
        """After this the venue refuses a copy that is still on its way, by its clock."""
        return self.expires_ms or self.created_ms + _LONGEST_WINDOW_MS

    def can_become(self, state: OrderState) -> bool:
        """Whether ``state`` may follow the present one."""
        after = AFTER_PRESUMED if self.is_presumed else AFTER
        present = self.state
        if present is OrderState.FILLED and self.remaining and not self.request.is_algo:
            # All of what was asked for was executed, and the venue says that it is for more by now.
            return state in AFTER[OrderState.PARTLY_FILLED] | {OrderState.PARTLY_FILLED}
        return state in after[present]

    def need(self) -> Need | None:
        """What must be found out of it, if anything."""
        if self.state is OrderState.UNKNOWN:
            return Need.EXISTENCE
        if self.misses_fills:
            return Need.FILLS
        if not self.state.is_at_venue:
            return None
        if self.is_doubted:
            return Need.STATE
        if self.state is OrderState.TRIGGERED:
            return Need.OUTCOME
        is_unseen = self.request.is_algo and not self.is_in_book and not self.is_verified
        return Need.SIGHT if is_unseen else None

    def query(self) -> Query:
        """The question about it."""
        return Query(
            client_order_id=self.client_order_id,
            symbol=self.request.symbol,
            is_algo=self.request.is_algo and self.order_id == 0,
            order_id=self.order_id,
        )

    def cancel(self) -> Cancel:
        """The request to cancel it, where it is now."""
        return Cancel(
            client_order_id=self.client_order_id,
            symbol=self.request.symbol,
            is_algo=not self.is_in_book,
        )


def state_told(order: Order, report: OrderReport) -> OrderState:
    """What a report on the order of the book says of ours."""
    state = _OF_BOOK[report.status]
    if state is not OrderState.OPEN:
        return state
    if report.filled_quantity:
        return OrderState.PARTLY_FILLED
    return OrderState.TRIGGERED if order.request.is_algo else state
