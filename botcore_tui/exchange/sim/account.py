"""Accounts of the embedded exchange: who holds what, and where every atom of it came from.

Nothing is made or lost here: a fill, a fee, funding, a transfer only moves money between accounts,
the venue's fees, the insurance fund and the world outside. `House.imbalance` is zero at all times.
"""

from collections.abc import Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from botcore_tui.exchange.sim.contracts import RATE, Contract
from botcore_tui.exchange.sim.money import rounded
from botcore_tui.exchange.sim.orders import Fill
from botcore_tui.model.market import Side

DEFAULT_LEVERAGE = 20


class Position(Struct, kw_only=True):
    """What an account holds of a contract, one-way mode, with its settings for the contract."""

    contract: Contract
    lots: int = 0
    """Positive long, negative short."""
    cost: int = 0
    """Worth of the lots at their entry prices, atoms, signed as the lots; exact."""
    paid: int = 0
    """Fees less realized profit since it was opened, atoms; for the break-even price."""
    leverage: int = DEFAULT_LEVERAGE
    is_isolated: bool = False
    isolated_wallet: int = 0
    """Part of the account's wallet set aside for this position, atoms; 0 with cross margin."""
    updated_ms: int = 0

    @property
    def entry(self) -> int:
        """Average entry price, atoms; 0 when flat."""
        return self.contract.average(self.cost, self.lots)

    def worth(self, mark: int) -> int:
        """Notional at a mark price, atoms, signed as the lots."""
        return self.contract.worth(mark, self.lots)

    def unrealized(self, mark: int) -> int:
        """Profit if closed at the mark price, atoms."""
        return self.contract.worth(mark, self.lots) - self.cost


class Income(Struct, frozen=True, kw_only=True):
    """A change of a wallet as ``GET /fapi/v1/income`` tells it."""

    kind: str
    """TRANSFER, REALIZED_PNL, COMMISSION, FUNDING_FEE or INSURANCE_CLEAR."""
    symbol: str
    """Empty for a transfer."""
    amount: int
    """Atoms; negative when paid."""
    time_ms: int
    tran_id: int
    """Unique among the same kind."""
    trade_id: str = ""
    info: str = ""


class Account(Struct, kw_only=True):
    """One customer's wallet, positions and history."""

    name: str
    wallet: int = 0
    """Atoms, margin of isolated positions included, unrealized profit not."""
    positions: dict[str, Position] = field(default_factory=dict)
    """By symbol; also flat ones that were held or whose settings were changed."""
    incomes: list[Income] = field(default_factory=list)
    """Oldest first."""
    fills: list[Fill] = field(default_factory=list)
    """Oldest first."""
    is_dual: bool = False
    multi_assets: bool = False
    updated_ms: int = 0
    """When the wallet last changed."""
    transactions: int = 9_689_322_392
    """Last transaction id."""

    @property
    def cross_wallet(self) -> int:
        """The wallet without what is set aside for isolated positions, atoms."""
        return self.wallet - sum(held.isolated_wallet for held in self.positions.values())

    @property
    def crossed(self) -> list[Position]:
        """Positions that are held with cross margin."""
        return [held for held in self.positions.values() if held.lots and not held.is_isolated]

    def position(self, contract: Contract) -> Position:
        """The position in a contract, made flat with the default settings if there is none."""
        held = self.positions.get(contract.symbol)
        if held is None:
            held = self.positions[contract.symbol] = Position(contract=contract)
        return held

    def fill(self, contract: Contract, side: Side, ticks: int, lots: int, fee: int) -> int:
        """Books a trade: closes against the other direction first, the rest opens.

        An isolated position takes ``notional / leverage`` of what it opens from the cross wallet;
        what it closes gives back its share of the isolated wallet.

        Args:
            contract: What was traded.
            side: BUY or SELL of this account.
            ticks: Price.
            lots: Quantity, positive.
            fee: Atoms, from the cross wallet; negative for a rebate.

        Returns:
            Realized profit without the fee, atoms.
        """
        held = self.position(contract)
        closing = min(lots, abs(held.lots)) if held.lots * side.sign < 0 else 0
        realized = _close(held, ticks, closing) if closing else 0
        held.paid += fee - realized
        if not held.lots:
            # Of a fee that closes and opens, the position opened pays its part.
            held.paid = rounded(fee * (lots - closing), lots)
        opening = lots - closing
        if opening:
            notional = contract.notional(ticks, opening)
            held.lots += side.sign * opening
            held.cost += side.sign * notional
            if held.is_isolated:
                held.isolated_wallet += rounded(notional, held.leverage)
        self.wallet += realized - fee
        return realized

    def note(self, fill: Fill) -> None:
        """Adds a trade that is booked to the history.

        Profit and fee are incomes under one transaction id; none of nothing.
        """
        symbol = fill.order.contract.symbol
        self.fills.append(fill)
        self.positions[symbol].updated_ms = fill.time_ms
        self.updated_ms = fill.time_ms
        self.transactions += 1
        trade = str(fill.trade_id)
        if fill.realized:
            self._enter("REALIZED_PNL", symbol, fill.realized, trade)
        if fill.fee:
            self._enter("COMMISSION", symbol, -fill.fee, trade)

    def receive(self, kind: str, symbol: str, amount: int, time_ms: int) -> None:
        """Adds money from elsewhere to the cross wallet, and to the history.

        Args:
            kind: Of the income.
            symbol: Contract it is for; empty for none.
            amount: Atoms; negative to take.
            time_ms: When.
        """
        self.wallet += amount
        self.updated_ms = time_ms
        self.transactions += 1
        self._enter(kind, symbol, amount)

    def move_margin(self, symbol: str, amount: int) -> None:
        """Sets margin aside for an isolated position, out of the cross wallet.

        Args:
            symbol: Contract of the position.
            amount: Atoms; negative to give back.
        """
        self.positions[symbol].isolated_wallet += amount

    def _enter(self, kind: str, symbol: str, amount: int, trade_id: str = "") -> None:
        self.incomes.append(
            Income(
                kind=kind,
                symbol=symbol,
                amount=amount,
                time_ms=self.updated_ms,
                tran_id=self.transactions,
                trade_id=trade_id,
                info=kind,
            )
        )


