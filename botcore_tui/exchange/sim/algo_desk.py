"""Conditional orders: kept apart from the book until a price triggers them.

Source: Binance USD-M futures, "New Algo Order" and the change log of 2025-11-06: no margin is
checked before the trigger, what is triggered gets an order id of its own, and a close-position
order ends with its position.
"""

from typing import Final

from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.floor import Floor, closing_side
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.order_checks import OrderChecks, check_quantity
from botcore_tui.exchange.sim.order_desk import OrderDesk
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    AlgoStatus,
    AlgoTicket,
    Order,
    OrderType,
    Ticket,
    TimeInForce,
    WorkingType,
)
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.triggers import (
    check_trigger,
    has_turned,
    is_activated,
    is_apart,
    is_reached,
    needs_position,
    watched_price,
)

MOST_ALGOS: Final = 200
"""Open conditional orders of an account, over all symbols (since 2025-12-29)."""
_LIMITS: Final = frozenset({OrderType.STOP, OrderType.TAKE_PROFIT})
_CLOSERS: Final = frozenset({OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET})
_TRAILING: Final = OrderType.TRAILING_STOP_MARKET


class AlgoDesk:
    """Takes conditional orders, watches prices, triggers.

    Args:
        floor: What it works on.
        orders: Works what is triggered.
        faults: Failures that are to happen here.
    """

    def __init__(self, floor: Floor, orders: OrderDesk, faults: Faults) -> None:
        self._floor = floor
        self._orders = orders
        self._faults = faults
        self._checks = OrderChecks(floor)
        self._is_due: set[str] = set()
        orders.on_triggered = self._triggered
        orders.on_countdown = self._countdown_ran_out
        floor.on_order_closed = self._order_closed
        floor.on_position_changed = self._position_changed

    # --- placing and cancelling -----------------------------------------------------------------

    def place(self, symbol: str, ticket: AlgoTicket) -> AlgoOrder:
        """Take a conditional order.

        Raises:
            RefusalError: It is not taken; nothing changed.
        """
        floor = self._floor
        market = floor.market(symbol)
        self._check(market, ticket)
        if fault := self._faults.take("stop-refused", symbol=symbol):
            raise RefusalError(fault.amount("code"))
        algo = AlgoOrder(
            algo_id=floor.counters.next_algo(),
            client_id=ticket.client_id or floor.new_client_id(),
            contract=market.contract,
            ticket=ticket,
            created_ms=floor.now_ms,
            updated_ms=floor.now_ms,
        )
        floor.algos.add(algo.algo_id, algo)
        floor.user.algo_updated(algo)
        if ticket.good_till_ms:
            floor.agenda.at(ticket.good_till_ms, lambda: self._expire(algo))
        if ticket.type is _TRAILING and not ticket.activate_ticks:
            self._activate(algo, watched_price(market, ticket.working_type))
        if fault := self._faults.take("stop-vanishes", symbol=symbol):
            gone_ms = floor.now_ms + fault.amount("life_ms")
            floor.agenda.at(gone_ms, lambda: self._vanish(algo))
        return algo

    def cancel(self, algo: AlgoOrder) -> AlgoOrder:
        """Cancel an untriggered conditional order.

        Raises:
            RefusalError: It was triggered, or has ended.
        """
        if not algo.is_open:
            raise RefusalError(-2011)
        self._end(algo, AlgoStatus.CANCELED)
        return algo

    def cancel_all(self, symbol: str) -> int:
        """Cancel every untriggered conditional order of a symbol; returns how many."""
        self._floor.market(symbol)
        algos = self._floor.algos.open(symbol)
        for algo in algos:
            self._end(algo, AlgoStatus.CANCELED)
        return len(algos)

    def _check(self, market: SymbolMarket, ticket: AlgoTicket) -> None:
        floor, contract = self._floor, market.contract
        reduces = ticket.reduce_only or ticket.close_position
        self._checks.check_status(contract, reduces=reduces)
        if ticket.client_id and floor.algos.has_open(contract.symbol, ticket.client_id):
            raise RefusalError(-4116)
        if ticket.close_position:
            self._check_closes(contract.symbol, ticket)
        else:
            is_market = ticket.type not in _LIMITS
            check_quantity(contract, ticket.lots, is_market=is_market)
        # Good till the position ends: there must be one (sieblyio/binance#609).
        if needs_position(ticket) and not self._reduces(contract.symbol, ticket):
            raise RefusalError(-4509)
        if ticket.type in _LIMITS and not 0 < ticket.ticks <= contract.max_price:
            raise RefusalError(-4001 if ticket.ticks <= 0 else -4002)
        self._checks.check_good_till(ticket)
        if floor.algos.count_open() >= MOST_ALGOS:
            raise RefusalError(-4045)
        check_trigger(market, ticket)

    def _check_closes(self, symbol: str, ticket: AlgoTicket) -> None:
        if ticket.type not in _CLOSERS:
            raise RefusalError(-4136, ticket.type, "true")
        # One stop and one take-profit that close the position, and no second one: an old one must
        # be cancelled before a new one can be placed (logs of clients quote this refusal).
        if any(
            algo.ticket.close_position and algo.ticket.type is ticket.type
            for algo in self._floor.algos.open(symbol)
        ):
            raise RefusalError(-4130)

    def _reduces(self, symbol: str, ticket: AlgoTicket) -> bool:
        held = self._floor.held(symbol)
        return held != 0 and closing_side(held) is ticket.side

    # --- watching -------------------------------------------------------------------------------

    def price_moved(self, market: SymbolMarket, working_type: WorkingType) -> None:
        """Look at a symbol's conditional orders after a price of one kind has moved."""
        algos = self._floor.algos.open(market.contract.symbol)
        if not algos:
            return
        price = watched_price(market, working_type)
        for algo in algos:
            if algo.ticket.working_type is working_type and algo.is_open:
                self._look(market, algo, price)

    def traded(self, market: SymbolMarket) -> None:
        """Look at a symbol's conditional orders once the present trade is through."""
        symbol = market.contract.symbol
        if symbol in self._is_due or not self._floor.algos.count_open(symbol):
            return
        self._is_due.add(symbol)
        agenda = self._floor.agenda

        def look() -> None:
            self._is_due.discard(symbol)
            self.price_moved(market, WorkingType.CONTRACT_PRICE)

        agenda.at(agenda.now_ms, look)

    def _look(self, market: SymbolMarket, algo: AlgoOrder, price: int) -> None:
        ticket = algo.ticket
        if ticket.type is not _TRAILING:
            is_hit = is_reached(ticket, market.contract, price)
        else:
            is_hit = self._trails(market, algo, price)
        if is_hit and not (ticket.price_protect and is_apart(market)):
            self._trigger(market, algo)

    def _trails(self, market: SymbolMarket, algo: AlgoOrder, price: int) -> bool:
        if not algo.is_active:
            if not is_activated(algo.ticket, market.contract, price):
                return False
            self._activate(algo, price)
        return has_turned(algo, price)

    def _activate(self, algo: AlgoOrder, price: int) -> None:
        algo.is_active = True
        algo.extreme = price
        algo.updated_ms = self._floor.now_ms
        self._floor.user.algo_updated(algo)

    # --- triggering -----------------------------------------------------------------------------

    def _trigger(self, market: SymbolMarket, algo: AlgoOrder) -> None:
        ticket, symbol = algo.ticket, market.contract.symbol
        self._set(algo, AlgoStatus.TRIGGERING)
        self._floor.algos.close(algo.algo_id)
        algo.triggered_ms = self._floor.now_ms
        is_limit = ticket.type in _LIMITS
        needs_position = ticket.time_in_force is TimeInForce.GTE_GTC
        try:
            self._orders.place(
                symbol,
                Ticket(
                    side=ticket.side,
                    type=OrderType.LIMIT if is_limit else OrderType.MARKET,
                    lots=ticket.lots or abs(self._floor.held(symbol)),
                    ticks=ticket.ticks if is_limit else 0,
                    time_in_force=TimeInForce.GTC if needs_position else ticket.time_in_force,
                    client_id=algo.client_id,
                    reduce_only=ticket.reduce_only or ticket.close_position,
                    close_position=ticket.close_position,
                    self_trade=ticket.self_trade,
                    good_till_ms=ticket.good_till_ms,
                ),
                algo=algo,
            )
        except RefusalError as refusal:
            algo.reject_reason = refusal.message
            self._set(algo, AlgoStatus.REJECTED)

    def _triggered(self, algo: AlgoOrder, order: Order) -> None:
        algo.order = order
        self._set(algo, AlgoStatus.TRIGGERED)

    def _order_closed(self, order: Order) -> None:
        algo = self._floor.algos.get(order.algo_id)
        if algo is not None and algo.order is order and algo.status is AlgoStatus.TRIGGERED:
            self._set(algo, AlgoStatus.FINISHED)

    def _countdown_ran_out(self, symbol: str) -> None:
        # Whether it reaches conditional orders the venue does not say; usually they stay here.
        if self._faults.take("countdown-takes-stops", symbol=symbol):
            self.cancel_all(symbol)

    # --- ending ---------------------------------------------------------------------------------

    def _position_changed(self, symbol: str) -> None:
        """Let orders that need a position end with it."""
        for algo in self._floor.algos.open(symbol):
            if needs_position(algo.ticket) and not self._reduces(symbol, algo.ticket):
                self._end(algo, AlgoStatus.EXPIRED)

    def _expire(self, algo: AlgoOrder) -> None:
        if algo.is_open:
            self._end(algo, AlgoStatus.EXPIRED)

    def _vanish(self, algo: AlgoOrder) -> None:
        # Without a word: stops of the venue's test network did (binance-futures-connector#260).
        if algo.is_open:
            algo.status = AlgoStatus.CANCELED
            algo.updated_ms = self._floor.now_ms
            self._floor.algos.close(algo.algo_id)

    def _end(self, algo: AlgoOrder, status: AlgoStatus) -> None:
        self._floor.algos.close(algo.algo_id)
        self._set(algo, status)

    def _set(self, algo: AlgoOrder, status: AlgoStatus) -> None:
        algo.status = status
        algo.updated_ms = self._floor.now_ms
        self._floor.user.algo_updated(algo)
