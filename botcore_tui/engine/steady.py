"""The time of ticks: the machine's clock, which never goes back even where that is set back."""

from typing import Final

from botcore_tui.clock import Clock

_NS_PER_MS: Final = 1_000_000
_SLOWLY: Final = (7, 8)
"""Pace while the machine's clock is behind: time-outs last an eighth longer, and it catches up."""


class SteadyTime:
    """UTC as the core sees it; what it waits for comes in time, whatever a clock does.

    Args:
        clock: Ours.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told_ns = clock.now_ms() * _NS_PER_MS
        self._asked_ns = clock.monotonic_ns()

    def now_ms(self) -> int:
        """That of the machine; ahead of it, and a little slower, for a while after a step back."""
        before_ns, self._asked_ns = self._asked_ns, self._clock.monotonic_ns()
        much, whole = _SLOWLY
        least_ns = self._told_ns + (self._asked_ns - before_ns) * much // whole
        self._told_ns = max(self._clock.now_ms() * _NS_PER_MS, least_ns)
        return self._told_ns // _NS_PER_MS
