"""All that is known of the account, in one place; every part of the desk reads and writes it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.breaker import BreakerLimits, Breakers, Reading
from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.conduct import Conduct
from botcore_tui.core.deadman import DeadManSettings, DeadMen
from botcore_tui.core.gate import (
    FOR_BLIND_PROTECTION,
    FOR_PROTECTION,
    Denial,
    Limits,
    Proposal,
    Surroundings,
    first_of,
)
from botcore_tui.core.gate_limits import tightest
from botcore_tui.core.gate_view import surroundings
from botcore_tui.core.market import Market
from botcore_tui.core.marks import Marks
from botcore_tui.core.orders import OrderRegister
from botcore_tui.core.overrides import Overrides
from botcore_tui.core.phase import PhaseRules
from botcore_tui.core.portfolio import Portfolio
from botcore_tui.core.protection import Protection, ProtectionSettings
from botcore_tui.core.standing import Standing
from botcore_tui.core.tenure import Tenure
from botcore_tui.core.volumes import MinuteVolumes
from botcore_tui.core.working import Working
from botcore_tui.model.account import Binding, ClockHealth, LeverageChange, PositionReport
from botcore_tui.model.event import Answer
from botcore_tui.model.instrument import ContractRules, settles_in
from botcore_tui.model.ledger import Recollection
from botcore_tui.model.market import MarkPrice
from botcore_tui.model.order import OrderRequest
from botcore_tui.model.trading import FillView, Wish

_ANSWERS_KEPT: Final = 16
_FILLS_KEPT: Final = 200
_SECOND_MS: Final = 1_000
_MARK_OLD_MS: Final = 5_000
_PICTURE_OLD_MS: Final = 30_000
"""A05: what is older says nothing of equity."""


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
    breakers: BreakerLimits = BreakerLimits()
    dead_man: DeadManSettings = DeadManSettings()
    strategy: str = ""
    """Name of the strategy that trades unattended; empty for none."""
    binding: Binding | None = None
    """What a person confirmed; None where nothing had to be."""
    is_real_money: bool = False
    phase: PhaseRules | None = None
    """In force; None for none."""


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
        self.register.guard = self.reducing_denial
        self.portfolio = Portfolio()
        self.protection = Protection(self.register, self.portfolio, self.ids, settings.protection)
        self.rules: dict[str, ContractRules] = {}
        self.leverages: dict[str, int] = {}
        self.margin_types: dict[str, str] = {}
        self.rules_ms: dict[str, int] = {}
        """When they were told."""
        self.clock: ClockHealth | None = None
        self.binding_trouble = ""
        """P02: how the account differs from what was confirmed; empty if it does not."""
        self.is_bound = settings.binding is None
        """P02: the venue has told that the account is the confirmed one, or none need be."""
        self.tenure = Tenure(
            settings.phase, recollection.risk, is_real_money=settings.is_real_money
        )
        self.volumes = MinuteVolumes(market)
        self._limiting = self.tenure.rules
        self.overrides = Overrides(tightest(settings.limits, self._limiting), recollection.risk)
        self.conduct = Conduct(settings.limits, recollection.risk, (settings.strategy,))
        limits = settings.breakers.within(self.tenure.rules)
        self.breakers = Breakers(limits, standing, recollection)
        self.dead_men = DeadMen(settings.dead_man)
        self.unknown_names: set[str] = set()
        """Orders of this run that are UNKNOWN now, each counted (A13)."""
        self.is_stream_up = False
        self.is_reconciled = False
        self.has_picture = False
        """Whether the venue's word on the account came once: before, what we hold is a guess."""
        self.is_ledger_writable = True
        self.ledger_trouble = ""
        self.is_one_way = self.is_single_asset = True
        self.time_ms = recollection.time_ms
        self.reconciled_ms = 0
        self.market = market
        self._begin_records()

    def _begin_records(self) -> None:
        self.sighted: set[str] = set()
        """Symbols whose position the venue told, perhaps before the first picture."""
        self.untold: dict[str, str] = {}
        """Of a symbol why the venue refuses to tell its trades."""
        self.leverages_ms: dict[str, int] = {}
        """When a change was told, by the stream or on our own request, since the stream is up."""
        self.margin_types_ms: dict[str, int] = {}
        """The same of margin types, which other messages tell."""
        self._marks = Marks()
        self.picture_ms = 0
        """When the venue last told of the whole account."""
        self.denied = 0
        self.rejected = 0
        self.answers: list[Answer] = []
        self.fills: list[FillView] = []
        self.wishes: tuple[Wish, ...] = ()
        """What the strategy stands by at present."""
        self.requests: list[OrderRequest] = []
        """Of the last second."""
        self._told_marks: dict[str, Decimal] = {}
        self._told_marks_ms: dict[str, int] = {}

    @property
    def limits(self) -> Limits:
        """In force: the tightest of configuration and phase, and what is relaxed for a while."""
        rules = self.tenure.rules
        if rules is not self._limiting:
            self._limiting = rules
            self.overrides.rebase(tightest(self.settings.limits, rules))
        return self.overrides.limits

    def learn_rules(self, rules: ContractRules) -> None:
        """The venue's filters of a contract."""
        self.rules[rules.symbol], self.rules_ms[rules.symbol] = rules, self.time_ms

    def learn_setting(self, change: LeverageChange, asked_ms: int | None = None) -> None:
        """Leverage and margin type of a contract at the venue; what is not told stays known.

        Args:
            change: By the venue's word.
            asked_ms: When a listing that says so was asked for, by our clock: a change that was
                told since is newer. None: it is such a change.
        """
        if asked_ms is None:
            self.leverages_ms[change.symbol] = self.time_ms
        if asked_ms is None or self.leverages_ms.get(change.symbol, 0) < asked_ms:
            self.leverages[change.symbol] = change.leverage
        is_newer = asked_ms is None or self.margin_types_ms.get(change.symbol, 0) < asked_ms
        if change.margin_type and is_newer:
            self.margin_types[change.symbol] = change.margin_type

    def learn_margin_type(self, report: PositionReport) -> None:
        """The same as the stream tells it, with a position that is flat or not."""
        if report.margin_type:
            self.margin_types[report.symbol] = report.margin_type
            self.margin_types_ms[report.symbol] = self.time_ms

    def is_told(self, symbol: str) -> bool:
        """Whether what we hold of it is the venue's word, and no guess."""
        return self.has_picture or symbol in self.sighted

    # --- prices ---------------------------------------------------------------------------------

    def on_mark(self, mark: MarkPrice) -> None:
        """A mark price came from the market.

        On a line that is too slow marks come without a pause, and each is older than the one
        before: no loss of now is read from them, nor shown (P09 lets no entry leave then).
        """
        now_ms, most_ms = self.time_ms, self.limits.skew_ms
        # A clock of ours that is off makes no mark late, nor a late one young.
        stamp_ms = mark.time_ms + (self.market.venue.lead_ms or 0)
        is_late = most_ms is not None and now_ms - stamp_ms > most_ms
        made_ms = stamp_ms if is_late else now_ms
        self._marks.take(mark.symbol, mark.mark, now_ms, made_ms=made_ms)

    def tell_mark(self, symbol: str, mark: Decimal) -> None:
        """The account's own picture told a mark; used until the market brings one."""
        self._told_marks[symbol], self._told_marks_ms[symbol] = mark, self.time_ms

    def mark(self, symbol: str) -> Decimal | None:
        """The newest mark price that can be true; None before the first."""
        known = self.market.by_symbol.get(symbol)
        believed = self._marks.of(symbol)
        if believed is not None and known is not None and known.mark is not None:
            return believed
        return self._told_marks.get(symbol)

    def shown_mark(self, symbol: str) -> tuple[Decimal, int] | None:
        """For the screen: the market's mark, or the account's own picture where that is silent.

        Returns:
            The mark and how long ago it came; None before the first.
        """
        made_ms, told_ms = self._marks.made_ms(symbol), self._told_marks_ms.get(symbol)
        market = self.market.by_symbol.get(symbol)
        is_there = market is not None and market.mark is not None
        mark = self._marks.of(symbol) if is_there else None
        told = self._told_marks.get(symbol)
        told_age_ms = None if told_ms is None else self.time_ms - told_ms
        if mark is not None and made_ms is not None:
            age_ms = self.time_ms - made_ms
            is_newer = told_age_ms is not None and told_age_ms < age_ms
            if age_ms <= _MARK_OLD_MS or not is_newer:
                return mark, age_ms
        if told is None or told_age_ms is None:
            return None
        return told, told_age_ms

    def marks(self) -> dict[str, Decimal]:
        """The marks of all symbols with a position, where known."""
        found = ((symbol, self.mark(symbol)) for symbol in self.portfolio.valued())
        return {symbol: mark for symbol, mark in found if mark is not None}

    def mark_age_ms(self, symbol: str) -> int | None:
        """How long ago the market last brought a mark; None if it never did."""
        seen_ms = self.mark_seen_ms(symbol)
        return None if seen_ms is None else self.time_ms - seen_ms

    def mark_seen_ms(self, symbol: str) -> int | None:
        """When the market last brought a mark; None if it never did."""
        return self._marks.seen_ms(symbol)

    # --- what stands open -----------------------------------------------------------------------

    def equity(self) -> Decimal | None:
        """Wallet and unrealized profit at mark; None while something of it is unknown."""
        return self.portfolio.equity(self.marks())

    def reading(self) -> Reading | None:
        """Equity for the breakers; None where anything in it is missing, stale or absurd."""
        worth, now = self.portfolio.worth, self.time_ms
        if worth.wallet is None or worth.is_absurd:
            return None
        symbols = self.portfolio.valued()
        is_blind = not self.is_stream_up and now - self.picture_ms > _PICTURE_OLD_MS
        if is_blind and (symbols or self.register.open()):
            return None
        marks: dict[str, Decimal] = {}
        mark_ms: int | None = None
        for symbol in symbols:
            fresh = self._fresh_mark(symbol)
            if fresh is None:
                return None
            marks[symbol], seen_ms = fresh
            mark_ms = seen_ms if mark_ms is None else min(mark_ms, seen_ms)
        equity = self.portfolio.equity(marks)
        if equity is None or not equity.is_finite():
            return None
        return Reading(equity, equity - worth.unexplained, mark_ms)

    def _fresh_mark(self, symbol: str) -> tuple[Decimal, int] | None:
        """Of the market; where that brings none, as the account's own picture told it; and when."""
        mark, made_ms = self._marks.of(symbol), self._marks.made_ms(symbol)
        if mark is not None and made_ms is not None and self.time_ms - made_ms <= _MARK_OLD_MS:
            return mark, made_ms
        told_ms = self._told_marks_ms.get(symbol)
        if told_ms is None or self.time_ms - told_ms > _PICTURE_OLD_MS:
            return None
        return self._told_marks[symbol], told_ms

    def trouble(self, symbol: str = "") -> str:
        """Why no new risk may be taken now, but for the trading state; empty if nothing."""
        return next(self._troubles(symbol), "")

    def _troubles(self, symbol: str) -> Iterator[str]:
        if not self.is_bound:
            yield "the venue has not told whose account this is: wait"
        if not self.is_one_way:
            yield "the account is in hedge mode: switch it to one-way mode at the venue"
        if symbol and not settles_in(symbol, self.portfolio.asset):
            yield f"{symbol} does not settle in {self.portfolio.asset}: no limit would see its loss"
        if not self.is_single_asset:
            yield "the account is in multi-assets mode: switch it to single-asset mode at the venue"
        if not self.is_stream_up:
            yield "the user stream is down: wait until it is back"
        if not self.is_reconciled:
            yield "the account is not reconciled: wait"
        if not self.is_ledger_writable:
            yield f"the ledger cannot be written ({self.ledger_trouble}): no new risk until it can"
        unknown = self.register.unknown(symbol)
        if unknown:
            yield f"order {unknown[0].request.client_order_id} is UNKNOWN: wait for evidence"
        yield from self._trade_troubles(symbol)

    def _trade_troubles(self, symbol: str) -> Iterator[str]:
        if symbol and self.register.misses_fills(symbol):
            yield f"executions of {symbol} are still being asked for: wait"
        if symbol in self.untold:
            yield f"the venue does not tell the trades of {symbol}: {self.untold[symbol]}"

    def surroundings(self, request: OrderRequest) -> Surroundings:
        """What the gate looks at for this order."""
        return surroundings(self, request)

    def reducing_denial(self, request: OrderRequest) -> Denial | None:
        """Why an order that only reduces must not leave; the last look before it is sent."""
        self.conduct.on_request(request, None, self.time_ms)
        around = surroundings(self, request)
        controls = FOR_PROTECTION if around.rules is not None else FOR_BLIND_PROTECTION
        return first_of(controls, Proposal(request, None), around)

    def working(self) -> Working:
        """All open orders: ours, and of others those whose worth can be told."""
        foreign = self.register.foreign.values()
        told = (report for report in foreign if self.mark(report.symbol) is not None)
        return Working(self.register.unsorted(), told, self.register.unseen())

    def gross_notional(self) -> Decimal | None:
        """Worst-case worth of all positions and entries; None if a mark is unknown."""
        working = self.working()
        exposed = working.exposed(self.portfolio.holdings())
        return working.gross(exposed, self.portfolio.quantity, self.mark)

    # --- what is kept for the screen ------------------------------------------------------------

    def note_request(self, request: OrderRequest) -> None:
        """Remember an order that was let through."""
        self.requests.append(request)
        if not request.purpose.is_reducing:
            self.conduct.on_request(request, self.mid(request.symbol), self.time_ms)

    def mid(self, symbol: str) -> Decimal | None:
        """Between best bid and ask of a live book, else the mark; None if neither is known."""
        market = self.market.by_symbol.get(symbol)
        book = None if market is None else market.book
        if book is None or book.bids.best is None or book.asks.best is None:
            return self.mark(symbol)
        return Decimal(repr((book.bids.best + book.asks.best) / 2))

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
