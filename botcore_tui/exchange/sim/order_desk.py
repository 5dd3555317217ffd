"""Takes, changes and cancels the orders that are worked at once: LIMIT and MARKET."""

from collections.abc import Callable

from botcore_tui.exchange.sim.agenda import Entry
from botcore_tui.exchange.sim.fault_specs import Fault
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.floor import Floor
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.order_checks import OrderChecks, would_take
from botcore_tui.exchange.sim.order_worker import OrderWorker
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    Amendment,
    Ending,
    Execution,
    Order,
    OrderType,
    Status,
    Ticket,
    TimeInForce,
)
from botcore_tui.exchange.sim.refusals import RefusalError


class OrderDesk:
    """Takes orders to the books of a floor.

    Args:
        floor: What it works on.
        faults: Failures that are to happen here.

    Attributes:
        amendments: All that was changed, oldest first.
        on_triggered: Told of the order that a conditional order has become, before it is worked.
        on_countdown: Told the symbol of a countdown that has run out, after its orders ended.
    """

    def __init__(self, floor: Floor, faults: Faults) -> None:
        self.amendments: list[Amendment] = []
        self.on_triggered: Callable[[AlgoOrder, Order], None] = _ignore
        self.on_countdown: Callable[[str], None] = _ignore
        self._floor = floor
        self._faults = faults
        self._checks = OrderChecks(floor)
        self._countdowns: dict[str, Entry] = {}
        self._worker = OrderWorker(floor, faults)

    # --- placing --------------------------------------------------------------------------------

    def place(self, symbol: str, ticket: Ticket, *, algo: AlgoOrder | None = None) -> Order:
        """Take an order and work it.

        Args:
            symbol: Of the contract.
            ticket: What is asked for.
            algo: The conditional order that becomes this one.

        Raises:
            RefusalError: It is not taken; nothing changed.
        """
        market = self._floor.market(symbol)
        self._checks.check(market, ticket, is_triggered=algo is not None)
        return self.work(market, ticket, algo=algo)

    def test(self, symbol: str, ticket: Ticket) -> None:
        """Refuse what ``place`` would refuse; do nothing else."""
        self._checks.check(self._floor.market(symbol), ticket)

    def work(
        self,
        market: SymbolMarket,
        ticket: Ticket,
        *,
        algo: AlgoOrder | None = None,
        original: OrderType | None = None,
    ) -> Order:
        """Work an order unchecked: one that was checked, or the venue's own."""
        order = self._new_order(market, ticket, algo)
        order.original_type = original or order.original_type
        self._floor.opened(order)
        if algo is not None:
            self.on_triggered(algo, order)
        self._worker.work(market, order)
        return order

    def take_over(self, market: SymbolMarket, ticket: Ticket) -> Order:
        """Open an order by which the venue closes a position without the book."""
        order = self._new_order(market, ticket, None)
        order.original_type = OrderType.LIQUIDATION
        self._floor.opened(order)
        return order

    def _new_order(self, market: SymbolMarket, ticket: Ticket, algo: AlgoOrder | None) -> Order:
        floor = self._floor
        order = Order.of(
            ticket,
            market.contract,
            order_id=floor.counters.next_order(),
            client_id=ticket.client_id or floor.new_client_id(),
            now_ms=floor.now_ms,
        )
        if algo is not None:
            order.original_type = algo.ticket.type
            order.trigger_ticks = algo.ticket.trigger_ticks
            order.working_type = algo.ticket.working_type
            order.price_protect = algo.ticket.price_protect
            order.algo_id = algo.algo_id
        return order

    # --- cancelling and changing ----------------------------------------------------------------

    def cancel(self, order: Order) -> Order:
        """Cancel an open order.

        Raises:
            RefusalError: It is not open (any more).
        """
        if not order.is_open:
            raise RefusalError(-2011)
        symbol = order.contract.symbol
        market = self._floor.markets[symbol]
        if order.working and self._faults.take("cancel-race", symbol=symbol):
            market.trade_with(order.order_id, order.working)
            raise RefusalError(-2011)
        self._fill_late(market, order)
        market.remove(order.order_id)
        self._floor.ended(order, Status.CANCELED)
        return order

    def _fill_late(self, market: SymbolMarket, order: Order) -> None:
        """Where that fault is armed, half fills at the last moment, and is told afterwards."""
        half = order.working // 2
        if half and (
            fault := self._faults.take("fill-after-cancel", symbol=market.contract.symbol)
        ):
            delay_ms = fault.amount("delay_ms")
            late = Fault(name="user-late", count=None, values={"delay_ms": delay_ms})
            with self._faults.meanwhile(late):
                market.trade_with(order.order_id, half)

    def expire_all(self, market: SymbolMarket, ending: Ending) -> None:
        """End every open order of a symbol by the venue's hand."""
        for order in self._floor.orders.open(market.contract.symbol):
            market.remove(order.order_id)
            self._floor.ended(order, Status.EXPIRED, ending)

    def cancel_all(self, symbol: str) -> int:
        """Cancel every open order of a symbol; conditional orders stay. Returns how many."""
        market = self._floor.market(symbol)
        orders = self._floor.orders.open(symbol)
        for order in orders:
            market.remove(order.order_id)
            self._floor.ended(order, Status.CANCELED)
        return len(orders)

    def count_down(self, symbol: str, countdown_ms: int) -> None:
        """Cancel every open order of a symbol in so many milliseconds; 0 calls it off."""
        self._floor.market(symbol)
        earlier = self._countdowns.pop(symbol, None)
        if earlier is not None:
            earlier.cancel()
        if countdown_ms:
            agenda = self._floor.agenda

            def run_out() -> None:
                self._countdowns.pop(symbol, None)
                self.cancel_all(symbol)
                self.on_countdown(symbol)

            self._countdowns[symbol] = agenda.at(agenda.now_ms + countdown_ms, run_out)

    def amend(self, order: Order, lots: int, ticks: int) -> Order:
        """Change quantity and price of a resting order; it goes to the back of the queue.

        It is cancelled instead where nothing would be left, or where it must not take and would.

        Raises:
            RefusalError: It stays as it is.
        """
        market = self._floor.market(order.contract.symbol)
        self._checks.check_amendment(market, order, lots, ticks)
        is_gtx = order.time_in_force is TimeInForce.GTX
        if lots <= order.executed or (is_gtx and would_take(market, order.side, ticks)):
            return self.cancel(order)
        market.remove(order.order_id)
        order.amendments += 1
        self.amendments.append(
            Amendment(
                amendment_id=len(self.amendments) + 5_361,
                order=order,
                ticks_before=order.ticks,
                ticks=ticks,
                lots_before=order.lots,
                lots=lots,
                time_ms=self._floor.now_ms,
                number=order.amendments,
            )
        )
        self._floor.expose(order, -order.remaining)
        order.lots, order.ticks, order.working = lots, ticks, 0
        self._floor.expose(order, order.remaining)
        order.updated_ms = self._floor.now_ms
        self._floor.user.order_updated(order, Execution.AMENDMENT, None)
        self._worker.work(market, order)
        return order


def _ignore(*_: object) -> None:
    """Nobody listens."""
