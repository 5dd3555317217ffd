"""Which part of a history a request asks for: by time, number and limit."""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from msgspec import Struct

from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError

DAY_MS: Final = 86_400_000
QUARTER_MS: Final = 90 * DAY_MS
"""How far back the venue remembers orders, trades and income."""

Item = TypeVar("Item")


class Span(Struct, frozen=True):
    """Times asked for, both included, milliseconds."""

    start_ms: int
    end_ms: int
    is_from_start: bool
    """A start was given: of too many the oldest are returned, else the newest."""

    @classmethod
    def read(cls, parameters: Parameters, days: int, now_ms: int) -> "Span":
        """``startTime`` and ``endTime``; what is missing is so many days from the other.

        Raises:
            RefusalError: -4165, more days than that.
        """
        length = days * DAY_MS
        start, end = parameters.span()
        is_from_start = start is not None
        if start is None:
            end = now_ms if end is None else end
            start = end - length
        elif end is None:
            end = start + length
        if end - start > length:
            raise RefusalError(-4165, days)
        return cls(max(start, now_ms - QUARTER_MS), end, is_from_start)

    def select(
        self, items: Iterable[Item], time_of: Callable[[Item], int], limit: int
    ) -> list[Item]:
        """Items of that time, as many as asked for, oldest first."""
        start, end = self.start_ms, self.end_ms
        found = [item for item in items if start <= time_of(item) <= end]
        return found[:limit] if self.is_from_start else found[-limit:]
