"""An event loop in which time passes only when nobody has anything to do, and then at once."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

T = TypeVar("T")

_GIVE_UP_SECONDS: Final = 30.0
"""Never waited for in a passing test."""
_START_NS: Final = 1_000_000_000_000
_UTC_NS: Final = 1_700_000_000_000_000_000


class VirtualTime:
    """A clock together with the loop that moves it; exact, and as fast as the machine allows."""

    def __init__(self) -> None:
        self._now_ns = _START_NS

    def now_ms(self) -> int:
        """UTC milliseconds since the epoch."""
        return self.utc_ns() // 1_000_000

    def utc_ns(self) -> int:
        """UTC nanoseconds since the epoch."""
        return _UTC_NS + self.elapsed_ns()

    def monotonic_ns(self) -> int:
        """Nanoseconds of the loop."""
        return self._now_ns

    async def sleep(self, seconds: float) -> None:
        """Wait in the loop."""
        await asyncio.sleep(seconds)  # passes at once, see above

    def elapsed_ns(self) -> int:
        """Since the start."""
        return self._now_ns - _START_NS

    def elapsed(self) -> float:
        """Seconds since the start, to the millisecond."""
        return round(self.elapsed_ns() / 1e9, 3)

    def jump(self, seconds: float) -> None:
        """Pass the time until the next timer is due."""
        self._now_ns += max(1, round(seconds * 1e9))

    def loop(self) -> asyncio.AbstractEventLoop:
        """Make a loop that lives in this time."""
        return _VirtualLoop(self)

    def run(self, main: Callable[[], Awaitable[T]]) -> T:
        """Run to the end in a loop of its own."""

        async def awaited() -> T:
            return await main()

        with asyncio.Runner(loop_factory=self.loop) as runner:
            return runner.run(awaited())


class _VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__(_Jumping(time))
        self._virtual = time

    def time(self) -> float:
        return self._virtual.monotonic_ns() / 1e9


class _Jumping(selectors.DefaultSelector):
    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # only another thread can go on
            ready = super().select(_GIVE_UP_SECONDS)
            assert ready, "everybody waits and nobody will ever come"
            return ready
        if timeout > 0:
            self._time.jump(timeout)
        return super().select(0)
