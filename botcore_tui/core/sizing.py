"""How much to buy or sell: what is lost at the stop decides, leverage never does."""

from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import Final

from botcore_tui.model.instrument import ContractRules

_DIGITS: Final = 28
_PERCENT: Final = Decimal(100)
_NOTHING: Final = Decimal(0)


def risk_quantity(  # noqa: PLR0913 - each is a number of its own, and all are named by the caller
    *,
    equity: Decimal,
    risk_pct: Decimal,
    entry: Decimal,
    stop: Decimal,
    fee_rate: Decimal,
    rules: ContractRules,
    max_notional: Decimal | None,
) -> Decimal:
    """Largest quantity whose loss at the stop, fees of both sides included, is within the risk.

    It is good for a LIMIT and for a MARKET order: where the venue's filters for the two differ,
    the stricter one counts.

    Args:
        equity: Quote units; nothing can be risked of zero or less.
        risk_pct: Percent of equity that may be lost, above 0, at most 100 (P15).
        entry: Expected price of the entry.
        stop: Trigger of the protective stop: below ``entry`` of a long position, above of a short.
        fee_rate: Fraction of notional that a taker pays, the same on both sides.
        rules: Filters of the contract.
        max_notional: Largest ``entry`` x quantity, inclusive; None where there is no such limit.

    Returns:
        A multiple of the step; 0 where not even the smallest order fits.

    Raises:
        ValueError: An argument makes no sense; the text names it.
    """
    _check_finite(equity=equity, risk_pct=risk_pct, entry=entry, stop=stop, fee_rate=fee_rate)
    _check("risk_pct", risk_pct, is_possible=0 < risk_pct <= _PERCENT)
    _check("entry", entry, is_possible=entry > 0)
    _check("stop", stop, is_possible=stop > 0 and stop != entry)
    _check("fee_rate", fee_rate, is_possible=0 <= fee_rate < 1)
    if max_notional is not None:
        _check_finite(max_notional=max_notional)
        _check("max_notional", max_notional, is_possible=max_notional >= 0)
    if equity <= 0:
        return _NOTHING
    # What others do to the thread's own context (ccxt's unified calls do) must not change a size.
    with localcontext(prec=_DIGITS, rounding=ROUND_FLOOR):
        loss = abs(entry - stop) + (entry + stop) * fee_rate
        quantity = equity * risk_pct / _PERCENT / loss
        if max_notional is not None:
            quantity = min(quantity, max_notional / entry)
        return _fitted(quantity, entry, rules)


def _fitted(quantity: Decimal, entry: Decimal, rules: ContractRules) -> Decimal:
    """Down to what the venue takes; nothing if that is less than its least."""
    most = min(rules.max_quantity, rules.market_max_quantity)
    is_market = rules.market_step > rules.step
    fitted = rules.round_quantity(min(quantity, most), is_market=is_market)
    least = max(rules.min_quantity, rules.market_min_quantity)
    is_enough = fitted >= least and fitted > 0 and fitted * entry >= rules.min_notional
    return fitted if is_enough else _NOTHING


def _check_finite(**values: Decimal) -> None:
    for name, value in values.items():
        _check(name, value, is_possible=value.is_finite())


def _check(name: str, value: Decimal, *, is_possible: bool) -> None:
    if not is_possible:
        raise ValueError(f"{name} is {value}: no quantity follows from it")
