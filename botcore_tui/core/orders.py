"""What became of every order: states by evidence only, executions once, nothing lost in silence.

An order is planned, recorded and then sent, once. Whatever comes back, from whichever source, late,
twice or in any order, leads to the venue's state of it. Where nothing comes back the venue is asked
until it is known; until then the order counts as exposure.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from botcore_tui.core.adoption import adopted
from botcore_tui.core.client_ids import ClientIds, is_ours
from botcore_tui.core.copies import Copies
from botcore_tui.core.foreign import ForeignOrders, listed_orders
from botcore_tui.core.gate_terms import Denial
from botcore_tui.core.notes import note
from botcore_tui.core.order_fills import OrderFills, check_overfill
from botcore_tui.core.order_index import Counts, OrderIndex
from botcore_tui.core.order_life import BEFORE_VENUE, OF_ALGO, Change, Order, state_told
from botcore_tui.core.order_moves import NewFill, OrderMoves, Step
from botcore_tui.core.order_outcomes import OrderOutcomes, OutcomeEvent, should_be_listed
from botcore_tui.core.order_terms import learn_terms
from botcore_tui.core.rumours import Rumours
from botcore_tui.core.working import Working
from botcore_tui.model.account import AccountPicture, SymbolAccount
from botcore_tui.model.event import Append, Effect, Severity, Submit
from botcore_tui.model.ledger import IntentRow, KnownTrade, OpenOrder
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    Fill,
    OrderReport,
    OrderRequest,
    OrderState,
    Source,
    VenueStatus,
)

__all__ = ["Counts", "NewFill", "Order", "OrderEvent", "OrderRegister", "Step"]

OrderEvent = OrderReport | AlgoReport | Fill | OutcomeEvent
"""What comes back about orders."""

_IN_FLIGHT_MS: Final = 5_000
"""After that without an answer an order is in doubt (A08)."""
_WINDOW_MS: Final = 5_000
"""recvWindow of our requests; P23 allows no larger one."""
_CLOCK_DOUBT_MS: Final = 60_000
_NEVER: Final = 1 << 62
_OF_VENUE: Final = frozenset({"P04", "P05"})
"""Denials of what the venue would refuse too."""
_SHOWN: Final = frozenset({VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED})
_PROVING: Final = frozenset({Source.QUERY, Source.LIST})
"""Asked for, so not a late word of before."""


class OrderRegister:
    """All orders of the account; sole writer of ours.

    Attributes:
        others: What others do on the account.
        foreign: Their open orders.
        counts: Orders out against orders in.
        since_ms: When the account's first session began; 0: nobody knows.
        guard: Says why an order that only reduces must not leave; None: nobody is asked.
    """

    def __init__(self, ids: ClientIds) -> None:
        self.ids: Final = ids
        self._index = OrderIndex()
        self._moves = OrderMoves(self._index)
        self.others = ForeignOrders()
        self._fills = OrderFills(self._index, self._moves, self.others)
        self._rumours = Rumours(self._fills.trades)
        self._outcomes = OrderOutcomes(self._index, self._moves, self._rumours)
        self._copies = Copies(self.others)
        self.foreign: Final = self.others.open
        self.counts: Final = self._index.counts
        self.since_ms = 0
        self._sighted_ms: dict[str, int] = {}
        """Of a symbol whose position came before its first trades: from when on those are ours."""
        self.guard: Callable[[OrderRequest], Denial | None] | None = None

    # --- what is asked of it --------------------------------------------------------------------

    def plan(
        self,
        request: OrderRequest,
        *,
        stop_price: Decimal | None = None,
        target_price: Decimal | None = None,
        trail_pct: Decimal | None = None,
    ) -> list[Effect]:
        """Record an order and send it; from here on it counts as exposure.

        Raises:
            ValueError: Its client order id was used before.
        """
        if self._index.is_used(request.client_order_id):
            raise ValueError(f"client order id {request.client_order_id} is used already")
        guard = self.guard if request.purpose.is_reducing else None
        denial = None if guard is None else guard(request)
        intent = IntentRow(
            request=request, stop_price=stop_price, target_price=target_price, trail_pct=trail_pct
        )
        step = Step(effects=[Append(intent)])
        order = Order(intent, time_ms=request.created_ms)
        self._moves.begin(order, source=None, time_ms=request.created_ms, step=step)
        if denial is None:
            return [*step.effects, Submit(request)]
        self._deny(order, denial, step)
        return step.effects

    def is_used(self, client_order_id: str) -> bool:
        """Whether there is or was an order of that id."""
        return self._index.is_used(client_order_id)

    def _deny(self, order: Order, denial: Denial, step: Step) -> None:
        """An order of which no byte leaves; whoever wanted it finds it as the venue's refusal."""
        time_ms, request = order.created_ms, order.request
        is_refusal = denial.code in _OF_VENUE
        change = Change(
            state=OrderState.REJECTED if is_refusal else OrderState.NOT_PLACED,
            time_ms=time_ms,
            reason=f"{denial.code} {denial.text}",
        )
        self._moves.move(order, change, step)
        self._index.settle(order)
        step.effects += note(
            Severity.ERROR,
            "order.denied",
            f"{request.symbol}: {request.purpose} of {request.actor} was not sent:"
            f" {denial.code} {denial.text}",
            time_ms=time_ms,
            symbol=request.symbol,
            client_order_id=order.client_order_id,
        )

    def recall(self, trade: KnownTrade) -> None:
        """How far the ledger has a symbol's trades; before ``restore``."""
        self._fills.trades.recall(trade.symbol, trade.trade_id, trade.later)

    def restore(self, order: OpenOrder, time_ms: int) -> Step:
        """Take over an order of an earlier run, of which the ledger knows no end.

        If it was not known to be at the venue, it is UNKNOWN: a crash may have cut off the answer.
        """
        step = Step()
        known = Order(order.intent, state=order.state, time_ms=time_ms)
        known.recorded = order.state
        known.algo_id = order.algo_id
        known.told_quantity = order.filled_quantity
        known.expires_ms = order.expires_ms
        if known.state in BEFORE_VENUE:
            # Its bytes may have left at the last moment of its run, signed then.
            known.expires_ms = max(order.expires_ms, time_ms + _WINDOW_MS)
            known.died_ms = -1
        self._index.add(known)
        step.touch(known)
        self._fills.learn_number(known, order.order_id, time_ms, step)
        if known.state in BEFORE_VENUE:
            change = Change(
                state=OrderState.UNKNOWN,
                time_ms=time_ms,
                source=Source.LEDGER,
                reason="its run ended before it was answered",
            )
            self._moves.move(known, change, step)
        self._moves.review(known, time_ms, step)
        return step

    def process(self, event: OrderEvent, time_ms: int) -> Step:
        """Take in what came back about an order."""
        step = Step()
        match event:
            case OrderReport():
                self._on_order_report(event, time_ms, step)
            case AlgoReport():
                self._on_algo_report(event, time_ms, step)
            case Fill():
                self._fills.take(event, time_ms, step)
            case _:
                self._outcomes.take(event, time_ms, step)
        return step

    def cancel(self, client_order_id: str, time_ms: int) -> list[Effect]:
        """Cancel an order, as soon as the venue can have it; again until it is confirmed."""
        order = self._index.of(client_order_id)
        if order is None or order.is_terminal or order.is_cancel_requested:
            return []
        return self._moves.request_cancel(order, time_ms)

    def on_tick(self, time_ms: int) -> Step:
        """Let time pass: ask for what did not come."""
        step = Step()
        for order in self._index.live():
            order.died_ms = time_ms if order.died_ms < 0 else order.died_ms
            if order.state is OrderState.IN_FLIGHT and time_ms - order.changed_ms > _IN_FLIGHT_MS:
                change = Change(
                    state=OrderState.UNKNOWN,
                    time_ms=time_ms,
                    reason=f"no answer for {_IN_FLIGHT_MS // 1000} s",
                )
                self._moves.move(order, change, step)
            self._moves.repeat_cancel(order, time_ms, step)
            self._moves.review(order, time_ms, step)
        self._fills.on_tick(time_ms, step)
        return step

    def reconcile(self, picture: AccountPicture, time_ms: int) -> Step:
        """Compare with what the venue lists: its trades, its open orders."""
        step = Step()
        for account in picture.symbols:
            self._take_trades(account, time_ms, step)
        reports = listed_orders(picture)
        for report in reports:
            if isinstance(report, OrderReport):
                self._on_order_report(report, time_ms, step)
            else:
                self._on_algo_report(report, time_ms, step)
        self.others.drop_gone(picture)
        self._rumours.hear(picture)
        listed = {report.client_order_id for report in reports}
        for order in self._index.open():
            if should_be_listed(order, picture, time_ms) and order.client_order_id not in listed:
                order.is_absent = True
                self._moves.doubt(order, time_ms)
                self._moves.review(order, time_ms, step)
        return step

    def sight(self, symbol: str, until_ms: int) -> None:
        """A position is told of without its trades: its stop will make none of those ours.

        Args:
            symbol: Of the position.
            until_ms: When it last changed.
        """
        if not self._fills.trades.has_start(symbol):
            begins_ms = min(self._begins_ms(symbol), until_ms + 1)
            self._sighted_ms.setdefault(symbol, begins_ms)

    # --- what it knows --------------------------------------------------------------------------

    def of(self, client_order_id: str) -> Order | None:
        """The order of that id; None if it is not known, or ended long ago."""
        return self._index.of(client_order_id)

    def open(self, symbol: str = "") -> list[Order]:
        """Orders that have not ended, oldest first; of all symbols if it is empty."""
        return self._index.open(symbol)

    def entries(self, symbol: str | None = None) -> list[Order]:
        """Of those the ones that may raise a position; of all symbols without one."""
        return [order for order in self._index.open(symbol or "") if order.is_entry]

    def unsorted(self) -> Iterator[Order]:
        """The open ones in no order, for whoever only adds up."""
        return self._index.unsorted()

    def unseen(self) -> Iterator[Order]:
        """Those that have ended, and some of whose executions were not seen yet."""
        return self._index.unseen()

    def exposure(self, symbol: str, side: Side) -> Decimal:
        """What entries of that side may still execute; those in doubt or on their way included."""
        return Working(self.unsorted(), (), self.unseen()).exposure(symbol, side)

    def unknown(self, symbol: str = "") -> list[Order]:
        """Orders of which it is in doubt whether the venue has them."""
        unknown = [one for one in self._index.unsorted() if one.state is OrderState.UNKNOWN]
        found = [one for one in unknown if symbol in {"", one.request.symbol}]
        return sorted(found, key=lambda one: one.created_ms)

    def recent(self, count: int) -> list[Order]:
        """Orders that have ended, newest first."""
        return self._index.recent(count)

    def misses_fills(self, symbol: str) -> bool:
        """Whether the venue told of executions on the symbol that were not seen yet."""
        return self._index.misses_fills(symbol)

    def misses_exits(self, symbol: str) -> bool:
        """Whether some of those executions are of orders that lower the position."""
        return self._index.misses_exits(symbol)

    def fills_after(self, symbol: str, trade_id: int) -> Decimal:
        """Signed quantity of the executions told as new whose trade id is greater."""
        return self._fills.trades.sum_after(symbol, trade_id)

    def newest_trade(self, symbol: str) -> int:
        """Number of the newest execution that was told; 0 if none was."""
        return self._fills.trades.newest(symbol)

    # --- words of the venue ---------------------------------------------------------------------

    def _on_order_report(self, report: OrderReport, time_ms: int, step: Step) -> None:
        order = self._index.find(report.symbol, report.client_order_id, report.order_id)
        if order is None:
            order = self._stranger(report, time_ms, step)
        elif order.order_id and report.order_id not in {0, order.order_id}:
            self._copies.see(order, report, time_ms, step)
            return
        if order is None:
            return
        self._fills.learn_number(order, report.order_id, time_ms, step)
        learn_terms(order, report, time_ms, step)
        if report.filled_quantity > order.told_quantity:
            order.told_quantity, order.is_untold = report.filled_quantity, False
            step.touch(order)
        change = Change(
            state=state_told(order, report),
            time_ms=time_ms,
            source=report.source,
            reason=report.detail,
        )
        self._tell(order, change, step, is_shown=report.status in _SHOWN)
        check_overfill(order, time_ms, step)

    def _on_algo_report(self, report: AlgoReport, time_ms: int, step: Step) -> None:
        order = self._index.of(report.client_order_id) or self._stranger(report, time_ms, step)
        if order is None:
            return
        if order.algo_id and report.algo_id not in {0, order.algo_id}:
            self._copies.see(order, report, time_ms, step)
            return
        order.algo_id = report.algo_id
        self._fills.learn_number(order, report.order_id, time_ms, step)
        change = Change(
            state=OF_ALGO[report.status],
            time_ms=time_ms,
            source=report.source,
            reason=report.detail,
        )
        self._tell(order, change, step, is_shown=report.status is AlgoStatus.NEW)
        if report.status is AlgoStatus.FINISHED and report.source is not Source.QUERY:
            # All is over; the answer to a question brings the order that it became by itself.
            order.inquiry.hasten(time_ms)
            self._moves.review(order, time_ms, step)

    def _tell(self, order: Order, change: Change, step: Step, *, is_shown: bool) -> None:
        source = change.source
        if source is Source.QUERY:
            order.inquiry.answered()
        if source in _PROVING:
            order.is_doubted = order.is_absent = False
            order.empty_ms.clear()
        if is_shown and source is not Source.REPLY and not order.is_verified:
            order.is_verified = True
            step.touch(order)
        self._moves.move(order, change, step)
        self._moves.review(order, change.time_ms, step, source=source)

    def _stranger(self, report: OrderReport | AlgoReport, time_ms: int, step: Step) -> Order | None:
        """An order that is not known here: of others, or ours and to be taken over."""
        name = report.client_order_id
        if not is_ours(name):
            step.effects += self.others.see(report, time_ms)
            self._fills.learn_foreign(report.symbol, report.order_id, step)
            return None
        if self._index.is_used(name):
            return None
        order = adopted(report, time_ms)
        # So that its end is asked for even if that comes when nobody is here.
        intent = IntentRow(order.request, stop_price=None, target_price=None, trail_pct=None)
        step.effects.append(Append(intent))
        self._moves.begin(order, source=report.source, time_ms=time_ms, step=step)
        step.effects += note(
            Severity.WARNING,
            "order.adopted",
            f"{report.symbol}: order {name} is ours and was not known: {report.side}"
            f" {report.type} {report.quantity}, {report.status}",
            time_ms=time_ms,
            symbol=report.symbol,
            client_order_id=name,
        )
        return order

    def _take_trades(self, account: SymbolAccount, time_ms: int, step: Step) -> None:
        symbol = account.position.symbol
        trades = self._fills.trades
        begins_ms = 0 if trades.has_start(symbol) else self._begins_ms(symbol)
        begins_ms = max(begins_ms, self._sighted_ms.pop(symbol, 0))
        for fill in account.fills:
            is_history = fill.time_ms < begins_ms
            self._fills.take(fill, time_ms, step, is_late=True, is_history=is_history)
        trades.start(symbol)

    def _begins_ms(self, symbol: str) -> int:
        """From when on executions are to be recorded, where none of the symbol ever was.

        Whatever was before the first session and no order here can have caused is history.
        """
        earliest_ms = self._index.earliest_ms(symbol)
        begins = [self.since_ms or _NEVER]
        if earliest_ms is not None:
            begins.append(earliest_ms - _CLOCK_DOUBT_MS)
        return min(begins)
