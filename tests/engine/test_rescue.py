"""A halt is carried out though the engine's loop is blocked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from kill_stage import BTC, Venue, a_bid, a_stop, held
from waiting import settle

from botcore_tui.clock import ManualClock
from botcore_tui.engine.kill_terms import KillReport
from botcore_tui.engine.rescue import Rescue, SecondWay
from botcore_tui.errors import FetchError
from botcore_tui.model.account import EngineLag
from botcore_tui.model.event import Event, Halt

HALT = Halt("anna", "enough", 1)


class Engine:
    """Takes no halt up, unless a test does."""

    def __init__(self) -> None:
        self.unheard_halt: Halt | None = None
        self.halts: list[tuple[str, str]] = []
        self.told: list[Event] = []

    def halt(self, actor: str, reason: str) -> None:
        self.halts.append((actor, reason))
        self.unheard_halt = Halt(actor, reason, 1)

    def deliver(self, event: Event, received_ns: int) -> None:
        self.told.append(event)


class Stage:
    def __init__(self) -> None:
        self.clock = ManualClock()
        self.engine = Engine()
        self.venue = Venue()
        self.has_account = True
        self.opened = 0
        self.reports: list[KillReport] = []
        self.rescue = Rescue(self.engine, self.open, self.clock, 1.0, self.reports.append)
        self.rescue.beat()
        self.engine.told.clear()

    def open(self) -> SecondWay | None:
        if not self.has_account:
            return None
        self.opened += 1
        return SecondWay(self._open(), (BTC,))

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Venue]:
        yield self.venue

    def look(self, after_seconds: float = 0.0) -> None:
        self.clock.advance(after_seconds)
        self.rescue.look()


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.venue.orders = [a_bid("a"), a_bid("b")]
    stage.venue.algo_orders, stage.venue.held_positions = [a_stop("s1")], [held("1")]
    return stage


@pytest.mark.requirement("K6")
@pytest.mark.requirement("F16")
def test_halt_that_the_loop_does_not_take_up_is_carried_out(stage: Stage) -> None:
    stage.engine.unheard_halt = HALT
    stage.look()
    stage.look(0.2)
    assert stage.opened == 0

    stage.look(0.06)

    assert stage.venue.orders == []
    assert [order.client_order_id for order in stage.venue.algo_orders] == ["s1"]
    (report,) = stage.reports
    assert (report.is_confirmed, report.cancelled) == (True, 2)


@pytest.mark.requirement("K11")
def test_halt_is_carried_out_once(stage: Stage) -> None:
    stage.engine.unheard_halt = HALT
    for _ in range(5):
        stage.look(0.3)
    assert stage.opened == 1

    stage.engine.unheard_halt = Halt("bert", "again", 2)
    stage.look(0.3)
    stage.look(0.3)
    assert stage.opened == 2


@pytest.mark.requirement("K9")
def test_known_contracts_are_cancelled_though_nothing_is_listed(stage: Stage) -> None:
    stage.engine.unheard_halt = HALT
    stage.venue.failures["open_orders"].append(FetchError("429"))
    stage.look()
    stage.look(0.3)
    assert f"cancel_all {BTC}" in stage.venue.calls


def test_halt_that_is_taken_up_in_time_needs_no_rescue(stage: Stage) -> None:
    stage.engine.unheard_halt = HALT
    stage.look(0.2)
    stage.engine.unheard_halt = None
    stage.look(0.2)
    stage.look(0.2)
    assert stage.opened == 0


def test_rescue_that_is_not_confirmed_is_repeated(stage: Stage) -> None:
    stage.engine.unheard_halt = HALT
    stage.venue.failures["positions"].extend([FetchError("no route")] * 40)
    stage.look()
    stage.look(0.3)
    assert not stage.reports[0].is_confirmed

    stage.venue.failures["positions"].clear()
    stage.rescue.beat()
    stage.look(0.3)

    assert stage.reports[1].is_confirmed


def test_nothing_can_be_done_before_there_is_an_account(stage: Stage) -> None:
    stage.engine.unheard_halt = HALT
    stage.has_account = False
    stage.look()
    stage.look(0.3)
    assert stage.reports == []

    stage.has_account = True
    stage.look(0.3)
    assert len(stage.reports) == 1


def test_what_cannot_be_done_yet_is_told_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.has_account = False
    stage.engine.unheard_halt = HALT
    for _ in range(20):
        stage.look(0.3)
    assert [record.getMessage() for record in caplog.records] == [
        "the engine does not take up a halt by anna: there is no account yet"
    ]


@pytest.mark.requirement("A14")
def test_loop_that_stands_still_too_long_is_halted_once_each_time(stage: Stage) -> None:
    stage.look(9.9)
    assert stage.engine.halts == []

    stage.look(0.2)
    stage.look(5)
    assert stage.engine.halts == [("supervisor", "A14: the engine stands still for 10 s")]
    assert stage.venue.orders == []  # nobody else could

    stage.rescue.beat()
    stage.look(1)
    stage.look(10)
    assert len(stage.engine.halts) == 2


@pytest.mark.requirement("A14")
def test_loop_that_stood_still_is_told_when_it_turns_again(stage: Stage) -> None:
    stage.clock.advance(0.9)
    stage.rescue.beat()
    assert stage.engine.told == []

    stage.clock.advance(5)
    stage.rescue.beat()
    assert stage.engine.told == [EngineLag(5.0, stage.clock.now_ms())]


def test_thread_beats_with_the_loop_and_ends_with_it(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Engine):
        looks = 0

        @property
        def unheard_halt(self) -> Halt | None:
            self.looks += 1
            raise RuntimeError("no engine")

        @unheard_halt.setter
        def unheard_halt(self, halt: Halt | None) -> None:
            pass

    engine = Broken()
    rescue = Rescue(engine, stage.open, stage.clock, 1.0)

    async def main() -> None:
        task = asyncio.create_task(rescue.run())
        while engine.looks < 2:
            await settle()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert "a look at the engine failed" in caplog.text
