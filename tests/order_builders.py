"""Orders, fills and account events with sensible defaults; a test names only what it is about."""

from collections.abc import Sequence
from decimal import Decimal

from market_builders import SYMBOL

from botcore_tui.model.account import (
    AccountPicture,
    AccountUpdate,
    BalanceReport,
    Income,
    IncomeKind,
    LeverageChange,
    PositionReport,
    SymbolAccount,
)
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    OrderRequest,
    OrderSent,
    OrderType,
    Outcome,
    Purpose,
    QueryFailed,
    Source,
    SubmitFailed,
    TimeInForce,
    VenueStatus,
)

NOW_MS = 1_700_000_000_000
"""UTC, 2023-11-14 22:13:20; the moment that these events are about."""
RUN_ID = "r1"
ENTRY_ID = "bc-r1-1-e"
STOP_ID = "bc-r1-2-s"
ZERO = Decimal(0)


def maybe(number: str | None) -> Decimal | None:
    """A Decimal from text; None stays None."""
    return None if number is None else Decimal(number)


# --- orders ----------------------------------------------------------------------------------


def a_request(
    *,
    client_order_id: str = ENTRY_ID,
    symbol: str = SYMBOL,
    side: Side = Side.BUY,
    order_type: OrderType = OrderType.LIMIT,
    purpose: Purpose = Purpose.ENTRY,
    quantity: str = "1",
    price: str | None = "100",
    trigger_price: str | None = None,
    callback_pct: str | None = None,
    time_in_force: TimeInForce | None = TimeInForce.GTC,
    reduce_only: bool = False,
    close_position: bool = False,
    entry_id: str = "",
    created_ms: int = NOW_MS,
) -> OrderRequest:
    """A limit order to buy 1 at 100, an entry."""
    is_limit = order_type is OrderType.LIMIT
    return OrderRequest(
        client_order_id=client_order_id,
        symbol=symbol,
        side=side,
        type=order_type,
        purpose=purpose,
        quantity=Decimal(quantity),
        price=maybe(price) if is_limit else None,
        trigger_price=maybe(trigger_price),
        callback_pct=maybe(callback_pct),
        time_in_force=time_in_force if is_limit else None,
        reduce_only=reduce_only,
        close_position=close_position,
        entry_id=entry_id,
        actor="test",
        created_ms=created_ms,
    )


def a_stop_request(
    *,
    client_order_id: str = STOP_ID,
    symbol: str = SYMBOL,
    side: Side = Side.SELL,
    quantity: str = "0",
    trigger_price: str = "90",
    close_position: bool = True,
    entry_id: str = ENTRY_ID,
    created_ms: int = NOW_MS,
) -> OrderRequest:
    """A stop at 90 that closes a long position."""
    return a_request(
        client_order_id=client_order_id,
        symbol=symbol,
        side=side,
        order_type=OrderType.STOP_MARKET,
        purpose=Purpose.STOP,
        quantity=quantity,
        trigger_price=trigger_price,
        reduce_only=not close_position,
        close_position=close_position,
        entry_id=entry_id,
        created_ms=created_ms,
    )


def an_order_report(
    *,
    source: Source = Source.STREAM,
    symbol: str = SYMBOL,
    client_order_id: str = ENTRY_ID,
    order_id: int = 11,
    side: Side = Side.BUY,
    word: str = "LIMIT",
    status: VenueStatus = VenueStatus.NEW,
    quantity: str = "1",
    filled_quantity: str = "0",
    price: str = "100",
    reduce_only: bool = False,
    close_position: bool = False,
    time_ms: int = NOW_MS,
    detail: str = "",
) -> OrderReport:
    """The venue's word on ``a_request``: it rests."""
    return OrderReport(
        source=source,
        symbol=symbol,
        client_order_id=client_order_id,
        order_id=order_id,
        side=side,
        type=word,
        status=status,
        quantity=Decimal(quantity),
        filled_quantity=Decimal(filled_quantity),
        price=Decimal(price),
        reduce_only=reduce_only,
        close_position=close_position,
        time_ms=time_ms,
        detail=detail,
    )


def an_algo_report(
    *,
    source: Source = Source.STREAM,
    symbol: str = SYMBOL,
    client_order_id: str = STOP_ID,
    algo_id: int = 21,
    side: Side = Side.SELL,
    word: str = "STOP_MARKET",
    status: AlgoStatus = AlgoStatus.NEW,
    quantity: str = "0",
    trigger_price: str = "90",
    close_position: bool = True,
    reduce_only: bool = False,
    order_id: int = 0,
    time_ms: int = NOW_MS,
    detail: str = "",
) -> AlgoReport:
    """The venue's word on ``a_stop_request``: it waits for its trigger."""
    return AlgoReport(
        source=source,
        symbol=symbol,
        client_order_id=client_order_id,
        algo_id=algo_id,
        side=side,
        type=word,
        status=status,
        quantity=Decimal(quantity),
        trigger_price=Decimal(trigger_price),
        close_position=close_position,
        reduce_only=reduce_only,
        order_id=order_id,
        time_ms=time_ms,
        detail=detail,
    )


def a_fill(
    trade_id: int = 1,
    *,
    source: Source = Source.STREAM,
    symbol: str = SYMBOL,
    order_id: int = 11,
    client_order_id: str = ENTRY_ID,
    side: Side = Side.BUY,
    price: str = "100",
    quantity: str = "1",
    fee: str = "0.04",
    fee_asset: str = "USDT",
    realized_pnl: str = "0",
    is_maker: bool = False,
    time_ms: int = NOW_MS,
) -> Fill:
    """All of ``a_request`` bought at its price."""
    return Fill(
        source=source,
        symbol=symbol,
        trade_id=trade_id,
        order_id=order_id,
        client_order_id=client_order_id,
        side=side,
        price=Decimal(price),
        quantity=Decimal(quantity),
        fee=Decimal(fee),
        fee_asset=fee_asset,
        realized_pnl=Decimal(realized_pnl),
        is_maker=is_maker,
        time_ms=time_ms,
    )


