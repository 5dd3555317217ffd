"""The frozen picture that the cockpit draws, and the view that says what to put into it.

The engine builds one Snapshot at most ten times a second, and only while someone looks. Ages are
not in it: whoever draws computes them from the ``*_ns`` stamps (monotonic, ours), so that a dead
engine shows as ageing numbers and not as fresh ones.
"""

from msgspec import Struct

from botcore_tui.model.command import NotedTrip
from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.market import Bar, BookState, DayTicker, MarkPrice, Side
from botcore_tui.model.trading import AccountView

INTERVALS_MS = (1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000)
"""Chart intervals, shortest first. Those below a minute are built from trades."""

GROUPINGS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Ticks per ladder row."""


class View(Struct, frozen=True):
    """What the cockpit wants to see; replaced as a whole."""

    symbol: str = ""
    """Empty: the engine's first symbol."""
    interval_ms: int = 60_000
    grouping: int = 1
    """Ticks per ladder row; one of GROUPINGS."""
    book_rows: int = 20
    """Rows a side."""
    bars: int = 120
    trades: int = 60


class LadderRow(Struct, frozen=True, gc=False):
    """One price row of the ladder."""

    price: float
    quantity: float
    cumulative: float
    """Base units from the best price to this row."""


class BookView(Struct, frozen=True):
    """The order book as far as the view asks; best first."""

    state: BookState
    reason: str
    """Why it is not live; empty when it is."""
    bids: tuple[LadderRow, ...]
    asks: tuple[LadderRow, ...]
    best_bid: float | None
    best_bid_quantity: float
    best_ask: float | None
    best_ask_quantity: float
    last_update_id: int
    row_step: float
    """Price per row, quote units."""
    applied: int
    gaps: int
    resyncs: int
    changed_ns: int
    """When the book was last seen to have changed, monotonic; 0 if never."""
    bids_known_to: float | None
    """Lowest price that the book's snapshot reached: of bids below only those that changed since
    are known, so rows there may be too small or missing. None: all bids are known."""
    asks_known_to: float | None
    """The same for asks above."""
    late_ms: int = 0
    """How old the newest update was when it came, by the venue's clock; 0 if that is not known."""


class TradeRow(Struct, frozen=True, gc=False):
    """One line of time and sales."""

    time_ms: int
    trade_id: int
    price: float
    quantity: float
    taker: Side


class EndpointCalls(Struct, frozen=True):
    """What became of the requests for one endpoint."""

    endpoint: str
    attempts: int
    """Requests sent, repetitions included."""
    saved: int
    """Answered only after a repetition."""
    given_up: int
    """Failed for good."""
    last_reason: str
    """Why a request last failed; empty if none ever did."""
    repeated: int = 0
    """Of the attempts, those that repeat one."""
    failed: int = 0
    """Attempts without a reply, refused for a limit, or lost at the venue."""
    limited: int = 0
    """Refused with 429."""
    banned: int = 0
    """Refused with 418."""


class LaneUse(Struct, frozen=True):
    """Requests of one lane that wait for their turn, and that passed."""

    lane: str
    """kill, reducing, entry, query"""
    waiting: int
    passed: int


class RestUse(Struct, frozen=True):
    """How far the venue's request limits are used, and what became of the requests."""

    weight: int
    """Used in this minute of the venue's clock."""
    ceiling: int
    """Weight that may be used in a minute."""
    waiting: int
    """Requests that wait for their turn."""
    shut_until_ns: int
    """Until when the venue refuses requests, monotonic; 0 if it does not."""
    calls: tuple[EndpointCalls, ...]
    orders_10s: int = 0
    """Orders counted in this ten-second window of the venue's clock."""
    orders_10s_limit: int = 0
    orders_1m: int = 0
    orders_1m_limit: int = 0
    lanes: tuple[LaneUse, ...] = ()
    clock_offset_ms: float | None = None
    """The venue's clock less ours; None before it was measured."""


