from msgspec import Struct

from botcore_tui.exchange.sim.contracts import Contract, contract
from botcore_tui.exchange.sim.order_store import OrderStore

_BITCOIN, _ETHER = contract("BTCUSDT"), contract("ETHUSDT")


class _Item(Struct):
    client_id: str
    contract: Contract
    is_open: bool = True


def _filled() -> tuple[OrderStore[_Item], list[_Item]]:
    store, items = OrderStore[_Item](), []
    for number, (symbol, client_id) in enumerate(
        ((_BITCOIN, "a"), (_ETHER, "b"), (_BITCOIN, "c")), start=1
    ):
        items.append(_Item(client_id, symbol))
        store.add(number, items[-1])
    return store, items


def _close(store: OrderStore[_Item], number: int) -> None:
    item = store.get(number)
    assert item is not None
    item.is_open = False
    store.close(number)


def test_orders_are_found_by_both_ids() -> None:
    store, items = _filled()
    assert store.get(2) is items[1]
    assert store.get(9) is None
    assert store.find("BTCUSDT", "c") is items[2]
    assert store.find("ETHUSDT", "c") is None
    assert list(store) == items
    assert len(store) == 3


def test_open_orders_are_listed_oldest_first() -> None:
    store, items = _filled()
    assert store.open() == items
    assert store.open("BTCUSDT") == [items[0], items[2]]
    assert store.open("XRPUSDT") == []
    assert (store.count_open(), store.count_open("ETHUSDT"), store.count_open("X")) == (3, 1, 0)


def test_a_closed_order_stays_known_but_is_not_open() -> None:
    store, items = _filled()
    _close(store, 1)
    store.close(1)
    assert store.open("BTCUSDT") == [items[2]]
    assert store.get(1) is items[0]


def test_a_client_id_is_free_again_once_its_order_is_closed() -> None:
    store, _ = _filled()
    assert store.has_open("BTCUSDT", "a")
    assert not store.has_open("BTCUSDT", "z")
    _close(store, 1)
    assert not store.has_open("BTCUSDT", "a")
    again = _Item("a", _BITCOIN)
    store.add(4, again)
    assert store.find("BTCUSDT", "a") is again
