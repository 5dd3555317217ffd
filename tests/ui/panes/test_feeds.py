"""The feeds: words and signs for each state, the reason below those that are not live."""

from builders import NOW_NS, SECOND, a_feed, a_snapshot
from pane_app import row_texts

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import Ink
from botcore_tui.ui.panes.feeds import Feeds

FEEDS = (
    a_feed("depth"),
    a_feed("mark", "stale", last_frame_ns=NOW_NS - 9 * SECOND, detail="no frame for 9 s"),
    a_feed("kline", "down", last_frame_ns=0, lag_ms=None, sequence="gap 3"),
)


def drawn(snapshot: Snapshot, width: int, *, now_ns: int = NOW_NS) -> list[str]:
    pane = Feeds(clock_ns=lambda: now_ns)
    return [line.rstrip() for line in row_texts(pane.draw(snapshot, width, 12))]


def test_every_feed_has_a_line_and_a_detail_if_it_is_not_live() -> None:
    assert drawn(a_snapshot(feeds=FEEDS), 70) == [
        "feed  status   age  lag msg/s seq   reconn frames",
        "depth ✓ live  12ms 1.50  48.0 ok         2 48,000",
        "mark  ✗ stale 9.0s 1.50  48.0 ok         2 48,000",
        "  no frame for 9 s",
        "kline ✗ down     -    -  48.0 gap 3      2 48,000",
    ]


def test_narrow_pane_keeps_name_status_and_age() -> None:
    assert drawn(a_snapshot(feeds=FEEDS), 20)[:2] == ["feed  status   age", "depth ✓ live  12ms"]


def test_detail_of_a_live_feed_is_left_out() -> None:
    feed = a_feed(detail="reconnected an hour ago")
    assert len(drawn(a_snapshot(feeds=(feed,)), 60)) == 2


def test_status_and_sequence_are_coloured_beside_their_words() -> None:
    rows = Feeds(clock_ns=lambda: NOW_NS).draw(a_snapshot(feeds=FEEDS), 70, 12)
    inks = {text.strip(): ink for row in rows[1:] for text, ink in row}
    assert (inks["✓ live"], inks["✗ stale"], inks["✗ down"], inks["gap 3"]) == (
        Ink.GOOD,
        Ink.WARN,
        Ink.ERROR,
        Ink.WARN,
    )


def test_words_of_a_silent_engine_are_not_trusted() -> None:
    lines = drawn(a_snapshot(feeds=FEEDS), 60, now_ns=NOW_NS + 5 * SECOND)
    assert lines[0].strip() == "ENGINE SILENT 5.1s"
    assert "5.0s" in lines[2]
    rows = Feeds(clock_ns=lambda: NOW_NS + 5 * SECOND).draw(a_snapshot(feeds=FEEDS), 60, 12)
    assert (" ✓ live ", Ink.STALE) in rows[2]


def test_engine_without_feeds_says_so() -> None:
    assert "no feeds" in "".join(drawn(a_snapshot(feeds=()), 30))
