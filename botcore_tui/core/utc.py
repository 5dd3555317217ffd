"""Times as people read them, without a clock."""

from typing import Final

_DAY_S: Final = 86_400


def utc_time(time_ms: int) -> str:
    """The time of day, UTC: 14:02:07."""
    second = time_ms // 1000 % _DAY_S
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
