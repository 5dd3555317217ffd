"""What an engine does is counted once."""

from decimal import Decimal

from msgspec.structs import replace
from order_builders import a_fill, a_request

from botcore_tui.cli.tally import Tally
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Append, Effect, Submit, Tick
from botcore_tui.model.ledger import FillRow, ProtectionRow
from botcore_tui.model.order import Purpose

SPAN = ProtectionRow(
    symbol="BTCUSDT",
    from_ms=1_000,
    to_ms=1_250,
    notional_seconds=Decimal(1),
    reason="verified",
    time_ms=1_250,
)


def test_orders_fills_and_unprotected_time_are_counted() -> None:
    tally, trader = Tally(), Trader(("BTCUSDT",))
    assert (tally.orders, tally.fills, tally.resyncs) == (0, 0, 0)
    assert tally.unprotected_seconds == Decimal(0)
    filled = FillRow(fill=a_fill(), client_order_id="bc-a-1-e", purpose=Purpose.ENTRY)
    effects: list[Effect] = [Submit(a_request()), Append(filled), Append(SPAN)]
    tally.observe(Tick(1), effects, trader)
    tally.observe(Tick(2), [Append(replace(SPAN, to_ms=1_100))], trader)
    assert (tally.orders, tally.fills) == (1, 1)
    assert tally.unprotected_seconds == Decimal("0.35")


def test_books_that_were_fetched_anew_are_counted_over_all_symbols() -> None:
    tally, trader = Tally(), Trader(("BTCUSDT", "ETHUSDT"))
    tally.observe(Tick(1), [], trader)
    for market in trader.market.by_symbol.values():
        market.book.resyncs = 2
    assert tally.resyncs == 4
