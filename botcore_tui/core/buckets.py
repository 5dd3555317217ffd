"""A token bucket whose clock is the caller's."""

from decimal import Decimal
from typing import Final

_SECOND_MS: Final = 1_000


class Bucket:
    """Holds as many tokens as come in a second; begins full.

    Args:
        rate: Tokens a second; a size below one could never be taken from.
    """

    def __init__(self, rate: Decimal) -> None:
        self.size = max(rate, Decimal(1))
        self._rate = rate
        self._tokens = self.size
        self._at_ms: int | None = None

    def tokens(self, time_ms: int) -> Decimal:
        """How many there are; a clock that was set back brings none."""
        if self._at_ms is not None and time_ms > self._at_ms:
            gained = self._rate * (time_ms - self._at_ms) / _SECOND_MS
            self._tokens = min(self.size, self._tokens + gained)
        self._at_ms = time_ms
        return self._tokens

    def take(self, time_ms: int) -> None:
        """Take one, also where there is none: what may not wait is owed, for a second at most."""
        self._tokens = max(self.tokens(time_ms) - 1, -self.size)
