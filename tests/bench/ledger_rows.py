"""A ledger as it is after months: every order with what belongs to it, all of them ended."""

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from bench.figures import FailedError

from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import (
    CommandRow,
    EquityRow,
    FillRow,
    IntentRow,
    LedgerRow,
    OrderRow,
    PositionRow,
)
from botcore_tui.model.market import Side
from botcore_tui.model.order import Fill, OrderRequest, OrderState, OrderType, Purpose, Source

_MOST_WAITING: Final = 20_000
_STEP_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_LONGEST_SECONDS: Final = 600.0
_STATES: Final = (OrderState.PLANNED, OrderState.IN_FLIGHT, OrderState.OPEN, OrderState.FILLED)


def rows(orders: int, symbol: str, end_ms: int) -> Iterator[LedgerRow]:
    """Nine rows for each of so many orders: they buy and sell in turns, one a minute."""
    for number in range(orders):
        yield from _of_order(number, symbol, end_ms - (orders - number) * _STEP_MS)


def _of_order(number: int, symbol: str, time_ms: int) -> Iterator[LedgerRow]:
    is_buy = number % 2 == 0
    purpose = Purpose.ENTRY if is_buy else Purpose.EXIT
    request = OrderRequest(
        client_order_id=f"bc-old-{number:x}-{'e' if is_buy else 'x'}",
        symbol=symbol,
        side=Side.BUY if is_buy else Side.SELL,
        type=OrderType.MARKET,
        purpose=purpose,
        quantity=Decimal("0.010"),
        actor="bench",
        created_ms=time_ms,
    )
    yield CommandRow(
        command_id=f"old-{number}",
        command="PlaceOrder",
        actor="bench",
        arguments="{}",
        reason="",
        is_accepted=True,
        code="",
        text="requested",
        time_ms=time_ms,
    )
    yield IntentRow(request, Decimal(59_000) if is_buy else None, None, None)
    previous: OrderState | None = None
    for state in _STATES:
        yield OrderRow(
            client_order_id=request.client_order_id,
            symbol=symbol,
            state=state,
            previous=previous,
            order_id=number + 1,
            filled_quantity=request.quantity if state is OrderState.FILLED else Decimal(0),
            time_ms=time_ms,
        )
        previous = state
    fill = Fill(
        source=Source.STREAM,
        symbol=symbol,
        trade_id=number + 1,
        order_id=number + 1,
        client_order_id=request.client_order_id,
        side=request.side,
        price=Decimal("61234.50"),
        quantity=request.quantity,
        fee=Decimal("0.30617250"),
        fee_asset="USDT",
        realized_pnl=Decimal(0),
        is_maker=False,
        time_ms=time_ms,
    )
    yield FillRow(fill=fill, client_order_id=request.client_order_id, purpose=purpose)
    yield PositionRow(
        symbol=symbol,
        quantity=request.quantity if is_buy else Decimal(0),
        entry_price=fill.price if is_buy else Decimal(0),
        realized_pnl=Decimal(0),
        fees=fill.fee,
        funding=Decimal(0),
        time_ms=time_ms,
    )
    yield EquityRow(wallet=Decimal(5_000), unrealized=Decimal(0), time_ms=time_ms)


def write_ledger(url: str, account: str, orders: int, symbol: str) -> int:
    """Write a ledger through the writer that the program uses; how many rows it has.

    Args:
        url: Of the ledger.
        account: Whose.
        orders: An even number leaves no position.
        symbol: Of every order.

    Raises:
        FailedError: It could not be written.
    """
    ledger = LedgerWriter.open(
        url, account, "testnet", options=WriterOptions(capacity=2 * _MOST_WAITING)
    )
    count = 0
    try:
        for row in rows(orders, symbol, time.time_ns() // 1_000_000 - _DAY_MS):
            ledger.append(row)
            count += 1
            while ledger.waiting > _MOST_WAITING:
                time.sleep(0.01)  # another thread writes them
        if not ledger.flush(_LONGEST_SECONDS):
            raise FailedError(f"not written: {ledger.health.reason}")
    finally:
        ledger.close()
    return count
