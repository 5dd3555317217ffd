"""What waits to be written: groups of rows, and which of them an order waits for."""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import count, islice

from msgspec import Struct

from botcore_tui.ledger.spill import Entry
from botcore_tui.model.ledger import IntentRow


class Group(Struct, eq=False):
    """Rows that belong together: all of them are written, or none is."""

    entries: Sequence[Entry]
    number: int
    """Among those with an intent, from 1 on; 0: it has none."""
    is_kept: bool = False
    """Whether it is in the intake, where a crash leaves it."""
    is_taken: bool = False
    """Whether it waits no longer."""


class Queue:
    """Groups in the order of their coming. Its owner sees to it that one thread uses it at a time.

    Attributes:
        rows: How many wait.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._groups: deque[Group] = deque()
        self._pressing: deque[Group] = deque()
        self._numbers = count(1)

    @property
    def is_pressing(self) -> bool:
        """Whether there is a group that has an intent and was not yet offered to the intake."""
        return bool(self._pressing)

    def put(self, entries: Sequence[Entry]) -> Group:
        """Add a group."""
        has_intent = any(isinstance(entry.row, IntentRow) for entry in entries)
        group = Group(entries, next(self._numbers) if has_intent else 0)
        self._groups.append(group)
        if has_intent:
            self._pressing.append(group)
        self.rows += len(entries)
        return group

    def pressing(self, most: int) -> list[Group]:
        """Groups for the intake, oldest first."""
        return list(islice(self._pressing, most))

    def offered(self, groups: Sequence[Group], kept: Iterable[Group]) -> None:
        """The first of those for the intake were offered to it, and some of them kept there."""
        for group in kept:
            group.is_kept = True
        for _ in groups:
            self._pressing.popleft()

    def batch(self, rows: int) -> list[Group]:
        """Groups for their tables, oldest first: so many rows, and what belongs to the last."""
        groups: list[Group] = []
        for group in self._groups:
            if rows <= 0:
                break
            groups.append(group)
            rows -= len(group.entries)
        return groups

    def take(self, rows: int) -> list[Entry]:
        """The first of all rows, whole groups of them, which wait no longer."""
        taken: list[Entry] = []
        while len(taken) < rows:
            group = self._groups.popleft()
            group.is_taken = True
            taken += group.entries
        self.rows -= len(taken)
        while self._pressing and self._pressing[0].is_taken:
            self._pressing.popleft()
        return taken

    def clear(self) -> list[Entry]:
        """Empty it; the rows that nothing keeps."""
        groups = list(self._groups)
        self.take(self.rows)
        return [entry for group in groups if not group.is_kept for entry in group.entries]
