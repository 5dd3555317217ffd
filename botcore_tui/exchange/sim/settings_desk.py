"""What an account may set: leverage, margin type, modes, margin of isolated positions."""

from typing import Final, NoReturn

from msgspec import Struct

from botcore_tui.exchange.sim.account import Position
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.floor import Floor
from botcore_tui.exchange.sim.margin import (
    max_notional,
    present_notional,
    removable,
    totals,
)
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.refusals import RefusalError

_LOWEST_LEVERAGE: Final = 1


class MarginMove(Struct, frozen=True):
    """Margin that was added to an isolated position, or taken out."""

    symbol: str
    amount: int
    """Atoms; positive."""
    is_added: bool
    time_ms: int


class SettingsDesk:
    """Changes settings, or refuses.

    Args:
        floor: What it works on.

    Attributes:
        margin_moves: All margin that was moved, oldest first.
    """

    def __init__(self, floor: Floor) -> None:
        self.margin_moves: list[MarginMove] = []
        self._floor = floor

    def set_leverage(self, symbol: str, leverage: int) -> int:
        """Set the leverage of a symbol.

        Returns:
            The largest position that it allows, USDT.

        Raises:
            RefusalError: The contract does not offer it, or the account does not bear it.
        """
        floor = self._floor
        market = floor.market(symbol)
        contract = market.contract
        largest = max_notional(contract, leverage)
        if leverage < _LOWEST_LEVERAGE or not largest:
            raise RefusalError(-4028, leverage)
        held = floor.account.position(contract)
        if present_notional(held, market.mark, floor.exposure(symbol)) > largest * ATOMS:
            raise RefusalError(-2027)
        self._check_lower(held, leverage)
        if leverage != held.leverage:
            held.leverage = leverage
            floor.user.leverage_updated(symbol, leverage)
        return largest

    def _check_lower(self, held: Position, leverage: int) -> None:
        if leverage >= held.leverage:
            return
        if held.is_isolated and held.lots:
            raise RefusalError(-4161)
        floor = self._floor
        before = held.leverage
        held.leverage = leverage
        sums = totals(floor.account, floor.marks(), floor.exposures())
        held.leverage = before
        if sums.free < 0:
            raise RefusalError(-2028)

    def set_margin_type(self, symbol: str, *, is_isolated: bool) -> None:
        """Set whether a position has margin of its own.

        Raises:
            RefusalError: It is so already, or there are orders or a position.
        """
        floor = self._floor
        contract = floor.market(symbol).contract
        held = floor.account.position(contract)
        if held.is_isolated is is_isolated:
            raise RefusalError(-4046)
        self._check_untouched(contract, held, orders=-4047, position=-4048)
        held.is_isolated = is_isolated
        floor.user.account_updated("MARGIN_TYPE_CHANGE", [symbol], has_balance=False)

    def _check_untouched(
        self, contract: Contract, held: Position, *, orders: int, position: int
    ) -> None:
        floor = self._floor
        symbol = contract.symbol
        if floor.orders.count_open(symbol) or floor.algos.count_open(symbol):
            raise RefusalError(orders)
        if held.lots:
            raise RefusalError(position)

    def set_dual(self, *, is_dual: bool) -> NoReturn:
        """Choose between one-way and hedge mode; only one-way is offered.

        Raises:
            RefusalError: Always: nothing to change, or something in the way, or not offered.
        """
        floor = self._floor
        if floor.account.is_dual is is_dual:
            raise RefusalError(-4059)
        if floor.orders.count_open() or floor.algos.count_open():
            raise RefusalError(-4067)
        if any(held.lots for held in floor.account.positions.values()):
            raise RefusalError(-4068)
        raise RefusalError(-4084)

    def set_multi_assets(self, *, is_on: bool) -> NoReturn:
        """Choose between single-asset and multi-assets mode; only single-asset is offered.

        Raises:
            RefusalError: Always: nothing to change, or not offered.
        """
        raise RefusalError(-4171 if self._floor.account.multi_assets is is_on else -4084)

    def move_margin(self, symbol: str, amount: int, *, is_added: bool) -> None:
        """Add margin to an isolated position, or take it out.

        Args:
            symbol: Of the position.
            amount: Atoms, positive.
            is_added: Add, or take out.

        Raises:
            RefusalError: No such position, or not so much to move.
        """
        floor = self._floor
        market = floor.market(symbol)
        held = floor.account.position(market.contract)
        if amount <= 0:
            raise RefusalError(-4055)
        if not held.is_isolated:
            raise RefusalError(-4049)
        if not held.lots:
            raise RefusalError(-4054)
        if is_added:
            sums = totals(floor.account, floor.marks(), floor.exposures())
            if amount > sums.max_withdraw:
                raise RefusalError(-4050)
        elif amount > removable(held, market.mark):
            raise RefusalError(-4051)
        floor.account.move_margin(symbol, amount if is_added else -amount)
        held.updated_ms = floor.now_ms
        self.margin_moves.append(MarginMove(symbol, amount, is_added, floor.now_ms))
        change = -amount if is_added else amount
        floor.user.account_updated("MARGIN_TRANSFER", [symbol], has_balance=True, change=change)
