"""The live receive path, without REST: one market stream into an engine."""

import asyncio
import random

from botcore_tui.clock import SystemClock
from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.binance.seam import FrameSequence
from botcore_tui.exchange.binance.stream import MarketStream, StreamSettings
from botcore_tui.model.event import RequestSnapshot
from botcore_tui.model.snapshot import FeedState

STREAMS = ("btcusdt@depth@0ms", "btcusdt@bookTicker", "btcusdt@trade")
_LOOK_SECONDS = 0.005


class LoopbackFeed:
    """A ``MarketFeed`` for as long as there is something to measure.

    Args:
        url_base: Of the sender.
        frames: It ends after so many; None: it ends with its first connection.
    """

    owns_time = False

    def __init__(self, url_base: str, frames: int | None = None) -> None:
        self.receiver = Receiver()
        self._clock = SystemClock()
        self._url_base = url_base
        self._frames = frames
        self._sink: Sink | None = None
        self._is_lost = False

    async def run(self, sink: Sink) -> None:
        """Deliver until the connection is lost."""
        self._sink = sink
        self.receiver.deliver = sink.deliver
        stream = MarketStream(
            self._url_base,
            STREAMS,
            settings=StreamSettings(),
            clock=self._clock,
            rng=random.Random(7),
            handler=self,
        )
        task = asyncio.create_task(stream.run())
        while not self._has_ended():
            await self._clock.sleep(_LOOK_SECONDS)
        task.cancel()
        if self._frames is None:
            await asyncio.wait(
                [task]
            )  # the goodbye takes its time; where that counts, none is said

    def _has_ended(self) -> bool:
        return self._is_lost or (self._frames is not None and self.receiver.frames >= self._frames)

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Do nothing: the frames bring the snapshot themselves."""

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """One row, as the screen of one stream would need it."""
        frames = self.receiver.frames
        return (FeedState("btcusdt@depth", "live", now_ns, None, frames, 0.0, "-", 0),)

    def counters(self) -> tuple[int, int]:
        """Unreadable frames, frames of unknown types."""
        return self.receiver.decode_errors, sum(self.receiver.unknown.values())

    def accept(self, raw: bytes, received_ns: int) -> str | None:
        """See StreamHandler; the same call as the live feed's."""
        return self.receiver.accept(raw, received_ns, self._clock.utc_ns())

    async def room(self) -> None:
        """See StreamHandler."""
        assert self._sink is not None
        await self._sink.room()

    def sequence(self, _raw: bytes) -> FrameSequence | None:
        """See StreamHandler; no connection is ever renewed here."""
        return None

    def interrupted(self, _streams: frozenset[str], _reason: str) -> None:
        """See StreamHandler."""
        self._is_lost = True

    def alarm(self, text: str) -> None:
        """See StreamHandler."""
        raise AssertionError(text)

    def notice(self, text: str) -> None:
        """See StreamHandler; the end of the connection is no news here."""
