"""Our own orders among the rows of the book."""

from collections.abc import Sequence
from typing import Final

from botcore_tui.model.order import Purpose
from botcore_tui.model.snapshot import LadderRow, Snapshot
from botcore_tui.model.trading import OrderView

ENTRY_MARK: Final = "◆"
EXIT_MARK: Final = "◇"
"""Takes profit or lowers the position."""
STOP_MARK: Final = "■"
DOUBT_MARK: Final = "?"
"""The venue may or may not have it."""

_NOISE: Final = 1e-6
"""Of a row's step."""


def own_prices(snapshot: Snapshot) -> list[tuple[float, str]]:
    """Prices of our orders in the shown contract that have not ended, each with its mark."""
    account = snapshot.account
    if account is None:
        return []
    found = []
    for order in account.orders:
        if order.symbol != snapshot.symbol or order.purpose is None or order.state.is_terminal:
            continue
        price = order.trigger_price or order.price
        if price:
            found.append((float(price), _mark(order)))
    return found


def _mark(order: OrderView) -> str:
    is_unseen_stop = order.purpose is Purpose.STOP and not order.is_verified
    if not order.state.is_at_venue or is_unseen_stop:
        return DOUBT_MARK
    if order.purpose is Purpose.STOP:
        return STOP_MARK
    return ENTRY_MARK if order.purpose is Purpose.ENTRY else EXIT_MARK


def marks_of(
    levels: Sequence[LadderRow], own: Sequence[tuple[float, str]], row_step: float, *, is_bid: bool
) -> dict[int, str]:
    """Marks by place of a level: the first one from the spread that reaches an order's price.

    The book has rows only where somebody rests, so an order that does not (a stop) stands on the
    next level beyond its price. Of several orders on one level the stop shows.

    Args:
        levels: One side, best first.
        own: Prices on this side of the spread, and marks.
        row_step: Price per row; above zero.
        is_bid: Which side.
    """
    sign = -1.0 if is_bid else 1.0
    noise = row_step * _NOISE
    marks: dict[int, str] = {}
    for price, mark in own:
        reached = (i for i, row in enumerate(levels) if sign * (row.price - price) >= -noise)
        place = next(reached, None)
        if place is not None and marks.get(place) != STOP_MARK:
            marks[place] = mark
    return marks
