"""The market pane: one number a line, each as the picture has it."""

import pytest
from builders import NOW_MS, NOW_NS, SECOND, a_book_view, a_day, a_mark, a_snapshot
from msgspec.structs import replace
from pane_app import row_texts

from botcore_tui.model.market import BookState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import Ink
from botcore_tui.ui.panes.market import MarketPane


def facts(snapshot: Snapshot, *, now_ns: int = NOW_NS) -> dict[str, str]:
    rows = MarketPane(clock_ns=lambda: now_ns).draw(snapshot, 40, 40)
    return {line[:13].strip(): line[13:].strip() for line in row_texts(rows)}


def test_every_number_is_the_pictures() -> None:
    assert facts(a_snapshot()) == {
        "last": "61659.7 ▲",
        "mark": "61658.9",
        "index": "61657.5",
        "funding": "+0.0100% in 1:00:00",
        "spread": "0.1 (0.02 bps)",
        "book": "✓ live",
        "gaps": "0",
        "resyncs": "1",
        "applied": "4,321",
        "update id": "987654321",
        "24h change": "+0.42%",
        "24h high": "62000.0",
        "24h low": "61000.5",
        "24h volume": "123456.789",
        "24h turnover": "7600000000.1",
    }


def test_missing_numbers_are_dashes() -> None:
    shown = facts(
        a_snapshot(
            last_price=None, mark=None, day=None, book=a_book_view(BookState.SYNCING, reason="x")
        )
    )
    for name in ("last", "mark", "index", "funding", "spread", "24h change", "24h volume"):
        assert shown[name] == "-"
    assert shown["book"] == "✗ syncing"


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


def test_gaps_of_the_book_are_set_off() -> None:
    book = replace(a_book_view(), gaps=3)
    rows = MarketPane(clock_ns=lambda: NOW_NS).draw(a_snapshot(book=book), 40, 40)
    parts = [part for row in rows for part in row]
    assert ("3", Ink.WARN) in parts
    assert ("✓ live", Ink.GOOD) in parts
