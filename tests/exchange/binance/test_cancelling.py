"""A cancellation that comes together with a failure is not lost."""

import asyncio

import pytest

from botcore_tui.exchange.binance.cancelling import heed_cancellation


async def failing_group(*, is_cancelled: bool) -> str:
    task = asyncio.current_task()
    assert task is not None

    async def fail() -> None:
        if is_cancelled:
            task.cancel()
        raise ConnectionError("lost")

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            await asyncio.Event().wait()
    except* ConnectionError:
        pass
    heed_cancellation()
    return "went on"


async def test_a_failure_alone_lets_the_task_go_on() -> None:
    assert await asyncio.create_task(failing_group(is_cancelled=False)) == "went on"


async def test_a_cancellation_that_collides_with_a_failure_ends_the_task() -> None:
    task = asyncio.create_task(failing_group(is_cancelled=True))
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_outside_a_task_there_is_nothing_to_heed() -> None:
    done = asyncio.get_running_loop().create_future()

    def outside() -> None:
        heed_cancellation()
        done.set_result(None)

    asyncio.get_running_loop().call_soon(outside)
    await done
