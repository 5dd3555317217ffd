"""What the account is worth: wallet and positions of one and the same moment.

The venue tells a wallet and the executions that changed it in separate messages, in either order.
Adding a wallet of after an execution to positions of before it would count a loss twice, so each
is brought to the moment of the other; what then is left over has no known reason.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from botcore_tui.core.holdings import Holding
from botcore_tui.core.money import ZERO, closing_profit
from botcore_tui.model.account import BalanceReport, PositionReport
from botcore_tui.model.instrument import SETTLEMENT_ASSET, settles_in
from botcore_tui.model.order import Fill

_TOLERANCE: Final = Decimal("0.01")
_TOLERANCE_SHARE: Final = Decimal("0.00001")
"""Of the wallet: the venue rounds fees and profits of single executions."""


class Worth:
    """Wallet and what is known to be missing in it.

    Contracts that settle in another asset have a wallet of their own: they move nothing here.

    Args:
        asset: Of the wallet.

    Attributes:
        wallet: By the venue, without unrealized profit; None before it told.
        wallet_ms: When the venue says that it became what it is.
        available: For new orders, by the venue; None before it told.
        unexplained: What the wallet changed by without a reason that is known yet.
    """

    def __init__(self, asset: str = SETTLEMENT_ASSET) -> None:
        self._asset = asset
        self.wallet: Decimal | None = None
        self.wallet_ms = 0
        self.available: Decimal | None = None
        self.unexplained = ZERO
        self._sane: Decimal | None = None
        """The last one that was a number, before the present one."""
        self._pending: list[tuple[int, Decimal]] = []
        self._presumed: dict[str, tuple[int, Decimal]] = {}
        """Of a symbol what was closed brought, by our own reckoning, and up to when it was."""
        self._ahead: dict[str, PositionReport] = {}
        self._booked_ms: dict[str, int] = {}
        """Of a symbol when the newest execution in our own book was, by the venue's time."""
        self._known_ms: dict[str, int] = {}
        """The same, with what the stream told of its position."""

    # --- the wallet -----------------------------------------------------------------------------

    def take(
        self,
        balance: BalanceReport,
        time_ms: int,
        *,
        is_listed: bool,
        change: Decimal | None = None,
    ) -> bool:
        """Take what the venue tells of the wallet, unless something newer is known.

        Args:
            balance: In the settlement asset.
            time_ms: Of the message.
            is_listed: It was asked for, so nothing says why it is another than before.
            change: By so much the message says that it changed, where it says so: what is beyond
                that was told by another one, which got lost. None: executions tell.

        Returns:
            Whether it is newer than what was known: that had not the change in it.
        """
        told_ms = balance.time_ms or time_ms
        if told_ms < self.wallet_ms:
            return False
        is_news = told_ms > self.wallet_ms
        before = self.settled_wallet(told_ms)
        if before is not None and before.is_finite():
            self._sane = before
        self.wallet, self.wallet_ms = balance.wallet, told_ms
        self._pending = [one for one in self._pending if one[0] > told_ms]
        self._presumed = {name: one for name, one in self._presumed.items() if one[0] > told_ms}
        if balance.available is not None:
            self.available = balance.available
        # What is as old as the wallet was may have been in it, or not: that says nothing.
        said = ZERO if is_listed else change if is_news else None
        if said is not None and self._sane is not None and balance.wallet.is_finite():
            self._surprise(balance.wallet - self._sane - said)
        return is_news

    @property
    def is_absurd(self) -> bool:
        """Whether the wallet is none that can be: no number, or below zero."""
        wallet = self.wallet
        return wallet is not None and not (wallet.is_finite() and wallet >= 0)

    def settled_wallet(self, until_ms: int | None = None) -> Decimal | None:
        """The wallet with all executions that are known; None before the venue told.

        Args:
            until_ms: Of those only the ones up to then.
        """
        if self.wallet is None or not self._pending:
            return self.wallet
        amounts = (one for at_ms, one in self._pending if until_ms is None or at_ms <= until_ms)
        return sum(amounts, self.wallet)

    def profit(self, fill: Fill) -> Decimal:
        """What the wallet gets of an execution, before its fee."""
        return fill.realized_pnl if settles_in(fill.symbol, self._asset) else ZERO

    def presume(self, symbol: str, profit: Decimal, time_ms: int) -> None:
        """The venue told that a position is smaller, and no executions yet.

        Unless its wallet is as new, a profit that was taken would look like one that is lost.

        Args:
            symbol: Of the position.
            profit: Of what was closed, by our own reckoning.
            time_ms: Up to when it was closed.
        """
        if profit and time_ms > self.wallet_ms and settles_in(symbol, self._asset):
            _, known = self._presumed.get(symbol, (0, ZERO))
            self._presumed[symbol] = time_ms, known + profit

    def prove(self, symbol: str) -> None:
        """Executions of a position were told, all of them."""
        self._presumed.pop(symbol, None)

    def book(self, amount: Decimal, time_ms: int, symbol: str = "") -> None:
        """An execution was booked that moves the wallet by so much, if it has not yet."""
        if not amount:
            return
        presumed = self._presumed.get(symbol)
        if presumed is not None and time_ms <= presumed[0]:
            self._presumed[symbol] = presumed[0], presumed[1] - amount
        if time_ms > self.wallet_ms:
            self._pending.append((time_ms, amount))
        else:
            self.explain(amount)

    def explain(self, amount: Decimal) -> None:
        """There is a reason for so much of the change of the wallet."""
        if not self.unexplained:
            return
        rest = self.unexplained - amount
        if abs(rest) < abs(self.unexplained):
            self.unexplained = rest if abs(rest) > self.tolerance() else ZERO

    def accept(self) -> Decimal:
        """No reason was found: it counts as profit or loss. How much that is."""
        amount, self.unexplained = self.unexplained, ZERO
        return amount

    def tolerance(self) -> Decimal:
        """A smaller difference is rounding."""
        wallet = self.wallet
        if wallet is None or not wallet.is_finite():
            return _TOLERANCE
        return max(_TOLERANCE, abs(wallet) * _TOLERANCE_SHARE)

    def _surprise(self, amount: Decimal) -> None:
        if abs(amount) > self.tolerance():
            total = self.unexplained + amount
            self.unexplained = total if abs(total) > self.tolerance() else ZERO

    # --- positions ------------------------------------------------------------------------------

    def told(
        self, reports: Iterable[PositionReport], held: Mapping[str, Holding], *, is_traded: bool
    ) -> list[PositionReport]:
        """The stream tells a wallet with the positions that belong to it.

        What comes late or again is older than our own book: by it the loss of an execution since
        then would count as booked and as open, and a position since then not at all.

        Args:
            reports: Of one message.
            held: Our own book.
            is_traded: An execution is why.

        Returns:
            Those that say how our own book stands now.
        """
        agreeing: list[PositionReport] = []
        for report in reports:
            symbol = report.symbol
            if report.time_ms < self._known_ms.get(symbol, 0):
                continue
            self._known_ms[symbol] = report.time_ms
            holding = held.get(symbol)
            quantity = ZERO if holding is None else holding.quantity
            # The same quantity may have come about again, by executions that are yet to be told.
            is_booked = not is_traded or report.time_ms <= self._booked_ms.get(symbol, 0)
            if quantity == report.quantity and is_booked:
                self._ahead.pop(symbol, None)
                agreeing.append(report)
            else:
                self._ahead[symbol] = report
        return agreeing

    def booked(self, symbol: str, quantity: Decimal, time_ms: int) -> None:
        """Our own book of a position has moved."""
        self._booked_ms[symbol] = max(self._booked_ms.get(symbol, 0), time_ms)
        self._known_ms[symbol] = max(self._known_ms.get(symbol, 0), time_ms)
        ahead = self._ahead.get(symbol)
        if ahead is None or time_ms < ahead.time_ms:
            return
        if ahead.quantity == quantity or time_ms > ahead.time_ms:
            del self._ahead[symbol]

    def booked_ms(self, symbol: str) -> int:
        """When the newest execution was that moved our own book of a position; 0 if none did."""
        return self._booked_ms.get(symbol, 0)

    def settle(self, symbol: str) -> None:
        """Our own book has the venue's word on a position."""
        self._ahead.pop(symbol, None)

    def symbols(self, held: Mapping[str, Holding]) -> list[str]:
        """Of which a mark is needed."""
        names = [name for name in held if name not in self._ahead]
        names += [name for name, report in self._ahead.items() if report.quantity]
        return [name for name in names if settles_in(name, self._asset)]

    def equity(self, held: Mapping[str, Holding], marks: Mapping[str, Decimal]) -> Decimal | None:
        """Wallet and unrealized profit; None while the wallet or a needed mark is unknown."""
        total = self.settled_wallet()
        if total is None:
            return None
        for symbol in self.symbols(held):
            mark = marks.get(symbol)
            if mark is None:
                return None
            ahead = self._ahead.get(symbol)
            if ahead is None:
                total += held[symbol].unrealized(mark)
            else:
                total += closing_profit(ahead.quantity, ahead.entry_price, mark)
        return sum((profit for _, profit in self._presumed.values()), total)
