"""Margin of the embedded exchange: what positions and orders need, and where they are liquidated.

Source: Binance USD-M futures, "Account Information V3", "Position Information V3" (2026-05) and
its leverage and margin tiers; liquidation formula of its support pages. Margins are cut off at the
last atom, as the amounts in those pages are.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from botcore_tui.exchange.sim.account import Account, Position
from botcore_tui.exchange.sim.contracts import RATE, Contract
from botcore_tui.exchange.sim.money import ATOMS, rounded


class Exposure(Struct, frozen=True):
    """Worth of an account's resting orders in a contract, without reduce-only ones, atoms."""

    bids: int = 0
    asks: int = 0


NO_ORDERS = Exposure()


class Totals(Struct, frozen=True, kw_only=True):
    """An account in figures, atoms."""

    wallet: int
    cross_wallet: int
    unrealized: int
    cross_unrealized: int
    position_initial: int
    order_initial: int
    maintenance: int
    cross_maintenance: int
    free: int
    """What is not bound by crossed positions and orders; negative when too much is."""
    max_withdraw: int

    @property
    def available(self) -> int:
        """What may be bound by new orders."""
        return max(0, self.free)

    @property
    def initial(self) -> int:
        """Initial margin of positions and orders."""
        return self.position_initial + self.order_initial

    @property
    def margin_balance(self) -> int:
        """Wallet and unrealized profit."""
        return self.wallet + self.unrealized

    @property
    def cross_balance(self) -> int:
        """What the crossed positions can lose."""
        return self.cross_wallet + self.cross_unrealized


def initial(position: Position, mark: int) -> int:
    """Initial margin of a position, atoms."""
    return abs(position.worth(mark)) // position.leverage


def order_initial(position: Position, mark: int, exposure: Exposure) -> int:
    """Initial margin of a contract's open orders beside that of its position, atoms.

    Buy and sell orders cannot both be filled in the direction that costs margin: the worse of the
    two counts.
    """
    return present_notional(position, mark, exposure) // position.leverage - initial(position, mark)


def present_notional(position: Position, mark: int, exposure: Exposure) -> int:
    """Largest absolute position that the open orders can lead to, atoms."""
    return _present(position.worth(mark), exposure)


def _present(worth: int, exposure: Exposure) -> int:
    return max(abs(worth + exposure.bids), abs(worth - exposure.asks))


def maintenance(position: Position, mark: int) -> int:
    """Maintenance margin of a position, atoms."""
    return _maintenance(position.contract, abs(position.worth(mark)))


def _maintenance(contract: Contract, notional: int) -> int:
    bracket = contract.bracket(notional)
    return notional * bracket.maintenance // RATE - bracket.cum


def max_notional(contract: Contract, leverage: int) -> int:
    """Largest position allowed at a leverage, USDT; 0 where the leverage is too high."""
    return max((step.cap for step in contract.brackets if step.leverage >= leverage), default=0)


def totals(account: Account, marks: Mapping[str, int], exposures: Mapping[str, Exposure]) -> Totals:
    """The account in figures.

    Args:
        account: Whose.
        marks: Mark price of every contract that the account has a position or orders in, atoms.
        exposures: Open orders of contracts that have any.
    """
    figures = _Sums()
    for symbol, held in account.positions.items():
        exposure = exposures.get(symbol, NO_ORDERS)
        if held.lots or exposure is not NO_ORDERS:
            figures.add(held, marks[symbol], exposure)
    cross_wallet = account.cross_wallet
    free = cross_wallet + figures.cross_unrealized - figures.cross_initial - figures.order_initial
    return Totals(
        wallet=account.wallet,
        cross_wallet=cross_wallet,
        unrealized=figures.unrealized,
        cross_unrealized=figures.cross_unrealized,
        position_initial=figures.position_initial,
        order_initial=figures.order_initial,
        maintenance=figures.maintenance,
        cross_maintenance=figures.cross_maintenance,
        free=free,
        # Binance, "How to Adjust Margin Balance in Isolated Margin Mode": the smaller of the two,
        # so unrealized profit can be traded with and not taken out.
        max_withdraw=max(
            0,
            min(
                free,
                cross_wallet - figures.isolated_orders - figures.cross_maintenance,
            ),
        ),
    )


class _Sums(Struct):
    unrealized: int = 0
    cross_unrealized: int = 0
    position_initial: int = 0
    cross_initial: int = 0
    order_initial: int = 0
    isolated_orders: int = 0
    maintenance: int = 0
    cross_maintenance: int = 0

    def add(self, held: Position, mark: int, exposure: Exposure) -> None:
        worth = held.worth(mark)
        profit = worth - held.cost
        needed = _maintenance(held.contract, abs(worth))
        bound = abs(worth) // held.leverage
        orders = 0
        if exposure is not NO_ORDERS:
            orders = _present(worth, exposure) // held.leverage - bound
        self.unrealized += profit
        self.maintenance += needed
        self.position_initial += bound
        self.order_initial += orders
        if held.is_isolated:
            self.isolated_orders += orders
        else:
            self.cross_unrealized += profit
            self.cross_maintenance += needed
            self.cross_initial += bound


