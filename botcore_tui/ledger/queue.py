"""What waits to be written: groups of rows, and how many of them are on the disk already."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

from msgspec import Struct, structs

from botcore_tui.ledger.spill import Entry
from botcore_tui.model.ledger import IntentRow


class Group(Struct, frozen=True, eq=False):
    """Rows that belong together: all of them are written, or none is."""

    entries: Sequence[Entry]
    number: int
    """Among those of the run, from 1 on, without a gap."""


class Queue:
    """Groups in the order of their coming. Its owner sees to it that one thread uses it at a time.

    The first of them may be in the intake; an intent goes there with all that came before it, so
    that no crash leaves a row without those that it follows from.

    Attributes:
        rows: How many wait.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._groups: deque[Group] = deque()
        self._last = self._pressing = self._kept = 0

    @property
    def is_pressing(self) -> bool:
        """Whether a group with an intent is neither in the intake nor in its tables."""
        return self._pressing > self._kept

    def put(self, entries: Sequence[Entry]) -> None:
        """Add a group."""
        self._last += 1
        self._groups.append(Group(entries, self._last))
        if any(isinstance(entry.row, IntentRow) for entry in entries):
            self._pressing = self._last
        self.rows += len(entries)

    def pressing(self, most: int) -> list[Group]:
        """The next groups for the intake: so many, up to the last one with an intent."""
        if not self.is_pressing:
            return []
        first = self._kept - self._groups[0].number + 1
        count = min(most, self._pressing - self._kept)
        return list(islice(self._groups, first, first + count))

    def keep(self, groups: Sequence[Group]) -> None:
        """The next groups are in the intake."""
        self._kept = groups[-1].number

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
            taken += group.entries
            self._kept = max(self._kept, group.number)
        self.rows -= len(taken)
        return taken

    def clear(self, *, is_kept: bool = True) -> list[Entry]:
        """Empty it; the rows that are not known to be in the intake, numbered.

        Args:
            is_kept: Whether the next start finds what is in the intake.
        """
        left = [
            structs.replace(entry, number=group.number)
            for group in self._groups
            if group.number > self._kept or not is_kept
            for entry in group.entries
        ]
        self.take(self.rows)
        return left
