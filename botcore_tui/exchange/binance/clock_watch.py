"""Tells the engine how well the venue's clock is known (P23)."""

from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.binance.venue_clock import VenueClock
from botcore_tui.model.account import ClockHealth

_LOOK_SECONDS: Final = 1.0
_AGAIN_LOOKS: Final = 10
"""Without a change it is told so often, so that its age says that somebody still looks."""
_CHANGE_MS: Final = 5.0


async def watch_clock(venue_clock: VenueClock, sink: Sink, clock: Clock) -> None:
    """Tell it whenever it has changed, until cancelled; nothing before it was measured."""
    told: ClockHealth | None = None
    looks = 0
    while True:
        now = health_of(venue_clock, clock)
        looks += 1
        if now is not None and (told is None or looks >= _AGAIN_LOOKS or _is_other(now, told)):
            sink.deliver(now, clock.monotonic_ns())
            told, looks = now, 0
        await clock.sleep(_LOOK_SECONDS)


def health_of(venue_clock: VenueClock, clock: Clock) -> ClockHealth | None:
    """What is known of it now; None before it was measured."""
    offset_ms, uncertainty_ms = venue_clock.offset_ms, venue_clock.uncertainty_ms
    if offset_ms is None or uncertainty_ms is None:
        return None
    return ClockHealth(
        offset_ms=offset_ms,
        uncertainty_ms=uncertainty_ms,
        has_stepped=not venue_clock.is_sure,
        time_ms=clock.now_ms(),
    )


def _is_other(now: ClockHealth, told: ClockHealth) -> bool:
    is_moved = abs(now.offset_ms - told.offset_ms) > _CHANGE_MS
    return is_moved or (now.has_stepped, now.uncertainty_ms) != (
        told.has_stepped,
        told.uncertainty_ms,
    )
