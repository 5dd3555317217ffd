"""Waiting for a turn: in order, no longer than needed, and without a trace when cancelled."""

import asyncio
import logging
from email.utils import formatdate

import pytest
from waiting import SteppedClock, settle

from botcore_tui.clock import ManualClock
from botcore_tui.exchange.binance.allowance import KILL_MINIMUM_BANNED, Cost, Lane, Quotas
from botcore_tui.exchange.binance.limiter import Limiter, ShutError

URL = "http://127.0.0.1:1"


class Crowd:
    """Requests that wait at a gate of 100 a minute, and the order in which they went."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        # To the beginning of a minute: the tests count on from there.
        self.clock.advance(60 - self.clock.now_ms() / 1000 % 60)
        self.gate = Limiter(100, self.clock).gate(URL)
        self.went: list[str] = []

    async def go(self, name: str, lane: Lane = Lane.QUERY, cost: Cost | None = None) -> None:
        async with self.gate.turn(lane, cost or Cost(20)):
            self.went.append(name)

    def start(self, *names: str, lane: Lane = Lane.QUERY) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.go(name, lane)) for name in names]


async def test_requests_beyond_the_share_wait_for_the_next_minute_in_their_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    crowd = Crowd()
    tasks = crowd.start("a", "b", "c", "d", "e")
    await settle()
    assert crowd.went == ["a", "b", "c"]
    assert crowd.gate.state().status == "waiting"
    await crowd.clock.run(59.9)
    assert crowd.went == ["a", "b", "c"]
    await crowd.clock.run(0.1)
    assert crowd.went == ["a", "b", "c", "d", "e"]
    await asyncio.gather(*tasks)
    assert caplog.messages == [
        "127.0.0.1:1: weight 60 of 100 used in this minute; requests wait up to 60 s"
    ]


async def test_who_only_lets_others_go_first_at_the_turn_of_the_minute_complains_of_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    crowd = Crowd()
    tasks = crowd.start("a", "b", "c", "low")
    await settle()
    tasks += crowd.start("high", lane=Lane.ACCOUNT)
    await crowd.clock.run(60.0)
    assert crowd.went == ["a", "b", "c", "high", "low"]
    await asyncio.gather(*tasks)
    assert caplog.messages == [
        "127.0.0.1:1: weight 60 of 100 used in this minute; requests wait up to 60 s"
    ]


@pytest.mark.requirement("R03")
async def test_higher_lane_does_not_wait_behind_a_lower_one() -> None:
    crowd = Crowd()
    tasks = crowd.start("a", "b", "c", "d")
    await settle()
    tasks += crowd.start("kill", lane=Lane.KILL)
    await settle()
    assert crowd.went == ["a", "b", "c", "kill"]
    await crowd.clock.run(60.0)
    await asyncio.gather(*tasks)


async def test_cancelled_one_leaves_no_trace() -> None:
    crowd = Crowd()
    tasks = crowd.start("a", "b", "c", "d", "e", "f")
    await settle()
    tasks[3].cancel()
    await settle()
    rest = crowd.gate.state().rest
    assert rest is not None
    assert (rest.waiting, rest.weight) == (2, 60)
    await crowd.clock.run(60.0)
    assert crowd.went == ["a", "b", "c", "e", "f"]
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_request_that_fails_or_is_cancelled_under_way_stays_counted() -> None:
    crowd = Crowd()
    for error in (ValueError, asyncio.CancelledError):
        with pytest.raises(error):
            async with crowd.gate.turn(Lane.QUERY, Cost(20)):
                raise error
    rest = crowd.gate.state().rest
    assert rest is not None
    assert rest.weight == 40


async def test_reply_that_tells_less_lets_the_waiting_go_at_once() -> None:
    crowd = Crowd()
    async with crowd.gate.turn(Lane.QUERY, Cost(60)) as turn:
        (task,) = crowd.start("a")
        await settle()
        assert crowd.went == []
        turn.answered({"x-mbx-used-weight-1m": "7"})
    await task
    assert crowd.went == ["a"]


async def test_reply_that_tells_more_holds_the_next_ones_back() -> None:
    crowd = Crowd()
    async with crowd.gate.turn(Lane.QUERY, Cost(1)) as turn:
        headers = {"x-mbx-used-weight-1m": "60", "x-mbx-order-count-10s": "x"}
        turn.answered(headers)
    (task,) = crowd.start("a")
    await settle()
    assert crowd.went == []
    await crowd.clock.run(60.0)
    await task


async def test_limits_that_the_venue_tells_hold_at_once() -> None:
    crowd = Crowd()
    crowd.gate.learn(Quotas(weight_1m=50))
    tasks = crowd.start("a", "b")
    await settle()
    assert crowd.went == ["a"]
    crowd.gate.learn(Quotas(weight_1m=100))
    await asyncio.gather(*tasks)
    with pytest.raises(ShutError, match="its weight 61 is above 60 a minute"):
        await crowd.go("heavy", cost=Cost(61))


@pytest.mark.requirement("F11")
async def test_refusal_holds_everybody_then_it_is_told_that_the_venue_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    crowd = Crowd()
    async with crowd.gate.turn(Lane.QUERY, Cost(1)) as turn:
        turn.answered({})
        turn.refused(429, -1003, 20.0)
    assert crowd.gate.state().status == "refused"
    (task,) = crowd.start("a")
    await crowd.clock.run(19.9)
    assert crowd.went == []
    await crowd.clock.run(0.1)
    await task
    assert crowd.gate.state().status == "slowed"
    async with crowd.gate.turn(Lane.QUERY, Cost(1)) as turn:
        turn.answered({})
    await crowd.clock.run(60.0)
    assert crowd.gate.state().status == "live"
    assert caplog.messages == [
        "127.0.0.1:1 refuses: HTTP 429 (-1003); all but kill requests wait for 20 s",
        "127.0.0.1:1 answers again",
    ]


async def test_requests_that_are_refused_together_are_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate = Crowd().gate
    for seconds in (20.0, 20.5, 40.0):
        gate.shut(429, -1003, seconds)
    assert [message.rpartition("for ")[2] for message in caplog.messages] == ["20 s", "40 s"]


@pytest.mark.requirement("F11")
async def test_too_many_orders_are_told_as_such(caplog: pytest.LogCaptureFixture) -> None:
    crowd = Crowd()
    async with crowd.gate.turn(Lane.ENTRY, Cost(0, 1, 1)) as turn:
        turn.refused(429, -1015, 0.0)
    assert caplog.messages == ["127.0.0.1:1 refuses: HTTP 429 (-1015); orders wait"]


@pytest.mark.requirement("A13")
async def test_ban_sends_away_whoever_would_wait_long_but_kill() -> None:
    crowd = Crowd()
    crowd.gate.shut(418, -1003, 120.0)
    assert crowd.gate.state().status == "banned"
    for lane in (Lane.QUERY, Lane.ENTRY, Lane.REDUCING):
        with pytest.raises(ShutError, match="still holds") as caught:
            await crowd.go("no", lane)
        assert (caught.value.status, caught.value.seconds) == (418, 120.0)
    kills = crowd.start("x", "y", "z", lane=Lane.KILL)
    await settle()
    assert len(crowd.went) == KILL_MINIMUM_BANNED
    await crowd.clock.run(20.0)
    await asyncio.gather(*kills)
    assert crowd.went == ["x", "y", "z"]


def told_by(crowd: Crowd, date: str) -> int:
    """How many seconds the venue's clock is ahead of ours, after a reply with this date."""
    crowd.gate.set_clock(crowd.gate.now_ms(), date)
    return round((crowd.gate.now_ms() - crowd.clock.now_ms()) / 1000)


