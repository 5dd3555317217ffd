"""What a kill is told, what it finds, and what it makes of that; pure."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Final, Self

from msgspec import Struct

from botcore_tui.core.exposure import OpenOrder, protects, raising
from botcore_tui.model.account import PositionReport
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import AlgoReport, OrderReport, OrderRequest, OrderType, Purpose

ORDERS: Final = "orders"
CONDITIONAL: Final = "conditional orders"
POSITIONS: Final = "positions"
_NEAR: Final = Decimal("0.0005")
"""Share of the mark price: as near as a stop can be and still not trigger at once, mostly."""
_MOST_PIECES: Final = 50


class Policy(StrEnum):
    """What becomes of positions (K3)."""

    HOLD = "hold"
    """They stay, and so do their stops."""
    FLATTEN = "flatten"


class KillScope(Struct, frozen=True):
    """Which contracts; never by silence (K5): make it with ``everything`` or ``of``."""

    is_all: bool
    symbols: tuple[str, ...]

    @classmethod
    def everything(cls) -> Self:
        """Whatever there is on the account, ours or not."""
        return cls(is_all=True, symbols=())

    @classmethod
    def of(cls, *symbols: str) -> Self:
        """These contracts only.

        Raises:
            ValueError: None was named.
        """
        if not symbols:
            raise ValueError("a kill of no contract: name one, or say everything")
        return cls(is_all=False, symbols=symbols)

    def covers(self, symbol: str) -> bool:
        """Whether it is about this contract."""
        return self.is_all or symbol in self.symbols

    def __str__(self) -> str:
        return "all contracts" if self.is_all else ", ".join(self.symbols)


class KillPlan(Struct, frozen=True, kw_only=True):
    """What to kill and how long to try."""

    scope: KillScope
    policy: Policy = Policy.HOLD
    known: tuple[str, ...] = ()
    """Contracts that are cancelled unseen if the venue does not list what is open."""
    patience_seconds: float = 30.0


class Left(Struct, frozen=True):
    """A position that is still there."""

    symbol: str
    quantity: Decimal
    is_protected: bool
    """Whether the venue listed a stop for all of it."""


class KillReport(Struct, frozen=True, kw_only=True):
    """What the venue confirmed, by questions that were asked after the last request (K4)."""

    is_confirmed: bool
    """All that was wanted is so; see ``trouble`` if it is not."""
    scope: str
    policy: Policy
    entries: int
    """That were found."""
    cancelled: int
    """Of those, that ended without being executed in full, by the venue's word."""
    executed: int
    """Of those, that were executed in full before they could be cancelled."""
    untold: int
    """Of those, that are gone, and the venue did not tell how they ended."""
    open_entries: tuple[str, ...]
    """Client ids of those that are not; of which it is known that they are there."""
    closed: int
    """Positions that were found and are flat now."""
    positions: tuple[Left, ...]
    stops: int
    """Conditional orders that are left."""
    latched_ms: float | None = None
    """From the wish to the halt being durable; None: nobody measured."""
    cancelled_ms: float | None
    """From the begin of the kill until no entry was open; None: never."""
    flat_ms: float | None
    """Likewise until everything was flat."""
    time_ms: int
    """Of the last look, UTC."""
    unseen: tuple[str, ...] = ()
    """What the venue did not list at that look, in words: no number tells of it."""
    trouble: tuple[str, ...]
    """Why it is not confirmed, and what else a person should look at; empty if all is well."""


class Picture(Struct, frozen=True):
    """What the venue lists now; None where it did not answer."""

    orders: tuple[OrderReport, ...] | None
    algo_orders: tuple[AlgoReport, ...] | None
    positions: tuple[PositionReport, ...] | None

    def unseen(self) -> tuple[str, ...]:
        """What the venue did not list, in words."""
        answers = (
            (ORDERS, self.orders),
            (CONDITIONAL, self.algo_orders),
            (POSITIONS, self.positions),
        )
        return tuple(what for what, answer in answers if answer is None)

    def held(self) -> dict[str, Decimal] | None:
        """Signed quantities by contract; None if unknown."""
        if self.positions is None:
            return None
        return {position.symbol: position.quantity for position in self.positions}

    def symbols(self) -> tuple[str, ...]:
        """Contracts in which anything is; none where a list is missing."""
        if self.orders is None or self.algo_orders is None or self.positions is None:
            return ()
        symbols = {each.symbol for each in self.orders}
        symbols |= {each.symbol for each in self.algo_orders}
        symbols |= {each.symbol for each in self.positions}
        return tuple(sorted(symbols))

    def entries(self) -> list[OpenOrder]:
        """What can raise a position."""
        algo_orders = self.algo_orders or ()
        bare = None
        if self.positions is not None:
            naked = (each for each in self.positions if not is_protected(each, algo_orders))
            bare = {each.symbol: each.quantity for each in naked}
        return raising([*(self.orders or ()), *algo_orders], bare)


def is_protected(position: PositionReport, stops: Sequence[AlgoReport]) -> bool:
    """Whether one of the stops that the venue lists protects all of it."""
    return any(stop.symbol == position.symbol and protects(stop, position) for stop in stops)


def exits(
    position: PositionReport, rules: ContractRules | None, name: str
) -> tuple[OrderRequest, ...]:
    """Market orders that close a position and can do nothing else.

    Args:
        position: By the venue's word.
        rules: Of its contract, to keep each order to the step and below the largest; None: in one
            order.
        name: What their ids begin with.
    """
    left, largest = abs(position.quantity), None
    if rules is not None:
        largest = rules.round_quantity(rules.market_max_quantity, is_market=True) or None
        # The step may be coarser than that by which the position was made.
        left = rules.round_quantity(left, is_market=True) or left
    pieces: list[Decimal] = []
    while left and len(pieces) < _MOST_PIECES:
        piece = left if largest is None else min(left, largest)
        pieces.append(piece)
        left -= piece
    return tuple(
        OrderRequest(
            client_order_id=f"{name}-{number}",
            symbol=position.symbol,
            side=_exit_side(position.quantity),
            type=OrderType.MARKET,
            purpose=Purpose.EXIT,
            quantity=piece,
            reduce_only=True,
            actor="kill",
            reason="flatten",
        )
        for number, piece in enumerate(pieces, 1)
    )


def near_stop(
    position: PositionReport, rules: ContractRules | None, name: str, *, closes: bool
) -> OrderRequest | None:
    """A stop right beside the mark price, for when no market order is taken; None without a mark.

    Args:
        position: By the venue's word.
        rules: Of its contract; None: prices stay as they are.
        name: Its id.
        closes: Whether it closes the position whatever its size; else it names the quantity.
    """
    if position.mark is None:
        return None
    side = _exit_side(position.quantity)
    away = -_NEAR if side is Side.SELL else _NEAR
    trigger = position.mark * (1 + away)
    if rules is not None:
        rounding = ROUND_FLOOR if side is Side.SELL else ROUND_CEILING
        trigger = (trigger / rules.tick).to_integral_value(rounding) * rules.tick
    return OrderRequest(
        client_order_id=name,
        symbol=position.symbol,
        side=side,
        type=OrderType.STOP_MARKET,
        purpose=Purpose.STOP,
        quantity=Decimal(0) if closes else abs(position.quantity),
        trigger_price=trigger,
        reduce_only=not closes,
        close_position=closes,
        actor="kill",
        reason="flatten",
    )


def _exit_side(quantity: Decimal) -> Side:
    return Side.SELL if quantity > 0 else Side.BUY
