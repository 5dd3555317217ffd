"""Any account that the engine may publish, and pictures with and without one."""

from decimal import Decimal

from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import COUNT, NAME, NUMBER, SNAPSHOTS, STAMP_NS, TIME_MS, maybe

from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, OrderType, Purpose
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import (
    AccountView,
    Cover,
    FillView,
    MoneyView,
    OrderView,
    PositionView,
)

MONEY = st.decimals(-(10**15), 10**15, places=8)
POSITIVE = st.decimals(Decimal("0.00000001"), 10**15, places=8)
SECONDS = st.floats(0, 1e9)

_SHOWN = "shown"
"""Becomes the symbol of the picture."""
_SYMBOL = NAME | st.just(_SHOWN)

POSITIONS = st.builds(
    PositionView,
    symbol=_SYMBOL,
    quantity=MONEY,
    entry_price=POSITIVE,
    mark=maybe(POSITIVE),
    notional=maybe(POSITIVE),
    unrealized=maybe(MONEY),
    unrealized_pct=maybe(NUMBER),
    liquidation_price=maybe(POSITIVE),
    liquidation_pct=maybe(NUMBER),
    cover=st.sampled_from(Cover),
    stop_price=maybe(POSITIVE),
    target_price=maybe(POSITIVE),
    trail_pct=maybe(POSITIVE),
    risk=maybe(MONEY),
    unprotected_seconds=SECONDS,
    realized=MONEY,
    fees=MONEY,
    funding=MONEY,
    opened_ms=TIME_MS,
    tag=NAME,
    confirmed_ns=STAMP_NS,
)
ORDERS = st.builds(
    OrderView,
    client_order_id=NAME,
    symbol=_SYMBOL,
    side=st.sampled_from(Side),
    type=st.sampled_from(OrderType) | NAME,
    purpose=maybe(st.sampled_from(Purpose)),
    quantity=POSITIVE | st.just(Decimal(0)),
    filled_quantity=POSITIVE | st.just(Decimal(0)),
    price=maybe(POSITIVE),
    trigger_price=maybe(POSITIVE),
    state=st.sampled_from(OrderState),
    is_cancel_requested=st.booleans(),
    is_algo=st.booleans(),
    is_verified=st.booleans(),
    created_ms=TIME_MS,
    changed_ms=TIME_MS,
    reason=NAME,
)
FILLS = st.builds(
    FillView,
    symbol=_SYMBOL,
    side=st.sampled_from(Side),
    price=POSITIVE,
    quantity=POSITIVE,
    purpose=maybe(st.sampled_from(Purpose)),
    time_ms=TIME_MS,
)
SUMS = st.builds(
    MoneyView,
    wallet=MONEY,
    unrealized=MONEY,
    equity=MONEY,
    available=maybe(MONEY),
    day_start_equity=maybe(MONEY),
    day_pnl=maybe(MONEY),
    day_pnl_pct=maybe(NUMBER),
    realized_today=MONEY,
    fees_today=MONEY,
    funding_today=MONEY,
    realized_run=MONEY,
    fees_run=MONEY,
    funding_run=MONEY,
    as_of_ns=STAMP_NS,
)
ACCOUNTS = st.builds(
    AccountView,
    account=NAME,
    run_id=NAME,
    is_stream_up=st.booleans(),
    is_reconciled=st.booleans(),
    reconciled_ns=STAMP_NS,
    trouble=NAME | st.just(""),
    is_ledger_writable=st.booleans(),
    money=maybe(SUMS),
    positions=st.lists(POSITIONS, max_size=4).map(tuple),
    orders=st.lists(ORDERS, max_size=4).map(tuple),
    fills=st.lists(FILLS, max_size=4).map(tuple),
    answers=st.just(()),
    unknown_orders=COUNT,
    foreign_orders=COUNT,
    unprotected_seconds_today=SECONDS,
    denied=COUNT,
    rejected=COUNT,
    strategy=NAME,
)


def _joined(snapshot: Snapshot, account: AccountView | None) -> Snapshot:
    if account is None:
        return snapshot

    def named(symbol: str) -> str:
        return snapshot.symbol if symbol == _SHOWN else symbol

    own = replace(
        account,
        positions=tuple(replace(each, symbol=named(each.symbol)) for each in account.positions),
        orders=tuple(replace(each, symbol=named(each.symbol)) for each in account.orders),
        fills=tuple(replace(each, symbol=named(each.symbol)) for each in account.fills),
    )
    return replace(snapshot, account=own)


PICTURES = st.builds(_joined, SNAPSHOTS, st.none() | ACCOUNTS)
"""Any picture, with or without an account."""
