"""What will happen at which simulated time: the only clock of the embedded exchange."""

import heapq
from collections.abc import Callable
from itertools import count


class Entry:
    """One thing that is due; may be cancelled until it happens."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        """Let it not happen; may be called again, and after it happened."""
        self._call = None

    def run(self) -> None:
        """Let it happen, once."""
        call, self._call = self._call, None
        if call is not None:
            call()


class Agenda:
    """Calls in order of time, and of entry where times are equal.

    How often and how far it is advanced does not change what happens.

    Args:
        now_ms: Simulated time of the beginning, UTC milliseconds.

    Attributes:
        now_ms: Simulated time; while a call runs, that of the call.
    """

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self._due: list[tuple[int, int, Entry]] = []
        self._count = count()

    def at(self, time_ms: int, call: Callable[[], None]) -> Entry:
        """Let ``call`` happen at a time; at once, in its turn, if that has passed."""
        entry = Entry(call)
        heapq.heappush(self._due, (max(time_ms, self.now_ms), next(self._count), entry))
        return entry

    def advance(self, to_ms: int) -> None:
        """Let everything happen that is due up to a time; an earlier one does nothing."""
        due = self._due
        while due and due[0][0] <= to_ms:
            time_ms, _, entry = heapq.heappop(due)
            self.now_ms = time_ms
            entry.run()
        self.now_ms = max(self.now_ms, to_ms)
