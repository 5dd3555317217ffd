"""Moves one order at a time: its state, its row in the ledger, and what it then needs."""

from msgspec import Struct, field

from botcore_tui.core.inquiry import Need
from botcore_tui.core.notes import note
from botcore_tui.core.order_index import OrderIndex
from botcore_tui.core.order_life import Change, Order
from botcore_tui.model.event import Append, Effect, Severity
from botcore_tui.model.ledger import OrderRow
from botcore_tui.model.order import Fill, OrderState, Source

_SOON_MS = 250
"""What the user stream has told by then need not be asked for."""
_CANCEL_AGAIN_MS = 2_000
_CANCEL_LONGEST_MS = 30_000
_UNTOLD_MS = 300_000
"""So long after its end an order's missing executions are asked for, if there are answers."""
_ON_ITS_WAY = frozenset({Source.REPLY, Source.LIST})
"""Told by these, executions are likely to follow over the user stream."""


class NewFill(Struct, frozen=True):
    """An execution that was not seen before."""

    fill: Fill
    order: Order | None
    """None: it is not ours, or not known yet to be."""


class Step(Struct):
    """What came of one event."""

    effects: list[Effect] = field(default_factory=list)
    changed: list[Order] = field(default_factory=list)
    """Orders of which something is different, each once."""
    fills: list[NewFill] = field(default_factory=list)

    def touch(self, order: Order) -> None:
        """Something of this order is different."""
        if order not in self.changed:
            self.changed.append(order)


