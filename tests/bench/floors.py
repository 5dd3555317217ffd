"""What ours is held against: the least that a Python program could do with the same bytes."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from heapq import nlargest, nsmallest

from msgspec import Struct, field
from msgspec.json import Decoder

_TOP = 60
"""Best levels of each side that the reference book keeps sorted."""

Level = tuple[float, float]


class FloorTicker(Struct, gc=False, tag_field="e", tag="bookTicker"):
    """Typed, unchecked."""

    s: str
    u: int
    b: float
    B: float
    a: float
    A: float
    E: int


class FloorDepth(Struct, gc=False, tag_field="e", tag="depthUpdate"):
    """Typed, unchecked."""

    s: str
    U: int
    u: int
    pu: int
    b: list[Level]
    a: list[Level]
    E: int


class FloorTrade(Struct, gc=False, tag_field="e", tag="trade"):
    """Typed, unchecked."""

    s: str
    t: int
    p: float
    q: float
    m: bool
    T: int


class FloorAggregateTrade(Struct, gc=False, tag_field="e", tag="aggTrade"):
    """Typed, unchecked."""

    s: str
    l: int  # noqa: E741 - the venue's key
    p: float
    q: float
    m: bool
    T: int


class FloorMark(Struct, gc=False, tag_field="e", tag="markPriceUpdate"):
    """Typed, unchecked."""

    s: str
    p: float
    i: float
    r: float
    T: int
    E: int


class FloorDay(Struct, gc=False, tag_field="e", tag="24hrTicker"):
    """Typed, unchecked."""

    s: str
    P: float
    c: float
    h: float
    l: float  # noqa: E741 - the venue's key
    v: float
    q: float
    E: int


FloorPayload = FloorTicker | FloorDepth | FloorTrade | FloorAggregateTrade | FloorMark | FloorDay


class FloorFrame(Struct, gc=False):
    """A frame of a combined stream."""

    stream: str
    data: FloorPayload


class FloorSnapshot(Struct, gc=False):
    """A depth reply, bare or wrapped."""

    last_update_id: int = field(default=0, name="lastUpdateId")
    bids: list[Level] = []
    asks: list[Level] = []
    data: "FloorSnapshot | None" = None


decode_floor = Decoder(FloorFrame, strict=False).decode
"""The bare typed decoder: raises on whatever is not one of the frequent frames."""

decode_floor_snapshot = Decoder(FloorSnapshot, strict=False).decode


class ReferenceBook:
    """Dict of levels and a sorted list of the best sixty a side; checks nothing.

    Whatever is at least as good as the worst price in the list is in the list.
    """

    def __init__(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        self.bids = dict(bids)
        self.asks = dict(asks)
        self._top_bids = sorted(nlargest(_TOP, self.bids))
        self._top_asks = nsmallest(_TOP, self.asks)

    def apply(self, depth: FloorDepth) -> tuple[float, float]:
        """Take one update; the best bid and ask after it."""
        return self._apply_bids(depth.b), self._apply_asks(depth.a)

    def _apply_bids(self, changes: Sequence[Level]) -> float:
        levels, top = self.bids, self._top_bids
        edge = top[0]
        for price, quantity in changes:
            if quantity:
                if price not in levels and price >= edge:
                    insort(top, price)
                levels[price] = quantity
            elif levels.pop(price, None) is not None and price >= edge:
                del top[bisect_left(top, price)]
        if len(top) > 2 * _TOP:
            del top[:-_TOP]
        elif not top:
            top += sorted(nlargest(_TOP, levels))
        return top[-1]

    def _apply_asks(self, changes: Sequence[Level]) -> float:
        levels, top = self.asks, self._top_asks
        edge = top[-1]
        for price, quantity in changes:
            if quantity:
                if price not in levels and price <= edge:
                    insort(top, price)
                levels[price] = quantity
            elif levels.pop(price, None) is not None and price <= edge:
                del top[bisect_left(top, price)]
        if len(top) > 2 * _TOP:
            del top[_TOP:]
        elif not top:
            top += nsmallest(_TOP, levels)
        return top[0]
