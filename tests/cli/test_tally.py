"""What an engine does is counted once."""

from decimal import Decimal

from desk_stage import Stage, buy, naked_spans
from msgspec.structs import replace
from order_builders import NOW_MS, a_fill, a_request
from recollection_builders import a_recollection

from botcore_tui.cli.tally import Earned, Tally
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Append, Effect, Event, Submit, Tick
from botcore_tui.model.ledger import FillRow, ProtectionRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderSent, Purpose

SPAN = ProtectionRow(
    symbol="BTCUSDT",
    from_ms=1_000,
    to_ms=1_250,
    notional_seconds=Decimal(1),
    reason="verified",
    time_ms=1_250,
)


class Counted(Stage):
    """A desk whose events are counted."""

    tally: Tally

    def look(self, event: Event, effects: list[Effect]) -> None:
        self.tally.observe(event, effects, self.trader)


def counted() -> Counted:
    stage = Counted()
    stage.tally = Tally()
    stage.begin()
    return stage


def test_orders_fills_and_unprotected_time_are_counted() -> None:
    tally, trader = Tally(), Trader(("BTCUSDT",))
    assert (tally.orders, tally.fills, tally.resyncs) == (0, 0, 0)
    assert tally.unprotected_seconds == Decimal(0)
    filled = FillRow(fill=a_fill(), client_order_id="bc-a-1-e", purpose=Purpose.ENTRY)
    effects: list[Effect] = [Append(filled), Append(SPAN)]
    tally.observe(OrderSent("bc-a-1-e", 1, 2), effects, trader)
    tally.observe(Tick(2), [Append(replace(SPAN, to_ms=1_100))], trader)
    assert (tally.orders, tally.fills) == (1, 1)
    assert tally.unprotected_seconds == Decimal("0.35")
    assert tally.earned == Earned()


def test_an_order_that_never_left_is_none() -> None:
    """The ledger did not record it in time, or a halt came first."""
    tally, trader = Tally(), Trader(("BTCUSDT",))
    tally.observe(Tick(1), [Submit(a_request())], trader)
    assert tally.orders == 0


def test_position_that_still_has_no_stop_at_the_end_is_counted() -> None:
    stage = counted()
    stage.venue.rule = lambda request: "ok" if request.purpose is Purpose.ENTRY else "refuse -4120"
    stage.tell(buy("1"))
    stage.wait(20_000)
    assert stage.held() == 1
    assert stage.tally.unprotected_seconds == 20
    stage.venue.rule = None
    stage.wait(60_000)
    spans = [span.to_ms - span.from_ms for span in naked_spans(stage.effects)]
    assert spans
    assert stage.tally.unprotected_seconds == Decimal(sum(spans)) / 1_000


def test_time_without_a_stop_outlasts_its_session() -> None:
    """The exchange was killed while the position had none; nobody tells when that ended."""
    stage = counted()
    stage.venue.rule = lambda request: "ok" if request.purpose is Purpose.ENTRY else "refuse -4120"
    stage.tell(buy("1"))
    stage.wait(20_000)
    again = a_recollection(account="demo:other", run_id="r2", time_ms=stage.time_ms)
    stage.tell(again)
    assert stage.tally.unprotected_seconds == 20


def test_money_of_all_sessions_is_counted_with_their_fills() -> None:
    """The exchange was killed and began again, with another account."""
    stage = counted()
    stage.tell(buy("1"), buy("1", stop=None))
    foreign = a_fill(99, order_id=99, client_order_id="web", side=Side.SELL, fee="0.5")
    stage.tell(foreign)
    first = Earned(fees=Decimal("0.5"), denied=1)
    assert (stage.tally.fills, stage.tally.earned) == (2, first)
    stage.tell(a_recollection(account="demo:other", run_id="r2", time_ms=NOW_MS))
    assert stage.view().money is None
    assert (stage.tally.fills, stage.tally.earned) == (2, first)


def test_books_that_were_fetched_anew_are_counted_over_all_symbols() -> None:
    tally, trader = Tally(), Trader(("BTCUSDT", "ETHUSDT"))
    tally.observe(Tick(1), [], trader)
    for market in trader.market.by_symbol.values():
        market.book.resyncs = 2
    assert tally.resyncs == 4
    trader.market.reset()
    tally.observe(Tick(2), [], trader)
    trader.market.of("BTCUSDT").book.resyncs = 1
    assert tally.resyncs == 5
