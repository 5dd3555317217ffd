"""Numbers as text: the only place where a number becomes characters on the screen.

A value that is missing or not finite is a dash and never a zero. Widths are not this module's
business: a text that does not fit is the pane's to drop.
"""

import math
from decimal import Decimal

MISSING = "-"

_DAY_SECONDS = 86_400


def _is_finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


def fixed(value: float | Decimal | None, decimals: int) -> str:
    """The value with exactly so many digits behind the point; a dash if there is none."""
    if value is None or not _is_finite(value):
        return MISSING
    return f"{value:z.{decimals}f}"


def signed_percent(value: float | Decimal | None, *, decimals: int = 2) -> str:
    """A number of percent with its sign; a value that rounds to zero carries none.

    Args:
        value: Percent, not a fraction.
        decimals: Digits behind the point.
    """
    if value is None or not _is_finite(value):
        return MISSING
    text = f"{value:+.{decimals}f}"
    return f"{text if text.strip('+-0.') else text[1:]}%"


def signed(value: float | Decimal | None, *, decimals: int = 2) -> str:
    """An amount of money with its sign and thousands; one that rounds to zero carries no sign."""
    if value is None or not _is_finite(value):
        return MISSING
    text = f"{value:+,.{decimals}f}"
    return text if text.strip("+-0.,") else text[1:]


def exact(value: Decimal | None) -> str:
    """All digits that a number has, without zeros at its end."""
    if value is None or not value.is_finite():
        return MISSING
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def significant(value: Decimal | None, digits: int = 7) -> str:
    """A price of a contract whose steps are not known here, to so many significant digits."""
    if value is None or not value.is_finite():
        return MISSING
    decimals = min(8, max(0, digits - 1 - value.adjusted()))
    return exact(Decimal(f"{value:.{decimals}f}"))


def funding_percent(rate: Decimal | None) -> str:
    """A funding rate in percent, four digits behind the point or as many as it has.

    Args:
        rate: Fraction of notional.
    """
    if rate is None or not rate.is_finite():
        return MISSING
    text = f"{rate * 100:+.6f}"
    trimmed = text.rstrip("0")
    return text[: max(len(trimmed), len(text) - 2)] + "%"


def count(value: int) -> str:
    """A whole number with thousands separated by commas."""
    return f"{value:,}"


def grouped(value: float | Decimal | None, decimals: int) -> str:
    """As ``fixed``, with thousands separated by commas."""
    if value is None or not _is_finite(value):
        return MISSING
    return f"{value:z,.{decimals}f}"


def plural(number: int, noun: str) -> str:
    """A count and what is counted: ``1 tick``, ``1,200 ticks``."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def rate(value: float) -> str:
    """A number per second; one digit behind the point below a hundred."""
    if not math.isfinite(value):
        return MISSING
    return f"{value:,.1f}" if abs(value) < 99.95 else f"{value:,.0f}"


def milliseconds(value: float | None) -> str:
    """Milliseconds to three significant digits, without the unit."""
    if value is None or not math.isfinite(value):
        return MISSING
    magnitude = abs(value)
    if magnitude < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if magnitude < 99.95 else f"{value:.0f}"


def megabytes(value: float) -> str:
    """Megabytes, one digit behind the point, with the unit."""
    return f"{value:.1f} MB" if math.isfinite(value) else MISSING


def age(nanoseconds: int | None) -> str:
    """How long ago: ``12ms``, ``3.2s``, ``4m12s``, ``2h05m``, ``3d04h``.

    Args:
        nanoseconds: Age; None if there is no such moment yet. Below zero counts as zero: the two
            stamps come from two threads.
    """
    if nanoseconds is None:
        return MISSING
    milli = max(0, nanoseconds) // 1_000_000
    if milli < 1_000:
        return f"{milli}ms"
    if milli < 60_000:
        return f"{milli // 1_000}.{milli % 1_000 // 100}s"
    minutes, seconds = divmod(milli // 1_000, 60)
    if minutes < 60:
        return f"{minutes}m{seconds:02}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02}m"
    return f"{hours // 24}d{hours % 24:02}h"


def lapse(nanoseconds: int) -> str:
    """How long ago in whole seconds, ``12s`` or ``4m12s``: it repaints but once a second."""
    seconds = max(0, nanoseconds) // 1_000_000_000
    return f"{seconds}s" if seconds < 60 else age(nanoseconds)


def duration(seconds: float | None) -> str:
    """A length of time as ``04:12`` or ``1:04:12``; parts of a second are dropped."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    minutes, whole = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole:02}" if hours else f"{minutes:02}:{whole:02}"


def countdown(milliseconds_left: int) -> str:
    """Time left until something, ``7:59:58``; ``now`` once it is reached."""
    return duration(milliseconds_left / 1_000) if milliseconds_left > 0 else "now"


def clock(time_ms: int, *, with_milliseconds: bool = False) -> str:
    """UTC time of day, ``04:12:33`` or ``04:12:33.123``."""
    second = time_ms // 1_000 % _DAY_SECONDS
    text = f"{second // 3_600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{text}.{time_ms % 1_000:03}" if with_milliseconds else text


def clock_minutes(time_ms: int) -> str:
    """UTC time of day without seconds, ``04:12``."""
    return clock(time_ms)[:5]


def calendar_day(time_ms: int) -> str:
    """UTC month and day, ``06-14``.

    Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    """
    days = time_ms // 1_000 // _DAY_SECONDS + 719_468
    of_era = days % 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return f"{month:02}-{day:02}"


def interval(interval_ms: int) -> str:
    """Length of a chart interval: ``15s``, ``5m``, ``1h``."""
    seconds = interval_ms // 1_000
    if seconds % 3_600 == 0:
        return f"{seconds // 3_600}h"
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"


def speed(multiple: float | None) -> str:
    """Speed of a replay: ``x10``, ``x0.5``, ``max``."""
    return "max" if multiple is None else f"x{multiple:g}"
