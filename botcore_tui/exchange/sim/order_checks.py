"""What the venue checks before it takes an order."""

from typing import Final

from botcore_tui.exchange.sim.account import Position
from botcore_tui.exchange.sim.contracts import RATE, Contract
from botcore_tui.exchange.sim.floor import TAKER_RATE, Floor
from botcore_tui.exchange.sim.margin import (
    Exposure,
    available,
    max_notional,
    order_initial,
    present_notional,
)
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.money import ATOMS, rounded
from botcore_tui.exchange.sim.orders import (
    AlgoTicket,
    Order,
    OrderType,
    SelfTrade,
    Ticket,
    TimeInForce,
)
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.model.market import Side

MOST_ORDERS: Final = 200
"""Open orders of a symbol (filter MAX_NUM_ORDERS)."""
_MOST_AMENDMENTS: Final = 10_000
_GOOD_TILL_MS: Final = 600_000
_TRADING: Final = "TRADING"


class OrderChecks:
    """Refuses an order, or lets it pass and changes nothing.

    Args:
        floor: What there is to check against.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def check(self, market: SymbolMarket, ticket: Ticket, *, is_triggered: bool = False) -> None:
        """Run all checks in the venue's order.

        Args:
            market: Where it is to be worked.
            ticket: What is asked for.
            is_triggered: A conditional order became it. Its id, size and date were looked at when
                that was taken, and exits that rest do not keep a stop from closing the position:
                they are knocked out by it (expiry reason 4).

        Raises:
            RefusalError: With the number of the first that failed.
        """
        contract = market.contract
        self.check_status(contract, reduces=ticket.reduce_only)
        if not is_triggered:
            self._check_client_id(contract, ticket)
        check_quantity(contract, ticket.lots, is_market=ticket.type is OrderType.MARKET)
        if ticket.type is OrderType.LIMIT:
            self.check_price(market, ticket.side, ticket.ticks)
        if not is_triggered:
            self.check_good_till(ticket)
            check_notional(market, ticket)
            self._check_count(contract)
        if ticket.reduce_only:
            self._check_reduces(contract, ticket)
            if not is_triggered:
                self._check_uncovered(contract, ticket)
        else:
            self.check_margin(market, ticket.side, ticket.ticks, ticket.lots)
        self._check_execution(market, ticket)

    def check_status(self, contract: Contract, *, reduces: bool) -> None:
        """Refuse what the state of the contract forbids."""
        if contract.status == _TRADING or (reduces and contract.status == "SETTLING"):
            return
        raise RefusalError(-4141 if contract.status == "CLOSE" else -4140)

    def check_price(self, market: SymbolMarket, side: Side, ticks: int) -> None:
        """Refuse prices beyond PRICE_FILTER and PERCENT_PRICE."""
        contract = market.contract
        if ticks <= 0:
            raise RefusalError(-4001)
        if ticks > contract.max_price:
            raise RefusalError(-4002)
        bound = market_bound(market, side, contract.band)
        if side is Side.BUY and ticks > bound:
            raise RefusalError(-4016, contract.price_text(bound))
        if side is Side.SELL and ticks < bound:
            raise RefusalError(-4024, contract.price_text(bound))

    def check_good_till(self, ticket: Ticket | AlgoTicket) -> None:
        """Refuse a date that is too near, or one that is not asked for."""
        is_dated = ticket.time_in_force is TimeInForce.GTD
        if is_dated and ticket.good_till_ms <= self._floor.now_ms + _GOOD_TILL_MS:
            raise RefusalError(-5040)

    def check_margin(self, market: SymbolMarket, side: Side, ticks: int, lots: int) -> None:
        """Refuse what the account cannot afford, or its leverage does not allow."""
        floor, contract = self._floor, market.contract
        held = floor.account.position(contract)
        worth = contract.notional(ticks, lots) if ticks else market_worth(market, side, lots)
        now = floor.exposure(contract.symbol)
        is_buy = side is Side.BUY
        then = Exposure(now.bids + worth * is_buy, now.asks + worth * (not is_buy))
        largest = present_notional(held, market.mark, then)
        grows = largest > present_notional(held, market.mark, now)
        if grows and largest > max_notional(contract, held.leverage) * ATOMS:
            raise RefusalError(-2027)
        needed = 0
        if grows:
            needed = order_initial(held, market.mark, then) - order_initial(held, market.mark, now)
            # Binance, cost of an order: what it would lose at once against the mark comes on top.
            needed += max(0, (worth - contract.worth(market.mark, lots)) * side.sign)
        elif held.is_isolated:
            needed = _margin_beyond(held, side, worth, lots)
        if not needed:
            return  # it cannot leave the account with a larger position
        if not ticks:
            needed += rounded(worth * TAKER_RATE, RATE)
        if needed > available(floor.account, floor.marks(), floor.exposures()):
            raise RefusalError(-2019)

    def check_amendment(self, market: SymbolMarket, order: Order, lots: int, ticks: int) -> None:
        """Refuse a change of an order to so many lots and ticks.

        Raises:
            RefusalError: With the number of the first check that failed.
        """
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
        self.check_price(market, order.side, ticks)
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
            self.check_margin(market, order.side, ticks, more)

    def _check_client_id(self, contract: Contract, ticket: Ticket) -> None:
        if ticket.client_id and self._floor.orders.has_open(contract.symbol, ticket.client_id):
            raise RefusalError(-4116)

    def _check_count(self, contract: Contract) -> None:
        if self._floor.orders.count_open(contract.symbol) >= MOST_ORDERS:
            raise RefusalError(-2025)

    def _check_reduces(self, contract: Contract, ticket: Ticket) -> None:
        held = self._floor.held(contract.symbol)
        if not held or (held > 0) is (ticket.side is Side.BUY):
            raise RefusalError(-2022)

    def _check_uncovered(self, contract: Contract, ticket: Ticket) -> None:
        covered = sum(
            order.remaining
            for order in self._floor.orders.open(contract.symbol)
            if order.reduce_only and order.side is ticket.side
        )
        if covered >= abs(self._floor.held(contract.symbol)):
            # Resting exits already cover the position (Qubx#386).
            raise RefusalError(-2022 if ticket.type is OrderType.MARKET else -4118)

    def _check_execution(self, market: SymbolMarket, ticket: Ticket) -> None:
        if ticket.type is OrderType.MARKET:
            best = market.best(opposite=ticket.side)
            bound = market_bound(market, ticket.side, market.contract.market_take_bound)
            is_beyond = best is not None and (best - bound) * ticket.side.sign > 0
            if is_beyond:
                raise RefusalError(-4131)
        elif ticket.time_in_force is TimeInForce.GTX:
            if would_take(market, ticket.side, ticket.ticks):
                raise RefusalError(-5022)
        elif (
            ticket.time_in_force is TimeInForce.FOK
            and self._lots_to_take(market, ticket) < ticket.lots
        ):
            raise RefusalError(-5021)

    def _lots_to_take(self, market: SymbolMarket, ticket: Ticket) -> int:
        """How much would trade at once, without what self-trade prevention keeps it from."""
        lots, _ = market.book.peek(ticket.side, market.contract.max_lots, ticket.ticks)
        if ticket.self_trade is SelfTrade.NONE:
            return lots
        return lots - sum(
            order.working
            for order in self._floor.orders.open(market.contract.symbol)
            if order.side is not ticket.side
            and (ticket.ticks - order.ticks) * ticket.side.sign >= 0
        )


def check_quantity(contract: Contract, lots: int, *, is_market: bool) -> None:
    """Refuse quantities beyond LOT_SIZE or MARKET_LOT_SIZE."""
    if lots <= 0:
        raise RefusalError(-4003)
    if lots > (contract.market_max_lots if is_market else contract.max_lots):
        raise RefusalError(-4005)


def check_notional(market: SymbolMarket, ticket: Ticket) -> None:
    """Refuse orders below MIN_NOTIONAL; of a market order the mark price counts."""
    if ticket.reduce_only:
        return
    contract = market.contract
    worth = (
        contract.notional(ticket.ticks, ticket.lots)
        if ticket.ticks
        else contract.worth(market.mark, ticket.lots)
    )
    if worth < contract.min_notional * ATOMS:
        raise RefusalError(-4164, contract.min_notional)


def market_bound(market: SymbolMarket, side: Side, share: int) -> int:
    """Worst price that an order may have or reach, ticks: so far beyond the mark and no further."""
    distance = market.mark * share // RATE * side.sign
    return market.contract.ticks_at(market.mark + distance, is_up=side is Side.SELL)


def would_take(market: SymbolMarket, side: Side, ticks: int) -> bool:
    """Whether a limit order would trade at once."""
    best = market.best(opposite=side)
    return best is not None and (ticks - best) * side.sign >= 0


def market_worth(market: SymbolMarket, side: Side, lots: int) -> int:
    """What a market order would be worth: what the book has, and more of the same beyond it."""
    contract = market.contract
    bound = market_bound(market, side, contract.market_take_bound)
    found, worth = market.book.peek(side, lots, bound)
    best = market.best(opposite=side)
    last = best if best is not None else contract.ticks_at(market.mark)
    return (worth + last * (lots - found)) * contract.unit


def _margin_beyond(held: Position, side: Side, worth: int, lots: int) -> int:
    """Margin of the part of an order that would turn an isolated position around, atoms."""
    is_closing = held.lots * side.sign < 0
    beyond = max(0, lots - abs(held.lots)) if is_closing else 0
    return worth * beyond // lots // held.leverage