@pytest.mark.parametrize("seconds", [-3_600, -5, 0, 5, 3_600])
async def test_clock_of_the_venue_is_read_off_its_replies(seconds: int) -> None:
    crowd = Crowd()
    date = formatdate(crowd.clock.now_ms() / 1000 + seconds, usegmt=True)
    assert abs(told_by(crowd, date) - seconds) <= 1


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Nov 2026 15:00:00 GMT"])
async def test_date_that_cannot_be_read_changes_nothing(date: str) -> None:
    assert told_by(Crowd(), date) == 0


async def test_row_tells_use_and_calls() -> None:
    crowd = Crowd()
    assert crowd.gate.state().status == "idle"
    crowd.gate.calls.of("depth").attempts += 3
    crowd.gate.shut(503, 0, 2.0)
    state = crowd.gate.state()
    assert (state.name, state.status, state.frames) == ("rest", "refused", 3)
    assert state.rest is not None
    assert (state.rest.weight, state.rest.ceiling) == (0, 100)
    assert state.rest.shut_until_ns == crowd.clock.monotonic_ns() + 2_000_000_000
    assert [each.endpoint for each in state.rest.calls] == ["depth"]


def test_gate_of_a_venue_is_always_the_same_one() -> None:
    limiter = Limiter(1_200, ManualClock())
    gate = limiter.gate("https://fapi.binance.com")
    assert limiter.gate("https://fapi.binance.com/") is gate
    assert limiter.gate("https://testnet.binancefuture.com") is not gate


