"""What became of the requests: recorded rarely, at once where the venue refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from waiting import SteppedClock

from botcore_tui.engine.call_log import CallLog
from botcore_tui.engine.uptime import Append
from botcore_tui.exchange.binance.calls import CallCounts
from botcore_tui.model.ledger import CallRow, LedgerRow

_DAY_MS = 86_400_000


class _Venue:
    """Requests as a test makes them, and a ledger that may be away."""

    def __init__(self, before_midnight: float = 40_000) -> None:
        self.clock = SteppedClock()
        to_midnight = _DAY_MS - self.clock.now_ms() % _DAY_MS
        self.clock.advance(to_midnight / 1000 - before_midnight)
        self.counts: CallCounts | None = CallCounts()
        self.rows: list[LedgerRow] = []
        self.append: Append | None = self.rows.append

    def ask(self, *statuses: int, endpoint: str = "depth") -> None:
        assert self.counts is not None
        count = self.counts.of(endpoint)
        for status in statuses:
            count.attempts += 1
            count.hear(status)

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[None]:
        log = CallLog(lambda: self.counts, lambda: self.append, self.clock)
        task = asyncio.create_task(log.run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def told(self) -> list[tuple[str, int, int, int, int]]:
        rows = [row for row in self.rows if isinstance(row, CallRow)]
        return [(row.endpoint, row.attempts, row.failed, row.limited, row.banned) for row in rows]


@pytest.mark.requirement("R62")
@pytest.mark.requirement("R64")
async def test_counts_are_recorded_after_a_minute_then_every_ten_and_at_the_end() -> None:
    venue = _Venue()
    async with venue.recording():
        venue.ask(200, 503)
        await venue.clock.run(59)
        assert venue.told() == []
        await venue.clock.run(1)
        assert venue.told() == [("depth", 2, 1, 0, 0)]
        venue.ask(200, endpoint="klines")
        await venue.clock.run(599)
        assert len(venue.told()) == 1
        await venue.clock.run(1)
        assert venue.told()[1:] == [("klines", 1, 0, 0, 0)]
        row = venue.rows[1]
        assert isinstance(row, CallRow)
        assert (row.span_ms, row.time_ms) == (600_000, venue.clock.now_ms())
        venue.ask(200)
        await venue.clock.run(1)
    assert venue.told()[2:] == [("depth", 1, 0, 0, 0)]


@pytest.mark.requirement("R60")
@pytest.mark.parametrize(("status", "limited", "banned"), [(429, 1, 0), (418, 0, 1)])
async def test_a_refusal_for_a_broken_limit_is_recorded_within_seconds(
    status: int, limited: int, banned: int
) -> None:
    venue = _Venue()
    async with venue.recording():
        venue.ask(status)
        await venue.clock.run(1)
        assert venue.told() == [("depth", 1, 1, limited, banned)]
        venue.ask(status, status)
        await venue.clock.run(9)
        assert len(venue.told()) == 1
        await venue.clock.run(1)
        assert venue.told()[1:] == [("depth", 2, 2, 2 * limited, 2 * banned)]


async def test_what_was_before_midnight_counts_for_the_day_before() -> None:
    venue = _Venue(before_midnight=30)
    async with venue.recording():
        venue.ask(200)
        await venue.clock.run(31)
    (row,) = venue.rows
    assert isinstance(row, CallRow)
    assert row.time_ms % _DAY_MS == _DAY_MS - 1
    assert venue.clock.now_ms() // _DAY_MS == row.time_ms // _DAY_MS + 1


async def test_without_a_ledger_or_a_venue_counts_wait() -> None:
    venue = _Venue()
    counts, venue.append = venue.counts, None
    async with venue.recording():
        venue.ask(200)
        await venue.clock.run(70)
        venue.append, venue.counts = venue.rows.append, None
        await venue.clock.run(5)
        assert venue.rows == []
        venue.counts = counts
        await venue.clock.run(1)
        assert venue.told() == [("depth", 1, 0, 0, 0)]
