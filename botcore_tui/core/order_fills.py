"""Joins executions to their orders; each counts once, whoever tells it and in whatever order."""

from typing import Final

from botcore_tui.core.client_ids import is_ours, purpose_of
from botcore_tui.core.foreign import ForeignOrders
from botcore_tui.core.loose_fills import LooseFill, LooseFills
from botcore_tui.core.notes import note
from botcore_tui.core.order_index import OrderIndex
from botcore_tui.core.order_life import Change, Order
from botcore_tui.core.order_moves import NewFill, OrderMoves, Step
from botcore_tui.core.trade_ids import Novelty, TradeIds
from botcore_tui.model.event import Append, Severity
from botcore_tui.model.ledger import FillRow
from botcore_tui.model.order import Fill, OrderState

LATE: Final = "late"
FOREIGN: Final = "foreign"


class OrderFills:
    """Every execution on the account."""

    def __init__(self, index: OrderIndex, moves: OrderMoves, foreign: ForeignOrders) -> None:
        self._index = index
        self._moves = moves
        self._foreign = foreign
        self._loose = LooseFills()
        self.trades = TradeIds()

    def take(
        self,
        fill: Fill,
        time_ms: int,
        step: Step,
        *,
        is_late: bool = False,
        is_history: bool = False,
    ) -> None:
        """Count one, unless it was counted.

        Args:
            fill: From any source.
            time_ms: Now.
            step: Gets what comes of it.
            is_late: It was learned in a reconciliation.
            is_history: It was executed before our time and changes no position here.
        """
        order = self._index.find(fill.symbol, fill.client_order_id, fill.order_id)
        novelty = self.trades.add(fill, is_history=is_history)
        if order is not None:
            self.learn_number(order, fill.order_id, time_ms, step)
        if novelty is Novelty.SEEN:
            if order is not None:
                self._moves.review(order, time_ms, step)
            return
        if novelty is Novelty.NEW:
            step.fills.append(NewFill(fill, order))
        is_recorded = novelty is Novelty.RECORDED
        tag = LATE if is_late or is_recorded else ""
        if order is None:
            self._keep(LooseFill(fill, tag, is_recorded=is_recorded), time_ms, step)
            return
        step.effects.append(Append(_own_row(fill, order, tag)))
        self._count(order, fill, time_ms, step)
        self._moves.review(order, time_ms, step)

    def learn_number(self, order: Order, order_id: int, time_ms: int, step: Step) -> None:
        """The venue's book knows an order of ours by this number; its executions are ours."""
        if order_id == 0 or order.order_id:
            return
        self._index.learn_number(order, order_id)
        step.touch(order)
        for loose in self._loose.take(order.request.symbol, order_id):
            if not loose.is_written:
                step.effects.append(Append(_own_row(loose.fill, order, loose.tag)))
            self._count(order, loose.fill, time_ms, step)

    def learn_foreign(self, symbol: str, order_id: int, step: Step) -> None:
        """The order of that number is not ours, nor are its executions."""
        if order_id == 0:
            return
        self._foreign.know(symbol, order_id)
        for loose in self._loose.take(symbol, order_id):
            if not loose.is_recorded and not loose.is_written:
                step.effects.append(Append(_foreign_row(loose.fill)))

    def on_tick(self, time_ms: int, step: Step) -> None:
        """Ask for orders of executions that nobody claims."""
        for loose in self._loose.take_hopeless(time_ms):
            fill = loose.fill
            step.effects.append(Append(_foreign_row(fill)))
            step.effects += note(
                Severity.WARNING,
                "fill.unclaimed",
                f"{fill.symbol}: trade {fill.trade_id} belongs to order {fill.order_id}, of which"
                " the venue tells nothing",
                time_ms=time_ms,
                symbol=fill.symbol,
            )
        step.effects += self._loose.due(time_ms)

    def _keep(self, loose: LooseFill, time_ms: int, step: Step) -> None:
        fill = loose.fill
        name = fill.client_order_id
        if loose.is_recorded:
            self._loose.keep_recorded(fill, loose.tag)
        elif name and self._index.is_used(name):
            # Of an order that ended so long ago that only its name is kept.
            row = FillRow(fill=fill, client_order_id=name, purpose=purpose_of(name), tag=LATE)
            step.effects.append(Append(row))
        elif name and not is_ours(name):
            self.learn_foreign(fill.symbol, fill.order_id, step)
            step.effects.append(Append(_foreign_row(fill)))
        elif self._foreign.is_known(fill.symbol, fill.order_id):
            step.effects.append(Append(_foreign_row(fill)))
        else:
            self._loose.keep(fill, loose.tag)
            step.effects += self._loose.due(time_ms)

    def _count(self, order: Order, fill: Fill, time_ms: int, step: Step) -> None:
        order.fills_quantity += fill.quantity
        step.touch(order)
        wanted = order.quantity
        is_all = wanted > 0 and order.fills_quantity >= wanted
        state = OrderState.FILLED if is_all else OrderState.PARTLY_FILLED
        self._moves.move(order, Change(state=state, time_ms=time_ms, source=fill.source), step)
        check_overfill(order, time_ms, step)


def check_overfill(order: Order, time_ms: int, step: Step) -> None:
    """Tell, once for each further quantity, that more was executed than was asked for."""
    request = order.request
    excess = order.filled_quantity - order.quantity
    if request.close_position or excess <= order.overfill:
        return
    order.overfill = excess
    step.effects += note(
        Severity.CRITICAL,
        "order.overfill",
        f"{request.symbol}: order {order.client_order_id} of {order.quantity} was executed for"
        f" {order.filled_quantity}",
        time_ms=time_ms,
        symbol=request.symbol,
        client_order_id=order.client_order_id,
    )


def _own_row(fill: Fill, order: Order, tag: str) -> FillRow:
    return FillRow(
        fill=fill,
        client_order_id=order.client_order_id,
        purpose=order.request.purpose,
        tag=tag,
    )


def _foreign_row(fill: Fill) -> FillRow:
    return FillRow(fill=fill, client_order_id="", purpose=None, tag=FOREIGN)
