"""Plays recorded frames into the engine, at any speed, with pause, step and seek."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Final, assert_never

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.engine.port import Pause, Play, PlayerCommand, Seek, SetSpeed, Step
from botcore_tui.engine.tape import Line
from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.binance.rates import StreamRates
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.model.event import MarketReset, RequestSnapshot, Tick
from botcore_tui.model.snapshot import FeedState, ReplayProgress

TICK_NS: Final = 250_000_000
_LONGEST_SILENCE_NS: Final = 60_000_000_000
"""Ticks are made for so much of a gap between two frames; the rest is skipped."""
_SLICE: Final = 256
"""Frames between two looks at commands and at room, as fast as it goes."""
_SHORTEST_SLEEP: Final = 0.0005
_CLOCK_STEP_NS: Final = 1_000_000_000
"""A frame so much older than the one before: the recorder's clock was set back."""
_SLOWEST: Final = 1e-3
_FASTEST: Final = 1e6
_FARTHEST_SECONDS: Final = 1e9

Opener = Callable[[], Generator[list[Line], None, None]]


class PlayerSettings(Struct, frozen=True):
    """How a tape is played."""

    path: str
    """Shown to the user."""
    speed: float | None = 1.0
    """Multiple of real time; None as fast as it goes."""
    start_seconds: float = 0.0
    waits_at_end: bool = False
    """Stay for commands when the last frame is played, instead of ending."""
    takes_latency: bool = True
    """Stamp frames, so that the engine measures the time to state updated."""


