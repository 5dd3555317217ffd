"""The one place where something is decided: event in, effects out."""

from typing import assert_never

from botcore_tui.core.account_state import DeskSettings
from botcore_tui.core.book import OrderBook
from botcore_tui.core.desk import TradingDesk
from botcore_tui.core.market import Market, MarketSettings
from botcore_tui.core.standing import Standing
from botcore_tui.core.strategy import Strategy
from botcore_tui.model.account import ClockHealth
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    Command,
    DeskCommand,
    EnableStrategy,
    Halt,
    MoveStop,
    PlaceOrder,
    Relax,
    ResetBreaker,
    Resume,
    SignOff,
)
from botcore_tui.model.event import (
    AccountEvent,
    Answer,
    Effect,
    Event,
    FeedDown,
    InstrumentUpdate,
    MarketReset,
    Record,
    RequestSnapshot,
    RulesUpdate,
    Severity,
    SnapshotFailed,
    Tick,
    TradingState,
)
from botcore_tui.model.ledger import Recollection
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
        standing: Standing | None = None,
        desk: DeskSettings | None = None,
        strategy: Strategy | None = None,
    ) -> None:
        self.market = Market(symbols, settings or MarketSettings())
        self.standing = standing or Standing()
        self.desk = (
            None if desk is None else TradingDesk(desk, self.standing, self.market, strategy)
        )
        self.time_ms = 0

    @property
    def state(self) -> TradingState:
        """What may be done at the venue."""
        return self.standing.state

    @property
    def halt(self) -> HaltInfo | None:
        """Who halted, when and why; None if nobody did."""
        return self.standing.halt

    @property
    def is_halted(self) -> bool:
        """Whether trading is latched."""
        return self.standing.is_halted

    @property
    def is_active(self) -> bool:
        """Whether positions may be raised at all."""
        return self.standing.state is TradingState.ACTIVE

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
            case Halt() | Resume() | PlaceOrder() | ClosePosition() | CancelOrder() | MoveStop():
                return self._on_command(event)
            case ResetBreaker() | Relax() | EnableStrategy() | SignOff():
                return self._on_command(event)
            case _:
                return self._on_account(event)

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
        self.market.venue.on_tick(tick.time_ms)
        effects: list[Effect] = []
        for market in self.market.by_symbol.values():
            before = market.book.state
            needed = market.book.on_tick(tick.time_ms)
            if needed is not None or market.book.state is not before:
                effects += self._book_effects(market.book, before, needed)
        return effects if self.desk is None else effects + self.desk.on_tick(tick)

    def _on_quote(
        self, event: MarkPrice | DayTicker | BookTop | Bar | Liquidation | ContractNotice
    ) -> list[Effect]:
        market = self.market.of(event.symbol)
        match event:
            case MarkPrice():
                market.on_mark(event)
                return [] if self.desk is None else self.desk.on_mark(event)
            case DayTicker():
                market.day = event
            case BookTop():
                market.top = event
            case Bar():
                market.on_bar(event)
                return [] if self.desk is None else self.desk.on_bar(event)
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
                if self.desk is not None:
                    self.desk.on_market_reset()
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

    # --- account and commands ------------------------------------------------------------------

    def _on_command(self, command: Command) -> list[Effect]:
        desk = self.desk
        match command:
            case Halt():
                is_news = not self.is_halted
                effects = self.standing.on_halt(command)
                return effects if desk is None else effects + desk.on_halt(command, is_news=is_news)
            case Resume():
                return self.standing.on_resume(command) if desk is None else desk.on_resume(command)
            case _:
                if desk is not None:
                    return desk.on_command(command)
                return [without_account(command, self.time_ms)]

    def _on_account(self, event: AccountEvent | RulesUpdate | Recollection) -> list[Effect]:
        if isinstance(event, ClockHealth):
            self.market.venue.on_clock(event)
        if self.desk is None:
            return []
        if isinstance(event, Recollection):
            self.market.venue.forget()
            return self.desk.on_recollection(event)
        return self.desk.on_event(event)


def without_account(command: DeskCommand, time_ms: int) -> Answer:
    """The answer where there is nobody who could carry it out."""
    return Answer(
        command_id=command.command_id,
        is_accepted=False,
        code="no-account",
        text="trading is not enabled here: start with --enable-trading",
        time_ms=time_ms,
    )
