"""Raw frame in, event out: the one path of live streams and tapes."""

import logging
from collections import defaultdict
from collections.abc import Callable

from msgspec import structs

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.replies import instrument_from_depth
from botcore_tui.exchange.binance.wire import (
    Reply,
    Unknown,
    decode,
    name_of,
)
from botcore_tui.model.event import Event, InstrumentUpdate
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import Bar, BookDelta, BookSnapshot, BookTicker, Trade

logger = logging.getLogger(__name__)


class StreamCount:
    """What arrived on one stream: frames, when the last one came, and its own time (0: none)."""

    __slots__ = ("frames", "last_event_ms", "last_utc_ns")

    def __init__(self) -> None:
        self.frames = 0
        self.last_utc_ns = 0
        self.last_event_ms = 0


class Receiver:
    """Decodes, counts and delivers; a frame that cannot be read is counted and never stops it."""

    def __init__(self) -> None:
        self.streams: dict[str, StreamCount] = {}
        self.frames = 0
        self.decode_errors = 0
        self.deliver: Callable[[Event, int], None] = _leave_out
        """Takes each event and the monotonic time it was received; set it before the first."""
        self.record: Callable[[int, bytes], None] | None = None
        """Gets every frame as it came, with the time by our wall clock, before it is read."""
        self.unknown: dict[str, int] = {}
        self._counts: defaultdict[type, int] = defaultdict(int)
        self._error_kinds: dict[str, int] = {}
        self._instruments: dict[str, Instrument] = {}
        self._taught: set[str] = set()
        self._book_symbols: set[str] = set()
        self._orphan: tuple[BookSnapshot, bytes] | None = None

    def accept(self, raw: bytes, received_ns: int, utc_ns: int) -> str | None:
        """Take one frame.

        Args:
            raw: The frame as it came.
            received_ns: When, monotonic; 0 where no latency is to be taken.
            utc_ns: When, by our wall clock; on a tape by that of the recorder.

        Returns:
            The stream whose data it carried; None for answers, unknown and unreadable frames.
        """
        self.frames += 1
        if self.record is not None:
            self.record(utc_ns, raw)
        try:
            name, data = decode(raw)
        except DecodeError as error:
            self._refuse(error, raw)
            return None
        self._counts[type(data)] += 1
        match data:
            case BookTicker() | Trade():
                self._count(name, data.time_ms, utc_ns)
                self.deliver(data, received_ns)
            case tuple():
                self._count(name, 0, utc_ns)
                for event in data:
                    self.deliver(event, received_ns)
            case Reply() | Unknown():
                self._note(data)
                return None
            case BookDelta() | BookSnapshot():
                self._accept_book(name, data, raw, received_ns, utc_ns)
            case Bar():
                self._count(name, 0, utc_ns)
                self.deliver(data, received_ns)
            case _:
                self._count(name, data.time_ms, utc_ns)
                self.deliver(data, received_ns)
        return name

    def start_again(self) -> None:
        """Expect the beginning of the same tape: which books there are is to be seen anew."""
        self._book_symbols.clear()
        self._orphan = None

    def teach(self, instrument: Instrument) -> None:
        """Take what the venue says of a contract in place of what its digits suggest."""
        self._taught.add(instrument.symbol)
        self.deliver(InstrumentUpdate(instrument), 0)

    def by_type(self) -> dict[str, int]:
        """Frames decoded, by the venue's names, most frequent first."""
        named: defaultdict[str, int] = defaultdict(int)
        for kind, count in self._counts.items():
            if count:
                named[name_of(kind)] += count
        return dict(sorted(named.items(), key=lambda item: -item[1]))

    @property
    def decoded(self) -> int:
        """Frames that could be read, known or not."""
        return self.frames - self.decode_errors

    def _count(self, name: str, event_ms: int, utc_ns: int) -> None:
        stream = self.streams.get(name)
        if stream is None:
            stream = self.streams[name] = StreamCount()
        stream.frames += 1
        stream.last_utc_ns = utc_ns
        stream.last_event_ms = event_ms

    def _accept_book(
        self,
        name: str,
        data: BookDelta | BookSnapshot,
        raw: bytes,
        received_ns: int,
        utc_ns: int,
    ) -> None:
        if isinstance(data, BookSnapshot):
            if not data.symbol:
                if len(self._book_symbols) != 1:
                    self._hold(data, raw)
                    return
                data = structs.replace(data, symbol=next(iter(self._book_symbols)))
        else:
            self._count(name, data.time_ms, utc_ns)
        self._learn(data, raw, received_ns)
        self._book_symbols.add(data.symbol)
        self.deliver(data, received_ns)
        if self._orphan is not None and len(self._book_symbols) == 1:
            snapshot, text = self._orphan
            self._orphan = None
            self._accept_book("", snapshot, text, received_ns, utc_ns)

    def _hold(self, snapshot: BookSnapshot, raw: bytes) -> None:
        # A bare REST reply does not name its symbol. Before the first delta it waits for one;
        # where several books are on one tape it could be any's and is of no use.
        if not self._book_symbols:
            self._orphan = (snapshot, raw)
            return
        symbols = ", ".join(sorted(self._book_symbols))
        self._counts[BookSnapshot] -= 1
        self._refuse(DecodeError("depth", f"a reply without a symbol beside {symbols}"), raw)

    def _learn(self, data: BookDelta | BookSnapshot, raw: bytes, received_ns: int) -> None:
        known = self._instruments.get(data.symbol)
        if data.symbol in self._taught or (known is not None and isinstance(data, BookDelta)):
            return
        learnt = instrument_from_depth(data.symbol, raw)
        if learnt is not None and learnt != known:
            self._instruments[data.symbol] = learnt
            self.deliver(InstrumentUpdate(learnt), received_ns)

    def _note(self, data: Reply | Unknown) -> None:
        if isinstance(data, Reply):
            return  # the connection that asked has read it already
        self.unknown[data.kind] = self.unknown.get(data.kind, 0) + 1
        if self.unknown[data.kind] == 1:
            logger.info("frames of type %r are not read; they are counted and left out", data.kind)

    def _refuse(self, error: DecodeError, raw: bytes) -> None:
        self.decode_errors += 1
        seen = self._error_kinds[error.kind] = self._error_kinds.get(error.kind, 0) + 1
        if seen == 1:
            logger.warning(
                "unreadable frame (%s); more of this kind are only counted: %r", error, raw[:120]
            )


def _leave_out(_event: Event, _received_ns: int) -> None:
    """Nobody listens yet."""
