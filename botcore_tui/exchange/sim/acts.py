"""What happens to an account by other hands: the venue's, its owner's in the app, another bot's."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from botcore_tui.exchange.sim.account import Position
from botcore_tui.exchange.sim.algo_desk import AlgoDesk
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.fault_specs import Fault
from botcore_tui.exchange.sim.floor import Floor, closing_side
from botcore_tui.exchange.sim.liquidation import LiquidationDesk
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.money import ATOMS, atoms
from botcore_tui.exchange.sim.order_desk import OrderDesk
from botcore_tui.exchange.sim.orders import Ending, OrderType, Ticket
from botcore_tui.exchange.sim.refusals import RefusalError
from botcore_tui.exchange.sim.settings_desk import SettingsDesk
from botcore_tui.model.market import Side

_APP: Final = ("web_", "ios_", "android_")
_PREFIX: Final = 8
"""Letters of a client id that say whose it is."""
_BPS: Final = 10_000


class Acts:
    """Performs what a fault names, once; what cannot be done now is left undone.

    Args:
        floor: What it works on.
        orders: Works orders.
        settings: Changes settings.
        liquidation: Closes positions by force.
        algos: Holds conditional orders.
    """

    def __init__(
        self,
        floor: Floor,
        orders: OrderDesk,
        settings: SettingsDesk,
        liquidation: LiquidationDesk,
        algos: AlgoDesk,
    ) -> None:
        self._floor = floor
        self._orders = orders
        self._settings = settings
        self._liquidation = liquidation
        self._algos = algos
        self._by_name: dict[str, Callable[[Fault, SymbolMarket], None]] = {
            "liquidation": self._liquidate,
            "adl": self._deleverage,
            "manual-close": self._close,
            "foreign-order": self._order,
            "second-instance": self._order_of_twin,
            "foreign-position": self._open,
            "leverage-changed": self._change_leverage,
            "margin-type-changed": self._change_margin_type,
            "transfer": self._transfer,
            "filters-changed": self._change_filters,
            "symbol-settling": self._change_status,
        }

    @property
    def names(self) -> frozenset[str]:
        """The acts that can be performed here."""
        return frozenset(self._by_name)

    def perform(self, fault: Fault) -> str:
        """Let an act happen.

        Returns:
            Why it could not; empty where it happened.
        """
        held = (symbol for symbol, item in self._floor.account.positions.items() if item.lots)
        symbol = fault.symbol or next(held, next(iter(self._floor.markets)))
        try:
            self._by_name[fault.name](fault, self._floor.market(symbol))
        except RefusalError as refusal:
            return f"{fault.name} of {symbol}: {refusal}"
        return ""

    # --- positions ------------------------------------------------------------------------------

    def _liquidate(self, _fault: Fault, market: SymbolMarket) -> None:
        self._liquidation.liquidate(market, self._position(market))

    def _deleverage(self, fault: Fault, market: SymbolMarket) -> None:
        held = self._position(market)
        lots = max(1, abs(held.lots) * fault.amount("percent") // 100)
        self._liquidation.deleverage(market, held, lots)

    def _position(self, market: SymbolMarket) -> Position:
        held = self._floor.account.positions.get(market.contract.symbol)
        if held is None or not held.lots:
            raise RefusalError(-2022)
        return held

    def _close(self, _fault: Fault, market: SymbolMarket) -> None:
        held = self._position(market)
        ticket = Ticket(
            side=closing_side(held.lots),
            type=OrderType.MARKET,
            lots=abs(held.lots),
            client_id=self._app_id(0),
            reduce_only=True,
        )
        self._orders.work(market, ticket)

    def _open(self, fault: Fault, market: SymbolMarket) -> None:
        side = Side(fault.word("side"))
        lots = _lots(market.contract, fault.amount("notional"), market.last_ticks)
        ticket = Ticket(side=side, type=OrderType.MARKET, lots=lots, client_id=self._app_id(1))
        self._orders.place(market.contract.symbol, ticket)

    # --- orders ---------------------------------------------------------------------------------

    def _order(self, fault: Fault, market: SymbolMarket) -> None:
        self._place_away(fault, market, self._app_id(0))

    def _order_of_twin(self, fault: Fault, market: SymbolMarket) -> None:
        own = [
            order.client_id
            for order in self._floor.orders
            if not order.client_id.startswith((*_APP, "autoclose", "adl_"))
        ]
        prefix = own[-1][:_PREFIX] if own else "twin"
        self._place_away(fault, market, f"{prefix}-{self._floor.new_client_id()[:12]}")

    def _place_away(self, fault: Fault, market: SymbolMarket, client_id: str) -> None:
        side = Side(fault.word("side"))
        away = market.last_ticks * fault.amount("away_bps") // _BPS
        ticks = market.last_ticks - away if side is Side.BUY else market.last_ticks + away
        lots = _lots(market.contract, fault.amount("notional"), ticks)
        ticket = Ticket(
            side=side, type=OrderType.LIMIT, lots=lots, ticks=ticks, client_id=client_id
        )
        self._orders.place(market.contract.symbol, ticket)

    def _app_id(self, which: int) -> str:
        return _APP[which] + self._floor.new_client_id()

    # --- settings -------------------------------------------------------------------------------

    def _change_leverage(self, fault: Fault, market: SymbolMarket) -> None:
        self._settings.set_leverage(market.contract.symbol, fault.amount("leverage"))

    def _change_margin_type(self, fault: Fault, market: SymbolMarket) -> None:
        is_isolated = fault.word("type") == "ISOLATED"
        self._settings.set_margin_type(market.contract.symbol, is_isolated=is_isolated)

    def _transfer(self, fault: Fault, _market: SymbolMarket) -> None:
        floor = self._floor
        amount = atoms(fault.word("amount"))
        floor.house.transfer(floor.account, amount, floor.now_ms)
        reason = "DEPOSIT" if amount > 0 else "WITHDRAW"
        floor.user.account_updated(reason, [], has_balance=True, change=amount)

    # --- contracts ------------------------------------------------------------------------------

    def _change_filters(self, fault: Fault, market: SymbolMarket) -> None:
        contract = market.contract
        market.contract = replace(
            contract,
            tick_multiple=contract.tick_multiple * fault.amount("tick"),
            step_multiple=contract.step_multiple * fault.amount("step"),
            min_notional=fault.amount("min_notional") or contract.min_notional,
        )

    def _change_status(self, fault: Fault, market: SymbolMarket) -> None:
        status = fault.word("status")
        market.contract = replace(market.contract, status=status)
        if status == "CLOSE":
            self._orders.expire_all(market, Ending.DELISTED)
            self._algos.cancel_all(market.contract.symbol)


def _lots(contract: Contract, notional: int, ticks: int) -> int:
    wanted = max(notional, contract.min_notional) * ATOMS
    lots = -(-wanted // contract.notional(ticks, 1))
    return lots + -lots % contract.step_multiple
