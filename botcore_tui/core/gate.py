"""The one gate before an order: each control is a function that says why not, or None.

A missing, NaN or stale input denies. What lowers risk meets only what the venue would refuse
anyway (P04, P05); the table in the design says which control applies to what.
"""

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Final

from msgspec import Struct

from botcore_tui.model.event import TradingState
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType

_HUNDRED: Final = Decimal(100)
FRESH_MS: Final = 5_000
"""A mark that is older says nothing."""


class Denial(Struct, frozen=True):
    """Why an order must not leave."""

    code: str
    """Stable: P01 ...; GATE_ERROR where a control itself failed."""
    text: str
    """What, the limit, what was seen, and how to clear it."""


class Limits(Struct, frozen=True, kw_only=True):
    """What the configuration allows."""

    risk_pct: Decimal
    """Of equity, lost if the stop is hit."""
    max_leverage: Decimal
    """Gross notional over equity."""
    max_positions: int
    max_order_notional: Decimal
    """Quote units; 0 for none."""
    fee_rate: Decimal
    """Of the notional, for one side, as a fraction."""


class Surroundings(Struct, frozen=True, kw_only=True):
    """Everything the controls look at, as it is at this instant."""

    limits: Limits
    is_trading_enabled: bool
    state: TradingState
    symbols: tuple[str, ...]
    rules: ContractRules | None
    mark: Decimal | None
    mark_age_ms: int | None
    position: Decimal
    """Signed."""
    opposing: Decimal
    """Quantity of entries on the other side that may still fill, UNKNOWN ones included."""
    gross_notional: Decimal | None
    """Worst case over all symbols, at mark; None if a mark is missing."""
    exposed_symbols: frozenset[str]
    """With a position, or with an entry that may still fill."""
    equity: Decimal | None
    trouble: str
    """Why the account is not known well enough for new risk; empty if it is (P10)."""
    is_ledger_writable: bool
    last_requests: tuple[OrderRequest, ...]
    """Of the last second."""
    time_ms: int


class Proposal(Struct, frozen=True):
    """An order that somebody wants to send."""

    request: OrderRequest
    stop_price: Decimal | None

    @property
    def is_entry(self) -> bool:
        """Whether it may raise a position."""
        return not self.request.purpose.is_reducing


Control = Callable[[Proposal, Surroundings], Denial | None]


def first_denial(proposal: Proposal, around: Surroundings) -> Denial | None:
    """Ask the controls in order; the first refusal, or None."""
    controls = _FOR_ENTRIES if proposal.is_entry else _FOR_REDUCING
    for control in controls:
        try:
            denial = control(proposal, around)
        except (DecimalException, TypeError, ValueError, ArithmeticError) as error:
            text = f"control {control.__name__} failed: {type(error).__name__}"
            return Denial("GATE_ERROR", f"{text}; this is a defect, nothing was sent")
        if denial is not None:
            return denial
    return None


