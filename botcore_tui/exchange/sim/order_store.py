"""Every order of the account: by id, by client id, and what is open of a symbol."""

from collections.abc import Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from botcore_tui.exchange.sim.contracts import Contract


class _Stored(Protocol):
    client_id: str
    contract: Contract

    @property
    def is_open(self) -> bool:
        """Whether it is still worked."""


_Item = TypeVar("_Item", bound=_Stored)


class OrderStore(Generic[_Item]):
    """Orders of one kind in the order of their ids; finished ones stay.

    Client ids are unique among open orders only (Binance, New Order): of several with the same
    one the newest is found.
    """

    def __init__(self) -> None:
        self._by_id: dict[int, _Item] = {}
        self._by_client_id: dict[tuple[str, str], _Item] = {}
        self._open: dict[str, dict[int, _Item]] = {}

    def __iter__(self) -> Iterator[_Item]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, number: int, item: _Item) -> None:
        """Take a new open order."""
        self._by_id[number] = item
        self._by_client_id[item.contract.symbol, item.client_id] = item
        self._open.setdefault(item.contract.symbol, {})[number] = item

    def close(self, number: int) -> None:
        """Note that an order is no longer open."""
        self._open[self._by_id[number].contract.symbol].pop(number, None)

    def get(self, number: int) -> _Item | None:
        """The order of an id."""
        return self._by_id.get(number)

    def find(self, symbol: str, client_id: str) -> _Item | None:
        """The newest order of a client id."""
        return self._by_client_id.get((symbol, client_id))

    def open(self, symbol: str = "") -> list[_Item]:
        """Open orders of a symbol, or of all, oldest first."""
        if symbol:
            return list(self._open.get(symbol, {}).values())
        every: Iterable[tuple[int, _Item]] = (
            pair for of_symbol in self._open.values() for pair in of_symbol.items()
        )
        return [item for _, item in sorted(every, key=lambda pair: pair[0])]

    def count_open(self, symbol: str = "") -> int:
        """How many are open."""
        if symbol:
            return len(self._open.get(symbol, ()))
        return sum(map(len, self._open.values()))

    def has_open(self, symbol: str, client_id: str) -> bool:
        """Whether a client id is taken."""
        item = self.find(symbol, client_id)
        return item is not None and item.is_open
