"""Funding: when it is due, what rate a premium makes, and what the rates were."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.sim.contracts import RATE

FUNDING_MS: Final = 8 * 3_600_000
"""Due at 00:00, 08:00 and 16:00 UTC."""
INTEREST: Final = 10_000
"""Interest rate of one interval, 10**-8."""
_CLAMP: Final = 50_000
_MOST: Final = 300_000
"""Largest rate, 10**-8: 0.3 %, as on the large contracts."""
_PAST: Final = 1_100
"""Rates before the beginning: a year."""


def funding_rate(premium: float) -> int:
    """Funding rate of an average premium (a fraction), 10**-8.

    Source: Binance, "Introduction to Binance Futures Funding Rates": the premium plus the
    interest rate's pull, which is kept within 0.05 %.
    """
    average = round(premium * RATE)
    rate = average + max(-_CLAMP, min(_CLAMP, INTEREST - average))
    return max(-_MOST, min(_MOST, rate))


def next_funding(time_ms: int) -> int:
    """The first funding time after a time."""
    return (time_ms // FUNDING_MS + 1) * FUNDING_MS


class Funding(Struct, frozen=True, gc=False):
    """What was due at one funding time."""

    time_ms: int
    rate: int
    """10**-8."""
    mark: int
    """Atoms."""


class FundingLog:
    """Funding of a market: what was due since it began, and a past before.

    Args:
        start_ms: When the market begins.
        past_at: What was due at a funding time before that.
    """

    def __init__(self, start_ms: int, past_at: Callable[[int], Funding]) -> None:
        self._past_at = past_at
        self._log: list[Funding] = []
        self._first_ms = next_funding(start_ms)
        self._oldest_ms = self._first_ms - _PAST * FUNDING_MS

    def add(self, funding: Funding) -> None:
        """Write down what is due now."""
        self._log.append(funding)

    def between(
        self, limit: int, *, start_ms: int | None = None, end_ms: int | None = None
    ) -> list[Funding]:
        """From a time on, else the latest up to ``end_ms``; oldest first."""
        is_latest = start_ms is None and end_ms is None
        self._reach(limit if is_latest else _PAST)
        log = self._log
        times = [one.time_ms for one in log]
        end = len(log) if end_ms is None else bisect_right(times, end_ms)
        if start_ms is None:
            return log[max(0, end - limit) : end]
        return log[bisect_left(times, start_ms) : end][:limit]

    def _reach(self, count: int) -> None:
        """Make up so much of the past, if it is there; most markets are never asked for it."""
        first = max(self._oldest_ms, self._first_ms - count * FUNDING_MS)
        if first < self._first_ms:
            times = range(first, self._first_ms, FUNDING_MS)
            self._log[:0] = [self._past_at(time) for time in times]
            self._first_ms = first