class Player:
    """A ``MarketFeed`` that reads batches of ``(local_ns, raw)`` lines.

    Time is the tape's: the player makes the Ticks, from the recorder's clock.

    Args:
        opened: Opens the frames from the start, each time it is called.
        errors: What is wrong with the tape so far, as text; empty if nothing.
        total_seconds: Duration if known; asked now and then, cheap.
    """

    owns_time = True

    def __init__(
        self,
        opened: Opener,
        settings: PlayerSettings,
        clock: Clock,
        *,
        errors: Callable[[], str] = str,
        total_seconds: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._opened = opened
        self._settings = settings
        self._clock = clock
        self._errors = errors
        self._total_seconds = total_seconds
        self._speed = settings.speed
        self._is_paused = False
        self._is_finished = False
        self._steps = 0
        self._hurry_to_ns: int | None = None
        self._wants_restart = False
        self._changed = asyncio.Event()
        self._first_ns = 0
        self._position_ns = 0
        self._next_tick_ns = 0
        self._anchor_tape_ns = 0
        self._anchor_ns = 0
        self._awaited_ns = 0
        self._started_ns = 0
        self._played = 0
        self._seek_seconds = settings.start_seconds
        self._rates = StreamRates()
        self.receiver = Receiver()

    # --- MarketFeed ---------------------------------------------------------------------------

    async def run(self, sink: Sink) -> None:
        """Play to the end; with ``waits_at_end`` until cancelled."""
        self.receiver.deliver = sink.deliver
        self._started_ns = self._clock.monotonic_ns()
        while True:
            if self._position_ns:  # a seek back, or a new start after a failure
                self.receiver.start_again()
                sink.deliver(MarketReset("tape starts again", self._position_ns // 1_000_000), 0)
            self._wants_restart = False
            await self._play_once(sink)
            if not self._wants_restart:
                if not self._settings.waits_at_end:
                    return
                await self._wait_at_end()

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Do nothing: a tape holds the snapshots that its recorder fetched, and no others."""

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row a stream of the tape; rates are per second of the tape."""
        rates = self._rates.sample(self.receiver.streams, self._position_ns)
        return tuple(
            FeedState(
                name=name,
                status=self._status(),
                last_frame_ns=now_ns - max(0, self._position_ns - count.last_utc_ns),
                lag_ms=rates[name].lag_ms,
                frames=count.frames,
                frames_per_second=rates[name].frames_per_second,
                sequence="-",
                reconnects=0,
            )
            for name, count in sorted(self.receiver.streams.items())
        )

    def _status(self) -> str:
        if self._is_finished:
            return "ended"
        # What is played in a hurry is the past, however fresh it looks.
        return "live" if self._hurry_to_ns is None else "waiting"

    def counters(self) -> tuple[int, int]:
        """Unreadable frames, frames of unknown types."""
        return self.receiver.decode_errors, sum(self.receiver.unknown.values())

    # --- commands -----------------------------------------------------------------------------

    def steer(self, command: PlayerCommand) -> None:
        """Obey one command; call in the loop's thread."""
        self._anchor(self._playhead_ns())
        match command:
            case Play() | Pause():
                self._is_paused = isinstance(command, Pause)
                self._steps = 0
            case Step():
                self._is_paused = True
                self._steps += max(1, command.frames)
            case SetSpeed():
                if command.speed is None or _SLOWEST <= command.speed <= _FASTEST:
                    self._speed = command.speed
            case Seek():
                self._seek(min(max(0.0, command.seconds), _FARTHEST_SECONDS))
            case _:
                assert_never(command)
        self._changed.set()

    def progress(self) -> ReplayProgress:
        """Where the tape stands."""
        position = (self._position_ns - self._first_ns) / 1e9 if self._first_ns else 0.0
        total = self._total_seconds()
        return ReplayProgress(
            path=self._settings.path,
            position_seconds=position,
            total_seconds=total,
            speed=self._speed,
            is_paused=self._is_paused,
            is_finished=self._is_finished,
            frames=self._played,
            seconds_left=self._seconds_left(position, total),
            error=self._errors(),
        )

    # --- playing ------------------------------------------------------------------------------

    async def _play_once(self, sink: Sink) -> None:
        self._is_finished = False
        self._first_ns = self._next_tick_ns = 0
        self._played = 0
        with closing(self._opened()) as batches:
            for batch in batches:
                if not self._first_ns:
                    self._begin(batch[0][0])
                await self._play_batch(batch, sink)
                if self._wants_restart:
                    return
        self._hurry_to_ns = None
        self._is_finished = True

    def _begin(self, first_ns: int) -> None:
        self._first_ns = self._position_ns = first_ns
        self._next_tick_ns = first_ns
        self._hurry_to_ns = None
        if self._seek_seconds:
            self._hurry_to_ns = first_ns + round(self._seek_seconds * 1e9)
            self._seek_seconds = 0.0
        self._anchor(first_ns)

    async def _play_batch(self, batch: list[Line], sink: Sink) -> None:
        index = 0
        while index < len(batch) and not self._wants_restart:
            count = self._due(batch, index)
            if count:
                self._play_lines(batch[index : index + count])
                index += count
                await sink.room()
                await asyncio.sleep(0)  # the others' turn
            else:
                await self._wait_until(batch[index][0])

    def _due(self, batch: list[Line], index: int) -> int:
        end = min(index + _SLICE, len(batch))
        if self._hurry_to_ns is not None:
            count = _before(batch, index, end, self._hurry_to_ns)
            if count:
                return count
            # In a silence the place asked for lies after the last frame before it.
            self._position_ns = max(self._position_ns, self._hurry_to_ns)
            self._hurry_to_ns = None
            self._anchor(self._position_ns)
        if self._is_paused:
            count = min(self._steps, end - index)
            self._steps -= count
            return count
        if self._speed is None:
            return end - index
        if batch[index][0] < self._position_ns - _CLOCK_STEP_NS:
            self._anchor(batch[index][0])
        return _before(batch, index, end, self._tape_now_ns() + 1)

    def _play_lines(self, lines: list[Line]) -> None:
        accept = self.receiver.accept
        is_timed = self._settings.takes_latency and self._speed is not None
        now_ns = self._clock.monotonic_ns() if is_timed else 0
        for line_ns, raw in lines:
            if line_ns >= self._next_tick_ns:
                self._tick(line_ns)
            elif line_ns < self._next_tick_ns - TICK_NS - _CLOCK_STEP_NS:
                self._next_tick_ns = line_ns
                self._tick(line_ns)
            accept(raw, now_ns, line_ns)
        self._position_ns = lines[-1][0]
        self._played += len(lines)
        if self._is_paused or self._speed is None:
            self._anchor(self._position_ns)

    def _tick(self, line_ns: int) -> None:
        start = max(self._next_tick_ns, line_ns - _LONGEST_SILENCE_NS)
        for tick_ns in range(start, line_ns + 1, TICK_NS):
            self.receiver.deliver(Tick(tick_ns // 1_000_000), 0)
            self._next_tick_ns = tick_ns + TICK_NS

    async def _wait_until(self, line_ns: int) -> None:
        self._changed.clear()
        self._awaited_ns = line_ns
        if self._is_paused or self._speed is None:
            await self._changed.wait()
            return
        seconds = (line_ns - self._tape_now_ns()) / 1e9 / self._speed
        await self._changed_within(max(seconds, _SHORTEST_SLEEP))

    async def _changed_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _wait_at_end(self) -> None:
        while not self._wants_restart:
            self._changed.clear()
            await self._changed.wait()

    # --- time ---------------------------------------------------------------------------------

    def _anchor(self, tape_ns: int) -> None:
        self._anchor_tape_ns = tape_ns
        self._anchor_ns = self._clock.monotonic_ns()

    def _playhead_ns(self) -> int:
        # Between two frames time passes too; what playing lags behind is never made up for later.
        if self._is_paused or self._speed is None:
            return self._anchor_tape_ns
        return max(self._position_ns, min(self._tape_now_ns(), self._awaited_ns))

    def _tape_now_ns(self) -> int:
        elapsed = self._clock.monotonic_ns() - self._anchor_ns
        return self._anchor_tape_ns + round(elapsed * (self._speed or 1.0))

    def _seek(self, seconds: float) -> None:
        self._steps = 0
        target_ns = self._first_ns + round(seconds * 1e9)
        if self._wants_restart or not self._first_ns or target_ns <= self._position_ns:
            self._wants_restart = True
            self._seek_seconds = seconds
            self._rates.forget()
        else:
            self._hurry_to_ns = target_ns

    def _seconds_left(self, position: float, total: float | None) -> float | None:
        if total is None:
            return None
        if self._speed is not None:
            return max(0.0, total - position) / self._speed
        elapsed = (self._clock.monotonic_ns() - self._started_ns) / 1e9
        return max(0.0, total - position) * elapsed / position if position else None


def _before(batch: list[Line], index: int, end: int, limit_ns: int) -> int:
    # Lines from ``index`` on that are older than the limit, up to where the clock was set back.
    previous_ns = batch[index][0]
    for place in range(index, end):
        line_ns = batch[place][0]
        if line_ns >= limit_ns or line_ns < previous_ns - _CLOCK_STEP_NS:
            return place - index
        previous_ns = line_ns
    return end - index
