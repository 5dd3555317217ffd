"""Our open orders at one glance: what entries may still fill, what rests, what is in doubt."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

from botcore_tui.core.exposure import only_lowers
from botcore_tui.core.holdings import Holding
from botcore_tui.core.order_life import Order
from botcore_tui.model.market import Side
from botcore_tui.model.order import AlgoReport, OrderReport, OrderType, Purpose

_ZERO: Final = Decimal(0)


class Working:
    """Sums over open orders, made in one pass: the gate asks for all of them with every order.

    Args:
        orders: Ours that have not ended.
        foreign: Those of others; what can raise a position counts in the worst case.
        unseen: Ours that have ended, with executions that the venue told of and that are in no
            position here yet.

    Attributes:
        conditional: How many wait at the venue's service for conditional orders.
    """

    def __init__(
        self,
        orders: Iterable[Order],
        foreign: Iterable[OrderReport | AlgoReport] = (),
        unseen: Iterable[Order] = (),
    ) -> None:
        self.conditional = 0
        self._in_book: dict[str, int] = {}
        self._buys: dict[str, Decimal] = {}
        self._sells: dict[str, Decimal] = {}
        self._foreign: dict[tuple[str, Side], Decimal] = {}
        self._prices: dict[tuple[str, Side], list[Decimal]] = {}
        self._priced: dict[tuple[str, Side], list[tuple[Decimal, Decimal]]] = {}
        """Price and quantity of what can raise a position and has a price of its own."""
        entry, buy, limit = Purpose.ENTRY, Side.BUY, OrderType.LIMIT
        for order in orders:
            request = order.request
            symbol, side, kind = request.symbol, request.side, request.type
            if request.purpose is entry:
                sums = self._buys if side is buy else self._sells
                # What was told of and not seen yet is not in the position: it is still to come.
                fills = order.fills_quantity
                left = max(order.quantity - fills, _ZERO) if fills else order.quantity
                sums[symbol] = sums.get(symbol, _ZERO) + left
                if order.price is not None:
                    self._priced.setdefault((symbol, side), []).append((order.price, left))
            if kind is limit:
                if order.price is not None:
                    self._prices.setdefault((symbol, side), []).append(order.price)
            elif kind.is_conditional:
                self.conditional += 1
                continue
            self._in_book[symbol] = self._in_book.get(symbol, 0) + 1
        for order in unseen:
            if order.request.purpose is entry:
                sums = self._buys if order.request.side is buy else self._sells
                left = order.told_quantity - order.fills_quantity
                sums[order.request.symbol] = sums.get(order.request.symbol, _ZERO) + left
        self._add_foreign(foreign)

    def _add_foreign(self, reports: Iterable[OrderReport | AlgoReport]) -> None:
        for report in reports:
            if only_lowers(report):
                continue
            if isinstance(report, OrderReport):
                left, price = report.quantity - report.filled_quantity, report.price
            else:
                left, price = report.quantity, report.trigger_price
            key = report.symbol, report.side
            self._foreign[key] = self._foreign.get(key, _ZERO) + left
            self._priced.setdefault(key, []).append((price, left))

    def in_book(self, symbol: str) -> int:
        """Orders of the contract's book."""
        return self._in_book.get(symbol, 0)

    def prices(self, symbol: str, side: Side) -> tuple[Decimal, ...]:
        """Of LIMIT orders, reducing ones included."""
        return tuple(self._prices.get((symbol, side), ()))

    def exposure(self, symbol: str, side: Side) -> Decimal:
        """What entries of that side may still fill."""
        return (self._buys if side is Side.BUY else self._sells).get(symbol, _ZERO)

    def worst(self, symbol: str, side: Side) -> Decimal:
        """What may still fill of that side, by whomever."""
        return self.exposure(symbol, side) + self._foreign.get((symbol, side), _ZERO)

    def exposed(self, holdings: Iterable[Holding]) -> frozenset[str]:
        """Symbols with a position, or with an entry that may still fill, whoever's it is."""
        held = (holding.symbol for holding in holdings)
        others = (symbol for symbol, _ in self._foreign)
        return frozenset((*held, *self._buys, *self._sells, *others))

    def gross(
        self,
        symbols: Iterable[str],
        quantity: Callable[[str], Decimal],
        mark: Callable[[str], Decimal | None],
    ) -> Decimal | None:
        """Worst-case worth of positions and entries; None if a mark is unknown.

        The worst case of a contract is that of the side that would be larger. Positions count at
        mark, and so do entries but for those whose own price is above it: once they are filled
        the mark is about there.
        """
        total = _ZERO
        for symbol in symbols:
            price, held = mark(symbol), quantity(symbol)
            if price is None:
                return None
            total += max(
                abs(held + side.sign * self.worst(symbol, side)) * price
                + self.beyond(symbol, side, price)
                for side in Side
            )
        return total

    def beyond(self, symbol: str, side: Side, least: Decimal) -> Decimal:
        """By how much entries are worth more at their own prices than at this one."""
        priced = self._priced.get((symbol, side), ())
        return sum(((price - least) * left for price, left in priced if price > least), _ZERO)
