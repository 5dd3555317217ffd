"""Orders on our account that are not ours: seen, told once, never managed (F10)."""

from collections import OrderedDict
from typing import Final, TypeVar

from botcore_tui.core.notes import note
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Effect
from botcore_tui.model.order import AlgoReport, AlgoStatus, OrderReport, VenueStatus
from botcore_tui.model.severity import Severity

_KEEP: Final = 10_000
_OPEN: Final = frozenset({VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED})
_EXECUTED: Final = frozenset({VenueStatus.FILLED, AlgoStatus.TRIGGERED, AlgoStatus.FINISHED})

_BY_VENUE: Final = {
    "autoclose-": "liquidated",
    "adl_autoclose": "deleveraged automatically",
    "settlement_autoclose-": "settled, as its contract is delivered or delisted",
}
"""How the client ids of orders begin by which the venue itself lowers a position, and what it is.

Source: Binance USD-M, user data streams, "Order Update", special client order ids.
"""

ForeignReport = OrderReport | AlgoReport
_Key = tuple[str, bool, str]
_Word = TypeVar("_Word")
Number = tuple[str, bool, int]
"""Contract, whether it is a conditional order, and the number that its service gave."""


class ForeignOrders:
    """What others do on the account.

    Attributes:
        open: Their orders that have not ended, by contract, service and client id, or number if
            they have none: an id is unique in one contract at one service only.
    """

    def __init__(self, keep: int = _KEEP) -> None:
        self.open: dict[_Key, ForeignReport] = {}
        self.executed: OrderedDict[str, None] = OrderedDict()
        """Client ids of those that ended by being filled, or triggered."""
        self._since_ms: dict[_Key, int] = {}
        self._ended: OrderedDict[Number, None] = OrderedDict()
        self._keep = keep
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._numbers: OrderedDict[tuple[str, int], None] = OrderedDict()

    def see(self, report: ForeignReport, time_ms: int) -> list[Effect]:
        """Take notice of one; tells of it if it is new."""
        name = _name(report)
        if is_open(report):
            self._take_open(report, time_ms)
        else:
            self._take_ended(report)
        by_venue = next((what for begin, what in _BY_VENUE.items() if name.startswith(begin)), "")
        # Of the venue's own, several may have one name.
        key = f"{name} {report.order_id}" if by_venue else name
        if (report.symbol, key) in self._told:
            return []
        self._remember(self._told, (report.symbol, key))
        if by_venue:
            text = (
                f"{report.symbol} is being {by_venue} by the venue: {report.side}"
                f" {report.quantity:f} (order {name})"
            )
            return note(
                Severity.CRITICAL, "order.venue", text, time_ms=time_ms, symbol=report.symbol
            )
        text = (
            f"{report.symbol}: order {name} of others: {report.side} {report.type}"
            f" {report.quantity}, {report.status}"
        )
        return note(Severity.WARNING, "order.foreign", text, time_ms=time_ms, symbol=report.symbol)

    def _take_open(self, report: ForeignReport, time_ms: int) -> None:
        # A listing may be older than the end that the stream told meanwhile: a stop that is gone
        # would be taken for protection.
        if number_of(report) not in self._ended:
            key = _key(report)
            known = self.open.get(key)
            # Likewise it may be older than a change by which the order is for more by now.
            is_older = known is not None and 0 < report.time_ms < known.time_ms
            if known is None or not is_older or number_of(known) != number_of(report):
                self.open[key] = report
            self._since_ms.setdefault(key, report.time_ms or time_ms)

    def _take_ended(self, report: ForeignReport) -> None:
        key, number = _key(report), number_of(report)
        self._remember(self._ended, number)
        known = self.open.get(key)
        if known is not None and number_of(known) == number:
            self._forget(key)  # another of that id is a later one
        if report.status in _EXECUTED:
            self._remember(self.executed, _name(report))

    def know(self, symbol: str, order_id: int) -> None:
        """An order of that number is not ours."""
        self._remember(self._numbers, (symbol, order_id))

    def is_known(self, symbol: str, order_id: int) -> bool:
        """Whether the order of that number is known not to be ours."""
        return (symbol, order_id) in self._numbers

    def drop_gone(self, picture: AccountPicture) -> None:
        """Forget those that a listing should have and has not."""
        listed = {_key(report) for report in listed_orders(picture)}
        for key, report in list(self.open.items()):
            asked = picture.algo_orders if isinstance(report, AlgoReport) else picture.orders
            is_covered = asked is not None and (
                not picture.listed or report.symbol in picture.listed
            )
            # One that came after the question may be missing from the answer.
            if is_covered and key not in listed and report.time_ms <= picture.asked_ms:
                self._forget(key)

    def since_ms(self, report: ForeignReport) -> int:
        """Since when an open one is known; what the venue tells later is of its last change."""
        return self._since_ms[_key(report)]

    def _remember(self, words: OrderedDict[_Word, None], word: _Word) -> None:
        words[word] = None
        if len(words) > self._keep:
            words.popitem(last=False)

    def _forget(self, key: "_Key") -> None:
        self.open.pop(key, None)
        self._since_ms.pop(key, None)


def listed_orders(picture: AccountPicture) -> list[ForeignReport]:
    """All that its listings have, of the book and conditional ones."""
    return [*(picture.orders or ()), *(picture.algo_orders or ())]


def _key(report: ForeignReport) -> _Key:
    return report.symbol, isinstance(report, AlgoReport), _name(report)


def number_of(report: ForeignReport) -> Number:
    """What tells an order from all others, also from a later one of the same client id."""
    if isinstance(report, AlgoReport):
        return report.symbol, True, report.algo_id
    return report.symbol, False, report.order_id


def _name(report: ForeignReport) -> str:
    if report.client_order_id:
        return report.client_order_id
    return str(report.algo_id if isinstance(report, AlgoReport) else report.order_id)


def is_open(report: ForeignReport) -> bool:
    """Whether it rests at the venue."""
    if isinstance(report, AlgoReport):
        return report.status is AlgoStatus.NEW
    return report.status in _OPEN
