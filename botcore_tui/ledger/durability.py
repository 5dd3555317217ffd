"""Tells those who wait, in whichever loop, that the intent of an order is on the disk."""

import asyncio
import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

from botcore_tui.ledger.spill import Entry
from botcore_tui.model.ledger import IntentRow

_REMEMBERED: Final = 10_000
"""Intents whose commit can still be asked for."""


class _Waiter:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.future: asyncio.Future[bool | None] = loop.create_future()

    def give_up_after(self, seconds: float) -> asyncio.TimerHandle:
        # A third of what asyncio.timeout costs; every order waits here.
        return self._loop.call_later(seconds, self._set, None)

    def tell(self, *, is_durable: bool) -> None:
        # A loop that is closed has nobody waiting in it any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._set, is_durable)

    def _set(self, is_durable: bool | None) -> None:
        if not self.future.done():
            self.future.set_result(is_durable)


class Durability:
    """Which intents are committed, and who wants to know."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: OrderedDict[str, None] = OrderedDict()
        self._waiters: dict[str, list[_Waiter]] = {}
        self._is_failing = False

    async def wait(self, client_order_id: str, seconds: float) -> bool | None:
        """Whether an intent is committed; None if it did not turn out in time."""
        waiter = _Waiter(asyncio.get_running_loop())
        with self._lock:
            if client_order_id in self._written:
                return True
            if self._is_failing:
                return False
            self._waiters.setdefault(client_order_id, []).append(waiter)
        timer, is_durable = waiter.give_up_after(seconds), None
        try:
            is_durable = await waiter.future
        finally:
            timer.cancel()
            if is_durable is None:  # else who told has forgotten it
                self._forget(client_order_id, waiter)
        return is_durable

    def succeeded(self, entries: Iterable[Entry]) -> None:
        """A commit was made, of these."""
        told: list[_Waiter] = []
        with self._lock:
            self._is_failing = False
            for entry in entries:
                if isinstance(entry.row, IntentRow):
                    client_order_id = entry.row.request.client_order_id
                    self._written[client_order_id] = None
                    told += self._waiters.pop(client_order_id, [])
            while len(self._written) > _REMEMBERED:
                self._written.popitem(last=False)
        for waiter in told:
            waiter.tell(is_durable=True)

    def failed(self) -> None:
        """The database takes nothing: whoever waits is told, and whoever asks from now on."""
        with self._lock:
            self._is_failing = True
            told = [waiter for waiters in self._waiters.values() for waiter in waiters]
            self._waiters.clear()
        for waiter in told:
            waiter.tell(is_durable=False)

    def _forget(self, client_order_id: str, waiter: _Waiter) -> None:
        with self._lock:
            waiters = self._waiters.get(client_order_id, [])
            if waiter in waiters:
                waiters.remove(waiter)
            if not waiters:
                self._waiters.pop(client_order_id, None)