def test_gate_serves_one_loop_after_another() -> None:
    gate = Limiter(100, ManualClock()).gate(URL)

    async def some() -> None:
        async def go() -> None:
            async with gate.turn(Lane.QUERY, Cost(20)):
                await asyncio.sleep(0)  # the others come to wait

        await asyncio.gather(*(go() for _ in range(7)))

    asyncio.run(some())
    asyncio.run(some())  # an environment later
    assert len(gate._lanes) == 0


@pytest.mark.requirement("P18")
async def test_orders_of_both_windows_and_lanes_are_shown(
    caplog: pytest.LogCaptureFixture,
) -> None:
    crowd = Crowd()
    order = Cost(weight=0, orders_10s=1, orders_1m=1)
    crowd.gate.learn(Quotas(weight_1m=2_400, orders_10s=10, orders_1m=15))
    tasks = [asyncio.create_task(crowd.go(str(n), Lane.ENTRY, order)) for n in range(9)]
    await settle()
    rest = crowd.gate.state().rest
    assert rest is not None
    # Entries fill seven tenths of a window.
    assert (rest.orders_10s, rest.orders_10s_limit) == (7, 10)
    assert (rest.orders_1m, rest.orders_1m_limit) == (7, 15)
    assert [(use.lane, use.waiting, use.passed) for use in rest.lanes] == [
        ("kill", 0, 0),
        ("reducing", 0, 0),
        ("account", 0, 0),
        ("entry", 2, 7),
        ("query", 0, 0),
    ]
    assert rest.clock_offset_ms is None
    crowd.gate.clock_offset_ms = -12.5
    await crowd.clock.run(10)
    await asyncio.gather(*tasks)
    rest = crowd.gate.state().rest
    assert rest is not None
    assert (rest.orders_10s, rest.orders_1m, rest.clock_offset_ms) == (2, 9, -12.5)
    assert caplog.messages == [
        "127.0.0.1:1: 7 of 10 orders sent in these ten seconds; more wait up to 10 s"
    ]


@pytest.mark.requirement("P18")
async def test_reducing_order_passes_where_entries_have_used_their_share() -> None:
    crowd = Crowd()
    order = Cost(weight=0, orders_10s=1, orders_1m=1)
    crowd.gate.learn(Quotas(weight_1m=2_400, orders_10s=10, orders_1m=100))
    entries = [asyncio.create_task(crowd.go(f"e{n}", Lane.ENTRY, order)) for n in range(9)]
    await settle()
    assert len(crowd.went) == 7
    await crowd.go("stop", Lane.REDUCING, order)
    assert crowd.went[-1] == "stop"
    await crowd.clock.run(10)
    await asyncio.gather(*entries)
