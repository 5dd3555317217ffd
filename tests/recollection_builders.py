"""What the ledger remembers, with sensible defaults; a test names only what it is about."""

from collections.abc import Sequence
from decimal import Decimal

from market_builders import SYMBOL
from order_builders import NOW_MS, RUN_ID, a_request, maybe

from botcore_tui.model.ledger import (
    FundingRow,
    IntentRow,
    KnownTrade,
    OpenOrder,
    OpenPosition,
    PositionRow,
    Recollection,
    TransferRow,
)
from botcore_tui.model.order import OrderRequest, OrderState


def an_intent(
    request: OrderRequest | None = None,
    *,
    stop_price: str | None = None,
    target_price: str | None = None,
    trail_pct: str | None = None,
) -> IntentRow:
    """The plan of ``a_request``."""
    return IntentRow(
        request=request or a_request(),
        stop_price=maybe(stop_price),
        target_price=maybe(target_price),
        trail_pct=maybe(trail_pct),
    )


def an_open_order(
    intent: IntentRow | None = None,
    *,
    state: OrderState = OrderState.OPEN,
    order_id: int = 0,
    algo_id: int = 0,
    filled_quantity: str = "0",
    expires_ms: int = NOW_MS + 5_000,
) -> OpenOrder:
    """An order of an earlier run that rested when that run ended."""
    return OpenOrder(
        intent=intent or an_intent(),
        state=state,
        order_id=order_id,
        algo_id=algo_id,
        filled_quantity=Decimal(filled_quantity),
        expires_ms=expires_ms,
    )


def a_position_row(
    *,
    symbol: str = SYMBOL,
    quantity: str = "1",
    entry_price: str = "100",
    realized_pnl: str = "0",
    fees: str = "0",
    funding: str = "0",
    tag: str = "",
    time_ms: int = NOW_MS,
) -> PositionRow:
    """Long 1 from 100."""
    return PositionRow(
        symbol=symbol,
        quantity=Decimal(quantity),
        entry_price=Decimal(entry_price),
        realized_pnl=Decimal(realized_pnl),
        fees=Decimal(fees),
        funding=Decimal(funding),
        tag=tag,
        time_ms=time_ms,
    )


def an_open_position(row: PositionRow | None = None, *, opened_ms: int = NOW_MS) -> OpenPosition:
    """A position as the ledger has it."""
    return OpenPosition(row=row or a_position_row(), opened_ms=opened_ms)


def a_recollection(
    *,
    account: str = "demo:test",
    run_id: str = RUN_ID,
    orders: Sequence[OpenOrder] = (),
    positions: Sequence[OpenPosition] = (),
    trades: Sequence[KnownTrade] = (),
    entries: Sequence[IntentRow] = (),
    day_start_equity: str | None = None,
    realized_today: str = "0",
    fees_today: str = "0",
    funding_today: str = "0",
    unprotected_ms_today: int = 0,
    funding: Sequence[FundingRow] = (),
    transfers: Sequence[TransferRow] = (),
    time_ms: int = NOW_MS,
) -> Recollection:
    """Of an account that the ledger knows nothing of."""
    return Recollection(
        account=account,
        run_id=run_id,
        orders=tuple(orders),
        positions=tuple(positions),
        trades=tuple(trades),
        entries=tuple(entries),
        day_start_equity=maybe(day_start_equity),
        realized_today=Decimal(realized_today),
        fees_today=Decimal(fees_today),
        funding_today=Decimal(funding_today),
        unprotected_ms_today=unprotected_ms_today,
        funding=tuple(funding),
        transfers=tuple(transfers),
        time_ms=time_ms,
    )
