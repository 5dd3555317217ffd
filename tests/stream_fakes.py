"""A frame handler that remembers, and a running market stream, for tests."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from msgspec import Struct
from waiting import Changing, SteppedClock

from botcore_tui.clock import Clock
from botcore_tui.exchange.binance.seam import FrameSequence
from botcore_tui.exchange.binance.stream import MarketStream, StreamSettings


class Data(Struct, frozen=True):
    """Sequence numbers of a depth frame, by the venue's names."""

    U: int = 0
    u: int = 0
    pu: int = 0


class Frame(Struct, frozen=True):
    """A combined-stream frame."""

    stream: str
    data: Data


class RememberingHandler(Changing):
    """Takes everything; ``story`` has frames and interruptions in the order they came."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Frame] = []
        self.garbage: list[bytes] = []
        self.interruptions: list[tuple[frozenset[str], str]] = []
        self.notices: list[str] = []
        self.alarms: list[str] = []
        self.story: list[str] = []
        self.has_room = asyncio.Event()
        self.has_room.set()

    def accept(self, raw: bytes, received_ns: int) -> str | None:
        """Take a frame."""
        assert received_ns > 0
        self.changed()
        try:
            frame = msgspec.json.decode(raw, type=Frame)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.garbage.append(raw)
            return None
        self.frames.append(frame)
        self.story.append(f"{frame.stream} {frame.data.u}")
        return frame.stream

    async def room(self) -> None:
        """Wait while the test keeps it full."""
        await self.has_room.wait()

    def sequence(self, raw: bytes) -> FrameSequence | None:
        """Read the numbers."""
        try:
            frame = msgspec.json.decode(raw, type=Frame)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return FrameSequence(frame.stream, frame.data.U, frame.data.u, frame.data.pu)

    def interrupted(self, streams: frozenset[str], reason: str) -> None:
        """Remember."""
        self.interruptions.append((streams, reason))
        self.story.append(f"interrupted {' '.join(sorted(streams))}")
        self.changed()

    def alarm(self, text: str) -> None:
        """Remember."""
        self.alarms.append(text)
        self.changed()

    def notice(self, text: str) -> None:
        """Remember."""
        assert "\n" not in text
        self.notices.append(text)
        self.changed()

    async def until_frames(self, count: int) -> None:
        """Return when so many frames were taken."""
        await self.until(lambda: len(self.frames) >= count)

    def updates(self, stream: str) -> list[int]:
        """Last update ids delivered of a stream."""
        return [frame.data.u for frame in self.frames if frame.stream == stream]


def depth_frame(update: int) -> dict[str, int]:
    """One depth frame of one update."""
    return {"U": update, "u": update, "pu": update - 1}


def five_seconds(_name: str) -> float:
    """Give every stream a floor of five seconds."""
    return 5.0


def some_settings(
    *,
    quiet_seconds: Callable[[str], float | None] = five_seconds,
    rollover_hours: float = 23.0,
    stable_seconds: float = 60.0,
) -> StreamSettings:
    """Settings without jitter in the back-off."""
    return StreamSettings(
        backoff_jitter_pct=0.0,
        quiet_seconds=quiet_seconds,
        rollover_hours=rollover_hours,
        stable_seconds=stable_seconds,
    )


class Running:
    """A stream under test with all that belongs to it."""

    def __init__(self, stream: MarketStream, handler: RememberingHandler) -> None:
        self.stream = stream
        self.handler = handler

    def status(self, name: str) -> str:
        """What is said of one stream."""
        return next(state.status for state in self.stream.state() if state.name == name)


@asynccontextmanager
async def running_stream(
    url: str, *streams: str, clock: Clock | None = None, settings: StreamSettings | None = None
) -> AsyncIterator[Running]:
    """Run a stream for the length of the block."""
    handler = RememberingHandler()
    stream = MarketStream(
        url,
        streams,
        settings=settings or some_settings(),
        clock=clock or SteppedClock(),
        rng=random.Random(7),
        handler=handler,
    )
    task = asyncio.create_task(stream.run())
    try:
        yield Running(stream, handler)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()
