"""The market pane: one number a line, each as the picture has it."""

import pytest
from builders import NOW_MS, NOW_NS, SECOND, a_book_view, a_day, a_mark, a_snapshot, ladder_rows
from msgspec.structs import replace
from pane_app import row_texts

from botcore_tui.model.market import BookState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.market import MarketPane


def facts(snapshot: Snapshot, *, now_ns: int = NOW_NS, width: int = 40) -> dict[str, str]:
    rows = MarketPane(clock_ns=lambda: now_ns).draw(snapshot, width, 40)
    return {line[:10].strip(): line[10:].strip() for line in row_texts(rows)}


def test_every_number_is_the_pictures() -> None:
    assert facts(a_snapshot()) == {
        "last": "61659.7 ▲",
        "mark": "61658.9",
        "index": "61657.5",
        "funding": "+0.0100% in 1:00:00",
        "24h": "+0.42%",
        "range": "61000.5 – 62000.0",
        "volume": "123,456.789",
        "turnover": "7,600,000,000",
        "spread": "0.1 · 1 tick · 0.02 bps",
        "book": "✓ live · 4,321 updates",
        "gaps": "0 · resyncs 1",
        "update id": "987654321",
    }


def test_missing_numbers_are_dashes() -> None:
    shown = facts(
        a_snapshot(
            last_price=None, mark=None, day=None, book=a_book_view(BookState.SYNCING, reason="x")
        )
    )
    for name in ("last", "mark", "index", "funding", "spread", "24h", "range", "volume"):
        assert shown[name] == "-"
    assert shown["book"] == "✗ syncing · 4,321 updates"


def test_everything_fits_beside_the_chart_of_a_wide_screen() -> None:
    assert len(facts(a_snapshot())) == 12
    assert len(facts(a_snapshot(day=None, mark=None))) == 12


@pytest.mark.parametrize(
    ("ask", "tick", "text"),
    [
        (61659.7, 0.1, "0.1 · 1 tick · 0.02 bps"),
        (61661.9, 0.1, "2.3 · 23 ticks · 0.37 bps"),
        (61659.6, 0.1, "0.0 · 0 ticks · 0.00 bps"),
        (62659.6, 0.0001, "1000.0 · 10,000,000 ticks · 160.88 bps"),
    ],
)
def test_spread_is_counted_in_ticks(ask: float, tick: float, text: str) -> None:
    book = a_book_view(asks=ladder_rows(ask, step=0.1, count=3))
    assert facts(a_snapshot(book=book, tick=tick), width=80)["spread"] == text


@pytest.mark.parametrize(
    ("rate", "next_ms", "text"),
    [
        (None, NOW_MS, "-"),
        ("-0.0002", NOW_MS + 61_000, "-0.0200% in 01:01"),
        ("0.0001", NOW_MS - 1, "+0.0100% in now"),
        ("0.0001", 0, "+0.0100%"),
    ],
)
def test_funding_counts_down_to_its_moment(rate: str | None, next_ms: int, text: str) -> None:
    mark = a_mark(funding_rate=rate, next_funding_ms=next_ms)
    assert facts(a_snapshot(mark=mark))["funding"] == text


def test_rise_and_fall_have_signs_beside_their_colours() -> None:
    rows = MarketPane(clock_ns=lambda: NOW_NS).draw(
        a_snapshot(previous_price=61660.0, day=a_day(change_pct=-1.5)), 40, 40
    )
    parts = [part for row in rows for part in row]
    assert ("61659.7 ▼", Ink.DOWN) in parts
    assert ("-1.50%", Ink.DOWN) in parts


def test_numbers_of_dead_data_fade() -> None:
    pane = MarketPane(clock_ns=lambda: NOW_NS + 4 * SECOND)
    rows = pane.draw(a_snapshot(), 40, 40)
    assert {row[1][1] for row in rows} == {Ink.STALE}


@pytest.mark.requirement("F07")
def test_late_book_and_late_prices_say_how_old_they_are() -> None:
    book = replace(a_book_view(BookState.STALE), late_ms=20_000)
    shown = facts(a_snapshot(book=book, late_ms=8_000), width=80)
    assert shown["book"] == "✗ stale 20s · 4,321 updates"
    assert shown["last"].endswith(" 8s old")
    assert shown["mark"].endswith(" 8s old")
    pane = MarketPane(clock_ns=lambda: NOW_NS)
    parts = [part for row in pane.draw(a_snapshot(book=book), 80, 40) for part in row]
    assert (shown["spread"], Ink.STALE) in parts
    rows = pane.draw(a_snapshot(late_ms=8_000), 40, 40)
    assert {row[1][1] for row in rows} == {Ink.STALE}


def test_gaps_of_the_book_are_set_off() -> None:
    book = replace(a_book_view(), gaps=3)
    rows = MarketPane(clock_ns=lambda: NOW_NS).draw(a_snapshot(book=book), 40, 40)
    parts = [part for row in rows for part in row]
    assert ("3 · resyncs 1", Ink.WARN) in parts
    assert ("✓ live · 4,321 updates", Ink.GOOD) in parts
