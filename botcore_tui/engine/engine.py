"""The engine: one thread, one loop, one inbox, one caller of ``Trader.process``."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from botcore_tui.clock import Clock
from botcore_tui.core.trader import Trader, without_account
from botcore_tui.engine.answers import Answers
from botcore_tui.engine.health import HealthMonitor
from botcore_tui.engine.hygiene import ThreadHygiene, loop_factory
from botcore_tui.engine.inbox import Inbox
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.engine.latch_writer import LatchWriter
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.engine.performer import Performer
from botcore_tui.engine.pictures import Pictures
from botcore_tui.engine.player import Player
from botcore_tui.engine.port import EngineSettings, PlayerCommand, Status
from botcore_tui.engine.processor import Observer, Processor
from botcore_tui.engine.publisher import Publisher, Surroundings
from botcore_tui.engine.steady import SteadyTime
from botcore_tui.engine.supervisor import keep_running
from botcore_tui.exchange.base import MarketFeed
from botcore_tui.exchange.broker import Stamped
from botcore_tui.model.command import Scope
from botcore_tui.model.event import (
    Answer,
    Command,
    DeskCommand,
    Event,
    FeedDown,
    Halt,
    Resume,
    Tick,
)
from botcore_tui.model.snapshot import FeedState, HaltInfo, LogLine, Snapshot, View

logger = logging.getLogger(__name__)

_TICK_SECONDS: Final = 0.25
_PUBLISH_SECONDS: Final = 0.1
_LATCH_SECONDS: Final = 2.0
"""Longest wait for the halt file when the engine stops."""
_LATCH_AGAIN_NS: Final = 5_000_000_000
"""Between tries to write a halt file that could not be written."""
_SLICE: Final = 32
"""Events between two looks at the sockets: a cancel on its way out waits for no more of them."""
_TAPE_SLICE: Final = 256
"""The same where events come as fast as they are taken, and nothing is on its way out."""


class Engine:
    """Runs a trader on a feed in a thread of its own; implements ``EnginePort``.

    The screen may freeze, die or be absent. An exception nobody expected latches HALTED, is told,
    and the market goes on.

    Args:
        trader: Decides; owned by the engine from here on.
        feed: Where events come from.
        clock: All waiting goes through it.
        settings: See there.
        log: Ring that the program's logger fills.
        observer: Sees every event with its effects.
        latch: Keeps a halt over restarts; what it says at the start is in force at once.

    Attributes:
        answers: To commands; use it in the engine's loop only.
        finished: Set when the feed has ended and everything was processed.
        failure: Why the feed last died; empty if it never did.
        log: The newest log lines.
    """

    def __init__(  # noqa: PLR0913 - each is a port of its own
        self,
        trader: Trader,
        feed: MarketFeed,
        clock: Clock,
        settings: EngineSettings,
        *,
        log: LogRing | None = None,
        observer: Observer | None = None,
        latch: HaltLatch | None = None,
    ) -> None:
        self.finished = threading.Event()
        self.failure = ""
        self.more_feeds: Callable[[], tuple[FeedState, ...]] = tuple
        """Rows for the feeds pane besides the feed's own, such as a recording."""
        self.log = log or LogRing()
        self.answers = Answers()
        self._trader = trader
        self._feed = feed
        self._time = SteadyTime(clock)
        self._clock = clock
        self._settings = settings
        self._inbox: Inbox[Event] = Inbox(settings.inbox_capacity)
        self._pictures = Pictures(Publisher(trader), self._surroundings, clock)
        self._hygiene = ThreadHygiene()
        self._health = HealthMonitor(clock, self._hygiene)
        self._open_halts: dict[int, Halt] = {}
        self._latch = None if latch is None else LatchWriter(latch, self._on_latch_trouble)
        self._latch_due_ns = 0
        self._performer = Performer(
            feed,
            clock,
            self.answers,
            self.deliver,
            latch=self._latch,
            redraw=self._pictures.redraw,
        )
        self._processor = Processor(
            trader, self._performer.perform, self._health, clock, self._on_defect, observer
        )
        self._services: list[tuple[str, Callable[[], Coroutine[None, None, None]]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._adopt(None if latch is None else latch.read())

    # --- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread; returns when its loop turns."""
        self._thread.start()
        self._ready.wait()

    def stop(self, timeout_seconds: float = 5.0) -> bool:
        """End the feed and the thread; True when it is gone."""
        self._in_loop(self._stopping.set)
        if self._thread.ident is not None:
            self._thread.join(timeout_seconds)
        if self._latch is not None:
            self._latch.settle(_LATCH_SECONDS)
        return not self._thread.is_alive()

    def serve(self, name: str, run: Callable[[], Coroutine[None, None, None]]) -> None:
        """Have ``run`` kept running in the engine's loop; call before ``start``."""
        self._services.append((name, run))

    @property
    def is_alive(self) -> bool:
        """Whether the engine's thread runs."""
        return self._thread.is_alive()

    @contextmanager
    def child_process(self) -> Iterator[None]:
        """Start child processes inside this, in the engine's thread or any other.

        They would inherit its core; blocked signals they do inherit, see ``engine.signals``.
        """
        with self._hygiene.unpinned():
            yield

    # --- EnginePort: any thread ---------------------------------------------------------------

    @property
    def is_halted(self) -> bool:
        """Whether trading is latched: from ``halt`` on, or from another program's halt file on."""
        if self._trader.is_halted or self._open_halts:
            return True
        return self._latch is not None and self._latch.has_news()

    @property
    def bars_entries(self) -> bool:
        """Whether nothing may raise a position: trading is halted, or reducing."""
        return not self._trader.is_active or self.is_halted

    def look(self, view: View) -> Snapshot | None:
        """Say that somebody looks and at what; the newest picture, or None before the first."""
        return self._pictures.look(view)

    def halt(self, actor: str, reason: str, *, flattens: bool = False) -> None:
        """Latch HALTED; in force when this returns."""
        halt = Halt(actor, reason, self._clock.now_ms(), flattens)
        self._open_halt(halt)
        if self._latch is not None:
            self._latch.set(HaltInfo(actor, reason, halt.time_ms))

    def resume(
        self, actor: str, reason: str, *, command_id: str = "", scopes: tuple[Scope, ...] = ()
    ) -> None:
        """Ask for one step back: HALTED to REDUCING, REDUCING to ACTIVE."""
        self._command(Resume(actor, reason, self._clock.now_ms(), command_id, scopes))

    def send(self, command: DeskCommand) -> None:
        """Ask for what is answered; the answer tells whether it is taken on."""
        if self._performer.broker is not None and self._settings.trading_enabled:
            self._command(command)
            return
        self.tell(without_account(command, self._clock.now_ms()))

    def tell(self, answer: Answer) -> None:
        """Show the answer to a command that was refused at its door; any thread."""
        self._in_loop(lambda: self.answers.add(answer))

    def play(self, command: PlayerCommand) -> None:
        """Steer the tape; without effect on a live feed."""
        feed = self._feed
        if isinstance(feed, Player):
            self._in_loop(lambda: feed.steer(command))

    def log_since(self, sequence: int) -> Sequence[LogLine]:
        """Log lines after a sequence number, oldest first."""
        return self.log.since(sequence)

    # --- for a service: the engine's loop -----------------------------------------------------

    def status(self) -> Status:
        """How trading stands."""
        return Status(
            environment=self._settings.environment,
            state=self._trader.state,
            halt=self._trader.halt,
            account=self._pictures.account(),
        )

    @property
    def has_commands(self) -> bool:
        """Whether commands wait that the trader has not seen yet."""
        return self._inbox.has_urgent

    @property
    def unheard_halt(self) -> Halt | None:
        """A halt that was called and not taken up yet; any thread."""
        return next(iter(list(self._open_halts.values())), None)

    def _open_halt(self, halt: Halt) -> None:
        # In force from here on. By identity, not counted: `+= 1` from two threads may add one.
        self._open_halts[id(halt)] = halt
        self._command(halt)

    def _command(self, command: Command) -> None:
        self._inbox.urge(command)
        self._in_loop(self._take_commands)

    def _take_commands(self) -> None:
        # Not by the pump alone: woken, it has its turn after all else that is ready in the loop.
        for command in self._inbox.take_urgent():
            self._processor.process([(0, command)])
            if self._trader.is_halted:
                self._open_halts.pop(id(command), None)

    def _in_loop(self, call: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(call)
            except RuntimeError:
                logger.debug("the engine's loop has ended; a late call is left out")

    # --- Sink: the engine's loop --------------------------------------------------------------

    def deliver(self, event: Event, received_ns: int) -> None:
        """Take one event from the feed."""
        self._inbox.put(event, received_ns)
        # A burst of frames is read in one turn of the loop; a halt does not wait for its end.
        if self._inbox.has_urgent and not self._processor.is_busy:
            self._take_commands()

    async def room(self) -> None:
        """Return when more may be delivered."""
        await self._inbox.room()

    # --- the thread ---------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            with asyncio.Runner(
                loop_factory=loop_factory(uses_uvloop=self._settings.uses_uvloop)
            ) as runner:
                runner.run(self._run())
        except Exception as error:  # nothing may end this thread unseen
            logger.critical("the engine ended", exc_info=error)
        finally:
            self._hygiene.undo()
            self._loop = None
            self._performer.tell()
            self._ready.set()
            self.finished.set()

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._hygiene.tune(self._settings.switch_interval_ms)
        self._hygiene.say(f"loop {type(self._loop).__module__.partition('.')[0]}")
        if self._settings.pins_cores:
            self._hygiene.pin()
        self._ready.set()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._kept(name, run))
                for name, run in (
                    ("pump", self._pump),
                    ("feed", self._run_feed),
                    ("ticks", self._tick),
                    ("probe", self._health.probe),
                    ("pictures", self._publish),
                    *self._services,
                )
            ]
            await self._stopping.wait()
            for task in tasks:
                task.cancel()

    async def _kept(self, name: str, run: Callable[[], Coroutine[None, None, None]]) -> None:
        await keep_running(name, run, self._clock, on_death=self.on_death)

    async def _run_feed(self) -> None:
        await self._feed.run(self)
        await self._inbox.drained()
        self._performer.tell()
        self.finished.set()
        if self._settings.ends_with_feed:
            self._stopping.set()

    async def _tick(self) -> None:
        while not self._feed.owns_time:
            self._look_at_latch()
            self._inbox.put(Tick(self._time.now_ms()), 0)
            await self._clock.sleep(_TICK_SECONDS)

    def _look_at_latch(self) -> None:
        if self._latch is None:
            return
        if not (self._trader.is_halted or self._open_halts):
            self._adopt(self._latch.news())
        elif self._clock.monotonic_ns() >= self._latch_due_ns:
            self._latch_due_ns = self._clock.monotonic_ns() + _LATCH_AGAIN_NS
            self._latch.retry()

    def _adopt(self, kept: HaltInfo | None) -> None:
        if kept is not None:
            account, trips = kept.account, kept.trips
            self._open_halt(
                Halt(kept.actor, kept.reason, kept.time_ms, account=account, trips=trips)
            )

    async def _pump(self) -> None:
        inbox, most = self._inbox, _TAPE_SLICE if self._feed.owns_time else _SLICE
        while True:
            await inbox.wait()
            self._take_commands()
            batch = inbox.take(most)
            self._processor.process(batch)
            if batch and self._feed.owns_time:  # as fast as it goes, frames carry no time
                self._processor.last_data_ns = self._clock.monotonic_ns()
            await asyncio.sleep(0)  # the sockets' turn

    def _on_defect(self, what: str) -> None:
        # What is lost may be the effects of a halt, and its file with them.
        is_kept = self._latch is None or self._latch.has_news()
        if not (is_kept and self.is_halted):
            self.halt("engine", what)

    def on_death(self, name: str, error: Exception) -> None:
        """Take note that a task died: trading halts, and it is told. In the engine's loop."""
        self._health.add_fault(f"{name}: {type(error).__name__}: {error}")
        if name == "feed":
            self.failure = str(error)
            if self._settings.ends_with_feed:
                self._stopping.set()
            symbols = tuple(self._trader.market.by_symbol)
            self._inbox.put(FeedDown(symbols, f"feed died: {error}", self._clock.now_ms()), 0)
        self.halt("engine", f"{name} failed: {type(error).__name__}: {error}")

    def _on_latch_trouble(self, text: str) -> None:
        self._in_loop(lambda: self._health.add_fault(text))

    # --- pictures -----------------------------------------------------------------------------

    async def _publish(self) -> None:
        while True:
            await self._clock.sleep(_PUBLISH_SECONDS)
            self._health.looked_ns = self._pictures.looked_ns
            self._health.is_idle = not len(self._inbox)
            self._pictures.refresh()

    def _surroundings(self) -> Surroundings:
        now_ns, feed, inbox = self._clock.monotonic_ns(), self._feed, self._inbox
        return Surroundings(
            environment=self._settings.environment,
            label=self._settings.label,
            trading_enabled=self._settings.trading_enabled,
            published_ns=now_ns,
            heartbeat_ns=self._health.heartbeat_ns,
            last_data_ns=self._processor.last_data_ns,
            feeds=(*feed.states(now_ns), *self.more_feeds()),
            health=self._health.report(
                inbox=(len(inbox), inbox.peak, inbox.capacity), refused=feed.counters()
            ),
            replay=feed.progress() if isinstance(feed, Player) else None,
            log_end=self.log.end,
            now_ms=self._clock.now_ms(),
            answers=self.answers.newest,
            stamps=feed.stamps() if isinstance(feed, Stamped) else None,
        )
