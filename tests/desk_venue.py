"""A venue of a few lines: it does what a test tells it to do with the next orders."""

from collections import deque
from collections.abc import Callable
from decimal import Decimal

from market_builders import SYMBOL
from order_builders import ZERO, a_balance, a_picture, a_symbol_account

from botcore_tui.core.money import signed
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Cancel, Event, Query
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    OrderRequest,
    OrderSent,
    OrderType,
    Outcome,
    Source,
    SubmitFailed,
    VenueStatus,
)

WINDOW_MS = 5_000


class VenueOrder:
    """One order as the venue has it."""

    def __init__(self, request: OrderRequest, number: int) -> None:
        self.request = request
        self.number = number
        self.order_id = 0 if request.is_algo else number
        self.status = VenueStatus.NEW
        self.algo_status = AlgoStatus.NEW
        self.filled = ZERO

    @property
    def is_open(self) -> bool:
        if self.request.is_algo and not self.order_id:
            return self.algo_status is AlgoStatus.NEW
        return self.status in {VenueStatus.NEW, VenueStatus.PARTIALLY_FILLED}


class DeskVenue:
    """One account on it; positions of each symbol, orders, trades.

    Attributes:
        answers: What becomes of the next orders: ``ok``, ``refuse CODE``, ``fail``, ``lose`` (it is
            placed, nobody hears of it), ``sink`` (it never arrives), ``mute`` (placed, and only the
            reply comes); ``ok`` where none is left.
        is_filling: Whether market orders are executed at once.
    """

    def __init__(self, mark: str = "100") -> None:
        self.mark = Decimal(mark)
        self.wallet = Decimal(10_000)
        self.orders: dict[str, VenueOrder] = {}
        self.placed: list[OrderRequest] = []
        self.positions: dict[str, Decimal] = {}
        self.trades: list[Fill] = []
        self.answers: deque[str] = deque()
        self.rule: Callable[[OrderRequest], str] | None = None
        self.is_filling = True
        self.time_ms = 0
        self._number = 0

    # --- what it is asked -----------------------------------------------------------------------

    def place(self, request: OrderRequest) -> list[Event]:
        """Take an order as the next answer says."""
        assert request.client_order_id not in {each.client_order_id for each in self.placed}
        self.placed.append(request)
        name = request.client_order_id
        sent: list[Event] = [OrderSent(name, self.time_ms, self.time_ms + WINDOW_MS)]
        answer = self.answers.popleft() if self.answers else "ok"
        if self.rule is not None:
            answer = self.rule(request)
        kind, _, code = answer.partition(" ")
        if kind == "refuse":
            return [*sent, self._failed(name, Outcome.REJECTED, int(code))]
        if kind == "fail":
            return [self._failed(name, Outcome.FAILED, 0)]
        if kind == "sink":
            return [*sent, self._failed(name, Outcome.UNKNOWN, 0)]
        problem = self._problem(request)
        if problem:
            return [*sent, self._failed(name, Outcome.REJECTED, problem)]
        self._number += 1
        order = self.orders[name] = VenueOrder(request, self._number)
        heard: list[Event] = [self.report(order, Source.REPLY)]
        if kind != "mute":
            heard.append(self.report(order, Source.STREAM))
        if request.type is OrderType.MARKET and self.is_filling:
            heard += self.fill(name)
        if kind == "lose":
            return [*sent, self._failed(name, Outcome.UNKNOWN, 0)]
        return [*sent, *heard]

    def cancel(self, cancel: Cancel) -> list[Event]:
        """Cancel an order that is there."""
        order = self.orders.get(cancel.client_order_id)
        if order is None or not order.is_open:
            return [
                CancelFailed(
                    cancel.client_order_id, Outcome.REJECTED, -2011, "unknown", self.time_ms
                )
            ]
        if order.request.is_algo and not order.order_id:
            order.algo_status = AlgoStatus.CANCELED
        else:
            order.status = VenueStatus.CANCELED
        return [self.report(order, Source.STREAM)]

    def cancel_all(self, symbol: str) -> list[Event]:
        """Cancel all of the book, whoever placed it; conditional orders stay."""
        found = [each for each in self.orders.values() if each.is_open and not each.request.is_algo]
        told: list[Event] = []
        for order in found:
            if order.request.symbol == symbol:
                order.status = VenueStatus.CANCELED
                told.append(self._book_report(order, Source.STREAM))
        return told

    def query(self, query: Query) -> list[Event]:
        """Tell an order's state, its trades first."""
        order = self.orders.get(query.client_order_id)
        if order is None:
            return [OrderNotFound(query.client_order_id, self.time_ms)]
        numbers = {order.order_id} - {0}
        trades: list[Event] = [trade for trade in self.trades if trade.order_id in numbers]
        told: list[Event] = [*trades, self.report(order, Source.QUERY)]
        if order.request.is_algo and order.order_id:
            told.append(self._book_report(order, Source.QUERY))
        return told

    def picture(
        self, reason: str = "periodic", *, symbols: tuple[str, ...] = (SYMBOL,)
    ) -> AccountPicture:
        """Everything, as it is."""
        names = dict.fromkeys([*symbols, *self.positions])
        reports = [self.report(each, Source.LIST) for each in self.orders.values() if each.is_open]
        return a_picture(
            reason=reason,
            asked_ms=self.time_ms,
            symbols=[
                a_symbol_account(
                    symbol=name,
                    quantity=str(self.positions.get(name, ZERO)),
                    entry_price=str(self.mark if self.positions.get(name) else ZERO),
                    last_trade_id=len(self.trades),
                    fills=[trade for trade in self.trades if trade.symbol == name],
                    time_ms=self.time_ms,
                )
                for name in names
            ],
            balance=a_balance(wallet=str(self.wallet), time_ms=self.time_ms),
            orders=[each for each in reports if isinstance(each, OrderReport)],
            algo_orders=[each for each in reports if isinstance(each, AlgoReport)],
        )

    # --- what happens there ---------------------------------------------------------------------

    def fill(self, name: str, quantity: Decimal | None = None) -> list[Event]:
        """Execute an order, or a part of it, at the mark."""
        order = self.orders[name]
        request = order.request
        held = self.positions.get(request.symbol, ZERO)
        wanted = abs(held) if request.close_position else request.quantity
        size = wanted - order.filled if quantity is None else quantity
        is_reducing = request.reduce_only or request.close_position
        if is_reducing:
            size = min(size, abs(held)) if signed(request.side, held) < 0 else ZERO
        heard: list[Event] = []
        if size:
            order.filled += size
            self.positions[request.symbol] = held + signed(request.side, size)
            heard.append(self._trade(order, size))
        if order.filled >= wanted:
            order.status = VenueStatus.FILLED
        elif is_reducing and signed(request.side, self.positions[request.symbol]) >= 0:
            order.status = VenueStatus.EXPIRED
        else:
            order.status = VenueStatus.PARTIALLY_FILLED
        return [*heard, self._book_report(order, Source.STREAM)]

    def trigger(self, name: str, *, is_executed: bool = True) -> list[Event]:
        """A conditional order's trigger is reached."""
        order = self.orders[name]
        self._number += 1
        order.order_id, order.algo_status = self._number, AlgoStatus.TRIGGERED
        heard: list[Event] = [self.report(order, Source.STREAM)]
        return [*heard, *self.fill(name)] if is_executed else heard

    def trade_by_hand(self, side: Side, quantity: str, *, symbol: str = SYMBOL) -> Fill:
        """Somebody else trades on the account."""
        self._number += 1
        size = Decimal(quantity)
        self.positions[symbol] = self.positions.get(symbol, ZERO) + signed(side, size)
        fill = self._fill(symbol, f"x-{self._number}", self._number, side, size)
        self.trades.append(fill)
        return fill

    def open_orders(self) -> list[OrderRequest]:
        """All that wait or rest."""
        return [order.request for order in self.orders.values() if order.is_open]

    # --- small ones -----------------------------------------------------------------------------

    def report(self, order: VenueOrder, source: Source) -> OrderReport | AlgoReport:
        """Its word on an order, from where it was placed."""
        request = order.request
        if not request.is_algo:
            return self._book_report(order, source)
        return AlgoReport(
            source=source,
            symbol=request.symbol,
            client_order_id=request.client_order_id,
            algo_id=order.number,
            side=request.side,
            type=request.type,
            status=order.algo_status,
            quantity=request.quantity,
            trigger_price=request.trigger_price or ZERO,
            close_position=request.close_position,
            reduce_only=request.reduce_only,
            order_id=order.order_id,
            time_ms=self.time_ms,
        )

    def _book_report(self, order: VenueOrder, source: Source) -> OrderReport:
        request = order.request
        return OrderReport(
            source=source,
            symbol=request.symbol,
            client_order_id=request.client_order_id,
            order_id=order.order_id,
            side=request.side,
            type=OrderType.MARKET if request.is_algo else request.type,
            status=order.status,
            quantity=request.quantity or order.filled,
            filled_quantity=order.filled,
            price=request.price or ZERO,
            reduce_only=request.reduce_only,
            close_position=request.close_position,
            time_ms=self.time_ms,
        )

    def _problem(self, request: OrderRequest) -> int:
        held = self.positions.get(request.symbol, ZERO)
        is_reducing = request.reduce_only or request.close_position
        if is_reducing and signed(request.side, held) >= 0:
            return -4509 if request.close_position else -2022
        is_taken = any(
            order.is_open
            and order.request.close_position
            and order.request.symbol == request.symbol
            and (order.request.type, order.request.side) == (request.type, request.side)
            for order in self.orders.values()
        )
        return -4130 if request.close_position and is_taken else 0

    def _failed(self, name: str, outcome: Outcome, code: int) -> SubmitFailed:
        return SubmitFailed(name, outcome, code, f"told to be {outcome}", self.time_ms)

    def _trade(self, order: VenueOrder, size: Decimal) -> Fill:
        request = order.request
        fill = self._fill(
            request.symbol, request.client_order_id, order.order_id, request.side, size
        )
        self.trades.append(fill)
        return fill

    def _fill(self, symbol: str, name: str, order_id: int, side: Side, size: Decimal) -> Fill:
        return Fill(
            source=Source.STREAM,
            symbol=symbol,
            trade_id=len(self.trades) + 1,
            order_id=order_id,
            client_order_id=name,
            side=side,
            price=self.mark,
            quantity=size,
            fee=ZERO,
            fee_asset="USDT",
            realized_pnl=ZERO,
            is_maker=False,
            time_ms=self.time_ms,
        )
