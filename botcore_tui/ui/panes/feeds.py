"""The streams: which are alive, how old, how late and how complete."""

from collections.abc import Sequence

from botcore_tui.model.snapshot import FeedState, Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled, message_rows
from botcore_tui.ui.panes.cells import cut, printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import ListPane
from botcore_tui.ui.panes.reading import RECORDING, engine_age_ns, is_engine_silent
from botcore_tui.ui.panes.requests import limit_rows, request_row, trouble_rows

_STATUS_INKS = {
    "live": Ink.GOOD,
    "connecting": Ink.WARN,
    "waiting": Ink.WARN,
    "stale": Ink.WARN,
    "down": Ink.ERROR,
    "ended": Ink.MUTED,
}
_SOUND = ("ok", "-")
_SIGNS = {"live": "✓", "down": "✗", "stale": "✗", "ended": "■"}


class Feeds(ListPane):
    """The requests, and one line a stream with what is the matter below each that is not live.

    Then a recording, order windows and lanes of the requests, and which endpoints failed.
    """

    pane_id = "feeds"
    pane_title = "feeds"
    hotkey = "6"

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture."""
        feeds = [f for f in snapshot.feeds if f.name != RECORDING and f.rest is None]
        recordings = [_recording_row(f, width) for f in snapshot.feeds if f.name == RECORDING]
        if not snapshot.feeds:
            return message_rows("no feeds", "", width=width, height=height)
        now_ns = self.clock_ns()
        is_silent = is_engine_silent(snapshot, now_ns)
        names = _names(feeds, snapshot.symbols)
        rows = table_rows(_columns(feeds, names, now_ns, is_silent=is_silent), width)
        shown: list[Row] = []
        if is_silent:
            # Nobody updates the words below any more, only their ages are true.
            text = f" ENGINE SILENT {fmt.age(engine_age_ns(snapshot, now_ns))} "
            shown.append(filled(((text, Ink.ALARM),), width))
        # Above the streams, of which there may be more than lines.
        requests = [(f, f.rest) for f in snapshot.feeds if f.rest is not None]
        shown += [request_row(feed, use, now_ns, width) for feed, use in requests]
        shown.append(rows[0])
        for feed, row in zip(feeds, rows[1:], strict=True):
            shown.append(row)
            if feed.detail and feed.status != "live":
                # One line: the log has the whole of it.
                detail = printable(" ".join(feed.detail.split()))
                shown.append(filled(((cut(f"  {detail}", width), Ink.TEXT),), width))
        shown += recordings
        # The last ones: they stay for as long as the program runs.
        for _, use in requests:
            shown += [*limit_rows(use, width), *trouble_rows(use, width)]
        return shown


def _names(feeds: Sequence[FeedState], symbols: Sequence[str]) -> list[str]:
    # With one symbol its name before every stream says nothing.
    if len(symbols) != 1:
        return [printable(feed.name) for feed in feeds]
    prefix = f"{symbols[0].lower()}@"
    return [printable(feed.name.removeprefix(prefix)) for feed in feeds]


def _recording_row(feed: FeedState, width: int) -> Row:
    # A recording is no stream: it has no age and no delay, but a file.
    is_running = feed.status == "live"
    sign, ink = ("●", Ink.GOOD) if is_running else ("✗", Ink.ERROR)
    detail = printable(" ".join(feed.detail.split()))
    what = fmt.plural(feed.frames, "frame") if is_running else feed.status
    return filled(((cut(f"{sign} {RECORDING} · {printable(what)} · {detail}", width), ink),), width)


def _columns(
    feeds: Sequence[FeedState], names: Sequence[str], now_ns: int, *, is_silent: bool
) -> list[Column]:
    status_inks = tuple(
        Ink.STALE if is_silent else _STATUS_INKS.get(feed.status, Ink.WARN) for feed in feeds
    )
    sequence_inks = tuple(Ink.TEXT if feed.sequence in _SOUND else Ink.WARN for feed in feeds)
    # Where room is short, a sequence is worth its column only when it is broken.
    is_broken = Ink.WARN in sequence_inks
    return [
        Column("feed", tuple(names), 10, is_number=False, widest=24),
        Column(
            "status",
            tuple(f"{_SIGNS.get(feed.status, '·')} {printable(feed.status)}" for feed in feeds),
            9,
            is_number=False,
            widest=14,
            inks=status_inks,
        ),
        Column("age", tuple(_age(feed, now_ns) for feed in feeds), 8),
        Column("lag", tuple(fmt.milliseconds(feed.lag_ms) for feed in feeds), 6),
        Column("msg/s", tuple(fmt.rate(feed.frames_per_second) for feed in feeds), 5),
        Column(
            "seq",
            tuple(printable(feed.sequence) for feed in feeds),
            7 if is_broken else 4,
            is_number=False,
            widest=16,
            inks=sequence_inks,
        ),
        Column("reconn", tuple(fmt.count(feed.reconnects) for feed in feeds), 3),
        Column("frames", tuple(fmt.count(feed.frames) for feed in feeds), 2),
    ]


def _age(feed: FeedState, now_ns: int) -> str:
    return fmt.age(now_ns - feed.last_frame_ns if feed.last_frame_ns else None)
