"""Joins two connections that carry the same streams, so that nothing is lost or delivered twice.

While both are open the old one is in force and the new one is held back. Frames carry numbers
that grow along each stream, so after the switch the new connection's frames are dropped until they
pass what the old one delivered. Pure: it sees numbers, never frames.
"""

from collections.abc import Iterable
from enum import Enum

from msgspec import Struct


class FrameSequence(Struct, frozen=True, gc=False):
    """Where one frame stands in its stream."""

    stream: str
    first: int
    """Depth: U. Trades: the last trade id. Others: whatever grows along the stream, such as E."""
    last: int
    """Depth: u. Otherwise equal to ``first``."""
    previous: int | None
    """Depth: pu, ``last`` of the frame before on this stream. Otherwise None: the numbers grow but
    leave holes, so that only order can be judged."""


class Verdict(Enum):
    """What to do with a frame of the new connection."""

    DELIVER = "deliver"
    DUPLICATE = "duplicate"
    BROKEN = "broken"
    """Deliver, but say first that the stream was interrupted: it does not follow what came."""


class Seam:
    """One change-over.

    Args:
        required: Streams that both connections must have delivered before the switch.
        streams: All streams of the connection, required or rare.
    """

    def __init__(self, required: Iterable[str], streams: Iterable[str]) -> None:
        self._required = frozenset(required)
        self.streams = frozenset(streams) | self._required
        self._delivered: dict[str, int] = {}
        self._first_new: dict[str, FrameSequence] = {}
        self._newest: dict[str, int] = {}
        self._pending: set[str] = set()
        self._unjoined = set(self.streams)
        self._awaited = set(self._required)

    def deliver_old(self, sequence: FrameSequence) -> None:
        """Note a frame that the old connection delivered."""
        self._delivered[sequence.stream] = sequence.last
        self._join(sequence.stream)

    def hold_new(self, sequence: FrameSequence) -> None:
        """Note a frame that waits on the new connection."""
        self._first_new.setdefault(sequence.stream, sequence)
        self._newest[sequence.stream] = sequence.last
        self._join(sequence.stream)

    def is_past(self, sequence: FrameSequence) -> bool:
        """True if the old connection delivered what this frame of the new one holds."""
        delivered = self._delivered.get(sequence.stream)
        return delivered is not None and sequence.last <= delivered

    def is_joined(self) -> bool:
        """True if the switch loses nothing on any required stream."""
        return not self._awaited

    @property
    def missing(self) -> frozenset[str]:
        """Required streams that the old connection delivers and the new one does not."""
        return (self._required & self._delivered.keys()) - self._first_new.keys()

    def switch(self) -> frozenset[str]:
        """Put the new connection in force; streams that may have lost frames by this."""
        self._pending = {
            stream
            for stream, delivered in self._delivered.items()
            if self._newest.get(stream) != delivered
        }
        return frozenset(self._unjoined)

    def is_done(self) -> bool:
        """True once, after the switch, no later frame can be a duplicate."""
        return not self._pending

    def admit(self, sequence: FrameSequence) -> Verdict:
        """Judge the next frame of the new connection, in the order it came, after the switch."""
        stream = sequence.stream
        if stream not in self._pending:
            return Verdict.DUPLICATE if self.is_past(sequence) else Verdict.DELIVER
        delivered = self._delivered[stream]
        if sequence.last >= delivered:
            self._pending.discard(stream)
        if sequence.last <= delivered:
            return Verdict.DUPLICATE
        # Two connections may cut the venue's updates differently: a frame that starts before and
        # ends behind what was delivered is no gap, but it breaks pu == previous u all the same.
        if sequence.previous is not None and sequence.previous != delivered:
            return Verdict.BROKEN
        return Verdict.DELIVER

    def _join(self, stream: str) -> None:
        if stream not in self._unjoined:
            return
        delivered = self._delivered.get(stream)
        first = self._first_new.get(stream)
        if delivered is None or first is None:
            return
        if delivered >= (first.last if first.previous is None else first.previous):
            self._unjoined.discard(stream)
            self._awaited.discard(stream)
