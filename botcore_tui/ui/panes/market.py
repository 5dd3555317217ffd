"""The market in numbers: prices, funding, the day, and the state of the book."""

from collections.abc import Sequence
from decimal import Decimal

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Ink, Row
from botcore_tui.ui.panes.listing import Fact, ListPane, fact_rows
from botcore_tui.ui.panes.reading import (
    book_condition,
    is_data_stale,
    is_engine_silent,
    spread,
    spread_bps,
)


class MarketPane(ListPane):
    """Everything about the symbol that is one number."""

    pane_id = "market"
    pane_title = "market"
    hotkey = "5"

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture."""
        now_ns = self.clock_ns()
        facts = [*_prices(snapshot), *_book(snapshot, now_ns), *_day(snapshot)]
        if is_data_stale(snapshot, now_ns) or is_engine_silent(snapshot, now_ns):
            facts = [Fact(fact.name, fact.value, Ink.STALE) for fact in facts]
        return fact_rows(facts, width, height)


def _prices(snapshot: Snapshot) -> list[Fact]:
    decimals = snapshot.price_decimals
    last, previous, mark = snapshot.last_price, snapshot.previous_price, snapshot.mark
    sign, ink = "", Ink.STRONG
    if last is not None and previous is not None and last != previous:
        sign, ink = (" ▲", Ink.UP) if last > previous else (" ▼", Ink.DOWN)
    facts = [Fact("last", fmt.fixed(last, decimals) + sign, ink)]
    if mark is None:
        return [*facts, *(Fact(name, fmt.MISSING) for name in ("mark", "index", "funding"))]
    funding = fmt.funding_percent(mark.funding_rate)
    if mark.funding_rate is not None:
        # A venue without a next funding writes zero.
        left_ms = mark.next_funding_ms - snapshot.time_ms
        funding += f" in {fmt.countdown(left_ms)}" if mark.next_funding_ms else ""
    return [
        *facts,
        Fact("mark", fmt.fixed(mark.mark, decimals)),
        Fact("index", fmt.fixed(mark.index, decimals)),
        Fact("funding", funding, _sign_ink(mark.funding_rate)),
    ]


def _book(snapshot: Snapshot, now_ns: int) -> list[Fact]:
    book = snapshot.book
    condition = book_condition(snapshot, now_ns)
    width = bps = fmt.MISSING
    if not condition.is_hidden:
        width = fmt.fixed(spread(book), snapshot.price_decimals)
        bps = fmt.fixed(spread_bps(book), 2)
    sign = "✓" if condition.is_live else "✗"
    state_ink = Ink.GOOD if condition.is_live else Ink.WARN
    return [
        Fact("spread", width if width == fmt.MISSING else f"{width} ({bps} bps)"),
        Fact("book", f"{sign} {condition.word}", state_ink),
        Fact("gaps", fmt.count(book.gaps), Ink.WARN if book.gaps else Ink.TEXT),
        Fact("resyncs", fmt.count(book.resyncs)),
        Fact("applied", fmt.count(book.applied)),
        Fact("update id", str(book.last_update_id) if book.last_update_id else fmt.MISSING),
    ]


def _day(snapshot: Snapshot) -> list[Fact]:
    day = snapshot.day
    names = ("24h change", "24h high", "24h low", "24h volume", "24h turnover")
    if day is None:
        return [Fact(name, fmt.MISSING) for name in names]
    price, quantity = snapshot.price_decimals, snapshot.quantity_decimals
    values = (
        fmt.fixed(day.high, price),
        fmt.fixed(day.low, price),
        fmt.fixed(day.volume, quantity),
        fmt.fixed(day.quote_volume, price),
    )
    change = Fact(names[0], fmt.signed_percent(day.change_pct), _sign_ink(day.change_pct))
    return [change, *(Fact(name, text) for name, text in zip(names[1:], values, strict=True))]


def _sign_ink(value: float | Decimal | None) -> Ink:
    if not value:
        return Ink.TEXT
    return Ink.UP if value > 0 else Ink.DOWN
