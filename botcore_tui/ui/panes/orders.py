"""Orders: what each is for, and what is known of it."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType
from textual.message import Message

from botcore_tui.model.order import OrderState, Purpose
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import OrderView
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.account import (
    absent_rows,
    price_text,
    quantity_text,
    side_text,
    since_ns,
)
from botcore_tui.ui.panes.base import Row, message_rows
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.cursor import MARK, NO_MARK, CursorPane
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import is_engine_silent

_STATES: Final = {
    OrderState.PLANNED: ("… planned", Ink.WARN),
    OrderState.IN_FLIGHT: ("→ in flight", Ink.WARN),
    OrderState.UNKNOWN: ("? UNKNOWN", Ink.ALARM),
    OrderState.OPEN: ("● open", Ink.GOOD),
    OrderState.PARTLY_FILLED: ("◐ partly filled", Ink.GOOD),
    OrderState.TRIGGERED: ("► triggered", Ink.WARN),
    OrderState.FILLED: ("✓ filled", Ink.MUTED),
    OrderState.CANCELED: ("■ canceled", Ink.MUTED),
    OrderState.EXPIRED: ("■ expired", Ink.MUTED),
    OrderState.REJECTED: ("✗ rejected", Ink.ERROR),
    OrderState.NOT_PLACED: ("■ not placed", Ink.MUTED),
}

_RESTING: Final = (OrderState.OPEN, OrderState.PARTLY_FILLED)
_FOREIGN: Final = "FOREIGN r/o"
"""Not ours, so it is shown only."""


class CancelAsked(Message):
    """The chosen order is to be cancelled; nothing was asked yet."""

    def __init__(self, order: OrderView) -> None:
        self.order = order
        super().__init__()


class Orders(CursorPane):
    """One row an order: the open ones, then some that ended a moment ago.

    What was asked of the venue and what it confirmed are different words: an order with ``cancel
    requested`` is still open; ``canceled`` is the venue's word.
    """

    pane_id = "orders"
    pane_title = "orders"
    hotkey = "5"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "cancel", "Cancel order", tooltip="Cancel the chosen order; asks"),
    ]

    def keys(self, snapshot: Snapshot) -> Sequence[str]:
        """Symbol and client id: foreign ids need not be unique over symbols."""
        return [f"{order.symbol} {order.client_order_id}" for order in _orders(snapshot)]

    def is_over(self, snapshot: Snapshot, place: int) -> bool:
        """Whether the order has ended."""
        return _orders(snapshot)[place].state.is_terminal

    def head(self, snapshot: Snapshot, width: int) -> Sequence[Row]:  # noqa: ARG002 - nothing to say
        """Nothing: the positions say it."""
        return ()

    def empty(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """No orders, or why nothing is known."""
        if snapshot.account is None:
            return absent_rows(width, height, snapshot=snapshot)
        if not snapshot.account.is_reconciled:
            return message_rows("not reconciled yet", "", width=width, height=height)
        return message_rows("no orders", "", width=width, height=height)

    def table(self, snapshot: Snapshot, cursor: int, width: int) -> Sequence[Row]:
        """A row of titles and one an order."""
        orders = _orders(snapshot)
        now_ns = self.clock_ns()
        columns = [
            _state(orders, cursor, is_stale=is_engine_silent(snapshot, now_ns)),
            *_what(snapshot, orders),
            *_rest(snapshot, orders, now_ns),
        ]
        return table_rows(columns, width)

    @property
    def chosen(self) -> OrderView | None:
        """The order under the cursor."""
        place = self.place
        if place is None or self._snapshot is None:
            return None
        return _orders(self._snapshot)[place]

    def action_cancel(self) -> None:
        """Ask for the chosen order to be cancelled."""
        if order := self.chosen:
            self.post_message(CancelAsked(order))


def _orders(snapshot: Snapshot) -> Sequence[OrderView]:
    return snapshot.account.orders if snapshot.account is not None else ()


def _state(orders: Sequence[OrderView], cursor: int, *, is_stale: bool) -> Column:
    texts, inks = [], []
    for index, order in enumerate(orders):
        text, ink = _state_of(order)
        texts.append((MARK if index == cursor else NO_MARK) + text)
        inks.append(Ink.STALE if is_stale and ink is not Ink.ALARM else ink)
    return Column("  state", tuple(texts), 30, is_number=False, inks=tuple(inks))


def _state_of(order: OrderView) -> tuple[str, Ink]:
    text, ink = _STATES[order.state]
    if order.state not in _RESTING or order.purpose is None:
        return text, ink
    # Of an order that rests, what is not confirmed says more than that it does.
    if order.is_cancel_requested:
        return f"{text[0]} cancel requested", Ink.WARN
    if order.purpose is Purpose.STOP and not order.is_verified:
        return f"{text[0]} UNVERIFIED", Ink.ALARM
    return text, ink


def _what(snapshot: Snapshot, orders: Sequence[OrderView]) -> Sequence[Column]:
    sides = [side_text(order.side) for order in orders]
    purposes = [order.purpose for order in orders]
    return [
        Column(
            "for",
            tuple(purpose.value if purpose else _FOREIGN for purpose in purposes),
            29,
            is_number=False,
            inks=tuple(Ink.TEXT if purpose else Ink.WARN for purpose in purposes),
        ),
        # Where all are of one contract its name says little.
        Column(
            "symbol",
            tuple(printable(o.symbol) for o in orders),
            27 if len({o.symbol for o in orders}) > 1 else 17,
            is_number=False,
        ),
        Column(
            "side",
            tuple(text for text, _ in sides),
            26,
            is_number=False,
            inks=tuple(ink for _, ink in sides),
        ),
        Column(
            "type",
            tuple(printable(str(o.type)) for o in orders),
            18,
            is_number=False,
            widest=12,
        ),
        Column("filled/qty", tuple(_filled(snapshot, o) for o in orders), 25),
        Column("price", tuple(_price(snapshot, o) for o in orders), 28),
    ]


def _rest(snapshot: Snapshot, orders: Sequence[OrderView], now_ns: int) -> Sequence[Column]:
    ages = tuple(fmt.lapse(since_ns(snapshot, o.created_ms, now_ns)) for o in orders)
    algo = tuple("algo" if o.is_algo else "book" for o in orders)
    return [
        Column("age", ages, 23),
        Column("at", algo, 19, is_number=False),
        Column(
            "reason", tuple(printable(o.reason) for o in orders), 12, is_number=False, widest=40
        ),
        Column(
            "id",
            tuple(printable(o.client_order_id) for o in orders),
            10,
            is_number=False,
            widest=36,
        ),
    ]


def _filled(snapshot: Snapshot, order: OrderView) -> str:
    # Without a quantity it closes whatever is held when it executes.
    whole = quantity_text(snapshot, order.symbol, order.quantity) if order.quantity else "all"
    return f"{fmt.exact(order.filled_quantity)}/{whole}"


def _price(snapshot: Snapshot, order: OrderView) -> str:
    # The price that decides: where it triggers, or at which it rests.
    if order.trigger_price is not None:
        return f"trg{price_text(snapshot, order.symbol, order.trigger_price)}"
    if order.price:
        return price_text(snapshot, order.symbol, order.price)
    return "market" if not order.is_algo else fmt.MISSING
