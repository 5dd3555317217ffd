"""What we hold and what it earned: executions on top of what the venue last confirmed.

A position is the sum of unique executions since the last picture that was adopted. Money is what
the venue says of the wallet; realized profit, fees and funding are booked as the venue tells them.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from botcore_tui.core.executions import Executions
from botcore_tui.core.holdings import Holding, remembered
from botcore_tui.core.income import FUNDING, Payments
from botcore_tui.core.money import ZERO, same_sign
from botcore_tui.core.notes import note
from botcore_tui.core.worth import Worth
from botcore_tui.model.account import (
    AccountUpdate,
    Income,
    IncomeKind,
    PositionReport,
    SymbolAccount,
    is_transfer,
)
from botcore_tui.model.event import Append, Effect, Record, Severity
from botcore_tui.model.instrument import SETTLEMENT_ASSET
from botcore_tui.model.ledger import EquityRow, FundingRow, Recollection, TransferRow
from botcore_tui.model.order import Fill, Source

__all__ = ["Holding", "Portfolio"]

_ADOPTED: Final = "adopted"
_DAY_MS: Final = 86_400_000
_EQUITY_EVERY_MS: Final = 60_000
_KEEP_TOLD: Final = 1_000
_TRADED: Final = "ORDER"
"""Reason of an update that belongs to an execution, of which another message tells."""
LISTED: Final = "RECONCILE"
"""Reason of an update that was asked for: it says nothing of why."""


class Portfolio:
    """Positions and money of one account in one settlement asset.

    Attributes:
        worth: Wallet and equity.
        booked_transfers: Money that came or went since somebody last took notice, and when.
        first_wallet_ms: Up to then the first wallet that a listing told has all; 0 before.
        day: UTC day that the ``_today`` sums belong to; days since 1970.
        realized_today: Without fees and funding.
        fees_today: Paid is positive.
        funding_today: Received is positive.
        realized_run: Since this session began; the same for fees and funding.
    """

    def __init__(self, asset: str = SETTLEMENT_ASSET) -> None:
        self.asset: Final = asset
        self._clear()

    def _clear(self) -> None:
        self.worth = Worth(self.asset)
        self._early: list[tuple[int, Decimal, Decimal, Decimal]] = []
        """Day, profit, fee and funding of what the venue dates after the present day."""
        self.booked_transfers: list[tuple[Decimal, int]] = []
        self.first_wallet_ms = 0
        self.day = 0
        self.realized_run = ZERO
        self.fees_run = ZERO
        self.funding_run = ZERO
        self._holdings: dict[str, Holding] = {}
        self._executions = Executions(self._holdings)
        self._baselines: dict[str, int] = {}
        """Of a symbol the trade up to which the venue's word on its position reaches."""
        self._counted_ms: dict[str, int] = {}
        """Of a symbol when the venue's word came without trades: those up to then are in it."""
        self._time_ms = 0
        self._told: deque[tuple[str, str, Decimal, int]] = deque(maxlen=_KEEP_TOLD)
        self._payments = Payments(self.asset)
        self._begin_day(0)

    def _begin_day(self, day: int) -> None:
        # Its first equity is recorded at once: a restart begins the day with it.
        self._equity_ms: int | None = None
        self.realized_today = ZERO
        self.fees_today = ZERO
        self.funding_today = ZERO
        early, self._early = self._early, []
        for told_day, profit, fee, funding in early:
            if told_day >= day:
                self._count(told_day, profit, fee, funding)

    def _count(self, day: int, profit: Decimal, fee: Decimal, funding: Decimal) -> None:
        """Add to the sums of the day; what the venue dates after it waits for our midnight."""
        if day > self.day > 0:
            self._early.append((day, profit, fee, funding))
        elif day == self.day or not self.day:
            self.realized_today += profit
            self.fees_today += fee
            self.funding_today += funding

    def restore(self, recollection: Recollection) -> None:
        """Begin with what the ledger knows; whatever was known before is void."""
        self._clear()
        self.day = recollection.time_ms // _DAY_MS
        self._time_ms = recollection.time_ms
        self.realized_today = recollection.realized_today
        self.fees_today = recollection.fees_today
        self.funding_today = recollection.funding_today
        for position in recollection.positions:
            if position.row.quantity:
                self._holdings[position.row.symbol] = remembered(position)
        self._payments.restore(recollection.funding, recollection.transfers)
        self._told.extend(
            (FUNDING, row.symbol, row.amount, row.time_ms)
            for row in recollection.funding
            if row.source is Source.STREAM
        )
        self._told.extend(
            (row.reason, "", row.amount, row.time_ms) for row in recollection.transfers
        )

    # --- what it knows --------------------------------------------------------------------------

    @property
    def wallet(self) -> Decimal | None:
        """By the venue, without unrealized profit; None before it told."""
        return self.worth.wallet

    @property
    def available(self) -> Decimal | None:
        """For new orders, by the venue; None before it told."""
        return self.worth.available

    @property
    def wallet_ms(self) -> int:
        """When the venue says that the wallet became what it is."""
        return self.worth.wallet_ms

    def quantity(self, symbol: str) -> Decimal:
        """Signed position; zero is flat."""
        holding = self._holdings.get(symbol)
        return ZERO if holding is None else holding.quantity

    def holding(self, symbol: str) -> Holding | None:
        """The position; None if it is flat."""
        return self._holdings.get(symbol)

    def holdings(self) -> list[Holding]:
        """Every position that is not flat."""
        return list(self._holdings.values())

    def unrealized(self, holding: Holding, mark: Decimal) -> Decimal:
        """What a position would gain if it were closed at the mark."""
        return holding.unrealized(mark)

    def equity(self, marks: Mapping[str, Decimal]) -> Decimal | None:
        """Wallet and unrealized profit; None while the wallet or a needed mark is unknown."""
        return self.worth.equity(self._holdings, marks)

    def valued(self) -> list[str]:
        """Symbols of which a mark is needed for that."""
        return self.worth.symbols(self._holdings)

    # --- executions -----------------------------------------------------------------------------

    def fill(self, fill: Fill, *, reason: str = "") -> list[Effect]:
        """Book an execution that was not booked before.

        One that the adopted position has in it already moves money only.

        Args:
            fill: Unique; who calls sees to it.
            reason: Of its order, for the ledger.
        """
        fee, effects = self._fee(fill)
        profit = self.worth.profit(fill)
        self.realized_run += profit
        self.fees_run += fee
        self._count(fill.time_ms // _DAY_MS, profit, fee, ZERO)
        self.worth.book(profit - fee, fill.time_ms, fill.symbol)
        is_later = fill.time_ms > self._counted_ms.get(fill.symbol, 0)
        if is_later and fill.trade_id > self._baselines.get(fill.symbol, 0):
            effects += self._executions.book(fill, fee, reason)
            self.worth.booked(fill.symbol, self.quantity(fill.symbol), fill.time_ms)
        elif (holding := self._holdings.get(fill.symbol)) is not None and holding.learn(fill, fee):
            self._executions.forget(fill.symbol)
            effects.append(Append(holding.row(reason, fill.time_ms)))
        return effects

    def _fee(self, fill: Fill) -> tuple[Decimal, list[Effect]]:
        if not fill.fee or fill.fee_asset == self.asset:
            return fill.fee, []
        text = (
            f"{fill.symbol}: fee of trade {fill.trade_id} was taken in {fill.fee_asset}"
            f" ({fill.fee}) and is in no sum of {self.asset}"
        )
        return ZERO, [Record(Severity.WARNING, "position.fee_asset", text, fill.time_ms)]

    # --- the venue's word -----------------------------------------------------------------------

    def adopt(
        self, account: SymbolAccount, *, newer: Decimal, counted_ms: int = 0
    ) -> tuple[list[Effect], bool]:
        """Take the venue's word on a position.

        Args:
            account: The position as of its last trade.
            newer: Signed sum of the executions after that trade which were booked here already.
            counted_ms: Trades up to then are in it, whatever the last one was: the venue does not
                even mention it, or tells of it without its trades.

        Returns:
            What is to be done, and whether the position differed from ours.
        """
        report = account.position
        symbol = report.symbol
        have, want = self.quantity(symbol), report.quantity + newer
        self._baselines[symbol] = max(self._baselines.get(symbol, 0), account.last_trade_id)
        self._counted_ms[symbol] = max(self._counted_ms.get(symbol, 0), counted_ms)
        effects = self._replace(report, want, have) if have != want else []
        self._executions.forget(symbol, account.last_trade_id if have == want else None)
        self.worth.settle(symbol)
        holding = self._holdings.get(symbol)
        if holding is not None:
            holding.confirmed_ms = max(holding.confirmed_ms, report.time_ms)
            holding.liquidation_price = report.liquidation_price
            holding.is_liquidation_past = bool(newer)
            if not newer and report.entry_price > 0:
                holding.entry_price = report.entry_price
        return effects, have != want

    def _replace(self, report: PositionReport, want: Decimal, have: Decimal) -> list[Effect]:
        symbol, time_ms = report.symbol, max(report.time_ms, self._time_ms)
        text = (
            f"{symbol}: position was {have}, the venue says {want}, difference {want - have};"
            " the venue's is adopted"
        )
        holding = self._holdings.pop(symbol, None)
        if holding is not None and want and not same_sign(have, want):
            holding = None
        if holding is None:
            holding = Holding(symbol, report.time_ms or time_ms)
        holding.tag = _ADOPTED
        holding.quantity = want
        holding.entry_price = report.entry_price or holding.entry_price
        if want:
            self._holdings[symbol] = holding
        alarm = note(Severity.WARNING, "position.adopted", text, time_ms=time_ms, symbol=symbol)
        return [Append(holding.row(text, time_ms)), *alarm]

    def update(self, update: AccountUpdate) -> list[Effect]:
        """Take what changed on the account: wallet, funding, transfers, entry prices."""
        self._time_ms = max(self._time_ms, update.time_ms)
        is_traded, is_listed = update.reason == _TRADED, update.reason == LISTED
        said, is_news = None if is_traded else update.change, False
        for one in (each for each in update.balances if each.asset == self.asset):
            is_news = self.worth.take(one, update.time_ms, is_listed=is_listed, change=said)
        for report in self.worth.told(update.positions, self._holdings, is_traded=is_traded):
            if (holding := self._holdings.get(report.symbol)) is not None:
                holding.entry_price = report.entry_price or holding.entry_price
                holding.confirmed_ms = max(holding.confirmed_ms, report.time_ms)
        change = (update.reason, update.symbol, update.change, update.time_ms)
        if not update.change or change in self._told:
            return []
        self._told.append(change)
        asset = self._asset_of(update)
        if asset == self.asset:
            if not self._payments.is_new(update):
                return []  # the income history was quicker
            self.worth.explain(ZERO if is_news else update.change)
        if update.reason == FUNDING:
            return self._told_funding(update)
        return self._moved(asset, update.change, update.reason, update.time_ms)

    def heal(self, income: Iterable[Income], time_ms: int) -> list[Effect]:
        """Book funding and transfers that no stream told of.

        Profits and fees are left out: their executions tell them.

        Args:
            income: Rows of the venue's history; each is booked at most once, however often told.
            time_ms: Now.
        """
        effects: list[Effect] = []
        for row in self._payments.missing(income, time_ms):
            self.worth.explain(row.amount)
            is_funding = row.kind is IncomeKind.FUNDING_FEE
            effects += (
                self._missed_funding(row, time_ms)
                if is_funding
                else self._moved(row.asset, row.amount, row.word, row.time_ms)
            )
            what = f"funding of {row.symbol}" if is_funding else f"{row.word}"
            text = f"{what}, {row.amount:f} {row.asset}, was missed; booked from the income history"
            effects.append(Record(Severity.INFO, "income.healed", text, time_ms))
        return effects

    def disagrees(self, update: AccountUpdate) -> tuple[str, ...]:
        """Symbols whose position there is another than ours is now."""
        return tuple(
            report.symbol
            for report in update.positions
            if report.quantity != self.quantity(report.symbol)
        )

    def _told_funding(self, update: AccountUpdate) -> list[Effect]:
        row = FundingRow(
            symbol=update.symbol,
            asset=self._asset_of(update),
            amount=update.change,
            source=Source.STREAM,
            time_ms=update.time_ms,
        )
        # With cross margin the venue may not say of which position; of one alone it is clear.
        is_only = len(self._holdings) == 1 and row.asset == self.asset
        only = next(iter(self._holdings)) if is_only else ""
        return self._funding(row, self._holdings.get(update.symbol or only), update.time_ms)

    def _missed_funding(self, income: Income, time_ms: int) -> list[Effect]:
        row = FundingRow(
            symbol=income.symbol,
            asset=income.asset,
            amount=income.amount,
            transaction_id=income.transaction_id,
            source=Source.LIST,
            time_ms=income.time_ms,
        )
        holding = self._holdings.get(income.symbol)
        if holding is not None and holding.opened_ms > income.time_ms:
            holding = None  # it was paid for one before this
        return self._funding(row, holding, time_ms)

    def _funding(self, row: FundingRow, holding: Holding | None, time_ms: int) -> list[Effect]:
        if row.asset == self.asset:
            self.funding_run += row.amount
            self._count(row.time_ms // _DAY_MS, ZERO, ZERO, row.amount)
        effects: list[Effect] = [Append(row)]
        if holding is not None:
            holding.funding += row.amount
            self._executions.forget(holding.symbol)
            effects.append(Append(holding.row("funding", time_ms)))
        return effects

    def _moved(self, asset: str, amount: Decimal, reason: str, time_ms: int) -> list[Effect]:
        """Capital, or else a cost (a liquidation's) or a gain (a rebate) beside those of fills."""
        if asset == self.asset:
            if is_transfer(reason):
                self.booked_transfers.append((amount, time_ms))
            else:
                self.fees_run -= amount
                self._count(time_ms // _DAY_MS, ZERO, -amount, ZERO)
        return [Append(TransferRow(asset=asset, amount=amount, reason=reason, time_ms=time_ms))]

    def _asset_of(self, update: AccountUpdate) -> str:
        # A change is told of the settlement asset wherever that is among the balances.
        assets = [balance.asset for balance in update.balances]
        return assets[0] if assets and self.asset not in assets else self.asset

    # --- time -----------------------------------------------------------------------------------

    def on_time(self, time_ms: int, marks: Mapping[str, Decimal]) -> list[Effect]:
        """Let time pass: a day begins at 00:00 UTC, equity is recorded now and then.

        Args:
            time_ms: Now, UTC.
            marks: Of every symbol with a position, as far as known.
        """
        self._time_ms = max(self._time_ms, time_ms)
        day = time_ms // _DAY_MS
        if day > self.day:
            before, self.day = self.day, day
            if before:
                self._begin_day(day)
        equity = self.equity(marks)
        wallet = self.worth.settled_wallet()
        if equity is None or wallet is None:
            return []
        last_ms = self._equity_ms
        if last_ms is not None and time_ms - last_ms < _EQUITY_EVERY_MS:
            return []
        self._equity_ms = time_ms
        row = EquityRow(wallet=wallet, unrealized=equity - wallet, time_ms=time_ms)
        return [Append(row)]
