"""Which trades were counted: each ``(symbol, trade_id)`` counts once, whoever tells it."""

from bisect import bisect_right, insort
from decimal import Decimal
from enum import Enum
from typing import Final

from botcore_tui.core.money import ZERO, signed
from botcore_tui.model.order import Fill

_KEEP: Final = 10_000
"""Trades of a symbol; a lower number than those kept counts as seen."""


class Novelty(Enum):
    """What a trade is to us."""

    NEW = "new"
    RECORDED = "recorded"
    """Not seen in this session, but in the position that the ledger or the venue gave us."""
    SEEN = "seen"


class TradeIds:
    """All symbols' trades that were told in this session, and how far earlier ones reach.

    The venue numbers the trades of a symbol upwards.
    """

    def __init__(self, keep: int = _KEEP) -> None:
        self._keep = keep
        self._symbols: dict[str, _Symbol] = {}

    def recall(self, symbol: str, trade_id: int, later: tuple[int, ...] = ()) -> None:
        """Trades up to this one, and these after it, were counted before this session."""
        one = self._of(symbol)
        one.recorded_to, one.recorded = trade_id, frozenset(later)

    def has_start(self, symbol: str) -> bool:
        """Whether it is known from which trade on they are ours to count."""
        return self._of(symbol).recorded_to is not None

    def start(self, symbol: str) -> None:
        """From here on every trade that is new counts."""
        one = self._of(symbol)
        if one.recorded_to is None:
            one.recorded_to = 0

    def is_known(self, symbol: str, trade_id: int) -> bool:
        """Whether it was told as a trade, in this session or before."""
        one = self._of(symbol)
        is_of_before = trade_id <= (one.recorded_to or 0) or trade_id in one.recorded
        return is_of_before or trade_id <= one.forgotten_to or trade_id in one.quantities

    def add(self, fill: Fill, *, is_history: bool = False) -> Novelty:
        """Count a trade, unless it was.

        Args:
            fill: Of which every copy but the first is ``SEEN``.
            is_history: It was executed before our time and changes nothing.
        """
        one = self._of(fill.symbol)
        trade_id = fill.trade_id
        if trade_id <= one.forgotten_to or trade_id in one.quantities:
            return Novelty.SEEN
        is_recorded = is_history or trade_id <= (one.recorded_to or 0) or trade_id in one.recorded
        one.quantities[trade_id] = ZERO if is_recorded else signed(fill.side, fill.quantity)
        insort(one.ids, trade_id)
        if len(one.ids) > self._keep:
            one.forgotten_to = one.ids.pop(0)
            del one.quantities[one.forgotten_to]
        return Novelty.RECORDED if is_recorded else Novelty.NEW

    def sum_after(self, symbol: str, trade_id: int) -> Decimal:
        """Signed quantity of the new trades with a greater number."""
        one = self._of(symbol)
        later = one.ids[bisect_right(one.ids, trade_id) :]
        return sum((one.quantities[each] for each in later), ZERO)

    def newest(self, symbol: str) -> int:
        """The greatest number that was told in this session; 0 if none was."""
        ids = self._of(symbol).ids
        return ids[-1] if ids else 0

    def _of(self, symbol: str) -> "_Symbol":
        return self._symbols.setdefault(symbol, _Symbol())


class _Symbol:
    def __init__(self) -> None:
        self.recorded_to: int | None = None
        self.recorded: frozenset[int] = frozenset()
        self.forgotten_to = 0
        self.ids: list[int] = []
        """Sorted."""
        self.quantities: dict[int, Decimal] = {}