def _close(held: Position, ticks: int, closing: int) -> int:
    size = abs(held.lots)
    signed = closing if held.lots > 0 else -closing
    # What is left keeps the exact remainder: a position closed in any number of parts realizes
    # its whole cash flow. All of it when closing == size.
    cost = rounded(held.cost * closing, size)
    held.lots -= signed
    held.cost -= cost
    held.isolated_wallet -= rounded(held.isolated_wallet * closing, size)
    return held.contract.notional(ticks, signed) - cost


class House(Struct, kw_only=True):
    """The other side of everything: other participants as one account, fees, insurance fund."""

    crowd: Account = field(default_factory=lambda: Account(name="crowd"))
    fees: int = 0
    """Commission taken from all accounts, atoms."""
    insurance: int = 0
    """Insurance fund, atoms; below zero when it paid more than it got."""
    outside: int = 0
    """What the world outside got by transfers, atoms; negative for deposits."""

    def settle(self, account: Account, fill: Fill) -> Fill:
        """Books one side of a trade; the crowd takes the opposite, free of charge.

        Two sides settled at one price cancel out in the crowd: that is a trade of two accounts.

        Args:
            account: Who traded.
            fill: ``realized`` is ignored.

        Returns:
            The fill with its realized profit, as added to the account's history.
        """
        order = fill.order
        contract = order.contract
        realized = account.fill(contract, order.side, fill.ticks, fill.lots, fill.fee)
        self.crowd.fill(contract, order.side.opposite, fill.ticks, fill.lots, 0)
        self.fees += fill.fee
        booked = replace(fill, realized=realized)
        account.note(booked)
        return booked

    def fund(self, account: Account, contract: Contract, mark: int, rate: int, time_ms: int) -> int:
        """Pays or collects funding of a position; longs pay shorts while the rate is positive.

        Args:
            account: Holder.
            contract: Held.
            mark: Mark price, atoms.
            rate: 10**-8.
            time_ms: Funding time.

        Returns:
            What the account got, atoms; negative when it paid.
        """
        held = account.positions.get(contract.symbol)
        if held is None or not held.lots:
            return 0
        amount = -rounded(held.worth(mark) * rate, RATE)
        if amount:
            account.receive("FUNDING_FEE", contract.symbol, amount, time_ms)
            self.crowd.wallet -= amount
            if held.is_isolated:
                held.isolated_wallet += amount
                held.updated_ms = time_ms
        return amount

    def transfer(self, account: Account, amount: int, time_ms: int) -> None:
        """Moves money between the world outside and an account; a positive amount comes in."""
        account.receive("TRANSFER", "", amount, time_ms)
        self.outside -= amount

    def clear(self, account: Account, symbol: str, amount: int, time_ms: int) -> None:
        """Moves money between the insurance fund and an account, after a liquidation.

        Args:
            account: Who was liquidated.
            symbol: Contract.
            amount: Atoms; positive covers a loss beyond the margin, negative is the liquidation
                fee.
            time_ms: When.
        """
        account.receive("INSURANCE_CLEAR", symbol, amount, time_ms)
        self.insurance -= amount

    def bear(self, amount: int) -> None:
        """Let the insurance fund, not the crowd, bear a loss that the crowd's side of a trade has.

        Args:
            amount: Atoms; negative for a gain.
        """
        self.insurance -= amount
        self.crowd.wallet += amount

    def imbalance(self, accounts: Iterable[Account]) -> int:
        """What was made or lost over all accounts, the crowd included, atoms; zero, always.

        Profit is in a wallet as soon as one side realizes it; the other side's is still in its
        cost, so cost counts.
        """
        everyone = (*accounts, self.crowd)
        wallets = sum(account.wallet for account in everyone)
        costs = sum(held.cost for account in everyone for held in account.positions.values())
        return wallets - costs + self.fees + self.insurance + self.outside
