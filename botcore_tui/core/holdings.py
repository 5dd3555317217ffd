"""One position, and what an execution makes of it."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.money import ZERO, average_price, closing_profit, fee_share, signed
from botcore_tui.model.event import Effect, Record
from botcore_tui.model.ledger import OpenPosition, PositionRow
from botcore_tui.model.order import Fill
from botcore_tui.model.severity import Severity

_LEAST_TOLD: Final = Decimal("0.01")
_LEAST_TOLD_SHARE: Final = Decimal("0.0001")
"""Of the notional: the venue rounds its average entry price."""


class Holding:
    """A position from flat to flat; written by ``Portfolio`` only.

    Attributes:
        symbol: Of the contract.
        quantity: Signed: negative is short.
        entry_price: Average of what opened it; of an adopted one the venue's.
        realized: Profit of what was closed of it, by the venue's word, without fees and funding.
        fees: Paid is positive.
        funding: Received is positive.
        opened_ms: When it left zero.
        opened_id: Trade that did it; 0: not known.
        tag: Empty, or ``adopted``: the venue said so.
        liquidation_price: By the venue; None where it names none.
        has_other_fees: Some were taken in another asset, and are not in ``fees``.
        is_liquidation_past: Executions since have made it that of another position.
        confirmed_ms: When the venue last confirmed its quantity, by its clock; 0 never.
    """

    def __init__(self, symbol: str, opened_ms: int, tag: str = "") -> None:
        self.symbol = symbol
        self.quantity = ZERO
        self.entry_price = ZERO
        self.realized = ZERO
        self.fees = ZERO
        self.funding = ZERO
        self.opened_ms = opened_ms
        self.opened_id = 0
        self.tag = tag
        self.liquidation_price: Decimal | None = None
        self.is_liquidation_past = False
        self.has_other_fees = False
        self.confirmed_ms = 0

    def row(self, reason: str, time_ms: int) -> PositionRow:
        """As it is now, for the ledger."""
        return PositionRow(
            symbol=self.symbol,
            quantity=self.quantity,
            entry_price=self.entry_price,
            realized_pnl=self.realized,
            fees=self.fees,
            funding=self.funding,
            tag=self.tag,
            reason=reason,
            time_ms=time_ms,
        )

    def become(self, other: "Holding") -> None:
        """Be as it was, or would have been; what the venue said meanwhile stays."""
        liquidation_price = self.liquidation_price
        vars(self).update(vars(other))
        self.liquidation_price = liquidation_price

    def learn(self, fill: Fill, fee: Decimal) -> bool:
        """Add what an execution brought and cost that the position, as adopted, has in it.

        Returns:
            Whether it is of this position: what came before it began, and the profit of what it
            began with, belong to another.
        """
        if fill.time_ms < self.opened_ms:
            return False
        if fill.time_ms > self.opened_ms:
            self.realized += fill.realized_pnl
        self.fees += fee
        self.has_other_fees |= fill.fee != fee
        return True

    def unrealized(self, mark: Decimal) -> Decimal:
        """What it would gain if it were closed at the mark; negative is a loss."""
        return closing_profit(self.quantity, self.entry_price, mark)


def remembered(position: OpenPosition) -> Holding:
    """A position as the ledger last had it."""
    row = position.row
    holding = Holding(row.symbol, position.opened_ms, row.tag)
    holding.quantity = row.quantity
    holding.entry_price = row.entry_price
    holding.realized = row.realized_pnl
    holding.fees = row.fees
    holding.funding = row.funding
    return holding


class Leg:
    """The part of an execution that closes, and the part that opens; one of them may be zero.

    Attributes:
        closing: Signed as the position that it closes.
        opening: Signed as the position that it leads to.
        closing_fee: Share of the fee.
        opening_fee: The rest of it.
        profit: Of the closing part by our own reckoning.
    """

    def __init__(self, holding: Holding | None, fill: Fill, fee: Decimal) -> None:
        change = signed(fill.side, fill.quantity)
        held = ZERO if holding is None else holding.quantity
        self.closing = ZERO
        if held * change < 0:
            self.closing = held if abs(held) < abs(change) else -change
        self.opening = change + self.closing
        self.closing_fee = fee_share(fee, abs(self.closing), fill.quantity)
        self.opening_fee = fee - self.closing_fee
        entry_price = ZERO if holding is None else holding.entry_price
        self.profit = closing_profit(self.closing, entry_price, fill.price)


def opened(holding: Holding, leg: Leg, fill: Fill) -> None:
    """Add the opening part of an execution."""
    holding.entry_price = average_price(
        holding.quantity, holding.entry_price, leg.opening, fill.price
    )
    holding.quantity += leg.opening
    holding.fees += leg.opening_fee
    holding.is_liquidation_past = holding.liquidation_price is not None


def closed(holding: Holding, leg: Leg, fill: Fill) -> None:
    """Take away the closing part; the venue's word on the profit is what is booked."""
    holding.quantity -= leg.closing
    holding.realized += fill.realized_pnl
    holding.fees += leg.closing_fee
    holding.is_liquidation_past = holding.liquidation_price is not None


def explained(leg: Leg, fill: Fill) -> list[Effect]:
    """Tell where the venue's word on a profit and our own reckoning are apart."""
    notional = abs(leg.closing) * fill.price
    if abs(leg.profit - fill.realized_pnl) <= max(_LEAST_TOLD, notional * _LEAST_TOLD_SHARE):
        return []
    text = (
        f"{fill.symbol}: trade {fill.trade_id} brought {fill.realized_pnl} by the venue's word and"
        f" {leg.profit} by ours; the venue's is booked"
    )
    return [Record(Severity.WARNING, "position.realized", text, fill.time_ms)]
