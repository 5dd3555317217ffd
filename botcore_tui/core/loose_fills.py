"""Executions whose order is not known yet: kept, and asked for, until it is."""

from collections import OrderedDict
from typing import Final

from msgspec import Struct

from botcore_tui.model.event import Query
from botcore_tui.model.order import Fill

_KEEP: Final = 10_000
_MOST_OPEN: Final = 5
"""Questions under way at a time: a long absence may leave hundreds of such executions."""
_TRIES: Final = 5
_PAUSES_MS: Final = (15_000, 30_000)
"""A question without an answer is lost after the first."""

Number = tuple[str, int]
"""Symbol and the venue's number of an order."""


class LooseFill(Struct):
    """An execution of an order that is not known."""

    fill: Fill
    tag: str
    """For its row in the ledger."""
    is_recorded: bool = False
    """It was counted before this session: the ledger should have it, unless it missed it."""
    is_written: bool = False
    """Its row was written without an order."""


class LooseFills:
    """All of them, by the number of their order."""

    def __init__(self, keep: int = _KEEP) -> None:
        self._keep = keep
        self._orders: OrderedDict[Number, _Loose] = OrderedDict()
        self._wanted: dict[Number, _Loose] = {}

    def keep(self, fill: Fill, tag: str) -> None:
        """Keep one and ask for its order."""
        loose = self._of(fill)
        loose.fills.append(LooseFill(fill, tag))
        self._wanted[fill.symbol, fill.order_id] = loose
        loose.client_order_id = loose.client_order_id or fill.client_order_id

    def keep_recorded(self, fill: Fill, tag: str) -> None:
        """Keep one that was counted before this session; nobody asks for its order."""
        self._of(fill).fills.append(LooseFill(fill, tag, is_recorded=True))

    def take(self, symbol: str, order_id: int) -> list[LooseFill]:
        """Those of an order, which is known now."""
        self._wanted.pop((symbol, order_id), None)
        loose = self._orders.pop((symbol, order_id), None)
        return loose.fills if loose else []

    def due(self, time_ms: int) -> list[Query]:
        """Questions to ask now."""
        is_open = [loose for loose in self._wanted.values() if time_ms < loose.answer_by_ms]
        queries: list[Query] = []
        for (symbol, order_id), loose in self._wanted.items():
            if len(is_open) + len(queries) >= _MOST_OPEN:
                break
            if time_ms >= loose.next_ms:
                loose.ask(time_ms)
                queries.append(
                    Query(
                        client_order_id=loose.client_order_id,
                        symbol=symbol,
                        is_algo=False,
                        order_id=order_id,
                    )
                )
        return queries

    def take_hopeless(self, time_ms: int) -> list[LooseFill]:
        """Those whose order was asked for in vain for long, to be written without one.

        They stay joined to its number.
        """
        hopeless: list[LooseFill] = []
        for number, loose in list(self._wanted.items()):
            if loose.tries < _TRIES or time_ms < loose.next_ms:
                continue
            del self._wanted[number]
            loose.tries = 0
            for each in loose.fills:
                if not each.is_recorded and not each.is_written:
                    each.is_written = True
                    hopeless.append(each)
        return hopeless

    def _of(self, fill: Fill) -> "_Loose":
        loose = self._orders.setdefault((fill.symbol, fill.order_id), _Loose())
        if len(self._orders) > self._keep:
            number, _ = self._orders.popitem(last=False)
            self._wanted.pop(number, None)
        return loose


class _Loose:
    def __init__(self) -> None:
        self.fills: list[LooseFill] = []
        self.client_order_id = ""
        self.tries = 0
        self.next_ms = 0
        self.answer_by_ms = 0

    def ask(self, time_ms: int) -> None:
        self.answer_by_ms = time_ms + _PAUSES_MS[0]
        self.next_ms = time_ms + _PAUSES_MS[min(self.tries, len(_PAUSES_MS) - 1)]
        self.tries += 1
