"""All that is known of the account, in one place; every part of the desk reads and writes it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.gate import Limits, Surroundings
from botcore_tui.core.market import Market
from botcore_tui.core.marks import Marks
from botcore_tui.core.orders import OrderRegister
from botcore_tui.core.portfolio import Portfolio
from botcore_tui.core.protection import Protection, ProtectionSettings
from botcore_tui.core.standing import Standing
from botcore_tui.model.event import Answer
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.market import MarkPrice, Side
from botcore_tui.model.order import OrderRequest
from botcore_tui.model.trading import FillView

_ANSWERS_KEPT: Final = 16
_FILLS_KEPT: Final = 200
_SECOND_MS: Final = 1_000


class DeskSettings(Struct, frozen=True, kw_only=True):
    """What the desk needs of the configuration."""

    symbols: tuple[str, ...]
    is_trading_enabled: bool
    limits: Limits
    protection: ProtectionSettings = ProtectionSettings()
    target_pct: Decimal = Decimal(0)
    """Of a strategy's entries: distance of the target from the price; 0 for none."""
    trail_pct: Decimal = Decimal(0)
    """Of a strategy's entries: trailing distance; 0 for none."""


class AccountState:
    """The account of one session with a venue; a new session begins a new one.

    Args:
        settings: See there.
        standing: The trading state.
        market: For prices.
        recollection: What the ledger knows.
    """

    def __init__(
        self,
        settings: DeskSettings,
        standing: Standing,
        market: Market,
        recollection: Recollection,
    ) -> None:
        self.settings = settings
        self.standing = standing
        self.account = recollection.account
        self.run_id = recollection.run_id
        self.ids = ClientIds(recollection.run_id)
        self.register = OrderRegister(self.ids)
        self.portfolio = Portfolio()
        self.protection = Protection(self.register, self.portfolio, self.ids, settings.protection)
        self.rules: dict[str, ContractRules] = {}
        self.leverages: dict[str, int] = {}
        self.is_stream_up = False
        self.is_reconciled = False
        self.has_picture = False
        """Whether the venue's word on the account came once: before, what we hold is a guess."""
        self.is_ledger_writable = True
        self.ledger_trouble = ""
        self.is_one_way = True
        self.time_ms = recollection.time_ms
        self.reconciled_ms = 0
        self.denied = 0
        self.rejected = 0
        self.answers: list[Answer] = []
        self.fills: list[FillView] = []
        self.requests: list[OrderRequest] = []
        """Of the last second."""
        self._market = market
        self._marks = Marks()
        self._told_marks: dict[str, Decimal] = {}

    # --- prices ---------------------------------------------------------------------------------

    def on_mark(self, mark: MarkPrice) -> None:
        """A mark price came from the market."""
        self._marks.take(mark.symbol, mark.mark, self.time_ms)

    def tell_mark(self, symbol: str, mark: Decimal) -> None:
        """The account's own picture told a mark; used until the market brings one."""
        self._told_marks[symbol] = mark

    def mark(self, symbol: str) -> Decimal | None:
        """The newest mark price that can be true; None before the first."""
        known = self._market.by_symbol.get(symbol)
        believed = self._marks.of(symbol)
        if believed is not None and known is not None and known.mark is not None:
            return believed
        return self._told_marks.get(symbol)

    def marks(self) -> dict[str, Decimal]:
        """The marks of all symbols with a position, where known."""
        found = ((each.symbol, self.mark(each.symbol)) for each in self.portfolio.holdings())
        return {symbol: mark for symbol, mark in found if mark is not None}

    def mark_age_ms(self, symbol: str) -> int | None:
        """How long ago the market last brought a mark; None if it never did."""
        seen_ms = self._marks.seen_ms(symbol)
        return None if seen_ms is None else self.time_ms - seen_ms

    # --- what stands open -----------------------------------------------------------------------

    def equity(self) -> Decimal | None:
        """Wallet and unrealized profit at mark; None while something of it is unknown."""
        return self.portfolio.equity(self.marks())

    def trouble(self, symbol: str = "") -> str:
        """Why no new risk may be taken now, but for the trading state; empty if nothing."""
        return next(self._troubles(symbol), "")

    def _troubles(self, symbol: str) -> Iterator[str]:
        if not self.is_one_way:
            yield "the account is in hedge mode: switch it to one-way mode at the venue"
        if not self.is_stream_up:
            yield "the user stream is down: wait until it is back"
        if not self.is_reconciled:
            yield "the account is not reconciled: wait"
        if not self.is_ledger_writable:
            yield f"the ledger cannot be written ({self.ledger_trouble}): no new risk until it can"
        unknown = self.register.unknown(symbol)
        if unknown:
            yield f"order {unknown[0].request.client_order_id} is UNKNOWN: wait for evidence"
        if symbol and self.register.misses_fills(symbol):
            yield f"executions of {symbol} are still being asked for: wait"

    def surroundings(self, request: OrderRequest) -> Surroundings:
        """What the gate looks at for this order."""
        symbol = request.symbol
        other_side = Side.SELL if request.side is Side.BUY else Side.BUY
        return Surroundings(
            limits=self.settings.limits,
            is_trading_enabled=self.settings.is_trading_enabled,
            state=self.standing.state,
            symbols=self.settings.symbols,
            rules=self.rules.get(symbol),
            mark=self.mark(symbol),
            mark_age_ms=self.mark_age_ms(symbol),
            position=self.portfolio.quantity(symbol),
            opposing=self.register.exposure(symbol, other_side),
            gross_notional=self.gross_notional(),
            exposed_symbols=frozenset(self._exposed()),
            equity=self.equity(),
            trouble=self.trouble(symbol),
            is_ledger_writable=self.is_ledger_writable,
            last_requests=tuple(self.requests),
            time_ms=self.time_ms,
        )

    def _exposed(self) -> Iterator[str]:
        yield from (holding.symbol for holding in self.portfolio.holdings())
        yield from (order.request.symbol for order in self.register.open() if order.is_entry)

    def gross_notional(self) -> Decimal | None:
        """Worst-case worth of all positions and entries at mark; None if a mark is unknown."""
        total = Decimal(0)
        for symbol in set(self._exposed()):
            mark = self.mark(symbol)
            if mark is None:
                return None
            quantity = self.portfolio.quantity(symbol)
            buys = self.register.exposure(symbol, Side.BUY)
            sells = self.register.exposure(symbol, Side.SELL)
            # Controls: the worst-case position is that of the side that would be larger.
            total += max(abs(quantity + buys), abs(quantity - sells)) * mark
        return total

    # --- what is kept for the screen ------------------------------------------------------------

    def note_request(self, request: OrderRequest) -> None:
        """Remember an order that was let through."""
        self.requests.append(request)

    def note_answer(self, answer: Answer) -> None:
        """Remember an answer to a command."""
        self.answers = [*self.answers[1 - _ANSWERS_KEPT :], answer]

    def note_fill(self, fill: FillView) -> None:
        """Remember one of our executions."""
        self.fills = [*self.fills[1 - _FILLS_KEPT :], fill]

    def on_time(self, time_ms: int) -> None:
        """Time has passed."""
        self.time_ms = time_ms
        self.requests = [each for each in self.requests if time_ms - each.created_ms < _SECOND_MS]
