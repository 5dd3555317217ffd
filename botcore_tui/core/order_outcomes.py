"""What requests and questions about our own orders came to, where they brought no report."""

from typing import Final, assert_never

from botcore_tui.core.notes import note
from botcore_tui.core.order_index import OrderIndex
from botcore_tui.core.order_life import BEFORE_VENUE, Change, Order
from botcore_tui.core.order_moves import OrderMoves, Step
from botcore_tui.core.rumours import Rumours
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Severity
from botcore_tui.model.order import (
    CancelFailed,
    OrderNotFound,
    OrderSent,
    OrderState,
    Outcome,
    QueryFailed,
    SubmitFailed,
)

OutcomeEvent = OrderSent | SubmitFailed | CancelFailed | OrderNotFound | QueryFailed

_DUPLICATE_ID: Final = -4116
"""The venue has an order of that client id already: the first copy arrived."""
_TIMES: Final = 3
_APART_MS: Final = 2_000
_DEAD_MS: Final = 120_000
"""The largest recvWindow, and the longest that a question and its answer take."""
_DELIVERY_MS: Final = 10_000
"""Between a picture's last listing and its being read here; its income alone may take half."""
_LATE_COPY_MS: Final = 1_000
"""The venue refuses a copy after its window; its answer counts from so much later on (F02)."""

_ENDS: Final = {
    Outcome.REJECTED: OrderState.REJECTED,
    Outcome.FAILED: OrderState.NOT_PLACED,
    Outcome.UNKNOWN: OrderState.UNKNOWN,
}


class OrderOutcomes:
    """Draws conclusions, and only such that the evidence bears.

    Args:
        index: Of all orders.
        moves: Writes their states.
        rumours: Speak against an order that was never placed.
    """

    def __init__(self, index: OrderIndex, moves: OrderMoves, rumours: Rumours) -> None:
        self._index = index
        self._moves = moves
        self._rumours = rumours

    def take(self, event: OutcomeEvent, time_ms: int, step: Step) -> None:
        """Take one in; of an order that is not known it says nothing."""
        order = self._index.of(event.client_order_id)
        if order is None:
            return
        match event:
            case OrderSent():
                order.expires_ms = event.expires_ms
                change = Change(state=OrderState.IN_FLIGHT, time_ms=time_ms)
                self._moves.move(order, change, step)
            case SubmitFailed():
                self._submit_failed(order, event, time_ms, step)
            case CancelFailed():
                self._cancel_failed(order, event, time_ms, step)
            case OrderNotFound():
                order.inquiry.answered()
                self._not_found(order, event.asked_ms, time_ms, step)
            case QueryFailed():
                order.inquiry.answered(event.reason)
            case _:
                assert_never(event)
        self._moves.review(order, time_ms, step)

    def _submit_failed(self, order: Order, event: SubmitFailed, time_ms: int, step: Step) -> None:
        state = _ENDS[event.outcome]
        if state is OrderState.REJECTED and event.code == _DUPLICATE_ID:
            state = OrderState.UNKNOWN
        if order.state in BEFORE_VENUE:
            change = Change(
                state=state,
                time_ms=time_ms,
                code=event.code,
                reason=event.reason,
                is_presumed=state.is_terminal,
            )
            self._moves.move(order, change, step)
        elif state.is_terminal:
            # Something else has shown that the venue has it.
            self._moves.doubt(order, time_ms)

    def _cancel_failed(self, order: Order, event: CancelFailed, time_ms: int, step: Step) -> None:
        order.code, order.reason = event.code, event.reason
        step.touch(order)
        # It may have ended, or be elsewhere after its trigger; whatever it is, it is not assumed.
        if event.outcome is not Outcome.FAILED:
            self._moves.doubt(order, time_ms)

    def _not_found(self, order: Order, asked_ms: int, time_ms: int, step: Step) -> None:
        is_unknown = order.state is OrderState.UNKNOWN
        counts_from_ms = order.refused_from_ms + _LATE_COPY_MS if is_unknown else 0
        is_open_to_doubt = is_unknown or (order.is_absent and order.state.is_at_venue)
        # By our own clock, which may be hours ahead: dead for so long it has no copy on its way.
        is_long_dead = order.died_ms > 0 and time_ms - order.died_ms > _DEAD_MS
        if not is_open_to_doubt or (asked_ms <= counts_from_ms and not is_long_dead):
            return
        if order.empty_ms and asked_ms <= order.empty_ms[-1]:
            return
        order.empty_ms.append(asked_ms)
        if len(order.empty_ms) < _TIMES or asked_ms - order.empty_ms[-2] < _APART_MS:
            return
        evidence = f"{len(order.empty_ms)} empty queries, last at {asked_ms}"
        if is_unknown:
            state = OrderState.NOT_PLACED
            evidence += f", copies refused since {order.refused_from_ms}"
            if self._rumours.may_be_of(order):
                # It cannot be there any more, and was perhaps executed: nobody tells how much.
                state = OrderState.EXPIRED
                evidence += (
                    "; but the income history has executions in its contract since it was sent, of"
                    " which the venue tells nothing more: some may be its own"
                )
        else:
            state = OrderState.EXPIRED
            evidence += ", and no longer listed"
        if state is OrderState.EXPIRED:
            step.effects += note(
                Severity.CRITICAL,
                "order.untraced" if is_unknown else "order.vanished",
                f"{order.request.symbol}: order {order.client_order_id} ({order.state}) is gone"
                f" without a word: {evidence}",
                time_ms=time_ms,
                symbol=order.request.symbol,
                client_order_id=order.client_order_id,
            )
        change = Change(state=state, time_ms=time_ms, reason=evidence, is_presumed=True)
        self._moves.move(order, change, step)


def should_be_listed(order: Order, picture: AccountPicture, time_ms: int) -> bool:
    """Whether a picture that is without an order of ours says that it is not there."""
    asked = picture.orders if order.is_in_book else picture.algo_orders
    is_covered = not picture.listed or order.request.symbol in picture.listed
    # Our clock may be ahead of the venue's, by hours: then only by ours can it be told.
    asked_ms = time_ms - (picture.time_ms - picture.asked_ms) - _DELIVERY_MS
    is_older = order.changed_ms < max(picture.asked_ms, asked_ms)
    return asked is not None and is_covered and is_older and order.state.is_at_venue
