"""Feeds that do what a test says, frames made to order, and what an engine made of them."""

import random
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from botcore_tui.clock import Clock
from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.port import EngineSettings
from botcore_tui.engine.tape import Line
from botcore_tui.exchange.base import MarketFeed, Sink
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.model.event import Effect, Event, RequestSnapshot
from botcore_tui.model.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    BookTicker,
    BookTop,
    DayTicker,
    Level,
    MarkPrice,
    Trade,
)
from botcore_tui.model.snapshot import FeedState

SYMBOL: Final = "BTCUSDT"
START_NS: Final = 1_723_161_255_000_000_000
START_MS: Final = START_NS // 1_000_000
WAIT_SECONDS: Final = 30.0
"""Never waited for in a passing test."""

Script = Callable[[Sink], Awaitable[None]]


# --- events ------------------------------------------------------------------------------------


def a_trade(number: int = 1, *, price: float = 100.0, time_ms: int = START_MS) -> Trade:
    """A trade of one contract; the taker bought."""
    return Trade(SYMBOL, number, price, 1.0, buyer_is_maker=False, time_ms=time_ms)


def a_delta(
    first: int,
    last: int,
    *,
    bids: Sequence[Level] = (),
    asks: Sequence[Level] = (),
    symbol: str = SYMBOL,
) -> BookDelta:
    """Updates ``first`` to ``last``, following the one before."""
    return BookDelta(symbol, first, last, first - 1, list(bids), list(asks), START_MS)


def a_book(
    last: int,
    *,
    bids: Sequence[Level] = ((99.0, 1.0),),
    asks: Sequence[Level] = ((101.0, 2.0),),
    symbol: str = SYMBOL,
) -> BookSnapshot:
    """A small book at an update."""
    return BookSnapshot(symbol, last, list(bids), list(asks), START_MS)


def a_ticker(
    update: int,
    bid: Level = (99.0, 1.0),
    ask: Level = (101.0, 2.0),
    *,
    symbol: str = SYMBOL,
) -> BookTicker:
    """What the venue says the best prices are after an update."""
    return BookTicker(symbol, update, *bid, *ask, START_MS)


# --- tapes -------------------------------------------------------------------------------------


def a_line(seconds: float, stream: str, **data: object) -> Line:
    """A combined frame received so many seconds after the start."""
    frame = {"stream": f"{SYMBOL.lower()}@{stream}", "data": {"s": SYMBOL, **data}}
    return START_NS + round(seconds * 1e9), msgspec.json.encode(frame)


def trade_line(seconds: float, number: int, *, price: str = "100.0") -> Line:
    """A trade on a tape."""
    time_ms = START_MS + round(seconds * 1000)
    return a_line(
        seconds, "trade", e="trade", t=number, p=price, q="1", m=False, E=time_ms, T=time_ms
    )


def trade_lines(*seconds: float) -> list[Line]:
    """Trades at these times, numbered from 1."""
    return [trade_line(at, number) for number, at in enumerate(seconds, start=1)]


def a_market_tape(count: int = 300, *, seed: int = 7) -> list[Line]:
    """Deltas, trades and best prices, some bursts, a silence, and a snapshot after a while."""
    rng = random.Random(seed)
    lines: list[Line] = []
    seconds, update, number = 0.0, 1_000, 0
    for index in range(count):
        seconds += rng.choice((0.0, 0.001, 0.04, 0.3)) if index != count // 2 else 70.0
        time_ms = START_MS + round(seconds * 1000)
        if index == count // 10:
            lines.append((START_NS + round(seconds * 1e9), _snapshot_text(update, rng)))
        elif rng.random() < 0.4:
            first, update = update + 1, update + rng.randint(1, 5)
            bids = [[f"{rng.randint(900, 999) / 10:.1f}", f"{rng.randint(0, 3)}.5"]]
            asks = [[f"{rng.randint(1001, 1100) / 10:.1f}", f"{rng.randint(0, 3)}.0"]]
            numbers = {"U": first, "u": update, "pu": first - 1}
            lines.append(
                a_line(seconds, "depth", e="depthUpdate", E=time_ms, **numbers, b=bids, a=asks)
            )
        elif rng.random() < 0.5:
            best = {"b": "99.9", "B": "1.5", "a": "100.1", "A": f"{index}"}
            lines.append(a_line(seconds, "bookTicker", e="bookTicker", u=update, **best, E=time_ms))
        else:
            number += 1
            lines.append(trade_line(seconds, number, price=f"{rng.randint(990, 1010) / 10:.1f}"))
    return lines


def _snapshot_text(update: int, rng: random.Random) -> bytes:
    bids = [[f"{price / 10:.1f}", f"{rng.randint(1, 9)}"] for price in range(999, 900, -3)]
    asks = [[f"{price / 10:.1f}", f"{rng.randint(1, 9)}"] for price in range(1001, 1100, 3)]
    book = {"lastUpdateId": update, "E": START_MS, "T": START_MS, "bids": bids, "asks": asks}
    return msgspec.json.encode(book)


