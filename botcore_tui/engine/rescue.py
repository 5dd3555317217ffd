"""A second way to stop, inside the program: a thread that needs nothing of the engine's loop.

If a halt was called and the loop does not take it up, because something blocks it, this thread
cancels entries at the venue with a client and a loop of its own. It also measures how long the
loop stood still, and halts when that is too long (A14).
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol

from msgspec import Struct

from botcore_tui.clock import Clock
from botcore_tui.engine.kill import in_words, kill
from botcore_tui.engine.kill_terms import KillPlan, KillReport, KillScope
from botcore_tui.exchange.base import VenueAccount
from botcore_tui.model.account import EngineLag
from botcore_tui.model.event import Event, Halt

logger = logging.getLogger(__name__)

ACTOR: Final = "supervisor"
_BEAT_SECONDS: Final = 0.05
_DEAD_NS: Final = 10_000_000_000
"""A loop that stands still for longer is halted."""
_PATIENCE_NS: Final = 250_000_000
"""A halt that the loop has not taken up for so long is carried out here."""


class Rescued(Protocol):
    """The engine, as far as it is watched."""

    @property
    def unheard_halt(self) -> Halt | None:
        """A halt that was called and not taken up yet; any thread."""

    def halt(self, actor: str, reason: str) -> None:
        """Latch HALTED; any thread."""

    def deliver(self, event: Event, received_ns: int) -> None:
        """Take an event; the engine's loop."""


class SecondWay(Struct, frozen=True):
    """To the account, without the engine."""

    opened: AbstractAsyncContextManager[VenueAccount]
    """A client of its own."""
    known: tuple[str, ...]
    """Contracts that are cancelled unseen if the venue does not list what is open."""


FindWay = Callable[[], SecondWay | None]
"""None while there is no account. Called in the watching thread."""


class Rescue:
    """Watches one engine; give ``run`` to it as a service.

    Args:
        engine: Watched.
        find_way: See there.
        clock: Measures; waits in the engine's loop.
        standstill_seconds: A loop that stood still for longer is told of.
        on_report: Told what a rescue confirmed, in the watching thread; must not raise.
    """

    def __init__(
        self,
        engine: Rescued,
        find_way: FindWay,
        clock: Clock,
        standstill_seconds: float,
        on_report: Callable[[KillReport], None] = lambda _: None,
    ) -> None:
        self._engine = engine
        self._find_way = find_way
        self._clock = clock
        self._standstill_ns = standstill_seconds * 1e9
        self._on_report = on_report
        self._beat_ns = 0
        self._stopping = threading.Event()
        self._seen: Halt | None = None
        self._seen_ns = 0
        self._told: Halt | None = None
        self._done: Halt | None = None
        self._is_dead = False

    async def run(self) -> None:
        """Beat in the engine's loop while a thread listens; until cancelled."""
        self._stopping.clear()
        self._beat_ns = self._clock.monotonic_ns()
        thread = threading.Thread(target=self._watch, name="rescue", daemon=True)
        thread.start()
        try:
            while True:
                await self._clock.sleep(_BEAT_SECONDS)
                self.beat()
        finally:
            self._stopping.set()

    def beat(self) -> None:
        """The loop turns; tell how long it did not."""
        now_ns = self._clock.monotonic_ns()
        still_ns, self._beat_ns = now_ns - self._beat_ns, now_ns
        if still_ns > self._standstill_ns:
            logger.error("the engine stood still for %.1f s", still_ns / 1e9)
            self._engine.deliver(EngineLag(still_ns / 1e9, self._clock.now_ms()), 0)

    # --- the thread ---------------------------------------------------------------------------

    def _watch(self) -> None:
        while not self._stopping.wait(_BEAT_SECONDS):
            try:
                self.look()
            except Exception:  # whatever happens, it must go on watching
                logger.exception("a look at the engine failed")

    def look(self) -> None:
        """Halt an engine that stands still, and do what it does not; blocks while it does."""
        now_ns = self._clock.monotonic_ns()
        still_ns = now_ns - self._beat_ns
        if still_ns > _DEAD_NS and not self._is_dead:
            self._engine.halt(ACTOR, f"A14: the engine stands still for {still_ns / 1e9:.0f} s")
        self._is_dead = still_ns > _DEAD_NS
        halt = self._engine.unheard_halt
        if halt is not self._seen:
            self._seen, self._seen_ns = halt, now_ns
        if halt is None or halt is self._done or now_ns - self._seen_ns < _PATIENCE_NS:
            return
        if self._rescue(halt):
            self._done = halt

    def _rescue(self, halt: Halt) -> bool:
        way = self._find_way()
        if halt is not self._told:  # it is looked at again in a moment
            self._told = halt
            does = "cancelling entries" if way is not None else "there is no account yet"
            logger.critical("the engine does not take up a halt by %s: %s", halt.actor, does)
        if way is None:
            return False
        report = asyncio.run(self._kill(way))
        told = logger.warning if report.is_confirmed else logger.critical
        told("rescue %s", f"{in_words(report)} {'; '.join(report.trouble)}".strip())
        self._on_report(report)
        return report.is_confirmed

    async def _kill(self, way: SecondWay) -> KillReport:
        # Stops stay: what becomes of positions is decided by an engine that runs, or by a person.
        plan = KillPlan(scope=KillScope.everything(), known=way.known)
        async with way.opened as venue:
            return await kill(venue, plan, self._clock, lambda *_: None)
