"""Arithmetic of positions: signed quantities, average prices, what a closing brings."""

from decimal import Decimal
from typing import Final

from botcore_tui.model.market import Side

ZERO: Final = Decimal(0)

_FEE_STEP: Final = Decimal("0.00000001")
"""The venue tells fees to this."""


def signed(side: Side, quantity: Decimal) -> Decimal:
    """A quantity as it changes a position: negative for what is sold."""
    return quantity if side is Side.BUY else -quantity


def same_sign(one: Decimal, other: Decimal) -> bool:
    """Whether both are long or both are short; flat is neither."""
    return one * other > 0


def average_price(
    quantity: Decimal, price: Decimal, added: Decimal, added_price: Decimal
) -> Decimal:
    """Entry price after an addition in the same direction; both quantities have one sign."""
    return (quantity * price + added * added_price) / (quantity + added)


def closing_profit(quantity: Decimal, entry_price: Decimal, price: Decimal) -> Decimal:
    """What a signed quantity has gained between two prices; negative is a loss."""
    return quantity * (price - entry_price)


def fee_share(fee: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Of a fee for ``whole`` what falls to ``part``; to the step that the venue tells fees in."""
    return (fee * part / whole).quantize(_FEE_STEP)
