"""Mark prices as far as they are believed: one absurd frame must not close a position (F07)."""

from decimal import Decimal
from typing import Final

_LEAP: Final = Decimal("0.2")
"""A larger change from one frame to the next counts only when another frame confirms it."""


class Marks:
    """The newest mark of each symbol that can be true."""

    def __init__(self) -> None:
        self._believed: dict[str, Decimal] = {}
        self._suspects: dict[str, Decimal] = {}
        self._seen_ms: dict[str, int] = {}
        self._made_ms: dict[str, int] = {}

    def take(self, symbol: str, mark: Decimal, time_ms: int, *, made_ms: int | None = None) -> None:
        """Take a frame's mark; one that leaps far from the last waits for the next frame.

        Args:
            symbol: Whose mark.
            mark: From the frame.
            time_ms: When it came.
            made_ms: From when it is, where that is not about the same.
        """
        if not (mark.is_finite() and mark > 0):
            return
        known = self._believed.get(symbol)
        suspect = self._suspects.pop(symbol, None)
        is_confirmed = suspect is not None and not _is_leap(suspect, mark)
        if known is not None and _is_leap(known, mark) and not is_confirmed:
            self._suspects[symbol] = mark
            return
        self._believed[symbol], self._seen_ms[symbol] = mark, time_ms
        self._made_ms[symbol] = time_ms if made_ms is None else made_ms

    def of(self, symbol: str) -> Decimal | None:
        """The last mark that is believed; None before the first."""
        return self._believed.get(symbol)

    def seen_ms(self, symbol: str) -> int | None:
        """When that was; None if it never was."""
        return self._seen_ms.get(symbol)

    def made_ms(self, symbol: str) -> int | None:
        """From when it is: a late one is older than its coming; None if there never was one."""
        return self._made_ms.get(symbol)


def _is_leap(before: Decimal, after: Decimal) -> bool:
    return abs(after - before) > _LEAP * before
