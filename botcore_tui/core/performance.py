"""Return, Sharpe ratio and drawdown of an account from its equity, transfers excluded."""

from decimal import Decimal
from typing import Final

_DAY_MS: Final = 86_400_000
_HUNDRED: Final = Decimal(100)
_YEAR_DAYS: Final = Decimal(365)
"""Days with trading in a year; this market never closes."""
_MONTH_DAYS: Final = 30


class Performance:
    """Adds up equity and transfers given in the order of their time; holds one number a day."""

    def __init__(self) -> None:
        self._first_day = self._day = 0
        self._base: Decimal | None = None
        """Equity at the end of the day before; at first the first one."""
        self._last = Decimal(0)
        self._moved = Decimal(0)
        """Transfers since the base and up to the last equity."""
        self._pending = Decimal(0)
        """Transfers since the last equity."""
        self._high = Decimal(0)
        self._deepest = Decimal(0)
        self._returns: list[Decimal] = []
        self._is_broke = False

    def on_equity(self, time_ms: int, equity: Decimal) -> None:
        """What the account was worth."""
        day = time_ms // _DAY_MS
        if self._base is None:
            self._first_day = self._day = day
            self._base = self._high = equity
            # What came before is in it.
            self._pending = Decimal(0)
        elif day != self._day:
            self._returns.append(self._return())
            self._day, self._base, self._moved = day, self._last, Decimal(0)
        self._moved += self._pending
        self._high = max(self._high + self._pending, equity)
        self._last, self._pending = equity, Decimal(0)
        self._is_broke |= not equity > 0
        if self._high > 0:
            self._deepest = max(self._deepest, (self._high - equity) / self._high)

    def on_transfer(self, _time_ms: int, amount: Decimal) -> None:
        """Money came (positive) or went by other than trading."""
        self._pending += amount

    @property
    def drawdown_pct(self) -> Decimal | None:
        """The deepest fall below the highest equity before it; None without equity."""
        return None if self._base is None else _HUNDRED * self._deepest

    @property
    def return_pct(self) -> Decimal | None:
        """Of all days one after the other; None where equity is missing or was gone."""
        if self._base is None or self._is_broke:
            return None
        growth = Decimal(1)
        for each in self._all():
            growth *= 1 + each
        return _HUNDRED * (growth - 1)

    @property
    def monthly_return_pct(self) -> Decimal | None:
        """In proportion for 30 days: compounding would flatter a short record."""
        total = self.return_pct
        if total is None:
            return None
        return total * _MONTH_DAYS / (self._day - self._first_day + 1)

    @property
    def sharpe(self) -> Decimal | None:
        """Mean of daily returns over their sample deviation, for a year; None where undefined.

        The last day counts as far as it is gone; days without equity are in the next one.
        """
        returns = list(self._all())
        if self._base is None or self._is_broke or len(returns) < 2:
            return None
        mean = sum(returns, Decimal(0)) / len(returns)
        squares = sum(((each - mean) ** 2 for each in returns), Decimal(0))
        deviation = (squares / (len(returns) - 1)).sqrt()
        return None if deviation == 0 else mean / deviation * _YEAR_DAYS.sqrt()

    def _all(self) -> list[Decimal]:
        return [*self._returns, self._return()]

    def _return(self) -> Decimal:
        """Of the day so far: money that came in had to earn as well, money that left had too."""
        if self._base is None or self._is_broke:
            return Decimal(0)
        put_in = self._base + max(self._moved, Decimal(0))
        return (self._last - self._base - self._moved) / put_in
