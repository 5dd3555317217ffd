"""The venue's time: how far its clock is from ours, measured and watched.

Kept as a distance from the monotonic clock, so that setting this machine's clock changes nothing;
what the monotonic clock does not count, a machine that slept, shows as a step between the two.

Source: Binance USD-M futures, "General Info" timing security: a signed request is refused if its
timestamp is 1,000 ms ahead of the venue's clock, or older than recvWindow.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Final

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.binance.texts import reason_of

logger = logging.getLogger(__name__)

_WANTED: Final = 5
"""Samples that make a measurement."""
_MOST: Final = 12
"""Samples taken for it, slow ones left out."""
_LONGEST_TRIP_NS: Final = 1_000_000_000
_TIMES_THE_BEST: Final = 3
_LEAST_TRIP_NS: Final = 2_000_000
"""Trips shorter than this are all equally good."""
_REFRESH_NS: Final = 180 * 1_000_000_000
_STEP_NS: Final = 500_000_000
_LOOK_SECONDS: Final = 1.0
_BASE_SECONDS: Final = 1.0
_CAP_SECONDS: Final = 30.0
_HURRY_SECONDS: Final = 2.0
"""Longest that a request waits for a measurement."""


class Sample(Struct, frozen=True):
    """One answer to the question what time it is."""

    trip_ns: int
    offset_ns: int
    """The venue's clock less the monotonic one, if both ways took equally long."""


class VenueClock:
    """What time it is at the venue.

    Args:
        clock: Ours.
        ask: Asks for the venue's time, UTC milliseconds, once; calls its argument when the
            request is about to leave. Raises ``FetchError``.
        measured: Told each time when it was measured.

    Attributes:
        uncertainty_ms: How far off ``now_ms`` may be; None before it was measured.
    """

    def __init__(
        self,
        clock: Clock,
        ask: Callable[[Callable[[], None]], Awaitable[int]],
        measured: Callable[[], None],
    ) -> None:
        self.uncertainty_ms: float | None = None
        self._clock = clock
        self._ask = ask
        self._measured = measured
        self._measuring = asyncio.Lock()
        self._lead_ns = self._lead()
        self._offset_ns = self._lead_ns
        self._due_ns = clock.monotonic_ns()
        self._is_doubtful = True

    @property
    def offset_ms(self) -> float | None:
        """The venue's clock less this machine's; None before it was measured."""
        if self.uncertainty_ms is None:
            return None
        return (self._offset_ns - self._lead()) / 1e6

    @property
    def is_sure(self) -> bool:
        """Whether it was measured, and nothing has happened since that makes it doubtful."""
        return not self._is_doubtful and abs(self._lead() - self._lead_ns) <= _STEP_NS

    def now_ms(self) -> int:
        """UTC milliseconds at the venue, as far as is known."""
        return (self._clock.monotonic_ns() + self._offset_ns) // 1_000_000

    def timestamp_ms(self) -> int:
        """What to sign now: slightly behind, for being ahead is what the venue forgives least."""
        return self.now_ms() - round(self.uncertainty_ms or 0.0)

    def trust_ours(self) -> None:
        """Take this machine's clock for the venue's until a timestamp is refused."""
        self._is_doubtful = False

    def doubt(self) -> None:
        """Have it measured again: the venue refused a timestamp."""
        self._is_doubtful = True

    async def be_sure(self) -> None:
        """Measure it if that is needed, but not for long: a stop must not wait for a clock."""
        if self.is_sure:
            return
        try:
            async with asyncio.timeout(_HURRY_SECONDS):
                await self._make_sure()
        except (FetchError, TimeoutError) as error:
            logger.warning("venue's clock not measured before a request: %s", reason_of(error))

    async def measure(self) -> None:
        """Measure it now.

        Raises:
            FetchError: The venue did not tell, or too slowly.
        """
        async with self._measuring:
            await self._measure()

    async def run(self) -> None:
        """Keep it measured until cancelled."""
        failures = 0
        while True:
            now_ns = self._clock.monotonic_ns()
            if now_ns >= self._due_ns or (not failures and not self.is_sure):
                try:
                    await self.measure()
                    failures = 0
                except FetchError as error:
                    failures += 1
                    pause = min(_CAP_SECONDS, _BASE_SECONDS * 2.0 ** min(failures - 1, 10))
                    self._due_ns = self._clock.monotonic_ns() + round(pause * 1e9)
                    logger.warning("venue's clock not measured (%d times): %s", failures, error)
            await self._clock.sleep(_LOOK_SECONDS)

    async def _make_sure(self) -> None:
        async with self._measuring:
            if not self.is_sure:  # Somebody else may have measured it meanwhile.
                await self._measure()

    async def _measure(self) -> None:
        lead_ns = self._lead()
        if self.uncertainty_ms is not None and abs(lead_ns - self._lead_ns) > _STEP_NS:
            step_ms = (lead_ns - self._lead_ns) / 1e6
            logger.warning("this machine's clock was set, or it slept: step of %.0f ms", step_ms)
        good = await self._good_samples()
        before = self.offset_ms
        self._offset_ns = round(median(sample.offset_ns for sample in good))
        self.uncertainty_ms = max(sample.trip_ns for sample in good) / 2e6
        self._lead_ns = lead_ns
        self._is_doubtful = False
        self._due_ns = self._clock.monotonic_ns() + _REFRESH_NS
        self._tell(before)
        self._measured()

    async def _good_samples(self) -> list[Sample]:
        samples: list[Sample] = []
        good: list[Sample] = []
        while len(good) < _WANTED:
            if len(samples) == _MOST:
                raise FetchError("the venue tells its time too slowly, or too unevenly")
            samples.append(await self._sample())
            good = _good(samples)
        return good

    async def _sample(self) -> Sample:
        sent_ns = self._clock.monotonic_ns()

        def leaving() -> None:
            nonlocal sent_ns
            sent_ns = self._clock.monotonic_ns()

        told_ms = await self._ask(leaving)
        back_ns = self._clock.monotonic_ns()
        return Sample(back_ns - sent_ns, told_ms * 1_000_000 - (sent_ns + back_ns) // 2)

    def _lead(self) -> int:
        return self._clock.utc_ns() - self._clock.monotonic_ns()

    def _tell(self, before: float | None) -> None:
        offset = self.offset_ms
        if offset is not None and (before is None or abs(offset - before) > _STEP_NS / 1e6):
            told = "venue's clock is %s ms from ours, give or take %.0f ms"
            logger.info(told, f"{offset:+z.0f}", self.uncertainty_ms)


def _good(samples: list[Sample]) -> list[Sample]:
    best = max(_LEAST_TRIP_NS, min(sample.trip_ns for sample in samples))
    longest = min(_LONGEST_TRIP_NS, _TIMES_THE_BEST * best)
    return [sample for sample in samples if sample.trip_ns <= longest]
