"""Counts in fixed intervals of the venue's clock, kept as the venue keeps them; pure."""

from typing import Final

from msgspec import Struct

_TURN_MS: Final = 2_000
"""So long after our interval began, the venue may still be in the one before it."""


class Taken(Struct, frozen=True):
    """Of a request, when it was counted."""

    interval: int
    """Number of the one in which it was."""
    told: int
    """What the venue had told of that interval by then."""
    is_early: bool
    """Whether the venue may have counted it in the interval before."""


class Window:
    """What was used in the present interval: never less than the venue has counted of ours.

    The venue tells its own count with each reply. It only grows within an interval, so the highest
    one told holds, and what is not surely in it stands beside it: requests under way, and those
    whose reply told nothing. A request that left after a count was told, and is told a lower one,
    shows that the venue's interval turned in between: our clock is not quite its own. Likewise one
    that left at the beginning of an interval, and is told the count of the one before it and more:
    there the venue's has not turned yet. Taken for a count of the new interval, it would keep all
    from asking until the next.

    Args:
        length_ms: Of an interval; intervals begin at multiples of it.
    """

    def __init__(self, length_ms: int) -> None:
        self.length_ms = length_ms
        self._number = -1
        self._told = self._told_before = 0
        self._untold = 0
        self._under_way = 0

    def used(self, now_ms: int) -> int:
        """Used in this interval, as far as can be known."""
        self._roll(now_ms)
        return self._told + self._untold + self._under_way

    def ends_ms(self, now_ms: int) -> int:
        """When the next interval begins."""
        return (now_ms // self.length_ms + 1) * self.length_ms

    def take(self, amount: int, now_ms: int) -> Taken:
        """Count a request that is about to be sent."""
        self._roll(now_ms)
        self._under_way += amount
        is_early = now_ms - self._number * self.length_ms < _TURN_MS
        return Taken(self._number, self._told, is_early)

    def settle(self, amount: int, taken: Taken, told: int | None, now_ms: int) -> None:
        """Count the end of a request.

        Args:
            amount: As taken.
            taken: As ``take`` gave it.
            told: The venue's own count in the reply; None if it told none.
            now_ms: The venue's time.
        """
        self._roll(now_ms)
        self._under_way -= amount
        is_of_another = taken.interval != self._number
        if told is not None and not (is_of_another or self._is_of_the_last(told, taken)):
            has_turned = told < taken.told
            self._told = told if has_turned else max(self._told, told)
        else:
            # At the turn of an interval: counted in either.
            self._untold += amount

    def give_back(self, amount: int, now_ms: int) -> None:
        """Forget a request that was taken and not sent after all."""
        self._roll(now_ms)
        self._under_way -= amount

    def relabel(self, now_ms: int) -> None:
        """Go on at another time: a clock that was wrong is no reason to forget what was used."""
        self._number = now_ms // self.length_ms

    def _is_of_the_last(self, told: int, taken: Taken) -> bool:
        # One lower count is enough to know that the venue's interval has turned.
        return taken.is_early and not self._told and 0 < self._told_before <= told

    def _roll(self, now_ms: int) -> None:
        number = now_ms // self.length_ms
        if number != self._number:
            self._told_before = self._told if number == self._number + 1 else 0
            self._told = self._untold = 0
            self._number = number
