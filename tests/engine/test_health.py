"""Figures about the engine itself: lag, rates, faults, and when the collector may work."""

import asyncio
import gc
import logging
from collections.abc import Callable, Iterator

import pytest
from set_aside import real_collector
from virtual_time import VirtualTime

from botcore_tui.engine.health import HealthMonitor
from botcore_tui.engine.hygiene import ThreadHygiene
from botcore_tui.model.snapshot import EngineHealth

MS = 1_000_000
SECOND = 1_000 * MS


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def hygiene() -> Iterator[ThreadHygiene]:
    hygiene = ThreadHygiene()
    yield hygiene
    hygiene.undo()


@pytest.fixture(autouse=True)
def collected(time: VirtualTime, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When it was collected; in earnest each would look at all that the tests before left."""
    moments: list[float] = []
    monkeypatch.setattr(gc, "collect", lambda: moments.append(time.elapsed()))
    return moments


@pytest.fixture
def monitor(time: VirtualTime, hygiene: ThreadHygiene) -> HealthMonitor:
    return HealthMonitor(time, hygiene)


def probed(
    monitor: HealthMonitor,
    time: VirtualTime,
    seconds: float,
    each_second: Callable[[int], None] = lambda _second: None,
) -> None:
    """Run the probe for so long; the last argument is called at each half second."""

    async def scenario() -> None:
        task = asyncio.create_task(monitor.probe())
        await time.sleep(0.5)
        for second in range(int(seconds)):
            each_second(second)
            await time.sleep(1)
        task.cancel()

    time.run(scenario)


def reported(monitor: HealthMonitor) -> EngineHealth:
    return monitor.report(inbox=(1, 2, 3), refused=(4, 5))


def test_report_repeats_what_it_is_given(monitor: HealthMonitor, time: VirtualTime) -> None:
    report = reported(monitor)

    assert (report.inbox, report.inbox_peak, report.inbox_capacity) == (1, 2, 3)
    assert (report.decode_errors, report.unknown_events) == (4, 5)
    assert report.started_ns == time.monotonic_ns()
    assert 1 < report.rss_mb < 10_000


@pytest.mark.requirement("R54")
def test_heartbeat_follows_the_clock(monitor: HealthMonitor, time: VirtualTime) -> None:
    assert monitor.heartbeat_ns == 0

    probed(monitor, time, 3)

    assert 0 <= time.monotonic_ns() - monitor.heartbeat_ns <= 50 * MS


@pytest.mark.requirement("A14")
def test_blocked_loop_shows_as_lag(monitor: HealthMonitor, time: VirtualTime) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(monitor.probe())
        await time.sleep(1.01)
        assert reported(monitor).loop_lag.max_us < 1
        time.jump(0.3)  # the loop does not turn meanwhile
        await time.sleep(0.1)
        task.cancel()

    time.run(scenario)

    lag = reported(monitor).loop_lag
    assert 250_000 < lag.max_us < 300_000
    assert lag.p50_us < 1


def test_event_rate_is_that_of_the_last_second(monitor: HealthMonitor, time: VirtualTime) -> None:
    def busy_then_quiet(second: int) -> None:
        monitor.events += 700 if second < 3 else 0

    probed(monitor, time, 3, busy_then_quiet)
    assert reported(monitor).events_per_second == pytest.approx(700, rel=0.06)
    assert reported(monitor).events == 2_100

    probed(monitor, time, 3, lambda _second: None)
    assert reported(monitor).events_per_second == 0


def test_figures_are_of_the_last_two_minutes_at_most(
    monitor: HealthMonitor, time: VirtualTime
) -> None:
    monitor.latency.record(SECOND)

    probed(monitor, time, 61)
    assert reported(monitor).latency.count == 1

    probed(monitor, time, 61)
    assert reported(monitor).latency.count == 0


@pytest.mark.requirement("R52")
def test_last_five_faults_are_kept_newest_last(monitor: HealthMonitor) -> None:
    for number in range(7):
        monitor.add_fault(f"fault {number}")

    assert reported(monitor).faults == tuple(f"fault {number}" for number in range(2, 7))


@pytest.mark.requirement("F17")
def test_silent_screen_is_logged_once_and_again_after_it_came_back(
    monitor: HealthMonitor, time: VirtualTime, caplog: pytest.LogCaptureFixture
) -> None:
    def looks(second: int) -> None:
        if second in (0, 10):
            monitor.looked_ns = time.monotonic_ns()

    with caplog.at_level(logging.WARNING):
        probed(monitor, time, 20, looks)

    assert [record.getMessage() for record in caplog.records] == [
        "no screen has asked for a picture for 3 s; the engine goes on"
    ] * 2


def test_engine_that_nobody_ever_looked_at_says_nothing(
    monitor: HealthMonitor, time: VirtualTime, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        probed(monitor, time, 20)

    assert caplog.records == []


def test_what_stands_after_one_second_and_after_three_is_frozen(
    monitor: HealthMonitor, time: VirtualTime
) -> None:
    with real_collector():
        probed(monitor, time, 1)
        assert gc.get_freeze_count() == 0

        probed(monitor, time, 10)

        assert gc.get_freeze_count() > 0
    # Once early, while what was imported is new and no order can be under way, and once more.
    (line,) = reported(monitor).hygiene
    assert line.startswith("collector ignores ")


@pytest.mark.slow
def test_full_collection_comes_every_five_minutes_and_only_when_idle(
    monitor: HealthMonitor, time: VirtualTime, collected: list[float]
) -> None:
    probed(monitor, time, 5)  # past the freezing
    collected.clear()

    monitor.is_idle = False
    probed(monitor, time, 400)
    assert collected == []

    monitor.is_idle = True
    probed(monitor, time, 700)
    first, second, third = collected
    assert second - first > 300
    assert third - second > 300