def available(account: Account, marks: Mapping[str, int], exposures: Mapping[str, Exposure]) -> int:
    """What may be bound by new orders, atoms."""
    return totals(account, marks, exposures).available


def removable(position: Position, mark: int) -> int:
    """Isolated margin that may be taken out again, atoms.

    Source: Binance, "How to Adjust Margin Balance in Isolated Margin Mode".
    """
    wallet = position.isolated_wallet
    by_maintenance = wallet - maintenance(position, mark)
    by_initial = wallet + position.unrealized(mark) - initial(position, mark)
    return max(0, min(by_maintenance, by_initial))


def is_isolated_liquidatable(position: Position, mark: int) -> bool:
    """Whether an isolated position no longer has more than its maintenance margin."""
    if not position.lots:
        return False
    return position.isolated_wallet + position.unrealized(mark) <= maintenance(position, mark)


def is_cross_liquidatable(account: Account, marks: Mapping[str, int]) -> bool:
    """Whether the crossed positions together no longer have more than their maintenance margin."""
    crossed = account.crossed
    return bool(crossed) and account.cross_wallet + _spare_of(crossed, marks) <= 0


def _spare_of(positions: Iterable[Position], marks: Mapping[str, int]) -> int:
    """Profit of positions beyond their maintenance margin, atoms."""
    spare = 0
    for held in positions:
        mark = marks[held.contract.symbol]
        spare += held.unrealized(mark) - maintenance(held, mark)
    return spare


def liquidation_price(account: Account, symbol: str, marks: Mapping[str, int]) -> int:
    """Mark price at which a position is liquidated, other prices standing still.

    Args:
        account: Holder.
        symbol: Contract of the position.
        marks: Mark prices of all contracts held, atoms.

    Returns:
        Atoms; 0 when flat, and when no price above zero does it.

    Source: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts", with the
        bracket of the notional at the liquidation price.
    """
    held = account.positions.get(symbol)
    if held is None or not held.lots:
        return 0
    side = 1 if held.lots > 0 else -1
    spare = _spare_beside(account, held, marks)
    numerator = denominator = 1
    for bracket in held.contract.brackets:
        # side * N - cost + spare = N * rate - cum, for the notional N.
        numerator = (side * (held.cost - spare - bracket.cum)) * RATE
        denominator = RATE - side * bracket.maintenance
        if numerator <= bracket.cap * ATOMS * denominator:
            break
    numerator *= int(10**held.contract.quantity_decimals)
    denominator *= abs(held.lots) * held.contract.step
    # Rounded to where the margin no longer suffices.
    price = numerator // denominator if side > 0 else -(-numerator // denominator)
    return max(0, price)


def _spare_beside(account: Account, position: Position, marks: Mapping[str, int]) -> int:
    if position.is_isolated:
        return position.isolated_wallet
    others = (held for held in account.crossed if held is not position)
    return account.cross_wallet + _spare_of(others, marks)


def bankruptcy_price(account: Account, symbol: str, marks: Mapping[str, int]) -> int:
    """Price at which closing a position uses up its margin, others closed at their marks.

    Args:
        account: Holder.
        symbol: Contract of the position.
        marks: Mark prices of all contracts held, atoms.

    Returns:
        Atoms; 0 when flat, and when no price above zero does it.
    """
    held = account.positions.get(symbol)
    if held is None or not held.lots:
        return 0
    balance = held.isolated_wallet
    if not held.is_isolated:
        balance = account.cross_wallet + sum(
            other.unrealized(marks[other.contract.symbol])
            for other in account.crossed
            if other is not held
        )
    return max(0, _per_unit(held, held.cost - balance))


def break_even(position: Position) -> int:
    """Price at which closing leaves neither profit nor loss since opening, atoms; 0 when flat.

    Less than zero where no price does it, such as for a long that already realized its whole cost.

    Source: Binance, "How to Visualize the Breakeven Price of Open Positions": cost less gains by
        size, funding not counted; the values in "Position Information V3" contain the fees paid,
        and none for closing.
    """
    return _per_unit(position, position.cost + position.paid)


def _per_unit(position: Position, worth: int) -> int:
    contract, lots = position.contract, position.lots
    if not lots:
        return 0
    signed = worth if lots > 0 else -worth
    return rounded(signed * int(10**contract.quantity_decimals), abs(lots) * contract.step)
