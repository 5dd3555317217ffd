"""Streams before a session: what is silent, and what cannot be read."""

import asyncio
from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from botcore_tui.cli import preflight_streams
from botcore_tui.cli.doctor_terms import Grade
from botcore_tui.cli.preflight_streams import Witness, judged, streams
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config, Endpoints
from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.account import UserStreamDown, UserStreamUp
from botcore_tui.model.market import MarkPrice
from botcore_tui.model.snapshot import FeedState

DEPTH = FeedState(
    name="btcusdt@depth@100ms",
    status="live",
    last_frame_ns=1,
    lag_ms=None,
    frames=3,
    frames_per_second=1.0,
    sequence="ok",
    reconnects=0,
)
SILENT = replace(DEPTH, name="btcusdt@markPrice@1s", status="waiting", frames=0)
HOSTS = Endpoints("http://rest", "ws://public", "ws://market", None)


def test_streams_that_all_deliver_are_good() -> None:
    (finding,) = judged([DEPTH, DEPTH], 0, 0)
    assert (finding.grade, finding.text) == (Grade.GOOD, "2 of 2 deliver, all frames read")


@pytest.mark.requirement("F06")
def test_a_stream_that_says_nothing_fails() -> None:
    found = judged([DEPTH, SILENT], 0, 0)
    assert [each.grade for each in found] == [Grade.GOOD, Grade.BAD]
    assert "btcusdt@markPrice@1s said nothing: waiting" in found[1].text


@pytest.mark.parametrize(("status", "grade"), [("waiting", Grade.NOTE), ("down", Grade.BAD)])
def test_trades_may_be_rare_but_their_stream_must_be_up(status: str, grade: Grade) -> None:
    (_, finding) = judged([DEPTH, replace(SILENT, name="btcusdt@aggTrade", status=status)], 0, 0)
    assert finding.grade is grade


@pytest.mark.parametrize(
    ("unreadable", "unknown", "grade"), [(1, 0, Grade.BAD), (0, 1, Grade.WARN)]
)
def test_frames_that_are_not_understood_are_found(
    unreadable: int, unknown: int, grade: Grade
) -> None:
    found = judged([DEPTH], unreadable, unknown)
    assert found[-1].grade is grade
    assert "newer version" in found[-1].remedy


class Feed:
    """Tells one mark price, and has these rows."""

    def __init__(self, *rows: FeedState) -> None:
        self.rows = rows
        self.is_over = False

    async def run(self, sink: Sink) -> None:
        await sink.room()
        sink.deliver(MARK, 1)
        try:
            await asyncio.Event().wait()
        finally:
            self.is_over = True

    def states(self, _now_ns: int) -> tuple[FeedState, ...]:
        return self.rows

    def counters(self) -> tuple[int, int]:
        return 0, 0


MARK = MarkPrice(
    symbol="BTCUSDT",
    mark=Decimal(60_000),
    index=Decimal(60_000),
    funding_rate=Decimal(0),
    next_funding_ms=1,
    time_ms=1,
)


def followed(monkeypatch: pytest.MonkeyPatch, feed: Feed) -> preflight_streams.Streams:
    monkeypatch.setattr(preflight_streams, "feed_at", lambda *_: feed)
    monkeypatch.setattr(preflight_streams, "_SECONDS", 0.05)
    limiter = Limiter(1_000, SystemClock())
    return asyncio.run(streams(HOSTS, ("BTCUSDT",), Config(), limiter))


def test_streams_are_followed_until_each_has_told_something(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    feed = Feed(DEPTH)
    seen = followed(monkeypatch, feed)
    assert [each.grade for each in seen.findings] == [Grade.GOOD]


def test_a_silent_stream_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(DEPTH, SILENT)
    seen = followed(monkeypatch, feed)
    assert seen.findings[-1].grade is Grade.BAD
    assert (seen.marks, feed.is_over) == ({"BTCUSDT": Decimal(60_000)}, True)


def saw(witness: Witness, is_it: Callable[[UserStreamDown], bool]) -> UserStreamDown | None:
    return asyncio.run(witness.saw(UserStreamDown, 0.0, is_it))


def test_a_witness_finds_the_event_that_is_meant() -> None:
    witness = Witness()
    for event in (UserStreamUp(1), UserStreamDown("a", 2), UserStreamDown("b", 3)):
        witness.deliver(event, 0)
    assert saw(witness, lambda down: down.reason == "b") == UserStreamDown("b", 3)
    assert saw(witness, lambda down: down.reason == "c") is None
