"""Orders on our account that are not ours: seen, told once, never managed (F10)."""

from collections import OrderedDict
from typing import Final

from botcore_tui.core.notes import note
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Effect
from botcore_tui.model.order import AlgoReport, AlgoStatus, OrderReport, VenueStatus
from botcore_tui.model.severity import Severity

_KEEP: Final = 10_000
_OPEN: Final = frozenset({VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED})

ForeignReport = OrderReport | AlgoReport


class ForeignOrders:
    """What others do on the account.

    Attributes:
        open: Their orders that have not ended, by client id, or by number if they have none.
    """

    def __init__(self, keep: int = _KEEP) -> None:
        self.open: dict[str, ForeignReport] = {}
        self._keep = keep
        self._told: OrderedDict[str, None] = OrderedDict()
        self._numbers: OrderedDict[tuple[str, int], None] = OrderedDict()

    def see(self, report: ForeignReport, time_ms: int) -> list[Effect]:
        """Take notice of one; tells of it if it is new."""
        name = _name(report)
        if _is_open(report):
            self.open[name] = report
        else:
            self.open.pop(name, None)
        if name in self._told:
            return []
        self._told[name] = None
        self._trim(self._told)
        text = (
            f"{report.symbol}: order {name} of others: {report.side} {report.type}"
            f" {report.quantity}, {report.status}"
        )
        return note(Severity.WARNING, "order.foreign", text, time_ms=time_ms, symbol=report.symbol)

    def know(self, symbol: str, order_id: int) -> None:
        """An order of that number is not ours."""
        self._numbers[symbol, order_id] = None
        self._trim(self._numbers)

    def is_known(self, symbol: str, order_id: int) -> bool:
        """Whether the order of that number is known not to be ours."""
        return (symbol, order_id) in self._numbers

    def drop_gone(self, picture: AccountPicture) -> None:
        """Forget those that a listing should have and has not."""
        listed = {_name(report) for report in listed_orders(picture)}
        for name, report in list(self.open.items()):
            asked = picture.algo_orders if isinstance(report, AlgoReport) else picture.orders
            is_covered = asked is not None and (
                not picture.listed or report.symbol in picture.listed
            )
            # One that came after the question may be missing from the answer.
            if is_covered and name not in listed and report.time_ms <= picture.asked_ms:
                del self.open[name]

    def _trim(self, names: "OrderedDict[str, None] | OrderedDict[tuple[str, int], None]") -> None:
        if len(names) > self._keep:
            names.popitem(last=False)


def listed_orders(picture: AccountPicture) -> list[ForeignReport]:
    """All that its listings have, of the book and conditional ones."""
    return [*(picture.orders or ()), *(picture.algo_orders or ())]


def _name(report: ForeignReport) -> str:
    if report.client_order_id:
        return report.client_order_id
    return str(report.algo_id if isinstance(report, AlgoReport) else report.order_id)


def _is_open(report: ForeignReport) -> bool:
    if isinstance(report, AlgoReport):
        return report.status is AlgoStatus.NEW
    return report.status in _OPEN
