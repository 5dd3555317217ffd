"""The feeds: words and signs for each state, the reason below those that are not live."""

from builders import MS, NOW_NS, SECOND, a_feed, a_snapshot
from msgspec.structs import replace
from pane_app import row_texts

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.feeds import Feeds
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import RECORDING

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


ONE_SYMBOL = (
    a_feed("btcusdt@aggTrade"),
    a_feed("btcusdt@markPrice@1s", last_frame_ns=NOW_NS - 107 * MS, lag_ms=12.34),
    replace(a_feed("btcusdt@depth@100ms"), frames_per_second=1234.5),
)


def test_every_delay_and_rate_fits_beside_the_chart_of_a_wide_screen() -> None:
    assert drawn(a_snapshot(feeds=ONE_SYMBOL), 36) == [
        "feed         status   age  lag msg/s",
        "aggTrade     ✓ live  12ms 1.50  48.0",
        "markPrice@1s ✓ live 107ms 12.3  48.0",
        "depth@100ms  ✓ live  12ms 1.50 1,234",
    ]


def test_names_keep_their_symbol_where_there_are_several() -> None:
    snapshot = a_snapshot(feeds=ONE_SYMBOL, symbols=("BTCUSDT", "ETHUSDT"))
    assert drawn(snapshot, 70)[1].startswith("btcusdt@aggTrade ")


def test_broken_sequence_takes_the_place_of_delay_and_rate() -> None:
    feeds = (a_feed("btcusdt@depth@100ms", sequence="gaps 3"), a_feed("btcusdt@aggTrade"))
    assert drawn(a_snapshot(feeds=feeds), 36) == [
        "feed        status  age  lag seq",
        "depth@100ms ✓ live 12ms 1.50 gaps 3",
        "aggTrade    ✓ live 12ms 1.50 ok",
    ]


def test_error_of_several_lines_takes_one() -> None:
    feed = a_feed(status="down", detail="[Errno 111]\nConnect call failed\n  ('127.0.0.1', 1)")
    lines = drawn(a_snapshot(feeds=(feed,)), 36)
    assert lines[2:] == ["  [Errno 111] Connect call failed (…"]


def test_recording_is_one_line_of_its_own_below_the_streams() -> None:
    running = a_feed(RECORDING, last_frame_ns=0, detail="tape.000001.gz")
    pane = Feeds(clock_ns=lambda: NOW_NS)
    rows = pane.draw(a_snapshot(feeds=(running, *ONE_SYMBOL)), 50, 9)
    assert rows[-1][0] == ("● recording · 48,000 frames · tape.000001.gz", Ink.GOOD)
    failed = a_feed(RECORDING, "down", last_frame_ns=0, detail="no space left\non device")
    rows = pane.draw(a_snapshot(feeds=(*ONE_SYMBOL, failed)), 50, 9)
    assert rows[-1][0] == ("✗ recording · down · no space left on device", Ink.ERROR)


def test_recording_alone_is_shown_too() -> None:
    lines = drawn(a_snapshot(feeds=(a_feed(RECORDING, detail="tape"),)), 50)
    assert lines[-1] == "● recording · 48,000 frames · tape"


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
