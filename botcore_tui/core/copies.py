"""Copies of our orders: the venue takes an id again once its first order has ended (F02b).

None is sent from here, but something between us and the venue may repeat a request.
"""

from typing import Final

from botcore_tui.core.foreign import ForeignOrders, ForeignReport, Number, is_open, number_of
from botcore_tui.core.notes import note
from botcore_tui.core.order_life import Order
from botcore_tui.core.order_moves import Step
from botcore_tui.model.event import Cancel, Effect
from botcore_tui.model.order import Source
from botcore_tui.model.severity import Severity

_AGAIN_MS: Final = 1_000
"""One that executes in many parts is told as often: each would cost a request of a halt's."""


class Copies:
    """What is open twice under one name of ours.

    Args:
        others: Take each copy in: as long as it is open it counts as exposure, and a halt finds it.
    """

    def __init__(self, others: ForeignOrders) -> None:
        self._others = others
        self._told: set[Number] = set()
        self._cancelled_ms: dict[Number, int] = {}
        """When the cancellation of one was last asked for."""

    def see(self, order: Order, report: ForeignReport, time_ms: int, step: Step) -> None:
        """Take notice of one; nobody wants it, so it is cancelled wherever it shows up as open.

        Args:
            order: The first of that name.
            report: The venue's word on another number.
            time_ms: Now.
            step: Gets what comes of it.
        """
        if report.source is Source.QUERY:
            order.inquiry.answered()
        self._others.see(report, time_ms)  # what it tells of strangers is not so of this one
        number = number_of(report)
        if number not in self._told:
            self._told.add(number)
            step.effects += self._tell(order, report, time_ms)
        if is_open(report) and order.is_terminal:
            step.effects += self._cancel(number, order.client_order_id, time_ms)

    def _cancel(self, number: Number, name: str, time_ms: int) -> list[Effect]:
        """By name, which is the copy's alone: the first has ended."""
        asked_ms = self._cancelled_ms.get(number)
        if asked_ms is not None and 0 <= time_ms - asked_ms < _AGAIN_MS:
            return []
        self._cancelled_ms[number] = time_ms
        symbol, is_algo, _ = number
        return [Cancel(client_order_id=name, symbol=symbol, is_algo=is_algo)]

    def _tell(self, order: Order, report: ForeignReport, time_ms: int) -> list[Effect]:
        _, is_algo, number = number_of(report)
        first = order.algo_id if is_algo else order.order_id
        return note(
            Severity.CRITICAL,
            "order.duplicate",
            f"{report.symbol}: the venue has order {order.client_order_id} as {first} and"
            f" as {number} ({report.status})",
            time_ms=time_ms,
            symbol=report.symbol,
            client_order_id=order.client_order_id,
        )
