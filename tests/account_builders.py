"""Views of an account with sensible defaults; a test names only what it is about."""

from collections.abc import Sequence
from decimal import Decimal

from builders import NOW_MS, NOW_NS, SECOND, SYMBOL
from msgspec.structs import replace

from botcore_tui.model.event import Answer
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, OrderType, Purpose
from botcore_tui.model.trading import (
    AccountView,
    Cover,
    FillView,
    MoneyView,
    OrderView,
    PositionView,
)

_POSITION = PositionView(
    symbol=SYMBOL,
    quantity=Decimal("0.120"),
    entry_price=Decimal("61600.0"),
    mark=Decimal("61658.91234567"),
    notional=Decimal("7399.07"),
    unrealized=Decimal("7.07"),
    unrealized_pct=0.0956,
    liquidation_price=Decimal("54000.0"),
    liquidation_pct=12.42,
    cover=Cover.VERIFIED,
    stop_price=Decimal("61500.0"),
    target_price=None,
    trail_pct=None,
    risk=Decimal("12.00"),
    unprotected_seconds=0.0,
    realized=Decimal(0),
    fees=Decimal("3.70"),
    funding=Decimal("-0.12"),
    opened_ms=NOW_MS - 252_000,
    tag="",
    confirmed_ns=NOW_NS - 2 * SECOND,
)


def a_position(**overrides: object) -> PositionView:
    """A protected long position four minutes old; any field can be given."""
    return replace(_POSITION, **overrides)


_ORDER = OrderView(
    client_order_id="bc-k3-1-e",
    symbol=SYMBOL,
    side=Side.BUY,
    type=OrderType.LIMIT,
    purpose=Purpose.ENTRY,
    quantity=Decimal("0.120"),
    filled_quantity=Decimal(0),
    price=Decimal("61659.0"),
    trigger_price=None,
    state=OrderState.OPEN,
    is_cancel_requested=False,
    is_algo=False,
    is_verified=True,
    created_ms=NOW_MS - 15_000,
    changed_ms=NOW_MS - 14_000,
    reason="by hand",
)


def an_order(**overrides: object) -> OrderView:
    """An entry that rests in the book; any field can be given."""
    return replace(_ORDER, **overrides)


def a_stop_order(**overrides: object) -> OrderView:
    """The verified stop of the position."""
    stop = replace(
        _ORDER,
        client_order_id="bc-k3-2-s",
        side=Side.SELL,
        type=OrderType.STOP_MARKET,
        purpose=Purpose.STOP,
        quantity=Decimal(0),
        price=None,
        trigger_price=Decimal("61500.0"),
        is_algo=True,
        reason="protects",
    )
    return replace(stop, **overrides)


def a_fill(
    price: str = "61650.0",
    *,
    side: Side = Side.BUY,
    time_ms: int = NOW_MS,
    symbol: str = SYMBOL,
) -> FillView:
    """An entry filled just now."""
    return FillView(
        symbol=symbol,
        side=side,
        price=Decimal(price),
        quantity=Decimal("0.120"),
        purpose=Purpose.ENTRY,
        time_ms=time_ms,
    )


_MONEY = MoneyView(
    wallet=Decimal("10234.15"),
    unrealized=Decimal("7.07"),
    equity=Decimal("10241.22"),
    available=Decimal("9500.00"),
    day_start_equity=Decimal("10209.11"),
    day_pnl=Decimal("32.11"),
    day_pnl_pct=0.3145,
    realized_today=Decimal("28.86"),
    fees_today=Decimal("3.70"),
    funding_today=Decimal("-0.12"),
    realized_run=Decimal("28.86"),
    fees_run=Decimal("3.70"),
    funding_run=Decimal("-0.12"),
    as_of_ns=NOW_NS - SECOND,
)


def money(**overrides: object) -> MoneyView:
    """Ten thousand, and a good day; any field can be given."""
    return replace(_MONEY, **overrides)


_ACCOUNT = AccountView(
    account="demo:1a2b3c4d",
    run_id="k3",
    is_stream_up=True,
    is_reconciled=True,
    reconciled_ns=NOW_NS - 3 * SECOND,
    trouble="",
    is_ledger_writable=True,
    money=_MONEY,
    positions=(_POSITION,),
    orders=(_ORDER, a_stop_order()),
    fills=(),
    answers=(),
    unknown_orders=0,
    foreign_orders=0,
    unprotected_seconds_today=0.0,
    denied=0,
    rejected=0,
    strategy="",
)


def an_account(**overrides: object) -> AccountView:
    """One protected position, its stop and an entry; any field can be given."""
    return replace(_ACCOUNT, **overrides)


def flat(**overrides: object) -> AccountView:
    """Nothing held and nothing ordered."""
    return replace(_ACCOUNT, positions=(), orders=(), **overrides)


def an_answer(command_id: str, *, refused: str = "", text: str = "taken on") -> Answer:
    """The engine took a command on, or refused it with a code."""
    return Answer(
        command_id=command_id,
        is_accepted=not refused,
        code=refused,
        text=text,
        time_ms=NOW_MS,
    )


EVERY_COVER: Sequence[PositionView] = (
    a_position(cover=Cover.NAKED, stop_price=None, risk=None, unprotected_seconds=3.2),
    a_position(
        symbol="ETHUSDT",
        quantity=Decimal("-2.5"),
        entry_price=Decimal("3105.25"),
        mark=Decimal("3110.11"),
        unrealized=Decimal("-12.15"),
        unrealized_pct=-0.157,
        stop_price=Decimal("3150.5"),
        cover=Cover.PLACING,
        liquidation_price=Decimal("3241.07"),
        liquidation_pct=4.21,
    ),
    a_position(
        symbol="SOLUSDT",
        quantity=Decimal(22),
        entry_price=Decimal("151.2"),
        mark=Decimal("150.84"),
        unrealized=Decimal("-7.92"),
        unrealized_pct=-0.24,
        cover=Cover.CLOSING,
        stop_price=None,
        risk=None,
    ),
    a_position(
        symbol="XRPUSDT",
        quantity=Decimal(1500),
        entry_price=Decimal("0.5123"),
        mark=Decimal("0.5201"),
        unrealized=Decimal("11.70"),
        unrealized_pct=1.52,
        stop_price=Decimal("0.5011"),
        tag="adopted",
        confirmed_ns=NOW_NS - 42 * SECOND,
    ),
)
"""A naked one, one whose stop is being placed, one being closed, one adopted and not confirmed."""

EVERY_STATE: Sequence[OrderView] = (
    an_order(client_order_id="bc-k3-5-e", state=OrderState.UNKNOWN),
    a_stop_order(client_order_id="bc-k3-4-s", is_verified=False),
    an_order(
        client_order_id="bc-k3-3-t",
        purpose=Purpose.TARGET,
        side=Side.SELL,
        price=Decimal("61660.5"),
        filled_quantity=Decimal("0.05"),
        state=OrderState.PARTLY_FILLED,
        is_cancel_requested=True,
    ),
    an_order(client_order_id="web_abc", purpose=None, symbol="ETHUSDT", price=Decimal("3000.5")),
    an_order(client_order_id="bc-k3-2-e", state=OrderState.CANCELED, reason="by hand"),
)
"""UNKNOWN, an unverified stop, one whose cancel is requested, a foreign one, a canceled one."""
