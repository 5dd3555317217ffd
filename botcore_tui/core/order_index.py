"""All orders of ours, found by their ids, in the order of their making and of their end."""

from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import Final

from botcore_tui.core.order_life import Order
from botcore_tui.model.order import OrderState

_KEEP_ENDED: Final = 500
_KEEP_IDS: Final = 10_000


class Counts:
    """Orders out against orders in (A11)."""

    def __init__(self) -> None:
        self.sent = 0
        """Planned here, and taken over from earlier runs."""
        self._states = Counter[OrderState]()

    @property
    def acknowledged(self) -> int:
        """The venue has or had them."""
        elsewhere = self.rejected + self.not_placed + self.unknown + self.in_flight
        return self._states.total() - elsewhere

    @property
    def rejected(self) -> int:
        """Refused by the venue."""
        return self._states[OrderState.REJECTED]

    @property
    def not_placed(self) -> int:
        """By evidence."""
        return self._states[OrderState.NOT_PLACED]

    @property
    def unknown(self) -> int:
        """In doubt now."""
        return self._states[OrderState.UNKNOWN]

    @property
    def in_flight(self) -> int:
        """Planned or sent, without an answer yet."""
        return self._states[OrderState.PLANNED] + self._states[OrderState.IN_FLIGHT]

    @property
    def is_balanced(self) -> bool:
        """Whether every order that went out is accounted for, once."""
        return self.sent == self._states.total() and min(self._states.values(), default=0) >= 0

    def add(self, state: OrderState) -> None:
        """One more order."""
        self.sent += 1
        self._states[state] += 1

    def move(self, previous: OrderState, state: OrderState) -> None:
        """An order changed its state."""
        self._states[previous] -= 1
        self._states[state] += 1


class OrderIndex:
    """Every order that has not ended, the last ones that have, and the names of many more."""

    def __init__(self, keep_ended: int = _KEEP_ENDED, keep_ids: int = _KEEP_IDS) -> None:
        self._keep_ended = keep_ended
        self._keep_ids = keep_ids
        self.counts = Counts()
        self._orders: dict[str, Order] = {}
        self._numbers: dict[tuple[str, int], Order] = {}
        self._live: dict[str, Order] = {}
        self._ended: OrderedDict[str, Order] = OrderedDict()
        self._dropped: OrderedDict[str, None] = OrderedDict()

    def add(self, order: Order) -> None:
        """Take an order in."""
        name = order.client_order_id
        self._orders[name] = order
        self._live[name] = order
        self.counts.add(order.state)

    def is_used(self, client_order_id: str) -> bool:
        """Whether there is or was an order of that name."""
        return client_order_id in self._orders or client_order_id in self._dropped

    def of(self, client_order_id: str) -> Order | None:
        """The order of that name."""
        return self._orders.get(client_order_id)

    def find(self, symbol: str, client_order_id: str, order_id: int) -> Order | None:
        """By name, else by the venue's number."""
        return self._orders.get(client_order_id) or self._numbers.get((symbol, order_id))

    def learn_number(self, order: Order, order_id: int) -> None:
        """The venue's book knows it by this."""
        order.order_id = order_id
        self._numbers[order.request.symbol, order_id] = order

    def settle(self, order: Order) -> None:
        """Put it where it belongs after a change."""
        name = order.client_order_id
        if not order.is_terminal:
            self._ended.pop(name, None)
            self._live[name] = order
            return
        if order.misses_fills:
            self._live[name] = order
        else:
            self._live.pop(name, None)
        self._ended.setdefault(name, order)
        if len(self._ended) > self._keep_ended:
            self._drop_oldest()

    def live(self) -> list[Order]:
        """Those that may still need something, oldest first."""
        return list(self._live.values())

    def open(self, symbol: str = "") -> list[Order]:
        """Those that have not ended, oldest first; of all symbols if it is empty."""
        orders = [
            order
            for order in self._live.values()
            if not order.is_terminal and symbol in {"", order.request.symbol}
        ]
        return sorted(orders, key=lambda order: order.created_ms)

    def unsorted(self) -> Iterator[Order]:
        """Those that have not ended, in no order."""
        ended = self._ended  # asking each order for its state would take longer
        return (order for name, order in self._live.items() if name not in ended)

    def unseen(self) -> Iterator[Order]:
        """Those that have ended, and some of whose executions were not seen yet."""
        ended = self._ended
        return (order for name, order in self._live.items() if name in ended)

    def misses_fills(self, symbol: str) -> bool:
        """Whether the venue told of executions on the symbol that were not seen yet."""
        return any(
            order.misses_fills for order in self._live.values() if order.request.symbol == symbol
        )

    def misses_exits(self, symbol: str) -> bool:
        """Whether some of those executions are of orders that lower the position."""
        return any(
            order.misses_fills and not order.is_entry
            for order in self._live.values()
            if order.request.symbol == symbol
        )

    def earliest_ms(self, symbol: str) -> int | None:
        """When the first order here of that symbol was made; None without one."""
        return min(
            (one.created_ms for one in self._orders.values() if one.request.symbol == symbol),
            default=None,
        )

    def recent(self, count: int) -> list[Order]:
        """Those that have ended, newest first."""
        newest = reversed(self._ended.values())
        return [order for order, _ in zip(newest, range(count), strict=False)]

    def _drop_oldest(self) -> None:
        name = next((name for name, order in self._ended.items() if not order.misses_fills), "")
        order = self._ended.pop(name, None)
        if order is None:
            return
        del self._orders[name]
        self._numbers.pop((order.request.symbol, order.order_id), None)
        self._dropped[name] = None
        if len(self._dropped) > self._keep_ids:
            self._dropped.popitem(last=False)
