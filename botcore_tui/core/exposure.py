"""Which orders can raise a position, and which stops protect one; only here is that decided.

Engine, kill switch, status and shutdown all ask here; they differ in whom they believe, not in what
counts. Pure.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final, Protocol

from botcore_tui.core.client_ids import is_by_kill, is_ours
from botcore_tui.core.money import ZERO, signed
from botcore_tui.core.stop_reach import is_within_reach
from botcore_tui.model.order import AlgoReport, AlgoStatus, OrderReport, OrderType

_STOPS: Final = frozenset({OrderType.STOP_MARKET.value, OrderType.TRAILING_STOP_MARKET.value})

OpenOrder = OrderReport | AlgoReport


class Held(Protocol):
    """A position, by whoever's word."""

    @property
    def quantity(self) -> Decimal:
        """Signed; zero is flat."""

    @property
    def entry_price(self) -> Decimal:
        """Its average; zero where that is unknown."""

    @property
    def mark(self) -> Decimal | None:
        """The venue's; None where that is unknown."""

    @property
    def liquidation_price(self) -> Decimal | None:
        """None where the venue names none."""


def only_lowers(order: OpenOrder) -> bool:
    """Whether the venue lets it do nothing but lower a position, whatever that has become."""
    return order.reduce_only or order.close_position


def raising(orders: Iterable[OpenOrder], bare: Mapping[str, Decimal] | None) -> list[OpenOrder]:
    """Those that can raise a position, now or once it is another one: entries, whoever's they are.

    Whatever the venue does not hold to lowering can, be it meant for that or not. The one
    exception are stops on the losing side of a position that no stop protects, together no larger
    than it: without them it would be quite bare (K2). They are no protection for all that.

    Args:
        orders: That are open.
        bare: Signed quantities of positions that no stop protects; None: what is held is unknown,
            any stop may be the only one.
    """
    left = {symbol: abs(quantity) for symbol, quantity in (bare or {}).items()}
    found: list[OpenOrder] = []
    for order in orders:
        if only_lowers(order):
            continue
        if isinstance(order, AlgoReport) and order.type in _STOPS:
            if bare is None:
                continue
            lowers = signed(order.side, bare.get(order.symbol, ZERO)) < 0
            if lowers and order.quantity <= left[order.symbol]:
                left[order.symbol] -= order.quantity
                continue
        found.append(order)
    return found


def protects(stop: AlgoReport, held: Held) -> bool:
    """Whether a stop protects all of a position of its contract.

    It waits on the losing side, can do nothing but lower the position, and all of it; one that we
    did not place also has to be near enough to help. A trailing one has no fixed price: it does
    not count.
    """
    is_whole = stop.close_position or (stop.reduce_only and stop.quantity >= abs(held.quantity))
    return (
        is_whole
        and stop.type == OrderType.STOP_MARKET
        and stop.status is AlgoStatus.NEW
        and signed(stop.side, held.quantity) < 0
        and _counts_where_it_is(stop, held)
    )


def _counts_where_it_is(stop: AlgoReport, held: Held) -> bool:
    """Ours stands where a plan, a person or the configuration wants it; it is not asked."""
    name = stop.client_order_id
    return (
        is_ours(name)
        or is_by_kill(name)
        or is_within_reach(
            stop.trigger_price,
            held.quantity,
            entry_price=held.entry_price,
            mark=held.mark,
            liquidation_price=held.liquidation_price,
        )
    )