def events_of(lines: Iterable[Line]) -> list[Event]:
    """What frames say, without ticks."""
    events: list[Event] = []
    receiver = Receiver()
    receiver.deliver = lambda event, _received_ns: events.append(event)
    for line_ns, raw in lines:
        receiver.accept(raw, 0, line_ns)
    return events


class MarketState(msgspec.Struct, frozen=True):
    """All that a screen could show of one symbol."""

    time_ms: int
    bids: list[Level]
    asks: list[Level]
    book: tuple[str, str, int, int, int]
    trades: list[Trade]
    bars: list[Bar]
    quotes: tuple[BookTicker | None, BookTop | None, MarkPrice | None, DayTicker | None]
    prices: tuple[float | None, float | None]


def market_states(trader: Trader) -> dict[str, MarketState]:
    """State of each symbol, for comparing."""
    return {
        symbol: MarketState(
            time_ms=trader.time_ms,
            bids=market.book.bids.top(10_000),
            asks=market.book.asks.top(10_000),
            book=(
                market.book.state,
                market.book.reason,
                market.book.last_update_id,
                market.book.applied,
                market.book.gaps,
            ),
            trades=list(market.trades),
            bars=[*market.bars(1_000, 500), *market.bars(60_000, 500)],
            quotes=(market.ticker, market.top, market.mark, market.day),
            prices=(market.last_price, market.previous_price),
        )
        for symbol, market in trader.market.by_symbol.items()
    }


# --- feeds and engines -------------------------------------------------------------------------


class ScriptedFeed:
    """Plays one script for each time it is started; the last one ends it for good.

    A script that is wrong itself is kept in ``broken``: an engine survives that, too.
    """

    def __init__(self, *scripts: Script, owns_time: bool = True) -> None:
        self.owns_time = owns_time
        self.starts = 0
        self.requests: list[RequestSnapshot] = []
        self.rows: tuple[FeedState, ...] = ()
        self.done = threading.Event()
        self.broken: Exception | None = None
        self._scripts = list(scripts)

    async def run(self, sink: Sink) -> None:
        """Play the next script."""
        self.starts += 1
        script = self._scripts.pop(0)
        try:
            await script(sink)
        except (AssertionError, AttributeError, LookupError, TypeError) as error:
            self.broken = error
            self._scripts.clear()
        finally:
            if not self._scripts:
                self.done.set()

    def request_snapshot(self, request: RequestSnapshot) -> None:
        """Remember."""
        self.requests.append(request)

    def states(self, now_ns: int) -> tuple[FeedState, ...]:
        """Rows as set."""
        return self.rows

    def counters(self) -> tuple[int, int]:
        """Some of each."""
        return 3, 4


class Observed:
    """Sees every event with its effects; tests wait for one of a kind."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event, effects: Sequence[Effect], trader: Trader) -> None:
        """Remember."""
        with self._changed:
            self.events.append(event)
            self.effects += effects
            self._changed.notify_all()

    def of(self, kind: type) -> list[Event]:
        """Events of a kind, in order."""
        return [event for event in self.events if isinstance(event, kind)]

    def wait_for(self, kind: type, count: int = 1) -> None:
        """Return when so many were processed."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.of(kind)) >= count, WAIT_SECONDS)

    def effects_text(self) -> bytes:
        """All effects, to the byte."""
        return msgspec.json.encode(self.effects)


class FailingTrader(Trader):
    """Raises when it sees the thirteenth trade."""

    def process(self, event: Event) -> list[Effect]:
        """Decide, mostly."""
        if isinstance(event, Trade) and event.trade_id == 13:
            raise ValueError("thirteen is not a number")
        return super().process(event)


SETTINGS: Final = EngineSettings(environment="demo", label="SYNTHETIC", pins_cores=False)


def an_engine(
    feed: MarketFeed,
    clock: Clock,
    *,
    trader: Trader | None = None,
    observed: Observed | None = None,
    settings: EngineSettings = SETTINGS,
    ends: bool = True,
) -> Engine:
    """An engine for a feed; it ends with the feed unless told otherwise."""
    return Engine(
        trader or Trader((SYMBOL,)),
        feed,
        clock,
        replace(settings, ends_with_feed=ends),
        observer=observed,
    )


def run_to_end(engine: Engine, feed: ScriptedFeed) -> None:
    """Start, wait for the script's end, stop; what is wrong in the script counts."""
    engine.start()
    try:
        assert feed.done.wait(WAIT_SECONDS)
    finally:
        assert engine.stop(WAIT_SECONDS)
    if feed.broken is not None:
        raise feed.broken
