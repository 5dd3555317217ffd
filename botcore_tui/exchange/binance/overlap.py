"""The few seconds in which an old and a new connection carry the same streams."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

from msgspec import Struct
from websockets.exceptions import ConnectionClosed

from botcore_tui.clock import Clock
from botcore_tui.exchange.binance.link import Link, LinkError, closing
from botcore_tui.exchange.binance.seam import FrameSequence, Seam, Verdict
from botcore_tui.exchange.binance.streaming import StreamHandler

_MOST_HELD = 50_000


class HeldFrame(Struct, frozen=True, gc=False):
    """A frame of the new connection that waits for the switch."""

    raw: bytes
    received_ns: int
    sequence: FrameSequence | None


class Overlap:
    """Holds the new connection's frames back until it joins the old one.

    Args:
        link: The new connection.
        seam: Judges what joins.
        sequence: Reads a frame's place in its stream without delivering it.
        clock: Stamps the frames.
    """

    def __init__(
        self,
        link: Link,
        seam: Seam,
        *,
        sequence: Callable[[bytes], FrameSequence | None],
        clock: Clock,
    ) -> None:
        self.link = link
        self.seam = seam
        self.held: deque[HeldFrame] = deque()
        self._unplaced: deque[HeldFrame] = deque()
        self.settled = asyncio.Event()
        self._sequence = sequence
        self._clock = clock

    def delivered(self, raw: bytes) -> None:
        """Note a frame that the old connection has just delivered."""
        sequence = self._sequence(raw)
        if sequence is not None:
            self.seam.deliver_old(sequence)
            self._settle()

    async def hold(self) -> None:
        """Read the new connection for ever.

        Raises:
            LinkError: It ended, or more frames came than can be held.
        """
        recv = self.link.socket.recv
        while len(self.held) + len(self._unplaced) < _MOST_HELD:
            try:
                raw = await recv(decode=False)
            except ConnectionClosed as error:
                raise closing(error) from error
            if self.link.reply(raw) is None:
                self._keep(HeldFrame(raw, self._clock.monotonic_ns(), self._sequence(raw)))
        raise LinkError(f"the connections did not meet within {_MOST_HELD} frames")

    async def expire(self, seconds: float) -> None:
        """Settle for what there is after so long."""
        await self._clock.sleep(seconds)
        self.settled.set()

    def release(self) -> deque[HeldFrame]:
        """Hand out what is held, oldest first."""
        self._unplaced += self.held
        self.held.clear()
        return self._unplaced

    def _keep(self, frame: HeldFrame) -> None:
        if frame.sequence is not None:
            self.seam.hold_new(frame.sequence)
        self.held.append(frame)
        self._settle()

    def _settle(self) -> None:
        while self.held:
            sequence = self.held[0].sequence
            if sequence is None:
                # Nobody can say if the old connection delivered it, until it has delivered
                # something that came later.
                self._unplaced.append(self.held.popleft())
            elif self.seam.is_past(sequence):
                self.held.popleft()
                self._unplaced.clear()
            else:
                break
        if self.seam.is_joined() and self.seam.streams <= self.link.acknowledged:
            self.settled.set()


class Crossover:
    """Takes frames while, and shortly after, two connections carry the same streams.

    Args:
        handler: Receives the frames.
        clock: Stamps those that are held.

    Attributes:
        is_crossing: True while frames must come through ``take``; the usual path is the handler's
            own ``accept``.
        overlap: The new connection while it is held back.
    """

    def __init__(self, handler: StreamHandler, clock: Clock) -> None:
        self._handler = handler
        self._clock = clock
        self._held: deque[HeldFrame] = deque()
        self._seam: Seam | None = None
        self._switched_ns = 0
        self.is_crossing = False
        self.overlap: Overlap | None = None

    def begin(self, link: Link, required: Iterable[str], streams: Iterable[str]) -> Overlap:
        """Hold a new connection back until it delivers what is required of it."""
        self.is_crossing = True
        self._seam = None
        self.overlap = Overlap(
            link, Seam(required, streams), sequence=self._handler.sequence, clock=self._clock
        )
        return self.overlap

    def reset(self) -> None:
        """One connection only, from here on."""
        self.is_crossing = False
        self.overlap = self._seam = None
        self._held.clear()

    def switch(self) -> tuple[Link, frozenset[str]]:
        """Put the new connection in force; it, and the streams that may have lost frames."""
        assert self.overlap is not None
        link, self._seam = self.overlap.link, self.overlap.seam
        self._held = self.overlap.release()
        self.overlap = None
        lost = self._seam.switch()
        self._switched_ns = self._clock.monotonic_ns()
        self.is_crossing = not self._seam.is_done()
        return link, lost

    def expire(self, seconds: float) -> None:
        """Stop looking for duplicates so long after the switch.

        A stream that is rightly rare may not speak for hours, and every frame is read twice
        while one is looked for.
        """
        if self.overlap is None and self.is_crossing:
            age_ns = self._clock.monotonic_ns() - self._switched_ns
            self.is_crossing = age_ns < seconds * 1e9

    def take(self, raw: bytes, received_ns: int) -> str | None:
        """Take a frame of the connection in force; the stream it belongs to."""
        if self.overlap is None:
            return self._admit(raw, received_ns, self._handler.sequence(raw))
        name = self._handler.accept(raw, received_ns)
        if name is not None:
            self.overlap.delivered(raw)
        return name

    def take_held(self) -> bool:
        """Take the oldest frame that was held back; False if there is none."""
        if not self._held:
            return False
        frame = self._held.popleft()
        self._admit(frame.raw, frame.received_ns, frame.sequence)
        return True

    def _admit(self, raw: bytes, received_ns: int, sequence: FrameSequence | None) -> str | None:
        if self._seam is not None and sequence is not None:
            verdict = self._seam.admit(sequence)
            self.is_crossing = not self._seam.is_done()
            if verdict is Verdict.DUPLICATE:
                return sequence.stream
            if verdict is Verdict.BROKEN:
                streams = frozenset({sequence.stream})
                self._handler.interrupted(streams, "old and new connection do not join")
        return self._handler.accept(raw, received_ns)
