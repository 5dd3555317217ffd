"""Works orders on the books: matches them, keeps the account from itself, lets the rest rest."""

from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.floor import Floor
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.matching import Match
from botcore_tui.exchange.sim.order_checks import market_bound
from botcore_tui.exchange.sim.orders import (
    Ending,
    Order,
    OrderType,
    SelfTrade,
    Status,
    TimeInForce,
)
from botcore_tui.model.market import Side


class OrderWorker:
    """Lets orders trade, those that come as well as those that rest.

    Args:
        floor: What it works on; it hears of every trade there.
        faults: Failures that are to happen here.
    """

    def __init__(self, floor: Floor, faults: Faults) -> None:
        self._floor = floor
        self._faults = faults
        self._made_in_take: set[int] = set()
        self._is_own_trade = False
        for market in floor.markets.values():
            market.on_maker_fill = self._maker_filled
            market.guard = self._is_guarded

    # --- orders that come -----------------------------------------------------------------------

    def work(self, market: SymbolMarket, order: Order) -> None:
        """Match an order that is open; let the rest of it rest or end."""
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

    # --- orders that rest -----------------------------------------------------------------------

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
