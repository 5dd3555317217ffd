"""What the desks of the embedded exchange work on: markets, account, orders, and who hears."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from botcore_tui.exchange.sim.account import Account, House
from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.contracts import RATE
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.margin import NO_ORDERS, Exposure
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.matching import Match
from botcore_tui.exchange.sim.money import rounded
from botcore_tui.exchange.sim.order_store import OrderStore
from botcore_tui.exchange.sim.orders import (
    AlgoOrder,
    Ending,
    Execution,
    Fill,
    Order,
    OrderType,
    Status,
)
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.model.market import Side

MAKER_RATE: Final = 20_000
"""Fee of a resting order, 10**-8 of its worth: 0.02 %, regular users."""
TAKER_RATE: Final = 50_000
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class UserListener(Protocol):
    """Hears what the user's stream tells, in the venue's order."""

    def order_updated(self, order: Order, execution: Execution, fill: Fill | None) -> None:
        """ORDER_TRADE_UPDATE; with a fill TRADE_LITE as well."""

    def account_updated(
        self, reason: str, symbols: Sequence[str], *, has_balance: bool, change: int = 0
    ) -> None:
        """ACCOUNT_UPDATE: why, of which positions, with the balance or not.

        ``change`` is what the balance changed by other than by trading, atoms.
        """

    def algo_updated(self, algo: AlgoOrder) -> None:
        """ALGO_UPDATE."""

    def leverage_updated(self, symbol: str, leverage: int) -> None:
        """ACCOUNT_CONFIG_UPDATE of a symbol."""

    def margin_called(self, symbols: Sequence[str]) -> None:
        """MARGIN_CALL: these positions come close to liquidation."""


class Counters(Struct):
    """Numbers that the venue gives out, each once."""

    order: int
    algo: int

    def next_order(self) -> int:
        """Number of a new order."""
        self.order += 1
        return self.order

    def next_algo(self) -> int:
        """Number of a new conditional order."""
        self.algo += 1
        return self.algo


class Floor:
    """State that the desks share; changes of position and orders go through here.

    Args:
        agenda: Time.
        markets: By symbol.
        account: The user's.
        house: The other side of it.
        dice: For ids.
        user: Hears of every change.
    """

    def __init__(
        self,
        agenda: Agenda,
        markets: Mapping[str, SymbolMarket],
        account: Account,
        house: House,
        *,
        dice: Dice,
        user: UserListener,
    ) -> None:
        self.agenda = agenda
        self.markets = markets
        self.account = account
        self.house = house
        self.user = user
        self.orders = OrderStore[Order]()
        self.algos = OrderStore[AlgoOrder]()
        self.counters = Counters(8_886_774_000 + dice.randrange(10**6), 2_146_760)
        self.on_order_closed: Callable[[Order], None] = lambda _order: None
        """Hears of each order that has ended, after the user."""
        self.on_position_changed: Callable[[str], None] = lambda _symbol: None
        """Hears the symbol of each position that may have changed, after its orders did."""
        self._exposures: dict[str, Exposure] = {}
        self._dice = dice

    @property
    def now_ms(self) -> int:
        """Simulated time, UTC milliseconds."""
        return self.agenda.now_ms

    def market(self, symbol: str) -> SymbolMarket:
        """The market of a symbol; refuses (-1121) where there is none."""
        found = self.markets.get(symbol)
        if found is None:
            raise RefusalError(-1121)
        return found

    def held(self, symbol: str) -> int:
        """The account's signed position, lots."""
        position = self.account.positions.get(symbol)
        return 0 if position is None else position.lots

    def marks(self) -> dict[str, int]:
        """Mark prices of all symbols, atoms."""
        return {symbol: market.mark for symbol, market in self.markets.items()}

    def exposure(self, symbol: str) -> Exposure:
        """Worth of the resting orders that would enlarge a position."""
        return self._exposures.get(symbol, NO_ORDERS)

    def exposures(self) -> dict[str, Exposure]:
        """The same of every symbol that has such orders."""
        return self._exposures

    def expose(self, order: Order, lots: int) -> None:
        """Count lots of an order as open, or no longer where there are fewer than none."""
        if order.reduce_only:
            return
        symbol = order.contract.symbol
        worth = order.contract.notional(order.ticks, lots)
        before = self._exposures.get(symbol, NO_ORDERS)
        is_buy = order.side is Side.BUY
        after = Exposure(before.bids + worth * is_buy, before.asks + worth * (not is_buy))
        if after == NO_ORDERS:
            self._exposures.pop(symbol, None)
        else:
            self._exposures[symbol] = after

    def new_client_id(self) -> str:
        """A client id for an order that came without one."""
        return "".join(_LETTERS[self._dice.randrange(len(_LETTERS))] for _ in range(22))

    # --- orders ---------------------------------------------------------------------------------

    def opened(self, order: Order) -> None:
        """Take a new order and tell."""
        self.expose(order, order.remaining)
        self.orders.add(order.order_id, order)
        self.user.order_updated(order, Execution.NEW, None)

    def ended(self, order: Order, status: Status, ending: Ending = Ending.NONE) -> None:
        """Close an order that will not trade any more, and tell."""
        order.status = status
        order.ending = ending
        order.updated_ms = self.now_ms
        order.working = 0
        self.expose(order, -order.remaining)
        self.orders.close(order.order_id)
        is_cancelled = status is Status.CANCELED
        told = Execution.CANCELED if is_cancelled else Execution.EXPIRED
        self.user.order_updated(order, told, None)
        self.on_order_closed(order)

    def filled(self, market: SymbolMarket, order: Order, match: Match, *, is_maker: bool) -> None:
        """Book one match of an order to the account and the crowd, and tell."""
        contract = market.contract
        worth = contract.notional(match.ticks, match.lots)
        self.expose(order, -match.lots)
        order.executed += match.lots
        order.quote += worth
        order.updated_ms = self.now_ms
        order.status = Status.PARTIALLY_FILLED if order.remaining else Status.FILLED
        if not order.remaining:
            self.orders.close(order.order_id)
        fill = Fill(
            trade_id=match.trade_id,
            order=order,
            ticks=match.ticks,
            lots=match.lots,
            is_maker=is_maker,
            fee=rounded(worth * (MAKER_RATE if is_maker else TAKER_RATE), RATE),
            realized=0,
            time_ms=self.now_ms,
        )
        fill = self.house.settle(self.account, fill)
        self.user.account_updated("ORDER", [contract.symbol], has_balance=True)
        is_forced = order.original_type is OrderType.LIQUIDATION
        execution = Execution.CALCULATED if is_forced else Execution.TRADE
        self.user.order_updated(order, execution, fill)
        if not order.remaining:
            self.on_order_closed(order)

    def position_changed(self, symbol: str) -> None:
        """Put right what depends on a position that may have changed."""
        self._trim_reducing(symbol)
        self.on_position_changed(symbol)

    def _trim_reducing(self, symbol: str) -> None:
        """Keep in the book of reduce-only orders what they can close, oldest first.

        Those that a conditional order became stay longest: stops go before exits that rest.
        """
        held = self.held(symbol)
        closing = closing_side(held)
        room = abs(held)
        market = self.markets[symbol]
        for order in sorted(self.orders.open(symbol), key=lambda one: not one.algo_id):
            if not order.reduce_only:
                continue
            allowed = min(order.remaining, room) if order.side is closing else 0
            room -= allowed
            if not allowed:
                market.remove(order.order_id)
                self.ended(order, Status.EXPIRED, Ending.REDUCE_ONLY)
            elif allowed < order.working:
                market.reduce(order.order_id, order.working - allowed)
                order.working = allowed
            elif allowed > order.working > 0:
                # The position has grown: what it closes beyond before goes to the back.
                market.remove(order.order_id)
                market.rest(order.side, order.ticks, order.order_id, allowed)
                order.working = allowed


def closing_side(lots: int) -> Side:
    """The side that closes a position."""
    return Side.SELL if lots > 0 else Side.BUY
