"""Executions of which the income history alone tells: its contract was delivered or delisted."""

from typing import Final

from botcore_tui.core.order_life import Order
from botcore_tui.core.trade_ids import TradeIds
from botcore_tui.model.account import AccountPicture

_CLOCK_DOUBT_MS: Final = 60_000


class Rumours:
    """When the newest of them was, by contract.

    Args:
        trades: Those that were told as such.
    """

    def __init__(self, trades: TradeIds) -> None:
        self._trades = trades
        self._newest_ms: dict[str, int] = {}

    def hear(self, picture: AccountPicture) -> None:
        """Take what its income has of contracts whose trades the venue refuses to tell."""
        untold = {account.position.symbol for account in picture.symbols if account.untold}
        for row in picture.income or ():
            if row.symbol not in untold or not row.trade_id:
                continue
            if not self._trades.is_known(row.symbol, row.trade_id):
                newest_ms = self._newest_ms.get(row.symbol, 0)
                self._newest_ms[row.symbol] = max(newest_ms, row.time_ms)

    def may_be_of(self, order: Order) -> bool:
        """Whether one of them may be an execution of that order."""
        newest_ms = self._newest_ms.get(order.request.symbol, 0)
        return newest_ms >= order.created_ms - _CLOCK_DOUBT_MS
