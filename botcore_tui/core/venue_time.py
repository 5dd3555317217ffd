"""What time it is at the venue, so that what comes from there can be called late.

On a line that is too slow events come without a pause, and each is older than the one before:
only its stamp tells, and that is the venue's clock, from which ours may be far off.
"""

import math

from botcore_tui.model.account import ClockHealth


class VenueTime:
    """The venue's time as of the last tick.

    Args:
        is_told: False where the venue's clock may run faster or slower than ours, as that of the
            embedded exchange: nothing follows from stamps then.

    Attributes:
        lead_ms: How far our ticks, which may follow a clock that was set back, are ahead of it;
            None before both were compared.
        now_ms: At the venue it is no earlier, UTC; None as above, and nothing is called late.
    """

    def __init__(self, *, is_told: bool = True) -> None:
        self._is_told = is_told
        self._tick_ms = 0
        self._told: ClockHealth | None = None
        self.forget()

    def forget(self) -> None:
        """Another session with a venue begins."""
        self._told = None
        self._doubt_ms = 0
        self.lead_ms: int | None = None
        self.now_ms: int | None = None

    def on_clock(self, health: ClockHealth) -> None:
        """Both clocks were compared."""
        # After a step only the next measurement says which one did.
        if self._is_told and not health.has_stepped:
            self._told = health

    def on_tick(self, time_ms: int) -> None:
        """Time has passed."""
        before_ms, self._tick_ms = self._tick_ms, time_ms
        if self._told is not None:
            # It was told between both ticks. Over a standstill these are far apart, and say nothing
            # against what was known before.
            venue_ms = round(self._told.time_ms + self._told.offset_ms)
            least_ms, most_ms = before_ms - venue_ms, time_ms - venue_ms
            known_ms = most_ms if self.lead_ms is None else self.lead_ms
            self.lead_ms = min(max(known_ms, least_ms), most_ms)
            self._doubt_ms = math.ceil(self._told.uncertainty_ms)
            self._told = None
        if self.lead_ms is not None:
            self.now_ms = time_ms - self.lead_ms - self._doubt_ms

    def late_ms(self, stamp_ms: int) -> int:
        """How late something comes now that was stamped then; 0 where that is not known."""
        return 0 if self.now_ms is None else max(0, self.now_ms - stamp_ms)
