"""The requests among the feeds: use, refusals, and what went wrong at which endpoint."""

import pytest
from builders import NOW_NS, SECOND, a_feed, a_rest, a_snapshot
from msgspec.structs import replace
from pane_app import row_texts

from botcore_tui.model.snapshot import EndpointCalls, FeedState, LaneUse, RestUse
from botcore_tui.ui.panes.feeds import Feeds
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.requests import limit_rows, request_row, trouble_rows

LIMITED = EndpointCalls("depth", 9, 2, 1, "HTTP 429: Too many requests (-1003)")


def drawn(feed: FeedState, width: int) -> list[str]:
    assert feed.rest is not None
    rows = [request_row(feed, feed.rest, NOW_NS, width), *trouble_rows(feed.rest, width)]
    return [line.rstrip() for line in row_texts(rows)]


def ink(feed: FeedState) -> Ink:
    assert feed.rest is not None
    return request_row(feed, feed.rest, NOW_NS, 60)[0][1]


@pytest.mark.requirement("R03")
def test_use_stands_beside_the_ceiling_and_fewer_words_where_room_is_short() -> None:
    feed = a_rest()
    assert drawn(feed, 78) == ["✓ rest · use 41/1,200 · 12 asked · 0 saved · 0 given up"]
    assert drawn(feed, 36) == ["✓ rest · use 41/1,200 · 12 asked"]
    assert drawn(feed, 20) == ["✓ rest"]


@pytest.mark.requirement("F11")
@pytest.mark.parametrize("status", ["refused", "banned"])
def test_refusal_tells_how_long_it_still_holds(status: str) -> None:
    feed = a_rest(status, waiting=3, shut_until_ns=NOW_NS + 9 * SECOND)
    assert drawn(feed, 60) == [f"✗ rest · {status} 9.0s · 3 waiting · use 41/1,200 · 12 asked"]
    assert ink(feed) is Ink.ERROR


@pytest.mark.parametrize(("status", "words"), [("waiting", "3 waiting"), ("slowed", "slowed")])
def test_what_holds_requests_back_is_named(status: str, words: str) -> None:
    feed = a_rest(status, waiting=3 if status == "waiting" else 0)
    assert drawn(feed, 36) == [f"· rest · {words} · use 41/1,200"]
    assert ink(feed) is Ink.WARN


@pytest.mark.requirement("R42")
def test_use_beyond_four_fifths_warns() -> None:
    assert (ink(a_rest(weight=960)), ink(a_rest(weight=961))) == (Ink.GOOD, Ink.WARN)


@pytest.mark.requirement("R42")
def test_endpoint_in_trouble_has_a_line_with_its_last_reason() -> None:
    feed = a_rest(calls=(EndpointCalls("klines", 3, 0, 0, ""), LIMITED))
    assert drawn(feed, 78) == [
        "✓ rest · use 41/1,200 · 12 asked · 2 saved · 1 given up",
        "  depth 9 asked, 2 saved, 1 given up: HTTP 429: Too many requests (-1003)",
    ]
    assert drawn(feed, 36)[1] == "  depth: HTTP 429: Too many request…"


def test_failures_beyond_a_fifth_of_the_attempts_warn() -> None:
    for attempts, expected in ((9, Ink.WARN), (15, Ink.TEXT)):
        calls = (EndpointCalls("depth", attempts, 2, 1, "HTTP 500"),)
        feed = a_rest(calls=calls)
        assert feed.rest is not None
        assert trouble_rows(feed.rest, 60)[0][0][1] is expected


def test_pane_shows_requests_first_and_what_failed_last() -> None:
    feeds = (a_feed(), a_feed("recording", detail="tape"), a_rest(calls=(LIMITED,)))
    pane = Feeds(clock_ns=lambda: NOW_NS)
    lines = row_texts(pane.draw(a_snapshot(feeds=feeds), 60, 9))
    assert [line.split()[0] for line in lines] == ["✓", "feed", "depth", "●", "depth"]
    assert lines[0].startswith("✓ rest")


BUSY = RestUse(
    41,
    1_200,
    2,
    0,
    (),
    orders_10s=3,
    orders_10s_limit=300,
    orders_1m=8,
    orders_1m_limit=1_200,
    lanes=(LaneUse("kill", 0, 1), LaneUse("entry", 2, 1_200)),
    clock_offset_ms=-12.34,
)


def test_windows_lanes_and_clock_are_shown_once_they_are_known() -> None:
    assert [line.rstrip() for line in row_texts(limit_rows(BUSY, 60))] == [
        "  limits · 10s 3/300 · 1m 8/1,200 · clock -12.3ms",
        "  lanes · kill 1 · entry 1,200+2 waiting",
    ]
    assert limit_rows(replace(BUSY, lanes=(), clock_offset_ms=None, orders_10s_limit=0,
                              orders_1m_limit=0), 60) == []  # fmt: skip


def test_nearly_used_windows_and_waiting_lanes_warn() -> None:
    inks = [row[0][1] for row in limit_rows(BUSY, 60)]
    assert inks == [Ink.MUTED, Ink.WARN]
    calm = replace(BUSY, orders_10s=250, lanes=(LaneUse("kill", 0, 1),))
    assert [row[0][1] for row in limit_rows(calm, 60)] == [Ink.WARN, Ink.MUTED]


def test_narrow_pane_leaves_whole_parts_out() -> None:
    assert row_texts(limit_rows(BUSY, 30)) == [
        "  limits · 10s 3/300          ",
        "  lanes · kill 1              ",
    ]


def test_pane_shows_lanes_and_windows_below_the_streams() -> None:
    feeds = (a_feed(), replace(a_rest(), rest=BUSY))
    lines = row_texts(Feeds(clock_ns=lambda: NOW_NS).draw(a_snapshot(feeds=feeds), 60, 9))
    assert [line.split()[0] for line in lines] == ["✓", "feed", "depth", "limits", "lanes"]
