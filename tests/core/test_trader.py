"""Event in, effects out: exactly these, in this order, every time."""

from collections.abc import Sequence

import msgspec
import pytest
from builders import a_bar, a_day, a_mark
from desk_stage import RULES, Stage, buy
from market_builders import SYMBOL, a_book_snapshot, a_delta, a_trade
from order_builders import a_balance, a_fill, a_picture, an_order_report
from recollection_builders import a_recollection
from venue_book import Order, VenueBook

from botcore_tui.core.book import Staleness
from botcore_tui.core.market import MarketSettings
from botcore_tui.core.standing import Standing
from botcore_tui.core.trader import Trader, without_account
from botcore_tui.model.command import ClosePosition
from botcore_tui.model.event import (
    Answer,
    Append,
    Effect,
    Event,
    FeedDown,
    Halt,
    InstrumentUpdate,
    MarketReset,
    Record,
    RequestSnapshot,
    Resume,
    RulesUpdate,
    Severity,
    SnapshotFailed,
    StateChanged,
    Tick,
    TradingState,
)
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.market import (
    BookState,
    BookTicker,
    BookTop,
    ContractNotice,
    Liquidation,
    Side,
)
from botcore_tui.model.order import Purpose
from botcore_tui.model.snapshot import HaltInfo

ACTIVE, REDUCING, HALTED = TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED
HALT = Halt("F12", "by hand", 7_000)
RESUME = Resume("F12", "all is well", 8_000)
TICKER = BookTicker(SYMBOL, 12, 100.0, 1.0, 101.0, 2.0, 1_000)


def effects_of(trader: Trader, *events: Event) -> list[Effect]:
    """All effects of some events."""
    return [effect for event in events for effect in trader.process(event)]


def said(severity: Severity, code: str, text: str, time_ms: int) -> list[Effect]:
    """A line in the log, and the same for ever in the ledger."""
    row = AuditRow(code=code, severity=severity, text=text, time_ms=time_ms)
    return [Record(severity, code, text, time_ms), Append(row)]


def a_live_trader() -> Trader:
    """Its BTCUSDT book joined a snapshot at update 10; its clock stands at 5000 ms."""
    trader = Trader((SYMBOL,))
    effects_of(trader, Tick(5_000), a_delta(9, 10, 8), a_book_snapshot(10))
    assert trader.market.of(SYMBOL).book.state is BookState.LIVE
    return trader


# --- quotes ------------------------------------------------------------------------------------


def test_each_quote_becomes_the_newest_of_its_kind_and_has_no_effects() -> None:
    trader = Trader()
    top = BookTop(SYMBOL, 5, [(100.0, 1.0)], [(101.0, 1.0)], 1_000)
    liquidation = Liquidation(SYMBOL, Side.SELL, 99.0, 1.0, 1_000)
    instrument = Instrument(SYMBOL, 1, 3, 0.1)
    quotes: list[Event] = [TICKER, top, a_mark(), a_day(), liquidation, a_trade(), a_bar()]
    assert effects_of(trader, *quotes, InstrumentUpdate(instrument)) == []
    market = trader.market.of(SYMBOL)
    assert (market.ticker, market.top, market.mark, market.day) == (TICKER, top, a_mark(), a_day())
    assert (list(market.liquidations), list(market.trades)) == ([liquidation], [a_trade()])
    assert (market.bars(60_000, 1), market.instrument) == ([a_bar()], instrument)


