"""What is held is told alone, where the picture of the account is long in coming, or does not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from fake_account import FakeAccount
from order_builders import a_position_report, an_algo_report
from virtual_time import VirtualTime

from botcore_tui.engine.reconciler import Reconciler
from botcore_tui.errors import FetchError
from botcore_tui.model.account import AccountPicture, ReconcileFailed
from botcore_tui.model.event import Event, Reconcile

BTC, ETH = "BTCUSDT", "ETHUSDT"
START = Reconcile(reason="start")
AWAY = FetchError("the venue is away")


class Stage:
    def __init__(self, time: VirtualTime) -> None:
        self.time = time
        self.account = FakeAccount()
        self.account.held_positions = [a_position_report(symbol=ETH, quantity="1")]
        self.account.algo_orders = [an_algo_report(symbol=ETH)]
        self.told: list[tuple[float, Event]] = []
        self.reconciler = Reconciler(
            self.account,
            time,
            lambda event: self.told.append((time.elapsed(), event)),
            followed=(BTC,),
            known_trades={},
            since_ms=0,
        )

    @asynccontextmanager
    async def session(self) -> AsyncIterator[asyncio.Task[None]]:
        self.reconciler.start()
        task = asyncio.create_task(self.reconciler.run())
        yield task
        self.reconciler.stop()
        task.cancel()
        await asyncio.wait([task])

    def play(self, request: Reconcile, seconds: float, *, times: int = 1) -> None:
        """Ask so often, and see each time what is told in so many seconds."""

        async def play() -> None:
            async with self.session():
                for _ in range(times):
                    self.reconciler.ask(request)
                    await self.time.sleep(seconds)

        self.time.run(play)

    def sightings(self) -> list[tuple[float, AccountPicture]]:
        pictures = [(at, one) for at, one in self.told if isinstance(one, AccountPicture)]
        return [(at, one) for at, one in pictures if one.is_sighting]


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


def test_picture_that_comes_soon_is_all_that_is_told(stage: Stage) -> None:
    stage.play(START, 30)
    ((_, picture),) = stage.told
    assert isinstance(picture, AccountPicture)
    assert not picture.is_sighting


@pytest.mark.requirement("F10")
@pytest.mark.parametrize("question", ["trades", "balance", "leverages", "income"])
def test_what_is_held_waits_for_no_question_that_a_stop_does_not_need(
    stage: Stage, question: str
) -> None:
    stage.account.hold(question)
    stage.play(START, 4.5)
    ((at, seen),) = stage.sightings()
    assert at == 3
    (held,) = seen.symbols
    assert (held.position, held.fills) == (stage.account.held_positions[0], ())
    assert seen.algo_orders == tuple(stage.account.algo_orders)
    assert (seen.reason, seen.listed, seen.balance) == ("start", (ETH,), None)


def test_income_that_ran_out_of_time_says_so(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.account.hold("income")
    stage.play(START, 6)
    assert caplog.messages == [
        "income not known, asked for again in a minute: no answer within 5 s"
    ]


def test_it_is_told_again_until_the_picture_is_there(stage: Stage) -> None:
    stage.account.hold("trades")

    async def play() -> None:
        async with stage.session():
            stage.reconciler.ask(START)
            await stage.time.sleep(30)
            stage.account.release("trades")
            await stage.time.sleep(60)

    stage.time.run(play)
    assert [at for at, _ in stage.sightings()] == [3, 15, 27]
    assert [type(event) for _, event in stage.told][-1] is AccountPicture
    assert len(stage.told) == 4


def test_questions_that_are_refused_at_once_do_not_hide_it(stage: Stage) -> None:
    stage.account.failures["trades"].extend([AWAY] * 7)
    stage.play(START, 2, times=7)
    assert [at for at, _ in stage.sightings()] == [0, 10]
    failures = [one for _, one in stage.told if isinstance(one, ReconcileFailed)]
    assert len(failures) == 7


@pytest.mark.requirement("F10")
def test_answers_that_are_all_slow_do_not_hide_it(stage: Stage) -> None:
    stage.account.answer_seconds = 2
    stage.account.failures["trades"].extend([AWAY] * 20)
    stage.play(START, 12, times=10)
    # The picture failed after two answers, the first of these had begun by then.
    assert [at for at, _ in stage.sightings()][:2] == [9, 21]


@pytest.mark.requirement("F10")
def test_open_orders_that_are_long_in_coming_do_not_hide_it(stage: Stage) -> None:
    stage.account.failures["trades"].append(AWAY)
    stage.account.hold("open_orders")
    stage.play(START, 10)
    ((at, seen),) = stage.sightings()
    assert (at, seen.orders) == (3, None)


def test_what_cannot_be_told_either_holds_nothing_up(stage: Stage) -> None:
    stage.account.failures["positions"].extend([AWAY] * 2)
    stage.play(START, 1)
    ((_, failure),) = stage.told
    assert isinstance(failure, ReconcileFailed)


def test_failure_waits_for_it_for_seconds_only(stage: Stage) -> None:
    stage.account.failures["trades"].append(AWAY)
    stage.account.hold("open_algo_orders")
    stage.play(START, 10)
    ((at, failure),) = stage.told
    assert (at, type(failure)) == (8, ReconcileFailed)


def test_nothing_is_told_of_a_flat_account(stage: Stage) -> None:
    stage.account.held_positions = []
    stage.account.hold("trades")
    stage.play(START, 10)
    assert stage.told[:-1] == []


def test_defect_in_it_is_raised(stage: Stage) -> None:
    stage.account.hold("balance")

    async def play() -> None:
        stage.reconciler.start()
        stage.reconciler.ask(START)
        stage.account.failures["positions"].clear()
        task = asyncio.create_task(stage.reconciler.run())
        await stage.time.sleep(1)
        stage.account.failures["positions"].append(ValueError("a defect"))
        with pytest.raises(ValueError, match="a defect"):
            await task

    stage.time.run(play)


@pytest.mark.requirement("K4")
@pytest.mark.parametrize("is_flat", [False, True])
def test_halt_is_told_what_is_open_anywhere_while_trades_are_not(
    stage: Stage, *, is_flat: bool
) -> None:
    """At most every thirty seconds: it costs much."""
    if is_flat:
        stage.account.held_positions = []
    stage.account.failures["trades"].extend([AWAY] * 31)
    stage.play(Reconcile(reason="halt"), 2, times=31)
    whole = [(at, one) for at, one in stage.sightings() if not one.listed]
    assert [at for at, _ in whole] == [0, 30, 60]
    assert all(one.algo_orders == tuple(stage.account.algo_orders) for _, one in whole)
    assert len(stage.sightings()) == (3 if is_flat else 7)