class FeedState(Struct, frozen=True):
    """One stream (or the tape, or the requests) as the feeds pane shows it."""

    name: str
    status: str
    """connecting, waiting (no first frame yet), live, stale, down, ended; of requests: idle, live,
    waiting (for their turn), slowed, refused, banned"""
    last_frame_ns: int
    """Monotonic; 0 before the first."""
    lag_ms: float | None
    """Delay of the last frame beyond the fastest one of recent minutes; the offset between the
    two clocks is unknown, so the fastest counts as zero."""
    frames: int
    frames_per_second: float
    sequence: str
    """ok, syncing, gap 3 ..., or - where the stream has no sequence."""
    reconnects: int
    detail: str = ""
    rest: RestUse | None = None
    """Of the row that is no stream but the requests."""


class Percentiles(Struct, frozen=True):
    """Distribution of a duration in microseconds."""

    count: int
    p50_us: float
    p99_us: float
    max_us: float


class EngineHealth(Struct, frozen=True):
    """How the engine itself is doing."""

    started_ns: int
    events: int
    events_per_second: float
    inbox: int
    inbox_peak: int
    inbox_capacity: int
    decode_errors: int
    unknown_events: int
    loop_lag: Percentiles
    latency: Percentiles
    """Frame received to state updated."""
    rss_mb: float
    hygiene: tuple[str, ...]
    """One line for each measure taken or refused: switch interval, cores, collector, loop."""
    faults: tuple[str, ...]
    """Tasks that died and were restarted, newest last."""


class ReplayProgress(Struct, frozen=True):
    """Where a replayed tape stands."""

    path: str
    position_seconds: float
    total_seconds: float | None
    """None until the tape has been measured; endless tapes stay None."""
    speed: float | None
    """None: as fast as it goes."""
    is_paused: bool
    is_finished: bool
    frames: int
    seconds_left: float | None
    """Of our time, at the present speed."""
    error: str
    """What is wrong with the tape; empty if nothing."""


class HaltInfo(Struct, frozen=True):
    """Who halted, when and why."""

    actor: str
    reason: str
    time_ms: int
    account: str = ""
    """Which one it was about; empty: not known."""
    trips: tuple[NotedTrip, ...] = ()
    """Of breakers, while somebody else's halt was in force."""


class LogLine(Struct, frozen=True):
    """One line of the log."""

    sequence: int
    """Grows by one; a jump means lines were dropped from the ring."""
    time_ms: int
    severity: Severity
    source: str
    text: str


class Snapshot(Struct, frozen=True):
    """Everything the cockpit shows at one instant."""

    sequence: int
    published_ns: int
    heartbeat_ns: int
    """When the engine loop last turned."""
    time_ms: int
    """The engine's clock; in a replay the tape's."""
    environment: str
    label: str
    """What kind of market this is, when it is not the venue's live one: SYNTHETIC, TAPE, REPLAY."""
    state: TradingState
    halt: HaltInfo | None
    trading_enabled: bool
    symbol: str
    symbols: tuple[str, ...]
    price_decimals: int
    quantity_decimals: int
    last_price: float | None
    previous_price: float | None
    """Price of the last trade that differs from ``last_price``; tells the direction."""
    day: DayTicker | None
    mark: MarkPrice | None
    book: BookView
    trades: tuple[TradeRow, ...]
    """Newest first."""
    interval_ms: int
    bars: tuple[Bar, ...]
    """Oldest first; intervals without a trade are absent."""
    feeds: tuple[FeedState, ...]
    health: EngineHealth
    replay: ReplayProgress | None
    last_data_ns: int
    """When any market frame last arrived, monotonic; 0 before the first."""
    log_end: int
    """Sequence number of the newest log line."""
    tick: float
    """Smallest step of a price, quote units; above zero."""
    has_instrument: bool = True
    """The venue has told the contract's steps; else decimals and tick are guesses."""
    late_ms: int = 0
    """How old the newest trade or mark was when it came, by the venue's clock; 0 if that is not
    known."""
    account: AccountView | None = None
    """None where there is no account: replay, paper, or trading not enabled."""
