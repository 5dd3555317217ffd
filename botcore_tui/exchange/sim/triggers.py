"""When a conditional order triggers: prices that it watches, reaches and follows.

Source: Binance USD-M futures, "New Algo Order", notes on when condition orders will be triggered.
"""

from typing import Final

from botcore_tui.exchange.sim.contracts import RATE, Contract
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    AlgoTicket,
    OrderType,
    TimeInForce,
    WorkingType,
)
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.model.market import Side

_STOPS: Final = frozenset({OrderType.STOP, OrderType.STOP_MARKET})


def needs_position(ticket: AlgoTicket) -> bool:
    """Whether a conditional order ends with its position."""
    return ticket.close_position or ticket.time_in_force is TimeInForce.GTE_GTC


def watched_price(market: SymbolMarket, working_type: WorkingType) -> int:
    """The price of one kind now, atoms."""
    if working_type is WorkingType.MARK_PRICE:
        return market.mark
    return market.last_ticks * market.contract.price_atoms


def is_reached(ticket: AlgoTicket, contract: Contract, price: int) -> bool:
    """Whether a price (atoms) triggers a conditional order that does not trail."""
    trigger = ticket.trigger_ticks * contract.price_atoms
    is_upward = (ticket.side is Side.BUY) is (ticket.type in _STOPS)
    return price >= trigger if is_upward else price <= trigger


def is_activated(ticket: AlgoTicket, contract: Contract, price: int) -> bool:
    """Whether a trailing stop begins to follow at a price, atoms."""
    activation = ticket.activate_ticks * contract.price_atoms
    return price >= activation if ticket.side is Side.SELL else price <= activation


def has_turned(algo: AlgoOrder, price: int) -> bool:
    """Let an active trailing stop follow a price (atoms); whether that came back far enough."""
    is_sell = algo.ticket.side is Side.SELL
    algo.extreme = extreme = (max if is_sell else min)(algo.extreme, price)
    distance = extreme * algo.ticket.callback // RATE
    return price <= extreme - distance if is_sell else price >= extreme + distance


def is_apart(market: SymbolMarket) -> bool:
    """Whether last price and mark are too far apart to believe a trigger (price protection)."""
    last = watched_price(market, WorkingType.CONTRACT_PRICE)
    return abs(last - market.mark) * RATE > market.mark * market.contract.trigger_protect


def check_trigger(market: SymbolMarket, ticket: AlgoTicket) -> None:
    """Refuse a conditional order that cannot trigger, or would at once.

    Raises:
        RefusalError: -4006, -4007 or -2021.
    """
    contract = market.contract
    price = watched_price(market, ticket.working_type)
    if ticket.type is not OrderType.TRAILING_STOP_MARKET:
        if ticket.trigger_ticks <= 0:
            raise RefusalError(-4006)
        if ticket.trigger_ticks > contract.max_price:
            raise RefusalError(-4007)
        is_hit = is_reached(ticket, contract, price)
    else:
        activation = ticket.activate_ticks * contract.price_atoms
        is_sell = ticket.side is Side.SELL
        is_hit = bool(activation) and (activation < price if is_sell else activation > price)
    if is_hit:
        raise RefusalError(-2021)
