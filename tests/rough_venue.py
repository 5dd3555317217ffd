"""A venue of few words: orders and trades as they truly are, and what it tells of them."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec.structs import replace
from order_builders import a_symbol_account

from botcore_tui.model.account import AccountPicture, BalanceReport, SymbolAccount
from botcore_tui.model.event import Cancel, Query
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    OrderRequest,
    OrderType,
    Outcome,
    Source,
    VenueStatus,
)

Told = OrderReport | AlgoReport | Fill
ZERO = Decimal(0)
_ENDED = {
    VenueStatus.FILLED,
    VenueStatus.CANCELED,
    VenueStatus.EXPIRED,
    VenueStatus.REJECTED,
}


class VenueOrder:
    """An order as the venue has it."""

    def __init__(self, request: OrderRequest, time_ms: int) -> None:
        self.request = request
        self.quantity = request.quantity or Decimal(3)
        self.created_ms = time_ms
        self.order_id = 0
        self.algo_id = 0
        self.status: VenueStatus | None = None
        """In the book; None while it is not there."""
        self.algo_status: AlgoStatus | None = None
        self.fills: list[Fill] = []

    @property
    def filled(self) -> Decimal:
        return sum((fill.quantity for fill in self.fills), ZERO)

    @property
    def left(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def rests(self) -> bool:
        return self.status is not None and self.status not in _ENDED

    @property
    def waits(self) -> bool:
        return self.algo_status is AlgoStatus.NEW

    @property
    def is_alive(self) -> bool:
        return self.rests or self.waits

    def report(self, source: Source, time_ms: int) -> OrderReport:
        assert self.status is not None
        return OrderReport(
            source=source,
            symbol=self.request.symbol,
            client_order_id=self.request.client_order_id,
            order_id=self.order_id,
            side=self.request.side,
            type=str(self.request.type),
            status=self.status,
            quantity=self.quantity,
            filled_quantity=self.filled,
            price=self.request.price or ZERO,
            time_ms=time_ms,
        )

    def algo_report(self, source: Source, time_ms: int) -> AlgoReport:
        assert self.algo_status is not None
        return AlgoReport(
            source=source,
            symbol=self.request.symbol,
            client_order_id=self.request.client_order_id,
            algo_id=self.algo_id,
            side=self.request.side,
            type=str(self.request.type),
            status=self.algo_status,
            quantity=self.request.quantity,
            trigger_price=self.request.trigger_price or ZERO,
            close_position=self.request.close_position,
            order_id=self.order_id,
            time_ms=time_ms,
        )


class RoughVenue:
    """All orders by client id; whatever happens is put on ``stream`` as the venue would tell it."""

    def __init__(self, time_ms: int) -> None:
        self.time_ms = time_ms
        self.orders: dict[str, VenueOrder] = {}
        self.stream: list[Told] = []
        self.trades: list[Fill] = []
        self.positions: dict[str, Decimal] = {}
        self.seen: set[str] = set()
        self._number = 100

    # --- what happens ---------------------------------------------------------------------------

    def place(self, request: OrderRequest) -> VenueOrder:
        assert request.client_order_id not in self.seen, "sent twice"
        self.seen.add(request.client_order_id)
        order = VenueOrder(request, self.time_ms)
        self.orders[request.client_order_id] = order
        if request.is_algo:
            order.algo_id = self._next()
            self._algo(order, AlgoStatus.NEW)
            return order
        self._enter(order)
        if request.type is OrderType.MARKET:
            self.execute(order, max(order.quantity - 1, Decimal(1)))
            if order.rests:
                self.execute(order, order.left)
        return order

    def execute(self, order: VenueOrder, quantity: Decimal) -> None:
        quantity = min(quantity, order.left)
        request = order.request
        fill = Fill(
            source=Source.STREAM,
            symbol=request.symbol,
            trade_id=self._next(),
            order_id=order.order_id,
            client_order_id=request.client_order_id,
            side=request.side,
            price=Decimal(100),
            quantity=quantity,
            fee=Decimal("0.01"),
            fee_asset="USDT",
            realized_pnl=ZERO,
            is_maker=False,
            time_ms=self.time_ms,
        )
        order.fills.append(fill)
        self.trades.append(fill)
        change = quantity if request.side is Side.BUY else -quantity
        self.positions[request.symbol] = self.positions.get(request.symbol, ZERO) + change
        self.stream.append(fill)
        self._status(order, VenueStatus.PARTIALLY_FILLED if order.left else VenueStatus.FILLED)

    def end(self, order: VenueOrder, status: VenueStatus) -> None:
        if order.waits:
            self._algo(order, AlgoStatus(status.value))
        else:
            self._status(order, status)

    def trigger(self, order: VenueOrder) -> None:
        self._algo(order, AlgoStatus.TRIGGERING)
        self._enter(order)
        self._algo(order, AlgoStatus.TRIGGERED)

    def vanish(self, order: VenueOrder) -> None:
        """Without a word, as stops of the venue's test network did."""
        del self.orders[order.request.client_order_id]

    # --- what it answers ------------------------------------------------------------------------

    def answer(self, query: Query) -> Iterator[Told | OrderNotFound]:
        order = self._asked(query)
        if order is None:
            yield OrderNotFound(query.client_order_id, self.time_ms)
            return
        if query.is_algo:
            yield order.algo_report(Source.QUERY, self.time_ms)
        if order.status is not None:
            yield from (_anonymous(fill, Source.QUERY) for fill in order.fills)
            yield order.report(Source.QUERY, self.time_ms)

    def cancel(self, cancel: Cancel) -> OrderReport | CancelFailed | None:
        order = self.orders.get(cancel.client_order_id)
        if order is None or not (order.waits if cancel.is_algo else order.rests):
            return CancelFailed(
                cancel.client_order_id, Outcome.REJECTED, -2011, "unknown order", self.time_ms
            )
        self.end(order, VenueStatus.CANCELED)
        return None if cancel.is_algo else order.report(Source.REPLY, self.time_ms)

    def reply(self, order: VenueOrder) -> Told:
        if order.algo_status is not None:
            return order.algo_report(Source.REPLY, self.time_ms)
        return order.report(Source.REPLY, self.time_ms)

    def picture(self, known: Mapping[str, int], symbols: tuple[str, ...]) -> AccountPicture:
        accounts = [self._account(symbol, known.get(symbol, 0)) for symbol in symbols]
        orders = [one.report(Source.LIST, self.time_ms) for one in self._those(rests=True)]
        algos = [one.algo_report(Source.LIST, self.time_ms) for one in self._those(rests=False)]
        return AccountPicture(
            reason="periodic",
            asked_ms=self.time_ms,
            time_ms=self.time_ms,
            symbols=tuple(accounts),
            balance=BalanceReport(asset="USDT", wallet=Decimal(1000), time_ms=self.time_ms),
            orders=tuple(orders),
            algo_orders=tuple(algos),
            listed=(),
        )

    def _account(self, symbol: str, known: int) -> SymbolAccount:
        trades = [fill for fill in self.trades if fill.symbol == symbol]
        return a_symbol_account(
            symbol=symbol,
            quantity=str(self.positions.get(symbol, ZERO)),
            entry_price="100",
            last_trade_id=max((fill.trade_id for fill in trades), default=known),
            fills=[_anonymous(fill, Source.LIST) for fill in trades if fill.trade_id > known],
            time_ms=self.time_ms,
        )

    def _those(self, *, rests: bool) -> list[VenueOrder]:
        return [one for one in self.orders.values() if (one.rests if rests else one.waits)]

    def _asked(self, query: Query) -> VenueOrder | None:
        by_name = self.orders.get(query.client_order_id)
        if query.is_algo:
            return by_name if by_name is not None and by_name.algo_id else None
        if query.order_id:
            by_number = [one for one in self.orders.values() if one.order_id == query.order_id]
            return by_number[0] if by_number else None
        return by_name if by_name is not None and by_name.order_id else None

    def _enter(self, order: VenueOrder) -> None:
        order.order_id = self._next()
        self._status(order, VenueStatus.NEW)

    def _status(self, order: VenueOrder, status: VenueStatus) -> None:
        order.status = status
        self.stream.append(order.report(Source.STREAM, self.time_ms))
        if status in _ENDED and order.algo_id:
            self._algo(order, AlgoStatus.FINISHED)

    def _algo(self, order: VenueOrder, status: AlgoStatus) -> None:
        order.algo_status = status
        self.stream.append(order.algo_report(Source.STREAM, self.time_ms))

    def _next(self) -> int:
        self._number += 1
        return self._number


def _anonymous(fill: Fill, source: Source) -> Fill:
    """As the venue's list of trades tells it: without the client id."""
    return replace(fill, source=source, client_order_id="")
