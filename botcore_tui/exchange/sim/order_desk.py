"""Takes, works, changes and cancels the orders that are worked at once: LIMIT and MARKET."""

from collections.abc import Callable
from typing import Final

from botcore_tui.exchange.sim.agenda import Entry
from botcore_tui.exchange.sim.fault_specs import Fault
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.floor import Floor
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.matching import Match
from botcore_tui.exchange.sim.order_checks import (
    OrderChecks,
    check_notional,
    check_quantity,
    market_bound,
    would_take,
)
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    Amendment,
    Ending,
    Execution,
    Order,
    OrderType,
    SelfTrade,
    Status,
    Ticket,
    TimeInForce,
    WorkingType,
)
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.model.market import Side

_MOST_AMENDMENTS: Final = 10_000


class OrderDesk:
    """Works orders on the books of a floor.

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
        self._made_in_take: set[int] = set()
        self._is_own_trade = False
        for market in floor.markets.values():
            market.on_maker_fill = self._maker_filled
            market.guard = self._is_guarded

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
        self._work(market, order)
        return order

    def take_over(self, market: SymbolMarket, ticket: Ticket) -> Order:
        """Open an order by which the venue closes a position without the book."""
        order = self._new_order(market, ticket, None)
        order.original_type = OrderType.LIQUIDATION
        self._floor.opened(order)
        return order

    def _new_order(self, market: SymbolMarket, ticket: Ticket, algo: AlgoOrder | None) -> Order:
        floor = self._floor
        order = Order(
            order_id=floor.counters.next_order(),
            client_id=ticket.client_id or floor.new_client_id(),
            contract=market.contract,
            side=ticket.side,
            type=ticket.type,
            original_type=ticket.type,
            time_in_force=ticket.time_in_force,
            lots=ticket.lots,
            ticks=ticket.ticks,
            reduce_only=ticket.reduce_only,
            close_position=ticket.close_position,
            self_trade=ticket.self_trade,
            good_till_ms=ticket.good_till_ms,
            created_ms=floor.now_ms,
            updated_ms=floor.now_ms,
            working_type=WorkingType.CONTRACT_PRICE,
        )
        if algo is not None:
            order.original_type = algo.ticket.type
            order.trigger_ticks = algo.ticket.trigger_ticks
            order.working_type = algo.ticket.working_type
            order.price_protect = algo.ticket.price_protect
            order.algo_id = algo.algo_id
        return order

    # --- working --------------------------------------------------------------------------------

    def _work(self, market: SymbolMarket, order: Order) -> None:
        self._match(market, order)
        if order.is_open:
            self._dispose(market, order)
        self._floor.position_changed(market.contract.symbol)

    def _dispose(self, market: SymbolMarket, order: Order) -> None:
        """Let what was not executed rest, or expire."""
        floor = self._floor
        if order.reduce_only and not self._lots_to_work(order):
            floor.ended(order, Status.EXPIRED, Ending.REDUCE_ONLY)
        elif order.type is OrderType.MARKET:
            floor.ended(order, Status.EXPIRED, Ending.MARKET_REST)
        elif order.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}:
            floor.ended(order, Status.EXPIRED, Ending.IOC_REST)
        else:
            self._rest(market, order)

    def _rest(self, market: SymbolMarket, order: Order) -> None:
        order.working = self._lots_to_work(order)
        market.rest(order.side, order.ticks, order.order_id, order.working)
        if order.good_till_ms and not order.amendments:
            self._floor.agenda.at(order.good_till_ms, lambda: self._run_out(order))
        half = order.working // 2
        if half and self._faults.take("partial-fill", symbol=order.contract.symbol):
            market.trade_with(order.order_id, half)

    def _run_out(self, order: Order) -> None:
        if order.is_open:
            self._floor.markets[order.contract.symbol].remove(order.order_id)
            self._floor.ended(order, Status.EXPIRED)

    def _lots_to_work(self, order: Order) -> int:
        if not order.reduce_only:
            return order.remaining
        held = self._floor.held(order.contract.symbol)
        room = -held if order.side is Side.BUY else held
        return max(0, min(order.remaining, room))

    def _match(self, market: SymbolMarket, order: Order) -> None:
        limit = order.ticks or market_bound(market, order.side, market.contract.market_take_bound)
        met: list[int] = []

        def is_own(order_id: int) -> bool:
            met.append(order_id)
            return True

        # Every order in the book is this account's: only its own can be met.
        while order.is_open and (lots := self._lots_to_work(order)):
            met.clear()
            for match in market.take(order.side, lots, limit, is_own):
                self._floor.filled(market, order, match, is_maker=False)
            if not met or not order.is_open:
                break
            if order.self_trade is SelfTrade.NONE:
                self._trade_with_oneself(market, order, met[-1])
            else:
                self._prevent(market, order, met[-1])

    def _trade_with_oneself(self, market: SymbolMarket, order: Order, maker_id: int) -> None:
        """Match with the resting order that is next: both sides at once leave the position."""
        lots = min(self._lots_to_work(order), market.book.left(maker_id))
        self._is_own_trade = True
        for match in market.take(order.side, lots, None):
            self._floor.filled(market, order, match, is_maker=False)
        self._is_own_trade = False

    def _prevent(self, market: SymbolMarket, order: Order, maker_id: int) -> None:
        """Do what the order says about trades with oneself; one of the two ends."""
        floor = self._floor
        mode = order.self_trade
        if mode is not SelfTrade.EXPIRE_TAKER:
            maker = floor.orders.get(maker_id)
            assert maker is not None
            market.remove(maker_id)
            floor.ended(maker, Status.EXPIRED_IN_MATCH, Ending.SELF_TRADE)
        if mode is not SelfTrade.EXPIRE_MAKER:
            is_ioc = order.time_in_force is TimeInForce.IOC
            ending = Ending.IOC_SELF_TRADE if is_ioc else Ending.SELF_TRADE
            floor.ended(order, Status.EXPIRED_IN_MATCH, ending)

    # --- hooks of the markets -------------------------------------------------------------------

    def _maker_filled(self, market: SymbolMarket, match: Match) -> None:
        self._made_in_take.clear()
        order = self._floor.orders.get(match.maker)
        assert order is not None
        order.working -= match.lots
        self._floor.filled(market, order, match, is_maker=True)
        if not self._is_own_trade:
            self._floor.position_changed(market.contract.symbol)

    def _is_guarded(self, order_id: int) -> bool:
        """Whether others must stop before an order.

        A reduce-only order is sized by the position, and that has just been changed by another
        match of the same trade, which is not booked yet.
        """
        order = self._floor.orders.get(order_id)
        assert order is not None
        if self._made_in_take and order.reduce_only:
            return True
        self._made_in_take.add(order_id)
        return False

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
        self._check_amendment(market, order, lots, ticks)
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
        self._work(market, order)
        return order

    def _check_amendment(self, market: SymbolMarket, order: Order, lots: int, ticks: int) -> None:
        if not order.is_open:
            raise RefusalError(-2013)
        if order.type is not OrderType.LIMIT:
            raise RefusalError(-5025)
        if market.contract.status != "TRADING":
            raise RefusalError(-5024)
        if order.amendments >= _MOST_AMENDMENTS:
            raise RefusalError(-5026)
        if (lots, ticks) == (order.lots, order.ticks):
            raise RefusalError(-5027)
        check_quantity(market.contract, lots, is_market=False)
        self._checks.check_price(market, order.side, ticks)
        if lots <= order.executed or order.reduce_only:
            return
        ticket = Ticket(side=order.side, type=order.type, lots=lots, ticks=ticks)
        check_notional(market, ticket)
        contract = market.contract
        added = contract.notional(ticks, lots - order.executed) - contract.notional(
            order.ticks, order.remaining
        )
        if added > 0:
            more = -(-added // contract.notional(ticks, 1))
            self._checks.check_margin(market, order.side, ticks, more)


def _ignore(*_: object) -> None:
    """Nobody listens."""