class OrderMoves:
    """Writes states of orders, along legal transitions only."""

    def __init__(self, index: OrderIndex) -> None:
        self._index = index

    def begin(self, order: Order, *, source: Source | None, time_ms: int, step: Step) -> None:
        """Take in an order that is new here."""
        self._index.add(order)
        step.touch(order)
        self._record(order, Change(state=order.state, time_ms=time_ms, source=source), step)

    def move(self, order: Order, change: Change, step: Step) -> None:
        """Let a change happen, if it is legal."""
        if not order.can_become(change.state):
            if order.state is change.state and not change.is_presumed:
                order.is_presumed = False
            return
        previous = order.state
        was_ended = order.is_terminal
        order.state = change.state
        order.changed_ms = change.time_ms
        was_presumed, order.is_presumed = order.is_presumed, change.is_presumed
        order.empty_ms.clear()
        if change.code or change.reason or was_presumed:
            order.code, order.reason = change.code, change.reason
        self._index.counts.move(previous, order.state)
        step.touch(order)
        self._record(order, change, step)
        if was_ended and was_presumed:
            self._resurrect(order, previous, change, step)
        is_elsewhere = not previous.is_at_venue or order.state is OrderState.TRIGGERED
        if order.is_cancel_requested and order.state.is_at_venue and is_elsewhere:
            step.effects.append(self._cancel(order, change.time_ms))

    def review(
        self, order: Order, time_ms: int, step: Step, *, source: Source | None = None
    ) -> None:
        """Ask what must be asked of it now, and put it where it belongs."""
        grace_ms = _SOON_MS if source in _ON_ITS_WAY else 0
        inquiry = order.inquiry
        if order.is_terminal and inquiry.need is Need.FILLS and inquiry.is_in_vain:
            self._renounce(order, time_ms, step)
        inquiry.turn_to(order.need(), time_ms, grace_ms=grace_ms)
        if inquiry.need is not None and inquiry.take_alarm():
            trouble = f" ({inquiry.trouble})" if inquiry.trouble else ""
            step.effects += note(
                Severity.CRITICAL,
                "order.unknown" if order.state is OrderState.UNKNOWN else "order.unclear",
                f"{order.request.symbol}: asked {inquiry.tries} times for order"
                f" {order.client_order_id} ({order.state}), not known yet:"
                f" {inquiry.need.value}{trouble}",
                time_ms=time_ms,
                symbol=order.request.symbol,
                client_order_id=order.client_order_id,
            )
        if inquiry.is_due(time_ms):
            inquiry.asked(time_ms)
            step.effects.append(order.query())
        if order.unrecorded is not None and not order.misses_fills:
            self._record(order, order.unrecorded, step)
        self._index.settle(order)

    def request_cancel(self, order: Order, time_ms: int) -> list[Effect]:
        """Note that it is to be cancelled; ask for it where the venue may have it."""
        order.is_cancel_requested = True
        if order.state.is_at_venue or order.state is OrderState.UNKNOWN:
            return [self._cancel(order, time_ms)]
        return []

    def repeat_cancel(self, order: Order, time_ms: int, step: Step) -> None:
        """Ask again for a cancellation that was not confirmed, and what became of the order."""
        can_be_there = order.state.is_at_venue or order.state is OrderState.UNKNOWN
        if order.is_cancel_requested and can_be_there and time_ms >= order.cancel_due_ms:
            step.effects.append(self._cancel(order, time_ms))
            self.doubt(order, time_ms)

    def doubt(self, order: Order, time_ms: int) -> None:
        """There is reason to ask whether it is still there."""
        order.is_doubted = True
        order.inquiry.hasten(time_ms)

    def _renounce(self, order: Order, time_ms: int, step: Step) -> None:
        """Wait no longer for executions that the venue does not tell.

        Of a contract that is delivered or delisted it may tell none, ever: as exposure they would
        stand for good against every new order, in each further run too. What they made of position
        and wallet the account's pictures have told.
        """
        if not order.misses_fills or time_ms - order.changed_ms < _UNTOLD_MS:
            return
        missing = order.told_quantity - order.fills_quantity
        order.is_untold = True
        step.touch(order)
        step.effects += note(
            Severity.ERROR,
            "order.untold",
            f"{order.request.symbol}: order {order.client_order_id} has ended ({order.state}), and"
            f" executions of {missing:f} of it were not told here: the venue was asked"
            f" {order.inquiry.tries} times",
            time_ms=time_ms,
            symbol=order.request.symbol,
            client_order_id=order.client_order_id,
        )

    def _record(self, order: Order, change: Change, step: Step) -> None:
        """Tell the ledger, of an end only once all executions are in it.

        A crash in between would leave an ended order there that nobody asks about any more.
        """
        if order.is_terminal and order.misses_fills:
            order.unrecorded = change
            return
        step.effects.append(Append(_row(order, order.recorded, change)))
        order.recorded, order.unrecorded = order.state, None

    def _resurrect(self, order: Order, previous: OrderState, change: Change, step: Step) -> None:
        """The venue's word overrules what we concluded; it must be possible to cancel it."""
        if change.source not in {Source.QUERY, Source.LIST}:
            self.doubt(order, change.time_ms)
        if order.state.is_at_venue or order.state is OrderState.FILLED:
            step.effects += note(
                Severity.CRITICAL,
                "order.resurrected",
                f"{order.request.symbol}: order {order.client_order_id} was taken for"
                f" {previous}, and the venue says {order.state}",
                time_ms=change.time_ms,
                symbol=order.request.symbol,
                client_order_id=order.client_order_id,
            )

    def _cancel(self, order: Order, time_ms: int) -> Effect:
        is_again = order.cancel_pause_ms and time_ms >= order.cancel_due_ms
        pause_ms = 2 * order.cancel_pause_ms if is_again else order.cancel_pause_ms
        order.cancel_pause_ms = min(max(pause_ms, _CANCEL_AGAIN_MS), _CANCEL_LONGEST_MS)
        order.cancel_due_ms = time_ms + order.cancel_pause_ms
        return order.cancel()


def _row(order: Order, previous: OrderState | None, change: Change) -> OrderRow:
    return OrderRow(
        client_order_id=order.client_order_id,
        symbol=order.request.symbol,
        state=order.state,
        previous=previous,
        order_id=order.order_id,
        algo_id=order.algo_id,
        filled_quantity=order.filled_quantity,
        source=change.source,
        code=change.code,
        reason=change.reason,
        time_ms=change.time_ms,
    )
