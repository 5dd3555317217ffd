"""Words for people: what went wrong, in one line."""

import os
from collections.abc import Iterable

_LONGEST = 200
_MOST_SHOWN = 3


def one_line(text: str) -> str:
    """Put a text on one line, cut where it is too long to read."""
    return " ".join(text.split())[:_LONGEST]


def reason_of(error: BaseException) -> str:
    """Say why something failed, without error numbers where the system has words for them."""
    words = error.strerror if isinstance(error, OSError) else None
    if words and words.startswith("Connect call failed") and isinstance(error, OSError):
        words = os.strerror(error.errno or 0)  # asyncio puts the address where the reason belongs.
    if not isinstance(getattr(error, "message", ""), str):
        # aiohttp puts what had come of a reply, with all its headers, where the reason belongs.
        words = "connection closed in the middle of the reply"
    return one_line(words or str(error) or type(error).__name__)


def shown(names: Iterable[str]) -> str:
    """Name a few and count the rest."""
    ordered = sorted(names)
    rest = len(ordered) - _MOST_SHOWN
    return ", ".join(ordered[:_MOST_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
