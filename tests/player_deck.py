"""A player in virtual time, and what it did."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Sequence
from itertools import islice

from engine_fakes import START_MS
from virtual_time import VirtualTime

from botcore_tui.engine.player import Opener, Player, PlayerSettings
from botcore_tui.engine.tape import Line
from botcore_tui.model.event import Event, MarketReset, Tick
from botcore_tui.model.market import Trade
from botcore_tui.model.snapshot import ReplayProgress

SETTINGS = PlayerSettings("tape.zst")
LASTING = PlayerSettings("tape.zst", waits_at_end=True)


def batches_of(lines: Iterable[Line], size: int = 7) -> Generator[list[Line], None, None]:
    """Lines in the bundles that a tape gives, taken no earlier than they are played."""
    remaining = iter(lines)
    while batch := list(islice(remaining, size)):
        yield batch


class Deck:
    """A player in virtual time; remembers what it delivered and when, seconds since the start."""

    def __init__(
        self,
        lines: Sequence[Line],
        settings: PlayerSettings = SETTINGS,
        *,
        opened: Opener | None = None,
        total: float | None = None,
    ) -> None:
        self.time = VirtualTime()
        self.delivered: list[tuple[float, Event]] = []
        self.received: list[int] = []
        self.has_room = asyncio.Event()
        self.has_room.set()
        self.opened = 0
        self._lines = list(lines)
        self.player = Player(
            opened or self._open,
            settings,
            self.time,
            errors=lambda: "",
            total_seconds=lambda: total,
        )

    def _open(self) -> Generator[list[Line], None, None]:
        self.opened += 1
        return batches_of(self._lines)

    def deliver(self, event: Event, received_ns: int) -> None:
        """Remember."""
        self.delivered.append((self.time.elapsed(), event))
        self.received.append(received_ns)

    async def room(self) -> None:
        """Wait while the test keeps it full."""
        await self.has_room.wait()

    def play(self, script: Callable[["Deck"], Awaitable[None]] | None = None) -> "Deck":
        """Play to the end, or until the script has ended."""

        async def scenario() -> None:
            task = asyncio.create_task(self.player.run(self))
            if script is None:
                await task
            else:
                await script(self)
                task.cancel()
                await asyncio.wait([task])
                if not task.cancelled():
                    task.result()

        self.time.run(scenario)
        return self

    def trades(self) -> list[tuple[float, int]]:
        """Time of ours and number of each trade."""
        return [(at, event.trade_id) for at, event in self.delivered if isinstance(event, Trade)]

    def numbers(self) -> list[int]:
        """Numbers of the trades."""
        return [number for _, number in self.trades()]

    def ticks(self) -> list[int]:
        """Tape time of each tick, milliseconds since its start."""
        events = [event for _, event in self.delivered]
        return [event.time_ms - START_MS for event in events if isinstance(event, Tick)]

    def resets(self) -> int:
        """How often the market started anew."""
        return sum(isinstance(event, MarketReset) for _, event in self.delivered)

    def progress(self) -> ReplayProgress:
        """Where the tape stands."""
        return self.player.progress()
