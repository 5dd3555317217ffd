"""Tasks that die are told of and started again; those that end, end."""

import asyncio

import pytest
from waiting import settle

from botcore_tui.clock import ManualClock
from botcore_tui.engine.supervisor import keep_running


class Deaths:
    """Remembers each."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def __call__(self, name: str, error: Exception) -> None:
        self.told.append((name, str(error)))


class Patient:
    """Dies so many times, then ends."""

    def __init__(self, deaths: int) -> None:
        self.starts = 0
        self._deaths = deaths

    async def run(self) -> None:
        self.starts += 1
        if self.starts <= self._deaths:
            raise ValueError(f"death {self.starts}")


@pytest.mark.requirement("R52")
async def test_task_that_dies_is_told_of_and_started_again() -> None:
    clock, deaths, patient = ManualClock(), Deaths(), Patient(2)

    await keep_running("feed", patient.run, clock, on_death=deaths)

    assert patient.starts == 3
    assert deaths.told == [("feed", "death 1"), ("feed", "death 2")]


async def test_pauses_double_from_one_second_to_thirty() -> None:
    clock = ManualClock()

    await keep_running("feed", Patient(8).run, clock, on_death=Deaths())

    assert clock.slept == [1, 2, 4, 8, 16, 30, 30, 30]


async def test_minute_of_health_makes_the_next_pause_a_first_one() -> None:
    clock, patient = ManualClock(), Patient(4)

    async def run() -> None:
        if patient.starts == 3:
            clock.advance(60.1)
        await patient.run()

    await keep_running("feed", run, clock, on_death=Deaths())

    assert clock.slept == [1, 2, 4, 1]


async def test_task_that_ends_by_itself_is_left_alone() -> None:
    clock, deaths, patient = ManualClock(), Deaths(), Patient(0)

    await keep_running("feed", patient.run, clock, on_death=deaths)

    assert (patient.starts, deaths.told, clock.slept) == (1, [], [])


async def test_cancelling_is_no_death() -> None:
    deaths = Deaths()
    task = asyncio.create_task(keep_running("feed", _wait_for_ever, ManualClock(), on_death=deaths))
    await settle()

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert deaths.told == []


async def _wait_for_ever() -> None:
    await asyncio.Event().wait()


async def test_death_is_logged_with_its_name_and_the_pause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await keep_running("probe", Patient(1).run, ManualClock(), on_death=Deaths())

    (record,) = caplog.records
    assert record.levelname == "CRITICAL"
    assert record.getMessage() == "task probe died and starts again in 1 s"
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)
