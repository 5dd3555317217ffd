"""How far away a stop of somebody else may be and still count as protection; pure.

Ours are where a plan, a person or the configuration wants them, and are not asked.
"""

from decimal import Decimal
from typing import Final

FARTHEST_STOP_PCT: Final = Decimal(20)
"""The largest ``protection.stop_pct`` that the configuration allows."""
_HUNDRED: Final = Decimal(100)


def is_within_reach(
    trigger: Decimal,
    quantity: Decimal,
    *,
    entry_price: Decimal | None,
    mark: Decimal | None,
    liquidation_price: Decimal | None,
) -> bool:
    """Whether a stop there limits the loss of a position, and before the venue liquidates it.

    The distance is that from the entry price or the mark, whichever is nearer to the trigger; what
    cannot be measured does not count.

    Args:
        trigger: Of the stop.
        quantity: Of the position, signed.
        entry_price: Its average; None or zero where that is unknown.
        mark: The venue's; None where that is unknown.
        liquidation_price: None where the venue names none.
    """
    known = [price for price in (entry_price, mark) if price is not None and _is_price(price)]
    if not known or not _is_price(trigger):
        return False
    share = FARTHEST_STOP_PCT / _HUNDRED
    if quantity > 0:
        is_near = trigger >= min(known) * (1 - share)
    else:
        is_near = trigger <= max(known) * (1 + share)
    if not is_near or liquidation_price is None:
        return is_near
    if not _is_price(liquidation_price):
        return False
    return trigger > liquidation_price if quantity > 0 else trigger < liquidation_price


def _is_price(price: Decimal) -> bool:
    return price.is_finite() and price > 0
