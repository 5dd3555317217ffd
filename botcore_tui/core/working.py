"""Our open orders at one glance: what entries may still fill, what rests, what is in doubt."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from botcore_tui.core.holdings import Holding
from botcore_tui.core.order_life import Order
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, Purpose

_ZERO: Final = Decimal(0)


class Working:
    """Sums over open orders, made in one pass: the gate asks for all of them with every order.

    Args:
        orders: Ours that have not ended.

    Attributes:
        conditional: How many wait at the venue's service for conditional orders.
    """

    def __init__(self, orders: Iterable[Order]) -> None:
        self.conditional = 0
        self._in_book: dict[str, int] = {}
        self._buys: dict[str, Decimal] = {}
        self._sells: dict[str, Decimal] = {}
        self._prices: dict[tuple[str, Side], list[Decimal]] = {}
        entry, buy, limit = Purpose.ENTRY, Side.BUY, OrderType.LIMIT
        for order in orders:
            request = order.request
            symbol, side, kind = request.symbol, request.side, request.type
            if request.purpose is entry:
                sums = self._buys if side is buy else self._sells
                is_untouched = not (order.told_quantity or order.fills_quantity)
                left = order.quantity if is_untouched else order.remaining
                sums[symbol] = sums.get(symbol, _ZERO) + left
            if kind is limit:
                if order.price is not None:
                    self._prices.setdefault((symbol, side), []).append(order.price)
            elif kind.is_conditional:
                self.conditional += 1
                continue
            self._in_book[symbol] = self._in_book.get(symbol, 0) + 1

    def in_book(self, symbol: str) -> int:
        """Orders of the contract's book."""
        return self._in_book.get(symbol, 0)

    def prices(self, symbol: str, side: Side) -> tuple[Decimal, ...]:
        """Of LIMIT orders, reducing ones included."""
        return tuple(self._prices.get((symbol, side), ()))

    def exposure(self, symbol: str, side: Side) -> Decimal:
        """What entries of that side may still fill."""
        return (self._buys if side is Side.BUY else self._sells).get(symbol, _ZERO)

    def exposed(self, holdings: Iterable[Holding]) -> frozenset[str]:
        """Symbols with a position, or with an entry that may still fill."""
        held = (holding.symbol for holding in holdings)
        return frozenset((*held, *self._buys, *self._sells))

    def gross(
        self,
        symbols: Iterable[str],
        quantity: Callable[[str], Decimal],
        mark: Callable[[str], Decimal | None],
    ) -> Decimal | None:
        """Worst-case worth at mark of positions and entries; None if a mark is unknown.

        The worst case of a contract is that of the side that would be larger.
        """
        total = _ZERO
        for symbol in symbols:
            price, held = mark(symbol), quantity(symbol)
            if price is None:
                return None
            buys, sells = self.exposure(symbol, Side.BUY), self.exposure(symbol, Side.SELL)
            total += max(abs(held + buys), abs(held - sells)) * price
        return total
