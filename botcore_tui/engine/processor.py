"""Event by event: the trader decides, the effects are performed, whoever observes is told."""

import logging
from collections.abc import Callable, Sequence
from typing import Final, get_args

from botcore_tui.clock import Clock
from botcore_tui.core.trader import Trader
from botcore_tui.engine.health import HealthMonitor
from botcore_tui.model.event import Append, Effect, Event, Halt
from botcore_tui.model.market import MarketEvent

logger = logging.getLogger(__name__)

_OF_MARKET: Final[frozenset[type]] = frozenset(get_args(MarketEvent))
"""What the account or our own clock watch tells comes on time where no market does."""

Observer = Callable[[Event, Sequence[Effect], Trader], None]
"""Sees each event with its effects, after the trader took it; in the engine's thread."""


class Processor:
    """The only caller of ``Trader.process``; call in the engine's loop.

    Args:
        trader: Decides.
        perform: Carries out one effect.
        health: Counts, and hears of defects.
        clock: Measures.
        on_defect: Told of an exception that nobody expected, unless it met a halt: trading stops.
        observer: Sees every event with its effects.

    Attributes:
        is_busy: Whether an event is being processed: none may be begun before that has ended.
        last_data_ns: When the market data last processed had been received, monotonic; 0 before.
    """

    def __init__(
        self,
        trader: Trader,
        perform: Callable[[Effect], None],
        health: HealthMonitor,
        clock: Clock,
        on_defect: Callable[[str], None],
        observer: Observer | None,
    ) -> None:
        self.is_busy = False
        self.last_data_ns = 0
        self._trader = trader
        self._perform = perform
        self._health = health
        self._clock = clock
        self._on_defect = on_defect
        self._observer = observer
        self._failures: set[str] = set()

    def process(self, batch: list[tuple[int, Event]]) -> None:
        """Take events, each with the time it was received; 0 where that does not matter."""
        # One pass a batch, names bound once: this is the loop that every frame goes through.
        process, observer, trader = self._trader.process, self._observer, self._trader
        monotonic_ns, record = self._clock.monotonic_ns, self._health.latency.record
        self.is_busy = True
        for received_ns, event in batch:
            try:
                effects = process(event)
                if effects:
                    self._perform_all(event, united(effects))
                if observer is not None:
                    observer(event, effects, trader)
            except Exception as error:  # noqa: BLE001 - whatever it is: trading stops, told
                self._on_failure(event, error)
            if received_ns:
                record(monotonic_ns() - received_ns)
                if type(event) in _OF_MARKET:
                    self.last_data_ns = received_ns
        self.is_busy = False
        self._health.events += len(batch)

    def _perform_all(self, event: Event, effects: list[Effect]) -> None:
        for effect in effects:
            try:
                self._perform(effect)
            except Exception as error:  # noqa: BLE001 - those after it must not fall with it
                self._on_failure(event, error)

    def _on_failure(self, event: Event, error: Exception) -> None:
        what = f"{type(event).__name__}: {type(error).__name__}"
        if what not in self._failures:  # a defect that every event meets must not fill the disk
            self._failures.add(what)
            logger.critical("processing %s failed", type(event).__name__, exc_info=error)
            self._health.add_fault(f"trader: {type(error).__name__}: {error}")
        # A halt that fails leaves the latch as it is: closed.
        if not isinstance(event, Halt):
            self._on_defect(f"processing {type(event).__name__} failed: {error}")


def united(effects: list[Effect]) -> list[Effect]:
    """Effects of one event, all rows in the place of the first, as one.

    An execution without the position that it led to, say, must not be all that a crash leaves.
    """
    rows = [effect.row for effect in effects if isinstance(effect, Append)]
    if len(rows) < 2:
        return effects
    first = next(number for number, effect in enumerate(effects) if isinstance(effect, Append))
    others = [effect for effect in effects if not isinstance(effect, Append)]
    return [*others[:first], Append(rows[0], tuple(rows[1:])), *others[first:]]
