"""Values with sensible defaults; a test names only what it is about."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.market import Bar, BookState, DayTicker, MarkPrice, Side
from botcore_tui.model.snapshot import (
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

SYMBOL = "BTCUSDT"
NOW_NS = 1_000_000_000_000
"""The moment that everything here happened just before, monotonic."""
NOW_MS = 1_700_000_000_000
"""The same moment, UTC: 2023-11-14 22:13:20."""
MS = 1_000_000
"""Nanoseconds in a millisecond."""
SECOND = 1_000 * MS


def ladder_rows(
    best: float, *, step: float, count: int, quantity: float = 1.5
) -> tuple[LadderRow, ...]:
    """Levels from the best price on, each of the same size; a negative step for bids."""
    return tuple(
        LadderRow(round(best + index * step, 8), quantity, round((index + 1) * quantity, 8))
        for index in range(count)
    )


def a_book_view(
    state: BookState = BookState.LIVE,
    *,
    reason: str = "",
    bids: Sequence[LadderRow] | None = None,
    asks: Sequence[LadderRow] | None = None,
    row_step: float = 0.1,
    changed_ns: int = NOW_NS - 12 * MS,
    bids_known_to: float | None = None,
    asks_known_to: float | None = None,
) -> BookView:
    """A book around 61659.65, twenty rows a side."""
    bids = ladder_rows(61659.6, step=-0.1, count=20) if bids is None else bids
    asks = ladder_rows(61659.7, step=0.1, count=20) if asks is None else asks
    return BookView(
        state=state,
        reason=reason,
        bids=tuple(bids),
        asks=tuple(asks),
        best_bid=bids[0].price if bids else None,
        best_bid_quantity=bids[0].quantity if bids else 0.0,
        best_ask=asks[0].price if asks else None,
        best_ask_quantity=asks[0].quantity if asks else 0.0,
        last_update_id=987_654_321,
        row_step=row_step,
        applied=4_321,
        gaps=0,
        resyncs=1,
        changed_ns=changed_ns,
        bids_known_to=bids_known_to,
        asks_known_to=asks_known_to,
    )


def a_trade_row(
    price: float = 61659.7,
    quantity: float = 0.25,
    *,
    taker: Side = Side.BUY,
    time_ms: int = NOW_MS,
    trade_id: int = 1,
) -> TradeRow:
    """A small trade just now."""
    return TradeRow(time_ms=time_ms, trade_id=trade_id, price=price, quantity=quantity, taker=taker)


def a_bar(
    open_time_ms: int = NOW_MS - NOW_MS % 60_000,
    *,
    open: float = 61650.0,  # noqa: A002 - the field's name
    high: float = 61670.0,
    low: float = 61640.0,
    close: float = 61660.0,
    volume: float = 12.5,
    interval_ms: int = 60_000,
) -> Bar:
    """A rising minute."""
    return Bar(
        symbol=SYMBOL,
        interval_ms=interval_ms,
        open_time_ms=open_time_ms,
        open=open,
        high=high,
        low=low,
        close=close,
        volume=volume,
        trades=42,
        is_closed=True,
    )


def a_mark(
    mark: str = "61658.91234567",
    *,
    index: str = "61657.5",
    funding_rate: str | None = "0.00010000",
    next_funding_ms: int = NOW_MS + 3_600_000,
) -> MarkPrice:
    """A mark price with a funding in an hour."""
    return MarkPrice(
        symbol=SYMBOL,
        mark=Decimal(mark),
        index=Decimal(index),
        funding_rate=None if funding_rate is None else Decimal(funding_rate),
        next_funding_ms=next_funding_ms,
        time_ms=NOW_MS,
    )


def a_day(last: float = 61659.7, *, change_pct: float = 0.42) -> DayTicker:
    """A quiet day."""
    return DayTicker(
        symbol=SYMBOL,
        last=last,
        change_pct=change_pct,
        high=62_000.0,
        low=61_000.5,
        volume=123_456.789,
        quote_volume=7_600_000_000.12,
        time_ms=NOW_MS,
    )


def a_feed(
    name: str = "depth",
    status: str = "live",
    *,
    last_frame_ns: int = NOW_NS - 12 * MS,
    lag_ms: float | None = 1.5,
    sequence: str = "ok",
    detail: str = "",
) -> FeedState:
    """A stream that runs."""
    return FeedState(
        name=name,
        status=status,
        last_frame_ns=last_frame_ns,
        lag_ms=lag_ms,
        frames=48_000,
        frames_per_second=48.0,
        sequence=sequence,
        reconnects=2,
        detail=detail,
    )


def a_rest(
    status: str = "live",
    *,
    weight: int = 41,
    waiting: int = 0,
    shut_until_ns: int = 0,
    calls: tuple[EndpointCalls, ...] = (EndpointCalls("depth", 12, 0, 0, ""),),
) -> FeedState:
    """Requests well within a ceiling of 1,200 a minute."""
    attempts = sum(each.attempts for each in calls)
    return replace(
        a_feed("rest", status, lag_ms=None, sequence="-"),
        frames=attempts,
        rest=RestUse(weight, 1_200, waiting, shut_until_ns, calls),
    )


def percentiles(p50_us: float = 210.0, *, count: int = 1_000) -> Percentiles:
    """A distribution whose tail is four and forty times its median."""
    return Percentiles(count=count, p50_us=p50_us, p99_us=4 * p50_us, max_us=40 * p50_us)


def a_health(
    *,
    faults: Sequence[str] = (),
    hygiene: Sequence[str] = ("switch interval 0.2 ms", "gc frozen"),
    decode_errors: int = 0,
    loop_lag: Percentiles | None = None,
) -> EngineHealth:
    """An engine an hour old that keeps up."""
    return EngineHealth(
        started_ns=NOW_NS - 900 * SECOND,
        events=123_456,
        events_per_second=987.6,
        inbox=3,
        inbox_peak=120,
        inbox_capacity=10_000,
        decode_errors=decode_errors,
        unknown_events=0,
        loop_lag=loop_lag or percentiles(),
        latency=percentiles(90.0),
        rss_mb=87.3,
        hygiene=tuple(hygiene),
        faults=tuple(faults),
    )


def a_replay(
    *,
    position_seconds: float = 750.0,
    total_seconds: float | None = 3_600.0,
    speed: float | None = 10.0,
    is_paused: bool = False,
    is_finished: bool = False,
    seconds_left: float | None = 285.0,
    error: str = "",
) -> ReplayProgress:
    """A tape of an hour, played to twelve and a half minutes."""
    return ReplayProgress(
        path="tape.jsonl.zst",
        position_seconds=position_seconds,
        total_seconds=total_seconds,
        speed=speed,
        is_paused=is_paused,
        is_finished=is_finished,
        frames=100_000,
        seconds_left=seconds_left,
        error=error,
    )


def a_halt(actor: str = "F12", *, reason: str = "by hand", time_ms: int = NOW_MS) -> HaltInfo:
    """A halt just now."""
    return HaltInfo(actor=actor, reason=reason, time_ms=time_ms)


def a_log_line(
    sequence: int = 1,
    *,
    text: str = "subscribed to 5 streams",
    severity: Severity = Severity.INFO,
    source: str = "stream",
    time_ms: int = NOW_MS,
) -> LogLine:
    """A harmless line."""
    return LogLine(sequence=sequence, time_ms=time_ms, severity=severity, source=source, text=text)


_DEFAULT = Snapshot(
    sequence=1,
    published_ns=NOW_NS - 20 * MS,
    heartbeat_ns=NOW_NS - 100 * MS,
    time_ms=NOW_MS,
    environment="demo",
    label="SYNTHETIC",
    state=TradingState.ACTIVE,
    halt=None,
    trading_enabled=False,
    symbol=SYMBOL,
    symbols=(SYMBOL,),
    price_decimals=1,
    quantity_decimals=3,
    last_price=61659.7,
    previous_price=61659.6,
    day=a_day(),
    mark=a_mark(),
    book=a_book_view(),
    trades=tuple(a_trade_row(trade_id=9 - index) for index in range(9)),
    interval_ms=60_000,
    bars=tuple(a_bar(NOW_MS - NOW_MS % 60_000 - index * 60_000) for index in range(9, -1, -1)),
    feeds=(a_feed(), a_feed("trade", sequence="-")),
    health=a_health(),
    replay=None,
    last_data_ns=NOW_NS - 12 * MS,
    log_end=1,
    tick=0.1,
)


def a_snapshot(**overrides: object) -> Snapshot:
    """A live demo market; any field of the snapshot can be given."""
    return replace(_DEFAULT, **overrides)
