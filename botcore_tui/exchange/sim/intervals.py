"""Kline intervals: when a bar opens and when the next one does."""

from typing import Final

from botcore_tui.exchange.binance.wire import INTERVALS

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
MONTH: Final = "1M"
_WEEK: Final = "1w"
_MONDAY_MS: Final = 4 * DAY_MS
"""1970-01-05 was a Monday, and weeks begin with one."""


def is_interval(interval: str) -> bool:
    """Whether the venue has bars of this length."""
    return interval in INTERVALS or interval == MONTH


def opening(interval: str, time_ms: int) -> int:
    """When the bar opened that a time belongs to."""
    if interval == MONTH:
        return _days_to(*_month_of(time_ms // DAY_MS)) * DAY_MS
    length = INTERVALS[interval]
    offset = _MONDAY_MS if interval == _WEEK else 0
    return (time_ms - offset) // length * length + offset


def following(interval: str, open_ms: int) -> int:
    """When the bar after the one that opened then opens."""
    if interval == MONTH:
        year, month = _month_of(open_ms // DAY_MS)
        return _days_to(year + month // 12, month % 12 + 1) * DAY_MS
    return open_ms + INTERVALS[interval]


def _month_of(days: int) -> tuple[int, int]:
    # Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so
    # that the leap day is the last one; eras are 400 years.
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    return year + era * 400 + month // 10, (month + 2) % 12 + 1


def _days_to(year: int, month: int) -> int:
    years = year - (month <= 2)
    era, of_era = divmod(years, 400)
    day = (153 * ((month + 9) % 12) + 2) // 5
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + day - 719_468
