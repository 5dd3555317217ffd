"""Spaces the messages that we send on one connection."""

_MOST_PER_SECOND = 8.0
"""Binance cuts a connection that sends more than 10 messages a second, pings and pongs included;
evenly spaced at 8, any window of one second holds at most 9 of ours and leaves one for a ping."""


class Pacer:
    """Hands out send times at even distances; pure, the caller waits."""

    def __init__(self, per_second: float) -> None:
        self._spacing_ns = round(1_000_000_000 / min(per_second, _MOST_PER_SECOND))
        self._next_ns = 0

    def claim(self, now_ns: int) -> float:
        """Take the next send time; seconds to wait until it."""
        at_ns = max(now_ns, self._next_ns)
        self._next_ns = at_ns + self._spacing_ns
        return (at_ns - now_ns) / 1_000_000_000
