"""Waiting for an intent to be on the disk."""

import asyncio
import threading

from ledger_rows import a_note, an_intent, numbered

from botcore_tui.ledger.durability import _REMEMBERED, Durability
from botcore_tui.ledger.spill import Entry

_ID = "bc-r1-1-e"
_ENTRY = Entry("r1", an_intent(_ID))


async def test_who_waits_is_told_from_another_thread() -> None:
    durability = Durability()
    waits = [asyncio.create_task(durability.wait(_ID, 10)) for _ in range(2)]
    await asyncio.sleep(0)  # both begin to wait
    thread = threading.Thread(target=durability.succeeded, args=([_ENTRY],))
    thread.start()
    assert await asyncio.gather(*waits) == [True, True]
    thread.join()


async def test_who_asks_later_learns_it_at_once() -> None:
    durability = Durability()
    durability.succeeded([Entry("r1", a_note()), _ENTRY])
    assert await durability.wait(_ID, 0) is True


async def test_a_failure_is_told_at_once_and_until_the_next_commit() -> None:
    durability = Durability()
    wait = asyncio.create_task(durability.wait(_ID, 10))
    await asyncio.sleep(0)  # it begins to wait
    durability.failed()
    assert await wait is False
    assert await durability.wait(_ID, 10) is False
    durability.succeeded([])
    assert await durability.wait(_ID, 0) is None


async def test_who_waits_in_vain_is_forgotten() -> None:
    durability = Durability()
    assert await durability.wait(_ID, 0) is None
    assert durability._waiters == {}
    durability.succeeded([_ENTRY])


async def test_one_who_gives_up_takes_no_other_along() -> None:
    durability = Durability()
    patient = asyncio.create_task(durability.wait(_ID, 10))
    await asyncio.sleep(0)  # it begins to wait
    assert await durability.wait(_ID, 0) is None
    durability.succeeded([_ENTRY])
    assert await patient is True


def test_a_loop_that_is_gone_is_no_trouble() -> None:
    durability = Durability()
    loop = asyncio.new_event_loop()
    task = loop.create_task(durability.wait(_ID, 10))
    loop.run_until_complete(asyncio.sleep(0))  # it begins to wait
    waiters = dict(durability._waiters)
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.close()
    durability._waiters.update(waiters)
    durability.failed()


async def test_memory_of_what_was_written_is_bounded() -> None:
    durability = Durability()
    durability.succeeded(
        Entry("r1", numbered(an_intent(), number)) for number in range(_REMEMBERED + 1)
    )
    assert await durability.wait("bc-r1-0-e", 0) is None
    assert await durability.wait("bc-r1-1-e", 0) is True
