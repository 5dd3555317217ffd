"""Pictures of a trader's state, as an engine would draw them."""

from collections.abc import Sequence

from engine_fakes import SYMBOL, a_book, a_delta
from msgspec.structs import replace

from botcore_tui.core.trader import Trader
from botcore_tui.engine.publisher import Publisher, Surroundings
from botcore_tui.model.event import Event, InstrumentUpdate
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import Level
from botcore_tui.model.snapshot import EngineHealth, Percentiles, ReplayProgress, Snapshot, View

SECOND = 1_000_000_000
NOTHING = Percentiles(0, 0.0, 0.0, 0.0)
HEALTH = EngineHealth(1, 0, 0.0, 0, 0, 9, 0, 0, NOTHING, NOTHING, 1.0, ("loop uvloop",), ())
REPLAY = ReplayProgress(
    "tape",
    1.0,
    None,
    None,
    is_paused=False,
    is_finished=False,
    frames=3,
    seconds_left=None,
    error="",
)
AROUND = Surroundings(
    environment="replay",
    label="REPLAY",
    trading_enabled=False,
    published_ns=50 * SECOND,
    heartbeat_ns=49 * SECOND,
    last_data_ns=48 * SECOND,
    feeds=(),
    health=HEALTH,
    replay=REPLAY,
    log_end=17,
)
INSTRUMENT = Instrument(SYMBOL, 1, 3, 0.1)


def a_trader(*events: Event, symbols: Sequence[str] = ()) -> Trader:
    """One that has taken these events."""
    trader = Trader(tuple(symbols))
    for event in events:
        trader.process(event)
    return trader


def a_live_book(
    bids: Sequence[Level] = ((99.0, 1.0),), asks: Sequence[Level] = ((101.0, 2.0),)
) -> list[Event]:
    """Events that make a book live."""
    return [
        InstrumentUpdate(INSTRUMENT),
        a_delta(1, 10),
        a_book(10, bids=bids, asks=asks),
    ]


def a_picture(trader: Trader, view: View | None = None) -> Snapshot:
    """The state as a view shows it."""
    return Publisher(trader).build(view or View(), AROUND)


def at(seconds: float) -> Surroundings:
    """What is around it at another time."""
    return replace(AROUND, published_ns=round(seconds * SECOND))
