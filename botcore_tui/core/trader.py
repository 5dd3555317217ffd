"""The one place where something is decided: event in, effects out."""

from typing import Final, assert_never

from botcore_tui.core.book import OrderBook
from botcore_tui.core.market import Market, MarketSettings
from botcore_tui.model.event import (
    Effect,
    Event,
    FeedDown,
    Halt,
    InstrumentUpdate,
    MarketReset,
    Record,
    RequestSnapshot,
    Resume,
    Severity,
    SnapshotFailed,
    StateChanged,
    Tick,
    TradingState,
)
from botcore_tui.model.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    BookState,
    BookTicker,
    BookTop,
    ContractNotice,
    DayTicker,
    Liquidation,
    MarkPrice,
    Trade,
)
from botcore_tui.model.snapshot import HaltInfo

_ONE_STEP_BACK: Final = {
    TradingState.HALTED: TradingState.REDUCING,
    TradingState.REDUCING: TradingState.ACTIVE,
}


class Trader:
    """Sole owner and writer of trading state.

    ``process`` is synchronous and deterministic: the same events give the same effects, to the
    byte. It reads no clock; time is what events say.
    """

    def __init__(
        self,
        symbols: tuple[str, ...] = (),
        settings: MarketSettings | None = None,
        *,
        state: TradingState = TradingState.ACTIVE,
    ) -> None:
        self.market = Market(symbols, settings or MarketSettings())
        self.state = state
        self.halt: HaltInfo | None = None
        self.time_ms = 0

    @property
    def is_halted(self) -> bool:
        """Whether trading is latched."""
        return self.state is TradingState.HALTED

    def process(self, event: Event) -> list[Effect]:
        """Take one event and say what must be done about it, in order."""
        match event:
            case BookTicker():
                self.market.of(event.symbol).ticker = event
                return []
            case Trade():
                self.market.of(event.symbol).on_trade(event)
                return []
            case BookDelta():
                return self._on_delta(event)
            case Tick():
                return self._on_tick(event)
            case MarkPrice() | DayTicker() | BookTop() | Bar() | Liquidation() | ContractNotice():
                return self._on_quote(event)
            case BookSnapshot() | SnapshotFailed() | FeedDown() | MarketReset():
                return self._on_feed(event)
            case InstrumentUpdate():
                self.market.of(event.instrument.symbol).instrument = event.instrument
                return []
            case Halt():
                return self._on_halt(event)
            case Resume():
                return self._on_resume(event)
            case _:
                assert_never(event)

    # --- market ------------------------------------------------------------------------------

    def _on_delta(self, delta: BookDelta) -> list[Effect]:
        book = self.market.of(delta.symbol).book
        before = book.state
        needed = book.on_delta(delta)
        if needed is None and book.state is before:
            return []
        return self._book_effects(book, before, needed)

    def _on_tick(self, tick: Tick) -> list[Effect]:
        self.time_ms = tick.time_ms
        effects: list[Effect] = []
        for market in self.market.by_symbol.values():
            before = market.book.state
            needed = market.book.on_tick(tick.time_ms)
            if needed is not None or market.book.state is not before:
                effects += self._book_effects(market.book, before, needed)
        return effects

    def _on_quote(
        self, event: MarkPrice | DayTicker | BookTop | Bar | Liquidation | ContractNotice
    ) -> list[Effect]:
        market = self.market.of(event.symbol)
        match event:
            case MarkPrice():
                market.mark = event
            case DayTicker():
                market.day = event
            case BookTop():
                market.top = event
            case Bar():
                market.on_bar(event)
            case Liquidation():
                market.liquidations.append(event)
            case ContractNotice():
                text = f"{event.symbol}: {event.contract_type} is {event.status}"
                return [Record(Severity.WARNING, "market.contract", text, self.time_ms)]
            case _:
                assert_never(event)
        return []

    def _on_feed(
        self, event: BookSnapshot | SnapshotFailed | FeedDown | MarketReset
    ) -> list[Effect]:
        match event:
            case BookSnapshot():
                book = self.market.of(event.symbol).book
                before = book.state
                return self._book_effects(book, before, book.on_snapshot(event))
            case SnapshotFailed():
                book = self.market.of(event.symbol).book
                before = book.state
                return self._book_effects(book, before, book.on_snapshot_failed(event.reason))
            case FeedDown():
                return self._on_feed_down(event)
            case MarketReset():
                self.market.reset()
                return [Record(Severity.INFO, "market.reset", event.reason, event.time_ms)]
            case _:
                assert_never(event)

    def _on_feed_down(self, event: FeedDown) -> list[Effect]:
        effects: list[Effect] = []
        for symbol in event.symbols:
            book = self.market.of(symbol).book
            before = book.state
            book.interrupt(event.reason)
            effects += self._book_effects(book, before, None)
        return effects

    def _book_effects(self, book: OrderBook, before: BookState, needed: str | None) -> list[Effect]:
        effects: list[Effect] = []
        if book.state is not before:
            effects.append(self._book_record(book))
        if needed is not None:
            # A refresh of a book that has lasted is no attempt of a series.
            attempt = max(0, book.attempt - 1)
            effects.append(RequestSnapshot(book.symbol, attempt, needed, self.time_ms))
        return effects

    def _book_record(self, book: OrderBook) -> Record:
        if book.state is BookState.LIVE:
            text = f"{book.symbol} book is live at update {book.last_update_id}"
            return Record(Severity.INFO, "book.live", text, self.time_ms)
        text = f"{book.symbol} book is {book.state}: {book.reason}"
        return Record(Severity.WARNING, f"book.{book.state}", text, self.time_ms)

    # --- trading state -----------------------------------------------------------------------

    def _on_halt(self, halt: Halt) -> list[Effect]:
        if self.state is TradingState.HALTED:
            return []
        self.halt = HaltInfo(halt.actor, halt.reason, halt.time_ms)
        return self._enter(TradingState.HALTED, halt)

    def _on_resume(self, resume: Resume) -> list[Effect]:
        state = _ONE_STEP_BACK.get(self.state)
        if state is None:
            text = f"resume by {resume.actor} changes nothing: trading is {self.state}"
            return [Record(Severity.INFO, "state.unchanged", text, resume.time_ms)]
        self.halt = None
        return self._enter(state, resume)

    def _enter(self, state: TradingState, command: Halt | Resume) -> list[Effect]:
        previous, self.state = self.state, state
        severity = Severity.CRITICAL if state is TradingState.HALTED else Severity.WARNING
        text = f"{previous} -> {state} by {command.actor}: {command.reason}"
        return [
            StateChanged(state, previous, command.actor, command.reason, command.time_ms),
            Record(severity, f"state.{state.lower()}", text, command.time_ms),
        ]
