"""A control of the gate: its code and name, how it denies, and what it looks at."""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from botcore_tui.core.gate_terms import Check, Denial, Proposal, Surroundings
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


def worth_unknown(code: str, around: Surroundings) -> Denial:
    """Refuse since it cannot be told what would be held against what is there.

    Equity, the contract's own mark or that of another one is missing: each has its own cure.
    """
    if around.equity is None:
        return Denial(code, "equity is not known", remedy="wait for the account")
    if around.mark is None:
        text = "there is no mark price to tell the worth by"
        return Denial(code, text, remedy="wait for the feed")
    text = f"the worth of what rests in {', '.join(around.unmarked)} is not known: no mark price"
    if all(symbol in around.symbols for symbol in around.unmarked):
        return Denial(code, text, remedy="wait for the feed, or cancel its orders")
    # Nobody asks for the mark of a contract that is not followed: it would never come.
    return Denial(code, text, remedy="cancel its orders, or follow it (symbols)")


def usdt(amount: Decimal | None) -> str:
    """An amount for people."""
    return "unknown" if amount is None else f"{amount:.2f} USDT"


def seconds(age_ms: int | None) -> str:
    """An age for people."""
    return "unknown" if age_ms is None else f"{age_ms / 1000:.1f} s"