def an_order_sent(
    client_order_id: str = ENTRY_ID, *, timestamp_ms: int = NOW_MS, window_ms: int = 5_000
) -> OrderSent:
    """It is about to leave; a copy is refused from ``window_ms`` later on."""
    return OrderSent(client_order_id, timestamp_ms, timestamp_ms + window_ms)


def a_submit_failed(
    client_order_id: str = ENTRY_ID,
    *,
    outcome: Outcome = Outcome.UNKNOWN,
    code: int = 0,
    reason: str = "timed out",
    time_ms: int = NOW_MS,
) -> SubmitFailed:
    """No report came; it may have been placed."""
    return SubmitFailed(client_order_id, outcome, code, reason, time_ms)


def a_cancel_failed(
    client_order_id: str = ENTRY_ID,
    *,
    outcome: Outcome = Outcome.REJECTED,
    code: int = -2011,
    reason: str = "unknown order sent",
    time_ms: int = NOW_MS,
) -> CancelFailed:
    """The venue has no such order to cancel, or not any more."""
    return CancelFailed(client_order_id, outcome, code, reason, time_ms)


def not_found(client_order_id: str = ENTRY_ID, *, asked_ms: int = NOW_MS) -> OrderNotFound:
    """The venue says that it has no such order."""
    return OrderNotFound(client_order_id, asked_ms)


def a_query_failed(client_order_id: str = ENTRY_ID, *, time_ms: int = NOW_MS) -> QueryFailed:
    """No answer."""
    return QueryFailed(client_order_id, "timed out", time_ms)


# --- the account -----------------------------------------------------------------------------


def a_position_report(
    *,
    symbol: str = SYMBOL,
    quantity: str = "0",
    entry_price: str = "0",
    mark: str | None = None,
    liquidation_price: str | None = None,
    time_ms: int = NOW_MS,
) -> PositionReport:
    """Flat."""
    return PositionReport(
        symbol=symbol,
        quantity=Decimal(quantity),
        entry_price=Decimal(entry_price),
        mark=maybe(mark),
        liquidation_price=maybe(liquidation_price),
        time_ms=time_ms,
    )


def a_symbol_account(
    *,
    symbol: str = SYMBOL,
    quantity: str = "0",
    entry_price: str = "0",
    liquidation_price: str | None = None,
    last_trade_id: int = 0,
    fills: Sequence[Fill] = (),
    time_ms: int = NOW_MS,
) -> SymbolAccount:
    """Flat, without a trade."""
    return SymbolAccount(
        position=a_position_report(
            symbol=symbol,
            quantity=quantity,
            entry_price=entry_price,
            liquidation_price=liquidation_price,
            time_ms=time_ms,
        ),
        last_trade_id=last_trade_id,
        fills=tuple(fills),
    )


def a_balance(
    *,
    asset: str = "USDT",
    wallet: str = "1000",
    available: str | None = None,
    time_ms: int = NOW_MS,
) -> BalanceReport:
    """A thousand USDT."""
    return BalanceReport(
        asset=asset, wallet=Decimal(wallet), available=maybe(available), time_ms=time_ms
    )


def a_picture(
    *,
    reason: str = "periodic",
    asked_ms: int = NOW_MS,
    time_ms: int | None = None,
    symbols: Sequence[SymbolAccount] | None = None,
    balance: BalanceReport | None = None,
    orders: Sequence[OrderReport] | None = (),
    algo_orders: Sequence[AlgoReport] | None = (),
    listed: Sequence[str] = (),
    leverages: Sequence[LeverageChange] = (),
    is_one_way: bool = True,
    is_single_asset: bool = True,
    income: Sequence[Income] | None = None,
) -> AccountPicture:
    """A flat account without an order; the listings cover all of it."""
    return AccountPicture(
        reason=reason,
        asked_ms=asked_ms,
        time_ms=asked_ms + 100 if time_ms is None else time_ms,
        symbols=(a_symbol_account(),) if symbols is None else tuple(symbols),
        balance=balance or a_balance(time_ms=asked_ms),
        orders=None if orders is None else tuple(orders),
        algo_orders=None if algo_orders is None else tuple(algo_orders),
        listed=tuple(listed),
        leverages=tuple(leverages),
        is_one_way=is_one_way,
        is_single_asset=is_single_asset,
        income=None if income is None else tuple(income),
    )


def an_income(
    amount: str = "-0.5",
    *,
    transaction_id: int,
    kind: IncomeKind = IncomeKind.FUNDING_FEE,
    word: str = "",
    symbol: str = SYMBOL,
    asset: str = "USDT",
    time_ms: int = NOW_MS,
) -> Income:
    """Funding that was paid."""
    return Income(
        kind=kind,
        word=word or kind.value,
        symbol=symbol,
        asset=asset,
        amount=Decimal(amount),
        transaction_id=transaction_id,
        trade_id=0,
        time_ms=time_ms,
    )


def an_account_update(
    *,
    reason: str = "ORDER",
    balances: Sequence[BalanceReport] = (),
    positions: Sequence[PositionReport] = (),
    change: str = "0",
    symbol: str = "",
    time_ms: int = NOW_MS,
) -> AccountUpdate:
    """After an order; nothing is in it unless told."""
    return AccountUpdate(
        reason=reason,
        balances=tuple(balances),
        positions=tuple(positions),
        change=Decimal(change),
        symbol=symbol,
        time_ms=time_ms,
    )
