"""Who waits to be cancelled, waits once."""

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from executor_stage import Stage, a_cancel
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.engine.cancel_line import CancelLine
from botcore_tui.model.event import Cancel, CancelAll

WHOLE = CancelAll(symbol="BTCUSDT")


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


def asked(stage: Stage, cancel: Cancel | CancelAll) -> Callable[[], None]:
    """What asks for it."""
    if isinstance(cancel, CancelAll):
        return lambda: stage.executor.cancel_all(cancel)
    return lambda: stage.executor.cancel(cancel)


@pytest.mark.requirement("F11")
@pytest.mark.parametrize(
    ("cancel", "name"),
    [(a_cancel(), "cancel"), (a_cancel(is_algo=True), "cancel"), (WHOLE, "cancel_all")],
)
def test_what_is_asked_again_while_it_waits_for_its_turn_leaves_once(
    stage: Stage, time: VirtualTime, cancel: Cancel | CancelAll, name: str
) -> None:
    ask = asked(stage, cancel)

    async def play() -> None:
        async with stage.session():
            stage.account.hold(name)
            for _ in range(3):
                ask()
                await settle()
            stage.account.release(name)
            await settle()
            assert stage.account.deeds == [name]
            ask()  # the first one has left: what is not confirmed is asked for again
            await settle()

    time.run(play)

    assert stage.account.deeds == [name] * 2


def test_another_order_and_another_service_have_lines_of_their_own(
    stage: Stage, time: VirtualTime
) -> None:
    async def play() -> None:
        async with stage.session():
            stage.account.hold("cancel")
            for one in (a_cancel(), a_cancel("bc-1-2-e"), a_cancel(is_algo=True)):
                stage.executor.cancel(one)
            await settle()
            stage.account.release("cancel")

    time.run(play)

    assert stage.account.deeds == ["cancel"] * 3


def test_waits_until_it_leaves_whatever_becomes_of_it() -> None:
    line, cancel, told = CancelLine(), a_cancel(), list[str]()
    assert cancel not in line
    with line.joined(cancel, lambda: told.append("left")) as leaving:
        assert cancel in line
        leaving()
        assert cancel not in line
    assert told == ["left"]
    with pytest.raises(ValueError, match="given up"), line.joined(cancel, lambda: None):
        raise ValueError("given up")
    assert cancel not in line


def test_what_must_not_leave_waits_until_that_is_told() -> None:
    line, cancel = CancelLine(), a_cancel()

    def barred() -> None:
        raise ValueError("taken")

    with pytest.raises(ValueError, match="taken"), line.joined(cancel, barred) as leaving:
        leaving()
    assert cancel not in line


def test_answer_to_one_that_left_takes_no_place_from_the_next_of_its_kind() -> None:
    line, cancel = CancelLine(), a_cancel()
    with ExitStack() as first, ExitStack() as second:
        first.enter_context(line.joined(cancel, lambda: None))()
        next_leaves = second.enter_context(line.joined(cancel, lambda: None))
        first.close()  # it has its answer
        assert cancel in line
        next_leaves()
        assert cancel not in line
