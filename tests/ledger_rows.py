"""Rows for the ledger with sensible defaults; a test names only what it is about."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from builders import NOW_MS
from msgspec import structs

from botcore_tui.ledger.store import writing_engine
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import (
    AuditRow,
    FillRow,
    FundingRow,
    IntentRow,
    LedgerRow,
    OrderRow,
    PositionRow,
)
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    Fill,
    OrderRequest,
    OrderState,
    OrderType,
    Purpose,
    Source,
    TimeInForce,
)
from botcore_tui.model.severity import Severity

ACCOUNT = "testnet:3f9c0a12"


def ledger_url(directory: Path) -> str:
    """A ledger of its own."""
    return f"sqlite:///{directory / 'ledger.db'}"


def an_intent(
    client_order_id: str = "bc-r1-1-e",
    *,
    price: str = "61000.10",
    purpose: Purpose = Purpose.ENTRY,
    created_ms: int = NOW_MS,
) -> IntentRow:
    request = OrderRequest(
        client_order_id=client_order_id,
        symbol="BTCUSDT",
        side=Side.BUY,
        type=OrderType.LIMIT,
        purpose=purpose,
        quantity=Decimal("0.010"),
        price=Decimal(price),
        time_in_force=TimeInForce.GTC,
        actor="ada",
        reason="why not",
        created_ms=created_ms,
    )
    return IntentRow(request, Decimal(60_000), None, Decimal("0.5"))


def an_order(
    state: OrderState = OrderState.OPEN,
    *,
    client_order_id: str = "bc-r1-1-e",
    order_id: int = 0,
    filled: str = "0",
    time_ms: int = NOW_MS,
) -> OrderRow:
    return OrderRow(
        client_order_id=client_order_id,
        symbol="BTCUSDT",
        state=state,
        previous=OrderState.PLANNED,
        order_id=order_id,
        filled_quantity=Decimal(filled),
        source=Source.STREAM,
        time_ms=time_ms,
    )


def a_fill(
    trade_id: int = 1,
    *,
    symbol: str = "BTCUSDT",
    realized: str = "0",
    fee: str = "0.305",
    fee_asset: str = "USDT",
    time_ms: int = NOW_MS,
) -> FillRow:
    fill = Fill(
        source=Source.STREAM,
        symbol=symbol,
        trade_id=trade_id,
        order_id=77,
        side=Side.BUY,
        price=Decimal("61000.1"),
        quantity=Decimal("0.01"),
        fee=Decimal(fee),
        fee_asset=fee_asset,
        realized_pnl=Decimal(realized),
        is_maker=False,
        time_ms=time_ms,
    )
    return FillRow(fill=fill, client_order_id="bc-r1-1-e", purpose=Purpose.ENTRY)


def a_position(
    quantity: str = "0.01", *, symbol: str = "BTCUSDT", realized: str = "0", time_ms: int = NOW_MS
) -> PositionRow:
    return PositionRow(
        symbol=symbol,
        quantity=Decimal(quantity),
        entry_price=Decimal("61000.1"),
        realized_pnl=Decimal(realized),
        fees=Decimal("0.305"),
        funding=Decimal(0),
        time_ms=time_ms,
    )


def a_payment(
    amount: str = "-0.12",
    *,
    transaction_id: int = 0,
    time_ms: int = NOW_MS,
    symbol: str = "BTCUSDT",
) -> FundingRow:
    return FundingRow(
        symbol=symbol,
        asset="USDT",
        amount=Decimal(amount),
        transaction_id=transaction_id,
        source=Source.STREAM,
        time_ms=time_ms,
    )


def a_note(code: str = "order.foreign", text: str = "seen", *, time_ms: int = NOW_MS) -> AuditRow:
    return AuditRow(code=code, severity=Severity.WARNING, text=text, time_ms=time_ms)


def written(url: str, rows: Iterable[LedgerRow], *, account: str = ACCOUNT) -> str:
    """Write rows in a session of their own; its run."""
    with writing(url, account=account) as writer:
        for row in rows:
            writer.append(row)
        return writer.run_id


@contextmanager
def writing(url: str, *, account: str = ACCOUNT) -> Iterator[LedgerWriter]:
    """A writer that is closed at the end."""
    options = WriterOptions(synchronous="NORMAL")
    writer = LedgerWriter.open(url, account, "testnet", options=options)
    try:
        yield writer
    finally:
        writer.close()


def tampered(url: str, *statements: str) -> None:
    """Change a ledger behind its back."""
    engine = writing_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def numbered(row: IntentRow, number: int) -> IntentRow:
    """The same intent under another id."""
    request = structs.replace(row.request, client_order_id=f"bc-r1-{number}-e")
    return structs.replace(row, request=request)
