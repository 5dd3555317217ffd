"""Controls of the order itself: what the venue would refuse, P04 and P05."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.controls import Control, Reading, seconds, worth
from botcore_tui.core.gate_terms import Denial, Proposal, Surroundings
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType

_RULES_MS: Final = 86_400_000
_MOST_PLACES: Final = 30
MOST_ALGO_ORDERS: Final = 200
"""Binance USD-M since 2025-12-29: conditional orders of an account, all contracts together."""


# --- P04 -----------------------------------------------------------------------------------------


def finite_and_positive(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P04: every number is finite and above zero."""
    request = proposal.request
    if request.type is OrderType.LIMIT and request.price is None:
        return Denial("P04", "a LIMIT order needs a price")
    is_valued = proposal.is_entry and request.type is not OrderType.LIMIT
    return not_positive(
        quantity=None if request.close_position else request.quantity,
        price=request.price,
        stop=proposal.stop_price,
        trigger=request.trigger_price,
        mark=around.mark if is_valued else None,
    )


def not_positive(**numbers: Decimal | None) -> Denial | None:
    """P04: the first of those numbers that is not finite, not above zero, or beyond all reason.

    None is no number. One of a million digits is finite: written out it stops all that follows.
    """
    for name, number in numbers.items():
        if number is not None and not (number.is_finite() and number > 0):
            return Denial(
                "P04",
                f"{name} is {number}: must be a number above zero",
                observed=str(number),
            )
        if number is not None and abs(number.adjusted()) > _MOST_PLACES:
            return Denial(
                "P04",
                f"{name} is {number}: further than {_MOST_PLACES} places from the decimal point",
                observed=str(number),
            )
    return None


def _see_numbers(proposal: Proposal, _around: Surroundings) -> Reading:
    return Reading(f"quantity {proposal.request.quantity}", "numbers above zero")


# --- P05 -----------------------------------------------------------------------------------------


def venue_filters(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P05: what the venue's filters for this contract would refuse."""
    request, rules = proposal.request, around.rules
    if request.close_position:
        return None
    if rules is None:
        return Denial("P05", f"the rules of {request.symbol} are not known yet", remedy="wait")
    if proposal.is_entry:
        denial = _entry_denial(request, rules, around)
        if denial is not None:
            return denial
    problem = _quantity_problem(request, rules) or _price_problem(request, rules, around.mark)
    if problem is None and proposal.is_entry and around.mark is not None:
        problem = _notional_problem(worth(request, around), rules)
    return None if problem is None else Denial("P05", problem)


def _entry_denial(
    request: OrderRequest, rules: ContractRules, around: Surroundings
) -> Denial | None:
    if rules.status != "TRADING":
        text = f"{request.symbol} is {rules.status} at the venue: no new position"
        return Denial("P05", text, observed=rules.status)
    age_ms = around.rules_age_ms
    if age_ms is None or not age_ms <= _RULES_MS:
        age = seconds(age_ms)
        text = f"the rules of {request.symbol} are {age} old"
        return Denial("P05", text, "at most 24 h", age, "wait for the venue's list")
    # The order itself, and the stop that it will need.
    for seen, most, what in (
        (around.open_orders, rules.max_orders, f"orders rest in {request.symbol}"),
        (around.open_algo_orders, MOST_ALGO_ORDERS, "conditional orders rest on the account"),
    ):
        if most and not seen < most:
            limit = f"at most {most}"
            return Denial("P05", f"{seen} {what}", limit, str(seen), "cancel some")
    return None


def _quantity_problem(request: OrderRequest, rules: ContractRules) -> str | None:
    is_market = request.type is not OrderType.LIMIT
    step = rules.market_step if is_market else rules.step
    least = rules.market_min_quantity if is_market else rules.min_quantity
    most = rules.market_max_quantity if is_market else rules.max_quantity
    quantity = request.quantity
    if quantity % step:
        return f"quantity {quantity:f} is no multiple of {step:f}"
    if not least <= quantity <= most:
        return f"quantity {quantity:f} is not between {least:f} and {most:f}"
    return None


def _price_problem(request: OrderRequest, rules: ContractRules, mark: Decimal | None) -> str | None:
    for name, price in (("price", request.price), ("trigger", request.trigger_price)):
        if price is None:
            continue
        if price % rules.tick:
            return f"{name} {price:f} is no multiple of {rules.tick:f}"
        if not rules.min_price <= price <= rules.max_price:
            return f"{name} {price:f} is not between {rules.min_price:f} and {rules.max_price:f}"
    if request.price is None or mark is None:
        return None
    highest, lowest = mark * rules.multiplier_up, mark * rules.multiplier_down
    if request.side is Side.BUY and request.price > highest:
        return (
            f"price {request.price:f} is above {highest:.8g}, which the venue allows at this mark"
        )
    if request.side is Side.SELL and request.price < lowest:
        return f"price {request.price:f} is below {lowest:.8g}, the least the venue takes now"
    return None


def _notional_problem(value: Decimal, rules: ContractRules) -> str | None:
    if value >= rules.min_notional:
        return None
    return f"worth {value:.2f} USDT, the venue takes no less than {rules.min_notional:f}"


def _see_filters(_proposal: Proposal, around: Surroundings) -> Reading:
    rules = around.rules
    if rules is None:
        return Reading("unknown", "TRADING")
    limit = f"TRADING, from {rules.min_notional:f} USDT on"
    return Reading(rules.status, limit, around.rules_age_ms)


P04: Final = Control("P04", "finite and positive", finite_and_positive, _see_numbers)
P05: Final = Control("P05", "venue filters", venue_filters, _see_filters)
