"""The embedded exchange without its wire: one account, its orders, and the markets they meet."""

from collections.abc import Mapping
from typing import Final

from botcore_tui.exchange.sim.account import Account, House
from botcore_tui.exchange.sim.acts import Acts
from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.algo_desk import AlgoDesk
from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.floor import Floor, UserListener
from botcore_tui.exchange.sim.liquidation import LiquidationDesk
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.order_desk import OrderDesk
from botcore_tui.exchange.sim.orders import AlgoOrder, Order, WorkingType
from botcore_tui.exchange.sim.settings_desk import SettingsDesk

NAME: Final = "user"


class Venue:
    """Everything that trading needs, as desks on one floor.

    Args:
        agenda: Time.
        markets: By symbol; not started yet.
        balance: What the account begins with, atoms.
        dice: For ids.
        faults: Failures that are to happen.
        user: Hears what the user's stream tells.

    Attributes:
        floor: Markets, account and orders.
        desk: LIMIT and MARKET orders.
        algo_desk: Conditional orders.
        settings: Leverage, margin and modes.
        acts: What others do to the account.
    """

    def __init__(
        self,
        agenda: Agenda,
        markets: Mapping[str, SymbolMarket],
        balance: int,
        *,
        dice: Dice,
        faults: Faults,
        user: UserListener,
    ) -> None:
        account, house = Account(name=NAME), House()
        house.transfer(account, balance, agenda.now_ms)
        self.floor = floor = Floor(agenda, markets, account, house, dice=dice, user=user)
        self.desk = OrderDesk(floor, faults)
        self.algo_desk = AlgoDesk(floor, self.desk, faults)
        self.settings = SettingsDesk(floor)
        self._liquidation = LiquidationDesk(floor, self.desk)
        self.acts = Acts(floor, self.desk, self.settings, self._liquidation, self.algo_desk)
        for market in markets.values():
            market.on_mark = self._marked
            market.on_trade = self.algo_desk.traded
            market.on_funding = self._fund

    # --- what happens by itself -----------------------------------------------------------------

    def _marked(self, market: SymbolMarket) -> None:
        self.algo_desk.price_moved(market, WorkingType.MARK_PRICE)
        self._liquidation.check(market)

    def _fund(self, market: SymbolMarket) -> None:
        floor, contract = self.floor, market.contract
        paid = floor.house.fund(
            floor.account, contract, market.mark, market.funding_rate, floor.now_ms
        )
        if paid:
            symbols = [contract.symbol]
            floor.user.account_updated("FUNDING_FEE", symbols, has_balance=True, change=paid)

    # --- looking --------------------------------------------------------------------------------

    def order(self, symbol: str, order_id: int = 0, client_id: str = "") -> Order | None:
        """An order by the venue's id, which wins, or by the client's."""
        orders = self.floor.orders
        found = orders.get(order_id) if order_id else orders.find(symbol, client_id)
        return found if found is not None and found.contract.symbol == symbol else None

    def algo(self, algo_id: int = 0, client_id: str = "") -> AlgoOrder | None:
        """A conditional order by the venue's id, which wins, or by the client's."""
        algos = self.floor.algos
        if algo_id:
            return algos.get(algo_id)
        found = (algos.find(symbol, client_id) for symbol in self.floor.markets)
        return max((algo for algo in found if algo), key=lambda algo: algo.algo_id, default=None)
