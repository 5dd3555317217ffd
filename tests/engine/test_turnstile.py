"""Few at a time, in order."""

import asyncio

from botcore_tui.engine.turnstile import Turnstile


async def gone(turnstile: Turnstile, out: list[int], number: int) -> None:
    await turnstile.passed()
    out.append(number)


async def test_few_leave_in_one_turn_of_the_loop_and_all_in_order() -> None:
    turnstile, out, after = Turnstile(), list[int](), list[int]()
    tasks = [asyncio.ensure_future(gone(turnstile, out, number)) for number in range(11)]
    while len(out) < len(tasks):
        await asyncio.sleep(0)  # one turn of the loop
        after.append(len(out))

    assert out == list(range(11))
    steps = [later - earlier for earlier, later in zip([0, *after], after, strict=False)]
    assert max(steps) == 4


async def test_who_has_given_up_takes_no_place() -> None:
    turnstile, out = Turnstile(), list[int]()
    tasks = [asyncio.ensure_future(gone(turnstile, out, number)) for number in range(10)]
    await asyncio.sleep(0)  # one turn of the loop
    assert out == [0, 1, 2, 3]
    for task in tasks[4:8]:
        task.cancel()

    await asyncio.gather(*tasks, return_exceptions=True)

    assert out == [0, 1, 2, 3, 8, 9]


async def test_alone_it_waits_for_nobody() -> None:
    turnstile = Turnstile()
    waiting = turnstile.passed()
    try:
        waiting.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")
