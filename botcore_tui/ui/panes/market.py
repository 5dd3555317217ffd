"""The market in numbers: prices, funding, the day, and the state of the book."""

from collections.abc import Sequence
from decimal import Decimal

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import Fact, ListPane, fact_rows
from botcore_tui.ui.panes.reading import (
    book_condition,
    is_data_stale,
    is_engine_silent,
    mark_lateness,
    price_lateness,
    spread,
    spread_bps,
    spread_ticks,
)


class MarketPane(ListPane):
    """Everything about the symbol that is one number."""

    pane_id = "market"
    pane_title = "market"
    hotkey = "9"
    show_period_seconds = 0.1

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture."""
        now_ns = self.clock_ns()
        facts = [*_prices(snapshot, now_ns), *_day(snapshot), *_book(snapshot, now_ns)]
        if is_data_stale(snapshot, now_ns) or is_engine_silent(snapshot, now_ns):
            facts = [Fact(fact.name, fact.value, Ink.STALE) for fact in facts]
        return fact_rows(facts, width, height)


def _prices(snapshot: Snapshot, now_ns: int) -> list[Fact]:
    decimals = snapshot.price_decimals
    last, previous, mark = snapshot.last_price, snapshot.previous_price, snapshot.mark
    sign, ink = "", Ink.STRONG
    if last is not None and previous is not None and last != previous:
        sign, ink = (" ▲", Ink.UP) if last > previous else (" ▼", Ink.DOWN)
    late = price_lateness(snapshot, now_ns)
    facts = [Fact("last", f"{fmt.fixed(last, decimals)}{sign} {late}".rstrip(), ink)]
    if mark is None:
        return [*facts, *(Fact(name, fmt.MISSING) for name in ("mark", "index", "funding"))]
    funding = fmt.funding_percent(mark.funding_rate)
    if mark.funding_rate is not None:
        # A venue without a next funding writes zero.
        left_ms = mark.next_funding_ms - snapshot.time_ms
        funding += f" in {fmt.countdown(left_ms)}" if mark.next_funding_ms else ""
    return [
        *facts,
        _mark(fmt.fixed(mark.mark, decimals), mark_lateness(snapshot, now_ns)),
        Fact("index", fmt.fixed(mark.index, decimals)),
        Fact("funding", funding, _sign_ink(mark.funding_rate)),
    ]


def _mark(text: str, late: str) -> Fact:
    return Fact("mark", f"{text} {late}", Ink.STALE) if late else Fact("mark", text)


def _book(snapshot: Snapshot, now_ns: int) -> list[Fact]:
    book = snapshot.book
    condition = book_condition(snapshot, now_ns)
    width = spread(book)
    ticks = spread_ticks(snapshot)
    text = fmt.MISSING
    if not condition.is_hidden and width is not None and ticks is not None:
        bps = fmt.fixed(spread_bps(book), 2)
        price = fmt.fixed(width, snapshot.price_decimals)
        text = f"{price} · {fmt.plural(ticks, 'tick')} · {bps} bps"
    sign = "✓" if condition.is_live else "✗"
    state_ink = Ink.GOOD if condition.is_live else Ink.WARN
    return [
        Fact("spread", text, Ink.TEXT if condition.is_live else Ink.STALE),
        Fact("book", f"{sign} {condition.words} · {fmt.plural(book.applied, 'update')}", state_ink),
        Fact("gaps", f"{book.gaps} · resyncs {book.resyncs}", Ink.WARN if book.gaps else Ink.TEXT),
        Fact("update id", str(book.last_update_id) if book.last_update_id else fmt.MISSING),
    ]


def _day(snapshot: Snapshot) -> list[Fact]:
    day = snapshot.day
    names = ("24h", "range", "volume", "turnover")
    if day is None:
        return [Fact(name, fmt.MISSING) for name in names]
    decimals = snapshot.price_decimals
    span = f"{fmt.fixed(day.low, decimals)} – {fmt.fixed(day.high, decimals)}"
    change = Fact(names[0], fmt.signed_percent(day.change_pct), _sign_ink(day.change_pct))
    return [
        change,
        Fact(names[1], span),
        Fact(names[2], fmt.grouped(day.volume, snapshot.quantity_decimals)),
        Fact(names[3], fmt.grouped(day.quote_volume, 0)),
    ]


def _sign_ink(value: float | Decimal | None) -> Ink:
    if not value:
        return Ink.TEXT
    return Ink.UP if value > 0 else Ink.DOWN