def trading_state(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P01: trading is enabled and ACTIVE."""
    if not around.is_trading_enabled:
        return Denial("P01", "trading is not enabled: start with --enable-trading")
    if around.state is TradingState.ACTIVE:
        return None
    how = "resume with F9" if around.state is TradingState.HALTED else "resume once more with F9"
    return Denial("P01", f"trading is {around.state}: only reducing orders pass; {how}")


def followed_symbol(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P03: the symbol is one that is followed."""
    symbol = proposal.request.symbol
    if symbol in around.symbols:
        return None
    return Denial("P03", f"{symbol} is not followed: add it to `symbols`")


def finite_and_positive(proposal: Proposal, _around: Surroundings) -> Denial | None:
    """P04: every number is finite and above zero."""
    request = proposal.request
    if request.type is OrderType.LIMIT and request.price is None:
        return Denial("P04", "a LIMIT order needs a price")
    return not_positive(
        quantity=None if request.close_position else request.quantity,
        price=request.price,
        stop=proposal.stop_price,
        trigger=request.trigger_price,
    )


def not_positive(**numbers: Decimal | None) -> Denial | None:
    """P04: the first of those numbers that is not finite or not above zero; None is no number."""
    for name, number in numbers.items():
        if number is not None and not (number.is_finite() and number > 0):
            return Denial("P04", f"{name} is {number}: must be a number above zero")
    return None


def venue_filters(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P05: what the venue's filters for this contract would refuse."""
    request, rules = proposal.request, around.rules
    if request.close_position:
        return None
    if rules is None:
        return Denial("P05", f"the rules of {request.symbol} are not known yet: wait")
    if proposal.is_entry and rules.status != "TRADING":
        return Denial("P05", f"{request.symbol} is {rules.status} at the venue: no new position")
    problem = _quantity_problem(request, rules) or _price_problem(request, rules, around.mark)
    if problem is None and proposal.is_entry:
        problem = _notional_problem(_worth(request, around), rules)
    return None if problem is None else Denial("P05", problem)


def account_known(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P10: user stream live, account reconciled, nothing UNKNOWN on the symbol."""
    return Denial("P10", around.trouble) if around.trouble else None


def fresh_mark(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P09: there is a mark price, and it is fresh."""
    if around.mark is None or around.mark_age_ms is None:
        return Denial("P09", f"no mark price of {proposal.request.symbol} yet: wait")
    if not around.mark_age_ms <= FRESH_MS:
        age = around.mark_age_ms / 1000
        return Denial("P09", f"the mark price is {age:.1f} s old, at most 5 s: wait for the feed")
    return None


def order_value(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P07: the order is worth no more than configured."""
    limit = around.limits.max_order_notional
    if not limit:
        return None
    value = _worth(proposal.request, around)
    if value <= limit:
        return None
    return Denial("P07", f"worth {value:.2f} USDT, at most {limit:f} (risk.max_order_notional)")


def no_flip(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P11: an entry does not go through zero; the other side is closed first."""
    position = around.position
    is_buy = proposal.request.side is Side.BUY
    if position != 0 and (position > 0) is not is_buy:
        return Denial("P11", f"the position is {position:f}: close it first, or reduce only")
    if around.opposing:
        text = f"entries of {around.opposing:f} on the other side may still fill: cancel them first"
        return Denial("P11", text)
    return None


def gross_exposure(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P12: worst-case notional of all positions and entries stays within equity x leverage."""
    equity, gross = around.equity, around.gross_notional
    if equity is None or gross is None or not equity > 0:
        return Denial("P12", "equity is not known: wait for the account")
    value = _worth(proposal.request, around)
    limit = equity * around.limits.max_leverage
    if gross + value <= limit:
        return None
    return Denial(
        "P12",
        f"all positions and entries would be worth {gross + value:.2f} USDT, at most {limit:.2f}"
        f" = equity x risk.max_leverage {around.limits.max_leverage:f}",
    )


def position_count(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P12: no more symbols at once than configured."""
    symbols = around.exposed_symbols | {proposal.request.symbol}
    limit = around.limits.max_positions
    if len(symbols) <= limit:
        return None
    return Denial("P12", f"{len(symbols)} positions at once, at most {limit} (risk.max_positions)")


def risk_to_stop(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P15: an entry carries a stop on the losing side, and what it risks is within the limit."""
    request, stop = proposal.request, proposal.stop_price
    if stop is None:
        return Denial("P15", "no stop, no order: give a stop price")
    equity, mark, limits = around.equity, around.mark, around.limits
    if equity is None or mark is None:
        return Denial("P15", "equity is not known: wait for the account")
    price = _reference(request, around)
    is_buy = request.side is Side.BUY
    # A LIMIT order beyond the mark executes at about the mark.
    nearest = min(price, mark) if is_buy else max(price, mark)
    if (stop < nearest) is not is_buy or stop == nearest:
        where = "below" if is_buy else "above"
        text = f"a stop of a {request.side} must be {where} {nearest:f}, not {stop:f}"
        return Denial("P15", text)
    loss = request.quantity * (abs(price - stop) + limits.fee_rate * (price + stop))
    most = equity * limits.risk_pct / _HUNDRED
    if loss <= most:
        return None
    return Denial(
        "P15",
        f"{loss:.2f} USDT would be lost at the stop, at most {most:.2f}"
        f" = {limits.risk_pct:f} % of equity (risk.risk_pct)",
    )


def not_a_repeat(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P16: the same order was not asked for within a second."""
    wanted = _essence(proposal.request)
    if all(_essence(earlier) != wanted for earlier in around.last_requests):
        return None
    return Denial("P16", "the same order was asked for less than a second ago")


def ledger_writable(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P22: the intent can be recorded before bytes leave."""
    if around.is_ledger_writable:
        return None
    return Denial("P22", "the ledger cannot be written: no new risk until it can")


_FOR_ENTRIES: Final[tuple[Control, ...]] = (
    trading_state,
    followed_symbol,
    finite_and_positive,
    account_known,
    ledger_writable,
    fresh_mark,
    venue_filters,
    no_flip,
    order_value,
    risk_to_stop,
    gross_exposure,
    position_count,
    not_a_repeat,
)
_FOR_REDUCING: Final[tuple[Control, ...]] = (finite_and_positive, venue_filters)


def _reference(request: OrderRequest, around: Surroundings) -> Decimal:
    price = request.price if request.type is OrderType.LIMIT else around.mark
    if price is None:
        raise ValueError("no reference price")
    return price


def _worth(request: OrderRequest, around: Surroundings) -> Decimal:
    return request.quantity * _reference(request, around)


def _essence(request: OrderRequest) -> tuple[object, ...]:
    return (
        request.actor,
        request.symbol,
        request.side,
        request.type,
        request.price,
        request.quantity,
    )


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
