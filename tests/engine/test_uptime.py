"""How long streams delivered: stale time is down time, and nothing is lost at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from waiting import SteppedClock

from botcore_tui.engine.uptime import Append, StreamUptime
from botcore_tui.model.ledger import LedgerRow, StreamRow
from botcore_tui.model.snapshot import FeedState, RestUse

_REST = RestUse(weight=0, ceiling=1, waiting=0, shut_until_ns=0, calls=())


def a_state(name: str = "public", status: str = "live", rest: RestUse | None = None) -> FeedState:
    return FeedState(
        name=name,
        status=status,
        last_frame_ns=0,
        lag_ms=None,
        frames=0,
        frames_per_second=0.0,
        sequence="-",
        reconnects=0,
        rest=rest,
    )


class _Venue:
    """Streams as a test sets them, and a ledger that may be away."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.states: tuple[FeedState, ...] = (a_state(),)
        self.rows: list[LedgerRow] = []
        self.append: Append | None = self.rows.append

    @asynccontextmanager
    async def measuring(self) -> AsyncIterator[None]:
        uptime = StreamUptime(lambda _now_ns: self.states, lambda: self.append, self.clock)
        task = asyncio.create_task(uptime.run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def spans(self) -> list[tuple[str, int, int]]:
        rows = [row for row in self.rows if isinstance(row, StreamRow)]
        return [(row.name, row.span_ms, row.up_ms) for row in rows]


@pytest.mark.requirement("R61")
async def test_each_stream_is_recorded_every_ten_minutes_and_at_the_end() -> None:
    venue = _Venue()
    venue.states = (a_state(), a_state("user data"))
    async with venue.measuring():
        await venue.clock.run(600)
        assert venue.spans() == [("public", 600_000, 600_000), ("user data", 600_000, 600_000)]
        first = venue.rows[0]
        assert isinstance(first, StreamRow)
        assert first.time_ms == venue.clock.now_ms()
        await venue.clock.run(30)
    assert venue.spans()[2:] == [("public", 30_000, 30_000), ("user data", 30_000, 30_000)]


@pytest.mark.requirement("R61")
@pytest.mark.parametrize("status", ["stale", "down", "connecting", "waiting", "ended"])
async def test_all_but_live_is_down(status: str) -> None:
    venue = _Venue()
    async with venue.measuring():
        await venue.clock.run(5)
        venue.states = (a_state(status=status),)
        await venue.clock.run(3)
    assert venue.spans() == [("public", 8_000, 5_000)]


async def test_a_stream_whose_session_ended_is_down_until_it_is_back() -> None:
    venue = _Venue()
    async with venue.measuring():
        await venue.clock.run(2)
        venue.states = ()
        await venue.clock.run(4)
        venue.states = (a_state(),)
        await venue.clock.run(1)
    assert venue.spans() == [("public", 7_000, 3_000)]


async def test_requests_and_an_exchange_that_is_away_are_no_streams() -> None:
    venue = _Venue()
    venue.states = (a_state("rest", rest=_REST), a_state("exchange", status="down"))
    async with venue.measuring():
        await venue.clock.run(2)
    assert venue.rows == []


async def test_what_nobody_looked_at_is_hardly_up() -> None:
    venue = _Venue()
    async with venue.measuring():
        await venue.clock.run(1)
        venue.clock.advance(100)
        await venue.clock.run(1)
    ((name, span_ms, up_ms),) = venue.spans()
    assert name == "public"
    assert span_ms >= 100_000
    assert up_ms <= 4_000


async def test_without_a_ledger_spans_wait_for_the_next_one() -> None:
    venue = _Venue()
    venue.append = None
    async with venue.measuring():
        await venue.clock.run(700)
        assert venue.rows == []
        venue.append = venue.rows.append
        await venue.clock.run(1)
        assert venue.spans() == [("public", 701_000, 701_000)]
    assert len(venue.rows) == 1
