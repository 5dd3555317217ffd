"""How large an entry of a strategy is: what the limits in force leave, a hair less."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.sizing import risk_quantity
from botcore_tui.model.command import Signal

_HUNDRED: Final = Decimal(100)
_SPARE: Final = Decimal("0.98")
"""The price may move before the order is there."""
_ZERO: Final = Decimal(0)


def wish_quantity(
    state: AccountState, signal: Signal, *, equity: Decimal, mark: Decimal, stop: Decimal
) -> Decimal:
    """Base units for a wish; 0 where nothing fits the limits and the venue's least.

    Args:
        state: Of the account; the rules of the contract are known.
        signal: The wish.
        equity: Quote units.
        mark: Above zero.
        stop: Where the position's stop will be.
    """
    if stop == mark:
        return _ZERO  # the tick is too coarse for a stop so near
    limits = state.limits
    return risk_quantity(
        equity=equity,
        risk_pct=limits.risk_pct * abs(signal.target) * _SPARE,
        entry=mark,
        stop=stop,
        fee_rate=limits.fee_rate,
        rules=state.rules[signal.symbol],
        max_notional=max(_ZERO, _most_notional(state, signal.symbol, equity, mark) * _SPARE),
    )


def _most_notional(state: AccountState, symbol: str, equity: Decimal, mark: Decimal) -> Decimal:
    """Of P06, P07, P11 and P12 the least; whatever is unknown here is for the gate to deny."""
    limits = state.limits
    total = equity * limits.max_leverage
    most = [total - (state.gross_notional() or _ZERO), total * limits.symbol_share_pct / _HUNDRED]
    if limits.max_order_notional:
        most.append(limits.max_order_notional)
    capital = state.tenure.capital
    if limits.order_share_pct is not None and capital is not None:
        most.append(capital * limits.max_leverage * limits.order_share_pct / _HUNDRED)
    volume = state.volumes.median(symbol, state.time_ms)
    if limits.volume_share_pct is not None and volume is not None:
        most.append(volume * limits.volume_share_pct / _HUNDRED * mark)
    return min(most)
