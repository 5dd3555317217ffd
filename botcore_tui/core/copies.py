"""Copies of our orders: the venue takes an id again once its first order has ended (F02b).

None is sent from here, but something between us and the venue may repeat a request.
"""

from typing import Final

from botcore_tui.core.foreign import ForeignOrders
from botcore_tui.core.notes import note
from botcore_tui.core.order_life import Order
from botcore_tui.core.order_moves import Step
from botcore_tui.model.event import Cancel, Effect
from botcore_tui.model.order import OrderReport, Source, VenueStatus
from botcore_tui.model.severity import Severity

_OPEN: Final = frozenset({VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED})


class Copies:
    """What is open twice under one name of ours.

    Args:
        others: Take each copy in: as long as it is open it counts as exposure, and a halt finds it.
    """

    def __init__(self, others: ForeignOrders) -> None:
        self._others = others
        self._told: set[tuple[str, int]] = set()

    def see(self, order: Order, report: OrderReport, time_ms: int, step: Step) -> None:
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
        if self._is_new(report):
            step.effects += self._tell(order, report, time_ms)
        if report.status in _OPEN and order.is_terminal:
            # By name, which is the copy's alone: the first has ended.
            name = order.client_order_id
            step.effects.append(Cancel(client_order_id=name, symbol=report.symbol, is_algo=False))

    def _is_new(self, report: OrderReport) -> bool:
        number = (report.symbol, report.order_id)
        is_new = number not in self._told
        self._told.add(number)
        return is_new

    def _tell(self, order: Order, report: OrderReport, time_ms: int) -> list[Effect]:
        return note(
            Severity.CRITICAL,
            "order.duplicate",
            f"{report.symbol}: the venue has order {order.client_order_id} as {order.order_id} and"
            f" as {report.order_id} ({report.status})",
            time_ms=time_ms,
            symbol=report.symbol,
            client_order_id=order.client_order_id,
        )
