"""An exchange that outlives the program that started it: found again, replaced, ended."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from demo_stage import Demo, FakeFeed, a_demo, settings
from fake_exchange import a_command, ready_facts
from msgspec.structs import replace

from botcore_tui.exchange.base import Sink
from botcore_tui.exchange.lingering import read_trace, write_trace
from botcore_tui.exchange.sim.ready import Ready
from botcore_tui.model.event import FeedDown


@contextmanager
def a_survivor(command: tuple[str, ...], trace: Path) -> Iterator[Ready]:
    """An exchange whose program was killed: nobody's child, with a port and a trace."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        rest = f"http://127.0.0.1:{listening.getsockname()[1]}"
        process = subprocess.Popen(["sleep", "60"])
        ready = replace(ready_facts(rest), pid=process.pid)
        write_trace(trace, command, ready)
        try:
            yield ready
        finally:
            process.kill()
            process.wait()


@pytest.mark.requirement("F17")
async def test_an_exchange_that_was_left_behind_is_followed_and_ended_when_one_leaves(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trace, command = tmp_path / "demo-exchange.json", a_command()
    with a_survivor(command, trace) as ready, caplog.at_level("INFO"):
        async with a_demo(settings(*command, trace=trace)) as demo:
            feed = await demo.until_followed()
            assert feed.ready == ready
        assert "was left behind and is followed again" in caplog.text
        assert not trace.exists()
        assert feed.has_ended.is_set()


@pytest.mark.parametrize("is_fresh", [True, False])
async def test_one_that_is_not_wanted_any_more_is_ended_and_a_new_one_started(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, is_fresh: bool
) -> None:
    trace, command = tmp_path / "demo-exchange.json", a_command()
    left = command if is_fresh else a_command("other")
    with a_survivor(left, trace) as ready:
        of = settings(*command, trace=trace, is_fresh=is_fresh)
        async with a_demo(of) as demo:
            feed = await demo.until_followed()
            assert feed.ready.pid != ready.pid
            written = read_trace(trace)
            assert written is not None
            assert written.ready == feed.ready
            assert trace.stat().st_mode & 0o777 == 0o600
    why = "a new one is wanted" if is_fresh else "it was set up otherwise"
    assert f"embedded exchange that was left behind is ended: {why}" in caplog.text


async def test_a_trace_of_one_that_is_gone_is_no_hindrance(tmp_path: Path) -> None:
    trace, command = tmp_path / "demo-exchange.json", a_command()
    with a_survivor(command, trace) as ready:
        pass
    async with a_demo(settings(*command, trace=trace)) as demo:
        assert (await demo.until_followed()).ready.pid != ready.pid
    assert not trace.exists()


async def test_an_attached_exchange_that_dies_is_told_and_a_new_one_started(
    tmp_path: Path,
) -> None:
    trace, command = tmp_path / "demo-exchange.json", a_command()
    with a_survivor(command, trace) as ready:
        async with a_demo(settings(*command, trace=trace)) as demo:
            await demo.until_followed()
            os.kill(ready.pid, signal.SIGKILL)
            await demo.until(lambda: demo.events)
            reason = "embedded exchange: ended"
            assert demo.events == [FeedDown(("BTCUSDT",), reason, demo.clock.now_ms())]
            await demo.clock.pass_pause(1.0)
            assert (await demo.until_followed(2)).ready.pid != ready.pid


async def test_a_trace_that_cannot_be_left_is_told_and_costs_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with a_demo(settings(trace=tmp_path / "missing" / "trace")) as demo:
        await demo.until_followed()
    assert "would not be found again after a crash: No such file or directory" in caplog.text


class FailingFeed(FakeFeed):
    """Has a defect."""

    async def run(self, sink: Sink) -> None:
        """Fail."""
        raise RuntimeError("a defect")


async def test_a_defect_does_not_end_an_exchange_with_an_account(tmp_path: Path) -> None:
    trace = tmp_path / "demo-exchange.json"
    demo = Demo(settings(trace=trace), FailingFeed)
    with pytest.raises(ExceptionGroup):
        await demo.feed.run(demo)
    pid = demo.feeds[0].ready.pid
    os.kill(pid, 0)
    assert trace.exists()
    os.kill(pid, signal.SIGKILL)


async def test_a_defect_ends_an_exchange_that_nobody_could_find_again() -> None:
    demo = Demo(settings(), FailingFeed)
    with pytest.raises(ExceptionGroup):
        await demo.feed.run(demo)
    with pytest.raises(ProcessLookupError):
        os.kill(demo.feeds[0].ready.pid, 0)
