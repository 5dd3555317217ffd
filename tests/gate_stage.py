"""An order that every control of the gate lets through, and a way to change one thing at a time."""

from decimal import Decimal

from desk_stage import LIMITS, RULES
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, a_request

from botcore_tui.core.gate import Denial, Proposal, Surroundings, first_denial
from botcore_tui.model.account import ClockHealth
from botcore_tui.model.command import Scope
from botcore_tui.model.event import TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType, Purpose

NAN, ZERO = Decimal("NaN"), Decimal(0)
ALL_SCOPES = tuple(Scope)
STRICT = replace(
    LIMITS,
    max_order_notional=Decimal(2_000),
    order_share_pct=Decimal(25),
    symbol_share_pct=Decimal(50),
    volume_share_pct=Decimal(5),
    collar_pct=Decimal(2),
    through_pct=Decimal("0.3"),
    slippage_pct=Decimal("0.5"),
    fill_slippage_pct=Decimal("0.3"),
    needs_book=True,
    skew_ms=3_000,
    venue_leverage=3,
    margin_type="CROSSED",
    liquidation_stops=Decimal(2),
    strategy_rate=Decimal(2),
    account_rate=Decimal(10),
    orders_per_fill=50,
    funding_pct=Decimal("0.05"),
    funding_minutes=15,
    clock_offset_ms=500,
    symbols=frozenset({SYMBOL}),
    strategy_symbols=frozenset({SYMBOL}),
)
CLOCK = ClockHealth(offset_ms=100.0, uncertainty_ms=20.0, has_stepped=False, time_ms=NOW_MS)
DEPTH = ((100.01, 50.0), (100.1, 500.0))
AROUND = Surroundings(
    limits=STRICT,
    is_trading_enabled=True,
    state=TradingState.ACTIVE,
    symbols=(SYMBOL, "ETHUSDT"),
    rules=replace(RULES, max_orders=200),
    rules_age_ms=1_000,
    mark=Decimal(100),
    mark_age_ms=10,
    mark_skew_ms=50,
    position=ZERO,
    opposing=ZERO,
    gross_notional=ZERO,
    exposed_symbols=frozenset(),
    equity=Decimal(10_000),
    trouble="",
    is_ledger_writable=True,
    last_requests=(),
    time_ms=NOW_MS,
    is_real_money=True,
    has_phase=True,
    capital=Decimal(10_000),
    day_left=Decimal(500),
    is_budget_watched=True,
    minute_volume=Decimal(1_000),
    is_book_live=True,
    bid=99.99,
    ask=100.01,
    depth=DEPTH,
    venue_leverage=3,
    margin_type="CROSSED",
    strategy_tokens=Decimal(2),
    account_tokens=Decimal(10),
    account_reserve=Decimal(2),
    funding_rate=Decimal("0.0001"),
    funding_time_ms=NOW_MS + 3_600_000,
    clock=CLOCK,
)
BUY = a_request(order_type=OrderType.MARKET)
LIMIT = a_request()
EXIT = a_request(
    order_type=OrderType.MARKET, purpose=Purpose.EXIT, side=Side.SELL, reduce_only=True
)


def proposal_of(
    request: OrderRequest = BUY, stop: str | None = "95", *, is_strategy: bool = False
) -> Proposal:
    """By somebody who may do everything."""
    price = None if stop is None else Decimal(stop)
    return Proposal(request, price, ALL_SCOPES, is_strategy)


def denial(
    request: OrderRequest = BUY, stop: str | None = "95", /, **around: object
) -> Denial | None:
    """What the gate says of it where something around is different."""
    return first_denial(proposal_of(request, stop), replace(AROUND, **around))


def code(request: OrderRequest = BUY, stop: str | None = "95", /, **around: object) -> str:
    """The code of the refusal; empty if there is none."""
    found = denial(request, stop, **around)
    return "" if found is None else found.code


def limited(request: OrderRequest = BUY, stop: str | None = "95", /, **limits: object) -> str:
    """The same where a limit is different."""
    return code(request, stop, limits=replace(STRICT, **limits))


def text(request: OrderRequest = BUY, stop: str | None = "95", /, **around: object) -> str:
    """The sentence of the refusal; empty if there is none."""
    found = denial(request, stop, **around)
    return "" if found is None else found.text
