"""The real cockpit on the live receive path, measuring itself; runs in a pseudo-terminal.

Argument: one JSON object, see Wish. It writes one JSON line to file descriptor 3 for each finding.
"""

import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from bench.figures import quantile
from bench.loopback import LoopbackFeed
from msgspec import Struct

from botcore_tui.clock import SystemClock
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.histogram import Histogram
from botcore_tui.engine.port import EngineSettings
from botcore_tui.model.event import Effect, Event, Halt
from botcore_tui.model.market import BookState, BookTicker
from botcore_tui.ui.supervisor import CockpitSupervisor, OnDisconnect

_PIPE = 3
_RESUME_SECONDS = 0.08


class Wish(Struct, frozen=True):
    """What the bench wants."""

    url: str
    has_screen: bool = True
    is_thin: bool = False
    """Low-bandwidth mode."""
    warm_seconds: float = 5.0
    """Start, first paints, the collector's freeze after three seconds."""
    seconds: float = 8.0
    counts_halts: bool = False
    """Tell the time of each latched halt, and resume a moment later, until killed."""


class Spread(Struct, frozen=True):
    """A distribution in microseconds."""

    count: int
    p50_us: float
    p99_us: float
    max_us: float


class Costs(Struct, frozen=True):
    """What was found in the measured time."""

    start_ns: int
    end_ns: int
    """Monotonic; the measured time."""
    events: int
    ticks: int
    """Pictures that the cockpit drew."""
    main_cpu_seconds: float
    """Of the main thread."""
    process_cpu_seconds: float
    sent: Spread
    """Frame sent by the other process to state updated, bookTickers only."""
    received: Spread
    """Frame received to state updated, all frames, as the cockpit shows it."""
    lag: Spread
    """Of the engine's loop."""


class Latched(Struct, frozen=True):
    """The engine took a halt."""

    at_ns: int


class ExactHistogram(Histogram):
    """Keeps every duration beside the buckets."""

    def __init__(self) -> None:
        super().__init__()
        self.durations: list[float] = []

    def record(self, duration_ns: int) -> None:
        """Count one."""
        self.durations.append(duration_ns)
        super().record(duration_ns)

    def spread(self) -> Spread:
        """Exact figures of all so far."""
        return _spread(self.durations)


class Meter:
    """Watches the engine; ``observe`` runs in its thread.

    Args:
        counts_halts: See Wish.
    """

    def __init__(self, *, counts_halts: bool) -> None:
        self.engine: Engine | None = None
        self.events = 0
        self.ticks = 0
        self.sent: list[float] = []
        self._counts_halts = counts_halts
        self._now_ns = SystemClock().monotonic_ns

    def observe(self, event: Event, effects: Sequence[Effect], trader: Trader) -> None:
        """See Observer."""
        self.events += 1
        if isinstance(event, BookTicker):
            self.sent.append(self._now_ns() - event.update_id)
        elif self._counts_halts and isinstance(event, Halt) and effects:
            assert trader.is_halted
            tell(Latched(self._now_ns()))
            # Not at once: one press halts twice, from the raw bytes and as a key of the app.
            threading.Timer(_RESUME_SECONDS, self._resume).start()

    def _resume(self) -> None:
        assert self.engine is not None
        for _ in range(2):  # from HALTED to REDUCING, from there to ACTIVE
            self.engine.resume("bench", "for the next press")


def tell(finding: Struct) -> None:
    """One line to the bench."""
    os.write(_PIPE, msgspec.json.encode(finding) + b"\n")


def main(wish: Wish) -> int:
    """Run until the measurement is done or, with halts, until killed."""
    logging.getLogger("botcore_tui").addHandler(logging.NullHandler())
    logging.getLogger("botcore_tui").propagate = False
    trader = Trader(("BTCUSDT",))
    meter = Meter(counts_halts=wish.counts_halts)
    engine = Engine(
        trader,
        LoopbackFeed(wish.url),
        SystemClock(),
        EngineSettings("demo", "SYNTHETIC"),
        observer=meter.observe,
    )
    meter.engine = engine
    supervisor = CockpitSupervisor(
        engine, on_disconnect=OnDisconnect.LEAVE, log_path=Path(tempfile.gettempdir())
    )
    engine.start()

    def measure() -> None:
        time.sleep(wish.warm_seconds)  # the costs of its start are not measured
        assert trader.market.of("BTCUSDT").book.state is BookState.LIVE
        tell(_costs(engine, meter, wish.seconds))
        if not wish.counts_halts:
            supervisor.terminate("bench")

    threading.Thread(target=measure, name="bench", daemon=True).start()
    if wish.has_screen:
        _show(engine, supervisor, meter, is_thin=wish.is_thin)
    else:
        supervisor.run_headless()
    engine.stop()
    return 0


def _show(engine: Engine, supervisor: CockpitSupervisor, meter: Meter, *, is_thin: bool) -> None:
    from botcore_tui.ui.app import CockpitApp  # noqa: PLC0415 - Textual, only with a screen
    from botcore_tui.ui.driver import SafeDriver  # noqa: PLC0415 - the same
    from botcore_tui.ui.settings import CockpitSettings  # noqa: PLC0415 - the same

    class CountingCockpit(CockpitApp):
        """Counts its pictures."""

        def frame(self) -> None:
            meter.ticks += 1
            super().frame()

    settings = CockpitSettings(actor="bench", low_bandwidth=is_thin)
    supervisor.run(lambda: CountingCockpit(engine, settings, driver_class=SafeDriver))


def _costs(engine: Engine, meter: Meter, seconds: float) -> Costs:
    main_thread = threading.main_thread()
    assert main_thread.ident is not None
    clock = time.pthread_getcpuclockid(main_thread.ident)
    received, lag = ExactHistogram(), ExactHistogram()
    engine._health.latency = received
    engine._health._lag = lag
    meter.sent.clear()
    before = (time.clock_gettime(clock), time.process_time(), meter.events, meter.ticks)
    start_ns = time.monotonic_ns()
    time.sleep(seconds)  # what is measured
    end_ns = time.monotonic_ns()
    return Costs(
        start_ns=start_ns,
        end_ns=end_ns,
        events=meter.events - before[2],
        ticks=meter.ticks - before[3],
        main_cpu_seconds=time.clock_gettime(clock) - before[0],
        process_cpu_seconds=time.process_time() - before[1],
        sent=_spread(meter.sent),
        received=received.spread(),
        lag=lag.spread(),
    )


def _spread(durations_ns: Sequence[float]) -> Spread:
    values = [duration / 1000 for duration in durations_ns]
    return Spread(len(values), quantile(values, 0.5), quantile(values, 0.99), max(values))


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=Wish)))
