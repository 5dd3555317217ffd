"""A ledger that shows all that a phase asks for; a test spoils what it is about."""

from collections.abc import Iterator
from decimal import Decimal

from builders import NOW_MS
from ledger_rows import a_note, a_position, an_intent, an_order, numbered
from msgspec import structs
from risk_rows import a_drill, a_stream, an_equity

from botcore_tui.ledger.evidence import REVIEW
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.model.order import OrderState

DAY_MS = 86_400_000
DAYS = 16
END_MS = NOW_MS + DAYS * DAY_MS
"""When the record ends, and somebody looks."""


def a_good_record(*, has_drill: bool = True) -> Iterator[LedgerRow]:
    """Sixteen days, 32 trades of which 24 win, 8 percent won, no day like another."""
    wallet = Decimal(1_000) if has_drill else Decimal(800)
    for day in range(DAYS):
        time_ms = NOW_MS + day * DAY_MS
        yield an_equity(str(wallet), time_ms=time_ms)
        wallet += Decimal(3 + day % 5)
        yield a_stream(span_ms=DAY_MS, up_ms=DAY_MS - 1_000, time_ms=time_ms)
        for number in (2 * day, 2 * day + 1):
            intent = numbered(an_intent(created_ms=time_ms), number)
            yield intent
            name = intent.request.client_order_id
            yield an_order(OrderState.IN_FLIGHT, client_order_id=name, time_ms=time_ms + 3)
            yield an_order(
                OrderState.FILLED, client_order_id=name, filled="0.01", time_ms=time_ms + 9
            )
            yield a_position("0.01", time_ms=time_ms + 9)
            realized = "-1" if number % 4 == 3 else "2"
            yield a_position("0", realized=realized, time_ms=time_ms + 5_000)
    if has_drill:
        yield a_drill(time_ms=END_MS - DAY_MS)


def a_review() -> LedgerRow:
    """Of the phase that the rows around it are of."""
    return structs.replace(a_note(REVIEW), time_ms=END_MS)
