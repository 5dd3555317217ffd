"""A control of the gate: its code and name, how it denies, and what it looks at."""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from botcore_tui.core.gate_terms import Check, Proposal, Surroundings
from botcore_tui.model.order import OrderRequest, OrderType


class Reading(Struct, frozen=True):
    """What a control sees now, and what it would have to be."""

    value: str
    limit: str
    age_ms: int | None = None


Look = Callable[[Proposal, Surroundings], Reading]


class Control(Struct, frozen=True):
    """One of P01 to P24."""

    code: str
    name: str
    check: Check
    """Why not, or None."""
    look: Look
    """For people who ask why nothing is traded."""


def reference(request: OrderRequest, around: Surroundings) -> Decimal:
    """Price that an order is valued at.

    Raises:
        ValueError: There is none.
    """
    price = request.price if request.type is OrderType.LIMIT else around.mark
    if price is None:
        raise ValueError("no reference price")
    return price


def worth(request: OrderRequest, around: Surroundings) -> Decimal:
    """Quote units; of a MARKET order at mark.

    Raises:
        ValueError: There is no price.
    """
    return request.quantity * reference(request, around)


def worst_worth(request: OrderRequest, around: Surroundings) -> Decimal:
    """Quote units that a position grows by, at the mark then; no less than at the mark now.

    Raises:
        ValueError: There is no price.
    """
    price = reference(request, around)
    return request.quantity * (price if around.mark is None else max(price, around.mark))


def usdt(amount: Decimal | None) -> str:
    """An amount for people."""
    return "unknown" if amount is None else f"{amount:.2f} USDT"


def seconds(age_ms: int | None) -> str:
    """An age for people."""
    return "unknown" if age_ms is None else f"{age_ms / 1000:.1f} s"
