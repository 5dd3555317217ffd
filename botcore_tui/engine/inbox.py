"""The engine's one entrance: bounded for the market, always open for commands."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Inbox(Generic[T]):
    """First in, first out, one reader; commands overtake the market.

    Everything but ``urge`` must be called in the loop's thread. Nothing is ever dropped: who
    delivers asks for ``room`` and stops reading its socket until there is some.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.peak = 0
        self._items: deque[tuple[int, T]] = deque()
        self._urgent: deque[T] = deque()
        self._is_awaited = False
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T, received_ns: int) -> None:
        """Append, also beyond the capacity: the frame that fills it must not be lost."""
        self._items.append((received_ns, item))
        if self._is_awaited:
            self._filled.set()

    def urge(self, item: T) -> None:
        """Put a command before everything else; any thread may, and must have the loop take it."""
        self._urgent.append(item)

    @property
    def has_urgent(self) -> bool:
        """Whether commands wait."""
        return bool(self._urgent)

    async def room(self) -> None:
        """Return at once while there is room, else when half of it is free again."""
        while len(self._items) >= self.capacity:
            await self._next_emptying()

    async def drained(self) -> None:
        """Return when nothing from the market waits any more."""
        while self._items:
            await self._next_emptying()

    async def wait(self) -> None:
        """Return when there is something to take."""
        if self._items or self._urgent:
            return
        self._filled.clear()
        self._is_awaited = True
        await self._filled.wait()
        self._is_awaited = False

    def take_urgent(self) -> list[T]:
        """Remove all commands, oldest first."""
        return [self._urgent.popleft() for _ in range(len(self._urgent))]

    def take(self, count: int) -> list[tuple[int, T]]:
        """Remove up to ``count`` items, oldest first, each with the time it was received."""
        items = self._items
        waiting = len(items)
        self.peak = max(self.peak, waiting)
        if waiting <= count:
            taken = list(items)
            items.clear()
        else:
            taken = [items.popleft() for _ in range(count)]
        if len(items) <= self.capacity // 2:
            self._emptied.set()
        return taken

    async def _next_emptying(self) -> None:
        self._emptied.clear()
        await self._emptied.wait()
