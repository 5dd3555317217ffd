"""How fast simulated time runs beside the machine's."""

from typing import Final, Protocol

STANDARD_START_MS: Final = 1_767_225_600_000
"""2026-01-01: where a clock that stands still begins, so that two runs are alike."""
_NS_IN_MS: Final = 1_000_000


class MachineClock(Protocol):
    """The machine's time."""

    def now_ms(self) -> int:
        """UTC milliseconds."""

    def monotonic_ns(self) -> int:
        """Nanoseconds that never step."""


class Pace:
    """Simulated time as a function of the machine's.

    Args:
        clock: The machine's.
        speed: 1: simulated time is the machine's; more: so many times as fast, from now on; 0: it
            stands still and is moved by hand.

    Attributes:
        start_ms: Simulated time now, UTC milliseconds.
    """

    def __init__(self, clock: MachineClock, speed: float) -> None:
        self._clock = clock
        self._speed = speed
        self._start_ns = clock.monotonic_ns()
        self._moved_ms = 0
        self.start_ms = clock.now_ms() if speed else STANDARD_START_MS

    @property
    def is_real(self) -> bool:
        """Whether simulated time is the machine's."""
        return self._speed == 1 and not self._moved_ms

    def now_ms(self) -> int:
        """Simulated time, UTC milliseconds; steps back where the machine's clock does."""
        if self._speed == 1:
            return self._clock.now_ms() + self._moved_ms
        passed = int((self._clock.monotonic_ns() - self._start_ns) * self._speed) // _NS_IN_MS
        return self.start_ms + passed + self._moved_ms

    def wall_ms(self) -> int:
        """The machine's time, UTC milliseconds."""
        return self._clock.now_ms()

    def move(self, milliseconds: int) -> None:
        """Let time jump ahead."""
        self._moved_ms += milliseconds
