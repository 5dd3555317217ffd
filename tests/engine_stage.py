"""An engine in virtual time, played upon from inside its own loop."""

import asyncio
from abc import ABC, abstractmethod

from engine_fakes import SETTINGS, Observed, ScriptedFeed, an_engine, run_to_end
from msgspec.structs import replace
from virtual_time import VirtualTime

from botcore_tui.engine.engine import Engine
from botcore_tui.exchange.base import Sink
from botcore_tui.model.event import Tick
from botcore_tui.model.snapshot import Snapshot, View


class Stage(ABC):
    """An engine whose feed plays a script that may use the engine itself."""

    def __init__(self, time: VirtualTime, *, owns_time: bool = True, capacity: int = 99) -> None:
        self.time = time
        self.observed = Observed()
        self.feed = ScriptedFeed(self._play, owns_time=owns_time)
        settings = replace(SETTINGS, inbox_capacity=capacity)
        self.engine = an_engine(self.feed, time, observed=self.observed, settings=settings)
        self.pictures: list[Snapshot] = []

    def run(self) -> None:
        """Play ``script`` to its end."""
        run_to_end(self.engine, self.feed)

    async def _play(self, sink: Sink) -> None:
        await self.script(sink)

    @abstractmethod
    async def script(self, sink: Sink) -> None:
        """What happens."""

    async def look_for(self, seconds: float, *, each: float = 0.02) -> None:
        """Ask for a picture many times a second; keep each new one."""
        for _ in range(round(seconds / each)):
            picture = self.engine.look(View())
            if picture is not None and (not self.pictures or picture is not self.pictures[-1]):
                self.pictures.append(picture)
            await self.time.sleep(each)


async def for_ever(_sink: Sink) -> None:
    """Do nothing until cancelled."""
    await asyncio.Event().wait()


async def a_picture(engine: Engine, time: VirtualTime) -> Snapshot:
    """The next one that is drawn."""
    engine.look(View())
    await time.sleep(0.2)
    picture = engine.look(View())
    assert picture is not None
    return picture


def is_halted(engine: Engine) -> bool:
    """Ask anew; a type checker takes a property for constant."""
    return engine.is_halted


def ticks(observed: Observed) -> list[int]:
    """Times of the ticks seen, milliseconds."""
    return [event.time_ms for event in observed.events if isinstance(event, Tick)]
