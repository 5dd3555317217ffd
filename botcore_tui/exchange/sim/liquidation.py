"""Closes positions that have too little margin left.

Source: Binance USD-M futures, "Liquidation Protocols", and the client ids that its user stream
documents: ``autoclose-`` for a liquidation, ``adl_autoclose`` for auto-deleveraging.
"""

from typing import Final

from botcore_tui.exchange.sim.account import Position
from botcore_tui.exchange.sim.contracts import RATE, Contract
from botcore_tui.exchange.sim.floor import Floor, closing_side
from botcore_tui.exchange.sim.margin import (
    bankruptcy_price,
    is_cross_liquidatable,
    is_isolated_liquidatable,
    maintenance,
    totals,
)
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.order_checks import market_bound
from botcore_tui.exchange.sim.order_desk import OrderDesk
from botcore_tui.exchange.sim.orders import (
    Ending,
    Order,
    OrderType,
    SelfTrade,
    Ticket,
    TimeInForce,
)
from botcore_tui.model.market import Side

_CALL_PCT: Final = 80
"""Maintenance margin of the balance, from which on the account is warned."""
_CALL_PAUSE_MS: Final = 60_000


class LiquidationDesk:
    """Watches the margin of positions; the venue's hand, not the user's.

    Args:
        floor: What it works on.
        orders: Works the closing orders.
    """

    def __init__(self, floor: Floor, orders: OrderDesk) -> None:
        self._floor = floor
        self._orders = orders
        self._called_ms: dict[str, int] = {}
        """When the account was last warned, by symbol of an isolated position; of crossed ones
        under an empty one."""

    def check(self, market: SymbolMarket) -> None:
        """Look at the account after the mark price of a symbol moved."""
        floor = self._floor
        self._clear_debt(market.contract.symbol)
        held = floor.account.positions.get(market.contract.symbol)
        if held is None or not held.lots:
            return
        if held.is_isolated:
            if is_isolated_liquidatable(held, market.mark):
                self.liquidate(market, held)
            else:
                self._call_isolated(held, market.mark)
        elif is_cross_liquidatable(floor.account, floor.marks()):
            self._liquidate_crossed()
        else:
            self._call_crossed()

    def _clear_debt(self, symbol: str) -> None:
        """Let the insurance fund pay what a trade across a gap left below zero."""
        floor = self._floor
        debt = -floor.account.cross_wallet
        if debt > 0 and not floor.account.crossed:
            floor.house.clear(floor.account, symbol, debt, floor.now_ms)
            floor.user.account_updated("INSURANCE_CLEAR", [], has_balance=True, change=debt)

    def _liquidate_crossed(self) -> None:
        floor = self._floor
        for symbol in floor.markets:
            position = floor.account.positions.get(symbol)
            if position is None or not position.is_isolated:
                self._cancel_orders(symbol)
        marks = floor.marks()
        # Whatever frees most margin goes first, and no more than is needed.
        for held in sorted(
            floor.account.crossed, key=lambda held: -maintenance(held, marks[_symbol(held)])
        ):
            if is_cross_liquidatable(floor.account, marks):
                self.liquidate(floor.markets[_symbol(held)], held)

    def liquidate(self, market: SymbolMarket, held: Position) -> None:
        """Close a position; the insurance fund bears what its margin does not."""
        floor, contract = self._floor, market.contract
        symbol = contract.symbol
        # Before the closing order, or it would trade with one of them.
        self._cancel_orders(symbol)
        bankruptcy = bankruptcy_price(floor.account, symbol, floor.marks())
        margin = held.isolated_wallet
        is_isolated = held.is_isolated
        wallet = floor.account.wallet
        # As far from the mark as a market order may run.
        limit = market_bound(market, closing_side(held.lots), contract.market_take_bound)
        ticket = _ticket(held.lots, abs(held.lots), f"autoclose-{floor.now_ms}", limit)
        order = self._orders.work(market, ticket, original=OrderType.LIQUIDATION)
        worth, lots = order.quote, order.executed
        if held.lots:
            # Nobody in the book takes the rest: the insurance fund does, at bankruptcy.
            ticks = _ticks(contract, bankruptcy)
            rest = _ticket(held.lots, abs(held.lots), ticket.client_id, ticks)
            order = self._hand_over(market, rest)
            # The crowd's account holds the other side of everything; the fund makes up to it for
            # what this side is worse than the mark.
            loss = order.quote - contract.worth(market.mark, order.executed)
            floor.house.bear(loss if order.side is Side.SELL else -loss)
            worth, lots = worth + order.quote, lots + order.executed
        lost = wallet - floor.account.wallet
        left = (margin - lost) if is_isolated else self._crossed_balance()
        fee = worth * contract.liquidation_fee // RATE
        paid = min(fee, left)
        if paid < 0 and not is_isolated and floor.account.crossed:
            paid = 0  # the other crossed positions answer for it first
        if paid:
            floor.house.clear(floor.account, symbol, -paid, floor.now_ms)
            floor.user.account_updated("INSURANCE_CLEAR", [symbol], has_balance=True, change=-paid)
        market.tell_liquidation(order.side, order.ticks, lots, worth)

    def deleverage(self, market: SymbolMarket, held: Position, lots: int) -> None:
        """Close so much of a position against somebody's bankruptcy, at the mark price."""
        ticks = _ticks(market.contract, market.mark)
        self._hand_over(market, _ticket(held.lots, lots, "adl_autoclose", ticks))

    # --- closing --------------------------------------------------------------------------------

    def _hand_over(self, market: SymbolMarket, ticket: Ticket) -> Order:
        """Fill an order at its limit, past the book."""
        order = self._orders.take_over(market, ticket)
        match = market.private_match(order.ticks, order.remaining)
        self._floor.filled(market, order, match, is_maker=False)
        self._floor.position_changed(market.contract.symbol)
        return order

    def _cancel_orders(self, symbol: str) -> None:
        self._orders.expire_all(self._floor.markets[symbol], Ending.LIQUIDATED)

    def _crossed_balance(self) -> int:
        return totals(self._floor.account, self._floor.marks(), {}).cross_balance

    def _call_isolated(self, held: Position, mark: int) -> None:
        balance = held.isolated_wallet + held.unrealized(mark)
        self._call(_symbol(held), maintenance(held, mark), balance, [held])

    def _call_crossed(self) -> None:
        floor = self._floor
        sums = totals(floor.account, floor.marks(), floor.exposures())
        self._call("", sums.cross_maintenance, sums.cross_balance, floor.account.crossed)

    def _call(self, key: str, needed: int, balance: int, positions: list[Position]) -> None:
        """Warn of positions whose margin comes to an end, once in a while."""
        now_ms = self._floor.now_ms
        is_close = needed * 100 >= balance * _CALL_PCT
        if is_close and now_ms >= self._called_ms.get(key, -_CALL_PAUSE_MS) + _CALL_PAUSE_MS:
            self._called_ms[key] = now_ms
            self._floor.user.margin_called([_symbol(held) for held in positions])


def _symbol(held: Position) -> str:
    return held.contract.symbol


def _ticks(contract: Contract, price: int) -> int:
    return min(max(1, contract.ticks_at(price)), contract.max_price)


def _ticket(held: int, lots: int, client_id: str, ticks: int) -> Ticket:
    return Ticket(
        side=closing_side(held),
        type=OrderType.LIMIT,
        lots=lots,
        ticks=ticks,
        time_in_force=TimeInForce.IOC,
        client_id=client_id,
        self_trade=SelfTrade.NONE,
    )