@pytest.mark.parametrize(
    "event",
    [
        TICKER,
        a_trade(),
        a_delta(1, 2, 0),
        a_book_snapshot(2),
        a_mark(),
        SnapshotFailed(SYMBOL, "lost", 1_000),
        FeedDown((SYMBOL,), "lost", 1_000),
        InstrumentUpdate(Instrument(SYMBOL, 1, 3, 0.1)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_unknown_symbol_is_made_on_first_sight(event: Event) -> None:
    trader = Trader(("ETHUSDT",))
    trader.process(event)
    assert list(trader.market.by_symbol) == ["ETHUSDT", SYMBOL]


def test_changed_contract_is_told() -> None:
    notice = ContractNotice(SYMBOL, "PERPETUAL", "SETTLING", 1_000)
    assert effects_of(Trader(), Tick(5_000), notice) == [
        Record(Severity.WARNING, "market.contract", "BTCUSDT: PERPETUAL is SETTLING", 5_000)
    ]


# --- books -------------------------------------------------------------------------------------


def test_first_delta_asks_for_a_snapshot_once() -> None:
    trader = Trader()
    assert effects_of(trader, a_delta(1, 2, 0), a_delta(3, 4, 2)) == [
        RequestSnapshot(SYMBOL, 0, "waiting for the first update", 0)
    ]


def test_joined_book_is_told_with_the_time_of_the_last_tick() -> None:
    trader = Trader()
    effects_of(trader, Tick(5_000), a_delta(9, 10, 8))
    assert trader.process(a_book_snapshot(10)) == [
        Record(Severity.INFO, "book.live", "BTCUSDT book is live at update 10", 5_000)
    ]
    assert trader.process(a_delta(11, 12, 10)) == []
    assert trader.process(a_book_snapshot(12)) == []


@pytest.mark.requirement("F07")
def test_gap_is_told_before_the_request_it_causes() -> None:
    reason = "gap: update 12 expected to follow 10"
    assert a_live_trader().process(a_delta(13, 14, 12)) == [
        Record(Severity.WARNING, "book.syncing", f"BTCUSDT book is syncing: {reason}", 5_000),
        RequestSnapshot(SYMBOL, 1, reason, 5_000),
    ]


@pytest.mark.requirement("F07")
def test_crossed_book_is_told_and_asked_for_again() -> None:
    reason = "crossed: best bid 101.0 >= best ask 101.0"
    assert a_live_trader().process(a_delta(11, 12, 10, bids=[(101.0, 1.0)])) == [
        Record(Severity.WARNING, "book.crossed", f"BTCUSDT book is crossed: {reason}", 5_000),
        RequestSnapshot(SYMBOL, 1, reason, 5_000),
    ]


def test_snapshot_that_is_too_old_is_asked_for_again_with_a_growing_attempt() -> None:
    trader = Trader()
    reason = "snapshot 4 is older than the first buffered update 5"
    effects_of(trader, a_delta(5, 8, 4))
    for attempt in (1, 2, 3):
        assert trader.process(a_book_snapshot(4)) == [RequestSnapshot(SYMBOL, attempt, reason, 0)]


def test_failed_snapshot_is_asked_for_again() -> None:
    trader = Trader()
    effects_of(trader, a_delta(5, 8, 4))
    assert trader.process(SnapshotFailed(SYMBOL, "HTTP 503", 9_999)) == [
        RequestSnapshot(SYMBOL, 1, "snapshot failed: HTTP 503", 0)
    ]


def test_interrupted_feed_tells_only_of_books_that_were_believed() -> None:
    trader = a_live_trader()
    assert trader.process(FeedDown((SYMBOL, "ETHUSDT"), "connection lost", 9_999)) == [
        Record(Severity.WARNING, "book.syncing", "BTCUSDT book is syncing: connection lost", 5_000)
    ]
    assert trader.process(FeedDown((SYMBOL,), "connection lost", 9_999)) == []
    assert trader.process(a_delta(21, 22, 20)) == [
        RequestSnapshot(SYMBOL, 1, "connection lost", 5_000)
    ]


@pytest.mark.requirement("A07")
@pytest.mark.requirement("F07")
def test_silence_is_told_once_and_so_is_its_end() -> None:
    trader = a_live_trader()
    assert trader.process(Tick(6_000)) == []
    assert trader.process(Tick(6_250)) == [
        Record(Severity.WARNING, "book.stale", "BTCUSDT book is stale: no update for 1.2 s", 6_250)
    ]
    assert trader.process(Tick(6_500)) == []
    assert trader.process(a_delta(11, 12, 10)) == [
        Record(Severity.INFO, "book.live", "BTCUSDT book is live at update 12", 6_500)
    ]


@pytest.mark.requirement("A07")
def test_each_symbol_is_stale_for_itself() -> None:
    trader = a_live_trader()
    effects_of(
        trader,
        a_delta(9, 10, 8, symbol="ETHUSDT"),
        a_book_snapshot(10, symbol="ETHUSDT"),
        Tick(5_900),
        a_delta(11, 12, 10, symbol="ETHUSDT"),
        Tick(6_500),
    )
    states = {name: market.book.state for name, market in trader.market.by_symbol.items()}
    assert states == {SYMBOL: BookState.STALE, "ETHUSDT": BookState.LIVE}


def test_settings_reach_the_books() -> None:
    trader = Trader((SYMBOL,), MarketSettings(Staleness(floor_ms=60_000)))
    assert effects_of(
        trader, Tick(5_000), a_delta(9, 10, 8), a_book_snapshot(10), Tick(64_000)
    ) == [
        RequestSnapshot(SYMBOL, 0, "waiting for the first update", 5_000),
        Record(Severity.INFO, "book.live", "BTCUSDT book is live at update 10", 5_000),
    ]


def test_reset_forgets_the_market_but_not_trading_state_or_instruments() -> None:
    trader = a_live_trader()
    instrument = Instrument("ETHUSDT", 2, 3, 0.01)
    effects_of(trader, InstrumentUpdate(instrument), a_trade(), HALT)
    assert trader.process(MarketReset("tape starts again", 1_000)) == [
        Record(Severity.INFO, "market.reset", "tape starts again", 1_000)
    ]
    assert (trader.state, trader.halt) == (HALTED, HaltInfo("F12", "by hand", 7_000))
    assert list(trader.market.by_symbol) == [SYMBOL, "ETHUSDT"]
    assert trader.market.of("ETHUSDT").instrument is instrument
    assert trader.market.of(SYMBOL).book.state is BookState.SYNCING
    assert trader.process(a_trade()) == []
    assert trader.market.of(SYMBOL).last_price == 100.0


# --- trading state -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [ACTIVE, REDUCING])
def test_halt_latches_from_every_state(state: TradingState) -> None:
    trader = Trader(standing=Standing(state))
    before = trader.is_halted
    assert trader.process(HALT) == [
        StateChanged(HALTED, state, "F12", "by hand", 7_000),
        *said(Severity.CRITICAL, "state.halted", f"{state} -> HALTED by F12: by hand", 7_000),
    ]
    assert (before, trader.is_halted) == (False, True)
    assert not trader.is_active
    assert trader.halt == HaltInfo("F12", "by hand", 7_000)


@pytest.mark.requirement("K11")
@pytest.mark.parametrize("state", list(TradingState))
def test_repeated_halt_changes_nothing_and_keeps_who_was_first(state: TradingState) -> None:
    trader = Trader(standing=Standing(state))
    trader.process(HALT)
    first = trader.halt
    for number in range(3):
        assert trader.process(Halt("engine", f"again {number}", 9_000)) == []
        assert (trader.state, trader.halt) == (HALTED, first)


@pytest.mark.requirement("K7")
def test_resume_goes_one_step_at_a_time() -> None:
    trader = Trader()
    trader.process(HALT)
    assert trader.process(RESUME) == [
        StateChanged(REDUCING, HALTED, "F12", "all is well", 8_000),
        *said(Severity.WARNING, "state.reducing", "HALTED -> REDUCING by F12: all is well", 8_000),
    ]
    assert (trader.is_halted, trader.halt) == (False, None)
    assert [trader.is_active] == [False]
    assert trader.process(RESUME) == [
        StateChanged(ACTIVE, REDUCING, "F12", "all is well", 8_000),
        *said(Severity.WARNING, "state.active", "REDUCING -> ACTIVE by F12: all is well", 8_000),
    ]
    assert trader.is_active
    assert trader.process(RESUME) == [
        Record(
            Severity.INFO,
            "state.unchanged",
            "resume by F12 changes nothing: trading is ACTIVE",
            8_000,
        )
    ]
    assert trader.state is ACTIVE


def test_market_events_never_move_the_trading_state() -> None:
    trader = Trader(standing=Standing(HALTED))
    effects = effects_of(trader, *a_day_of_events())
    assert not [effect for effect in effects if isinstance(effect, StateChanged)]
    assert trader.state is HALTED


# --- determinism -------------------------------------------------------------------------------


def a_day_of_events() -> Sequence[Event]:
    """Every kind of market event, with a gap, a failure, silence and an interruption."""
    venue = VenueBook.of_orders(Order(n % 2 == 0, 96 + n * 7 % 11, n % 4) for n in range(60))
    events: list[Event] = [Tick(1_000), TICKER, a_mark(), a_day(), a_bar()]
    for step in range(len(venue)):
        if step % 13 != 12:
            events.append(venue.delta(step, step + 1))
        if step % 5 == 0:
            events += [a_trade(step), venue.snapshot(step + 1), Tick(1_000 + 400 * step)]
        if step % 17 == 16:
            events.append(SnapshotFailed(SYMBOL, "HTTP 503", step))
    events += [Tick(90_000), FeedDown((SYMBOL,), "lost", 1), venue.delta(0, 1)]
    return [*events, MarketReset("again", 2), venue.delta(0, 1), venue.snapshot(1)]


def test_same_events_give_the_same_effects_to_the_byte() -> None:
    events = [*a_day_of_events(), HALT, HALT, RESUME, RESUME, RESUME]
    first = msgspec.json.encode(effects_of(Trader(), *events))
    assert msgspec.json.encode(effects_of(Trader(), *events)) == first
    kinds = {effect.code for effect in effects_of(Trader(), *events) if isinstance(effect, Record)}
    assert {"book.live", "book.syncing", "book.stale", "market.reset", "state.halted"} <= kinds


def test_effects_can_be_read_back_as_what_they_were() -> None:
    effects = effects_of(Trader(), *a_day_of_events(), HALT)
    assert {type(effect) for effect in effects} == {Append, Record, RequestSnapshot, StateChanged}
    assert msgspec.json.decode(msgspec.json.encode(effects), type=list[Effect]) == effects


def test_tick_that_gives_a_snapshot_up_asks_for_another() -> None:
    trader = Trader(("BTCUSDT",))
    trader.process(a_delta(9, 10, 8))
    trader.process(a_book_snapshot(1_000))
    effects = [*trader.process(Tick(5_000)), *trader.process(Tick(15_001))]
    assert effects == [
        RequestSnapshot("BTCUSDT", 1, "no update reached snapshot 1000 within 10 s", 15_001)
    ]


# --- account -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event", [a_recollection(), an_order_report(), a_fill(), a_picture(), RulesUpdate(RULES, 1)]
)
def test_account_events_mean_nothing_without_a_desk(event: Event) -> None:
    assert Trader().process(event) == []


def test_order_without_an_account_is_refused() -> None:
    text = "trading is not enabled here: start with --enable-trading"
    assert effects_of(Trader(), Tick(5_000), buy()) == [
        Answer(command_id="c1", is_accepted=False, code="no-account", text=text, time_ms=5_000)
    ]


def test_desk_gets_ticks_marks_commands_and_what_comes_back() -> None:
    stage = Stage().begin()
    stage.tell(buy(price="99"), HALT)
    stage.wait(1_000)
    stage.tell(RESUME, RESUME)
    assert (stage.trader.state, stage.live(Purpose.ENTRY)) == (ACTIVE, [])
    stage.tell(a_picture(balance=a_balance(wallet="123", time_ms=stage.time_ms + 1)))
    assert stage.desk.state.portfolio.wallet == 123


def test_without_an_account_the_answer_says_how_to_get_one() -> None:
    command = ClosePosition(command_id="c1", actor="anna", symbol="BTCUSDT", time_ms=1)

    answer = without_account(command, 5)

    assert (answer.command_id, answer.is_accepted, answer.code) == ("c1", False, "no-account")
    assert "--enable-trading" in answer.text
    assert answer.time_ms == 5
