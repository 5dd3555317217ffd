"""An exchange seen from an event loop: ready, ended, told from other threads."""

import asyncio
from collections.abc import Callable

import pytest
from fake_exchange import a_command, ready_facts
from msgspec.structs import replace

from botcore_tui.exchange.running import RunningExchange, attached, started


async def test_a_child_is_ready_then_ends_when_finished() -> None:
    running = started(a_command(), lingers=False)
    ready = await running.ready(30)
    assert ready is not None
    assert running.end == ""
    await running.finish()
    assert running.end == "stopped"


async def test_a_child_that_lingers_is_ended_by_a_signal() -> None:
    # This one does not care about the end of its input.
    running = started(a_command("deaf"), lingers=True)
    assert await running.ready(30) is not None
    await running.finish()
    assert running.end == "stopped"


async def test_one_that_ends_first_is_never_ready() -> None:
    running = started(a_command("dying"), lingers=False)
    assert await running.ready(30) is None
    assert running.end == "left with exit code 7"


async def test_one_that_takes_too_long_is_told_so() -> None:
    running = started(a_command("silent"), lingers=False)
    assert await running.ready(0.01) is None
    await running.finish()
    assert running.end == "not ready within 0.01 s"


async def test_what_cannot_be_started_is_an_error() -> None:
    with pytest.raises(OSError, match="No such file"):
        started(("/no/such/program",), lingers=False)


async def test_one_that_is_gone_cannot_be_taken_over() -> None:
    assert await attached(replace(ready_facts(), pid=0)) is None


async def test_news_that_comes_after_the_loop_is_of_no_harm() -> None:
    told: list[Callable[[], None]] = []

    async def leave() -> None:
        told.append(RunningExchange().tell)

    await asyncio.to_thread(lambda: asyncio.run(leave()))
    told[0]()
