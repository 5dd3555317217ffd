"""The keys that steer a tape, as commands to the engine."""

from collections.abc import Callable

from botcore_tui.engine.port import EnginePort, Pause, Play, Seek, SetSpeed, Step
from botcore_tui.model.snapshot import ReplayProgress

SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, None)
"""What the speed keys go through; None is as fast as it goes."""

_FASTEST = float("inf")
# Presses within one second add up; later ones start from where the tape stands.
_TOGETHER_NS = 1_000_000_000


def next_speed(speed: float | None, *, faster: bool) -> float | None:
    """The neighbour of a speed in ``SPEEDS``, also of one that is not in it; ends at the ends."""
    present = _FASTEST if speed is None else speed
    if faster:
        above = (step for step in SPEEDS if (_FASTEST if step is None else step) > present)
        return next(above, None)
    below = (step for step in reversed(SPEEDS) if step is not None and step < present)
    return next(below, speed)


class TapeKeys:
    """Turns key presses into commands; remembers where quick presses were heading."""

    def __init__(self, engine: EnginePort, clock_ns: Callable[[], int]) -> None:
        self._engine = engine
        self._clock_ns = clock_ns
        self._aim_seconds = 0.0
        self._aimed_ns = -_TOGETHER_NS
        self._aim_speed: float | None = None
        self._sped_ns = -_TOGETHER_NS

    def pause(self, tape: ReplayProgress) -> None:
        """Pause, or play on."""
        self._engine.play(Play() if tape.is_paused else Pause())

    def step(self) -> None:
        """Play one frame."""
        self._engine.play(Step())

    def change_speed(self, tape: ReplayProgress, *, faster: bool) -> None:
        """Play faster or slower by one step."""
        now_ns = self._clock_ns()
        is_quick = now_ns - self._sped_ns < _TOGETHER_NS
        speed = next_speed(self._aim_speed if is_quick else tape.speed, faster=faster)
        self._aim_speed, self._sped_ns = speed, now_ns
        self._engine.play(SetSpeed(speed))

    def seek(self, tape: ReplayProgress, seconds: float) -> None:
        """Go on or back, within the tape."""
        now_ns = self._clock_ns()
        # The picture may be older than the last press, so its position does not know of that yet.
        is_quick = now_ns - self._aimed_ns < _TOGETHER_NS
        aim = (self._aim_seconds if is_quick else tape.position_seconds) + seconds
        if tape.total_seconds is not None:
            aim = min(aim, tape.total_seconds)
        self._aim_seconds, self._aimed_ns = max(0.0, aim), now_ns
        self._engine.play(Seek(self._aim_seconds))
