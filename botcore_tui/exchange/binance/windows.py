"""Counts in fixed intervals of the venue's clock, kept as the venue keeps them; pure."""


class Window:
    """What was used in the present interval: never less than the venue has counted of ours.

    The venue tells its own count with each reply. It only grows within an interval, so the highest
    one told holds, and what is not surely in it stands beside it: requests under way, and those
    whose reply told nothing.

    Args:
        length_ms: Of an interval; intervals begin at multiples of it.
    """

    def __init__(self, length_ms: int) -> None:
        self.length_ms = length_ms
        self._number = -1
        self._told = 0
        self._untold = 0
        self._under_way = 0

    def used(self, now_ms: int) -> int:
        """Used in this interval, as far as can be known."""
        self._roll(now_ms)
        return self._told + self._untold + self._under_way

    def ends_ms(self, now_ms: int) -> int:
        """When the next interval begins."""
        return (now_ms // self.length_ms + 1) * self.length_ms

    def take(self, amount: int, now_ms: int) -> int:
        """Count a request that is about to be sent; the number of its interval."""
        self._roll(now_ms)
        self._under_way += amount
        return self._number

    def settle(self, amount: int, number: int, told: int | None, now_ms: int) -> None:
        """Count the end of a request.

        Args:
            amount: As taken.
            number: As ``take`` gave it.
            told: The venue's own count in the reply; None if it told none.
            now_ms: The venue's time.
        """
        self._roll(now_ms)
        self._under_way -= amount
        if told is not None and number == self._number:
            self._told = max(self._told, told)
        else:
            # Sent before the turn of the interval and answered after it: counted in either.
            self._untold += amount

    def give_back(self, amount: int, now_ms: int) -> None:
        """Forget a request that was taken and not sent after all."""
        self._roll(now_ms)
        self._under_way -= amount

    def relabel(self, now_ms: int) -> None:
        """Go on at another time: a clock that was wrong is no reason to forget what was used."""
        self._number = now_ms // self.length_ms

    def _roll(self, now_ms: int) -> None:
        number = now_ms // self.length_ms
        if number != self._number:
            self._told = self._untold = 0
            self._number = number
