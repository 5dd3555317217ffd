"""The inbox: bounded for the market, open for commands, and nothing gets lost in it."""

import asyncio
import threading

import pytest
from engine_fakes import WAIT_SECONDS
from hypothesis import given
from hypothesis import strategies as st
from waiting import settle

from botcore_tui.engine.inbox import Inbox


async def test_events_come_out_in_the_order_they_went_in_with_their_times() -> None:
    inbox: Inbox[str] = Inbox(10)
    for number, item in enumerate("abc"):
        inbox.put(item, number)

    assert inbox.take(2) == [(0, "a"), (1, "b")]
    assert inbox.take(2) == [(2, "c")]
    assert inbox.take(2) == []


async def test_command_overtakes_every_waiting_event() -> None:
    inbox: Inbox[str] = Inbox(10)
    inbox.put("event", 1)
    inbox.urge("first")
    inbox.urge("second")

    await inbox.wait()

    assert inbox.take_urgent() == ["first", "second"]
    assert inbox.take_urgent() == []
    assert inbox.take(10) == [(1, "event")]


async def test_reader_is_woken_by_an_event() -> None:
    inbox: Inbox[str] = Inbox(10)
    reader = asyncio.create_task(inbox.wait())
    await settle()
    assert not reader.done()

    inbox.put("event", 0)

    async with asyncio.timeout(WAIT_SECONDS):
        await reader


async def test_there_is_room_at_once_below_the_capacity() -> None:
    inbox: Inbox[int] = Inbox(2)
    inbox.put(1, 0)

    async with asyncio.timeout(WAIT_SECONDS):
        await inbox.room()


@pytest.mark.requirement("R37")
async def test_full_inbox_has_room_again_only_when_half_of_it_is_free() -> None:
    inbox: Inbox[int] = Inbox(8)
    for number in range(8):
        inbox.put(number, 0)
    room = asyncio.create_task(inbox.room())
    await settle()

    inbox.take(3)
    await settle()
    assert not room.done()

    inbox.take(1)
    async with asyncio.timeout(WAIT_SECONDS):
        await room
    assert len(inbox) == 4


async def test_event_beyond_the_capacity_is_kept() -> None:
    inbox: Inbox[int] = Inbox(1)
    for number in range(3):
        inbox.put(number, 0)

    assert len(inbox) == 3
    assert [item for _, item in inbox.take(10)] == [0, 1, 2]
    assert inbox.peak == 3


async def test_room_stays_shut_while_refilled_beyond_the_capacity() -> None:
    inbox: Inbox[int] = Inbox(2)
    inbox.put(1, 0)
    inbox.put(2, 0)
    room = asyncio.create_task(inbox.room())
    await settle()

    inbox.take(2)
    inbox.put(3, 0)
    inbox.put(4, 0)  # before the waiter had its turn
    await settle()
    assert not room.done()

    inbox.take(2)
    async with asyncio.timeout(WAIT_SECONDS):
        await room


async def test_drained_returns_when_the_last_event_is_taken_and_commands_do_not_count() -> None:
    inbox: Inbox[int] = Inbox(100)
    for number in range(5):
        inbox.put(number, 0)
    inbox.urge(99)
    drained = asyncio.create_task(inbox.drained())

    for _ in range(4):
        inbox.take(1)
        await settle()
        assert not drained.done()
    inbox.take(1)

    async with asyncio.timeout(WAIT_SECONDS):
        await drained


@given(
    capacity=st.integers(1, 12),
    bursts=st.lists(st.integers(1, 9), max_size=40),
    takes=st.lists(st.integers(1, 9), min_size=1, max_size=10),
)
@pytest.mark.requirement("R37")
def test_whatever_the_rhythm_nothing_is_lost_or_reordered_and_the_bound_holds(
    capacity: int, bursts: list[int], takes: list[int]
) -> None:
    async def scenario() -> None:
        inbox: Inbox[int] = Inbox(capacity)
        total = sum(bursts)
        taken: list[int] = []

        async def deliver() -> None:
            number = 0
            for burst in bursts:
                for _ in range(burst):
                    await inbox.room()
                    inbox.put(number, number)
                    assert len(inbox) <= capacity
                    number += 1
                await asyncio.sleep(0)  # the one who takes has its turn
            await inbox.drained()
            assert len(taken) == total

        feeding = asyncio.create_task(deliver())
        turn = 0
        while len(taken) < total:
            await inbox.wait()
            taken += [item for _, item in inbox.take(takes[turn % len(takes)])]
            turn += 1
            await asyncio.sleep(0)  # the one who delivers has its turn
        await feeding
        assert taken == list(range(total))
        assert inbox.peak <= capacity

    asyncio.run(scenario())


def test_commands_of_many_threads_all_arrive_each_thread_in_its_order() -> None:
    inbox: Inbox[tuple[int, int]] = Inbox(4)

    def urge_many(name: int) -> None:
        for number in range(500):
            inbox.urge((name, number))

    threads = [threading.Thread(target=urge_many, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    commands = inbox.take_urgent()

    for name in range(3):
        assert [number for who, number in commands if who == name] == list(range(500))


def test_commands_that_wait_are_seen() -> None:
    inbox: Inbox[int] = Inbox(9)
    seen = [inbox.has_urgent]
    inbox.urge(1)
    seen.append(inbox.has_urgent)
    inbox.take_urgent()
    seen.append(inbox.has_urgent)

    assert seen == [False, True, False]
