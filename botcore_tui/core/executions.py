"""What executions make of positions, in the order in which the venue executed them.

One that is told late may have ended the trade that those after it seem to belong to. They are
booked anew behind it: two trades would else be one, with the profit and the fees of both.
"""

from bisect import bisect_right
from copy import copy
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.holdings import Holding, Leg, closed, explained, opened
from botcore_tui.core.money import same_sign
from botcore_tui.model.event import Append, Effect
from botcore_tui.model.order import Fill

_KEEP: Final = 200
"""Executions of a symbol, newest: the venue confirms positions long before there are more."""


class _Booked(Struct):
    """One that is in the position, and what that was before."""

    fill: Fill
    fee: Decimal
    reason: str
    holding: Holding | None
    before: Holding | None
    """A copy."""
    is_end: bool
    """The ledger has a row of a trade that it ended."""


class Executions:
    """Books executions into positions.

    Args:
        holdings: By symbol; written here and by the owner.
    """

    def __init__(self, holdings: dict[str, Holding]) -> None:
        self._holdings = holdings
        self._booked: dict[str, list[_Booked]] = {}
        """Of a symbol those that no word of the venue has confirmed, by their numbers."""

    def book(self, fill: Fill, fee: Decimal, reason: str) -> list[Effect]:
        """Add one to its position.

        Args:
            fill: Unique, and in no position yet.
            fee: In the settlement asset.
            reason: Of its order, for the ledger.
        """
        booked = self._booked.setdefault(fill.symbol, [])
        later = booked[bisect_right(booked, fill.trade_id, key=_number) :]
        if any(one.is_end for one in later):
            # A trade that was told of as ended stays so: its money would count twice.
            booked.clear()
            later = []
        if not later:
            return self._apply(fill, fee, reason)
        del booked[-len(later) :]
        held = self._go_back(fill.symbol, later[0])
        effects = self._apply(fill, fee, reason)
        for one in later:
            effects += self._apply(one.fill, one.fee, one.reason)
        self._keep(held, fill.symbol)
        return effects

    def forget(self, symbol: str, trade_id: int | None = None) -> None:
        """The position is what it is now, whatever is told late.

        Args:
            symbol: Of the position.
            trade_id: That is said of the executions up to this one; None: of all.
        """
        booked = self._booked.get(symbol, [])
        count = len(booked) if trade_id is None else bisect_right(booked, trade_id, key=_number)
        del booked[:count]

    def _apply(self, fill: Fill, fee: Decimal, reason: str) -> list[Effect]:
        effects: list[Effect] = []
        holding = self._holdings.get(fill.symbol)
        one = _Booked(fill, fee, reason, holding, copy(holding), is_end=False)
        booked = self._booked[fill.symbol]
        booked.append(one)
        del booked[:-_KEEP]
        leg = Leg(holding, fill, fee)
        if holding is not None and leg.closing:
            effects += explained(leg, fill)
            closed(holding, leg, fill)
            holding.has_other_fees |= fill.fee != fee
            effects.append(Append(holding.row(reason, fill.time_ms)))
            if not holding.quantity:
                one.is_end = True
                del self._holdings[fill.symbol]
                holding = None
        if leg.opening:
            if holding is None:
                holding = self._holdings[fill.symbol] = Holding(fill.symbol, fill.time_ms)
                holding.opened_id = fill.trade_id
            opened(holding, leg, fill)
            holding.has_other_fees |= fill.fee != fee
            effects.append(Append(holding.row(reason, fill.time_ms)))
        return effects

    def _go_back(self, symbol: str, first: _Booked) -> Holding | None:
        """To before that one; what was held after it."""
        held = self._holdings.pop(symbol, None)
        if first.holding is not None and first.before is not None:
            first.holding.become(first.before)
            self._holdings[symbol] = first.holding
        return held

    def _keep(self, held: Holding | None, symbol: str) -> None:
        """A trade that only began earlier is the same one: what is wanted of it stays."""
        holding = self._holdings.get(symbol)
        if held is None or holding is None or held is holding:
            return
        if holding.opened_id <= held.opened_id and same_sign(held.quantity, holding.quantity):
            held.become(holding)
            self._holdings[symbol] = held
            for one in self._booked[symbol]:
                one.holding = held if one.holding is holding else one.holding


def _number(booked: _Booked) -> int:
    return booked.fill.trade_id
