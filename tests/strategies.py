"""Any picture that the engine may publish, and any log: for property tests."""

from builders import NOW_MS, NOW_NS
from hypothesis import strategies as st

from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.market import Bar, BookState, DayTicker, MarkPrice, Side
from botcore_tui.model.snapshot import (
    INTERVALS_MS,
    BookView,
    EndpointCalls,
    EngineHealth,
    FeedState,
    HaltInfo,
    LadderRow,
    LogLine,
    Percentiles,
    ReplayProgress,
    RestUse,
    Snapshot,
    TradeRow,
)

NAME = st.text(max_size=12) | st.sampled_from(["BTCUSDT", "币安人生USDT", "\x1b[2J", "[/]"])
PRICE = st.floats(1e-8, 1e15)
QUANTITY = st.floats(0, 1e15)
COUNT = st.integers(0, 10**12)
STAMP_NS = st.just(0) | st.integers(1, 2 * NOW_NS)
TIME_MS = st.integers(0, 2 * NOW_MS)
NUMBER = st.floats(allow_nan=True, allow_infinity=True)


def maybe(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """The value, or that it is not known."""
    return st.none() | strategy


LEVELS = st.lists(st.builds(LadderRow, PRICE, QUANTITY, QUANTITY), max_size=12).map(tuple)
BOOKS = st.builds(
    BookView,
    state=st.sampled_from(BookState),
    reason=NAME,
    bids=LEVELS,
    asks=LEVELS,
    best_bid=maybe(PRICE),
    best_bid_quantity=QUANTITY,
    best_ask=maybe(PRICE),
    best_ask_quantity=QUANTITY,
    last_update_id=COUNT,
    row_step=PRICE,
    applied=COUNT,
    gaps=COUNT,
    resyncs=COUNT,
    changed_ns=STAMP_NS,
    bids_known_to=maybe(PRICE),
    asks_known_to=maybe(PRICE),
)
BARS = st.builds(
    Bar,
    symbol=NAME,
    interval_ms=st.sampled_from(INTERVALS_MS),
    open_time_ms=st.integers(NOW_MS - 10**7, NOW_MS + 10**7) | TIME_MS,
    open=PRICE,
    high=PRICE,
    low=PRICE,
    close=PRICE,
    volume=QUANTITY,
    trades=COUNT,
    is_closed=st.booleans(),
)
REST_USES = st.builds(
    RestUse,
    *(COUNT, COUNT, COUNT, STAMP_NS),
    st.lists(st.builds(EndpointCalls, NAME, COUNT, COUNT, COUNT, NAME), max_size=3).map(tuple),
)
PERCENTILES = st.builds(Percentiles, COUNT, NUMBER, NUMBER, NUMBER)
SNAPSHOTS = st.builds(
    Snapshot,
    sequence=COUNT,
    published_ns=STAMP_NS,
    heartbeat_ns=STAMP_NS,
    time_ms=TIME_MS,
    environment=st.sampled_from(["demo", "replay", "paper", "testnet", "production"]) | NAME,
    label=NAME,
    state=st.sampled_from(TradingState),
    halt=maybe(st.builds(HaltInfo, NAME, NAME, TIME_MS)),
    trading_enabled=st.booleans(),
    symbol=NAME,
    symbols=st.just(()),
    price_decimals=st.integers(0, 10),
    quantity_decimals=st.integers(0, 10),
    last_price=maybe(PRICE),
    previous_price=maybe(PRICE),
    day=maybe(st.builds(DayTicker, NAME, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, TIME_MS)),
    mark=maybe(
        st.builds(
            MarkPrice,
            NAME,
            st.decimals("0.00000001", "1e12", places=8),
            st.decimals("0.00000001", "1e12", places=8),
            maybe(st.decimals(-1, 1, places=8)),
            TIME_MS,
            TIME_MS,
        )
    ),
    book=BOOKS,
    trades=st.lists(
        st.builds(TradeRow, TIME_MS, COUNT, PRICE, QUANTITY, st.sampled_from(Side)), max_size=12
    ).map(tuple),
    interval_ms=st.sampled_from(INTERVALS_MS),
    bars=st.lists(BARS, max_size=12).map(tuple),
    feeds=st.lists(
        st.builds(
            FeedState,
            *(NAME, NAME, STAMP_NS, maybe(NUMBER), COUNT, NUMBER, NAME, COUNT, NAME),
            rest=maybe(REST_USES),
        ),
        max_size=6,
    ).map(tuple),
    health=st.builds(
        EngineHealth,
        started_ns=STAMP_NS,
        events=COUNT,
        events_per_second=NUMBER,
        inbox=COUNT,
        inbox_peak=COUNT,
        inbox_capacity=COUNT,
        decode_errors=COUNT,
        unknown_events=COUNT,
        loop_lag=PERCENTILES,
        latency=PERCENTILES,
        rss_mb=NUMBER,
        hygiene=st.lists(NAME, max_size=4).map(tuple),
        faults=st.lists(NAME, max_size=4).map(tuple),
    ),
    replay=maybe(
        st.builds(
            ReplayProgress,
            path=NAME,
            position_seconds=st.floats(0, 1e9),
            total_seconds=maybe(st.floats(0, 1e9)),
            speed=maybe(st.floats(0.01, 1e6)),
            is_paused=st.booleans(),
            is_finished=st.booleans(),
            frames=COUNT,
            seconds_left=maybe(NUMBER),
            error=NAME,
        )
    ),
    last_data_ns=STAMP_NS,
    log_end=COUNT,
    tick=PRICE,
)
LOG_LINES = st.lists(
    st.builds(LogLine, st.integers(1, 50), TIME_MS, st.sampled_from(Severity), NAME, st.text()),
    max_size=12,
)
