"""The questions that are asked before something gets riskier, and before leaving."""

from collections.abc import Sequence

import pytest
from builders import a_halt, a_snapshot
from cockpit import NEVER, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from textual.widgets import Input, OptionList

from botcore_tui.model.event import TradingState
from botcore_tui.ui.screens.quit import QuitDialog
from botcore_tui.ui.supervisor import Leave, LeaveReason

HALTED = a_snapshot(state=TradingState.HALTED, halt=a_halt("somebody", reason="a reason"))
REDUCING = a_snapshot(state=TradingState.REDUCING)


# --- resume --------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_resume_needs_the_word_and_says_who_halted() -> None:
    engine = FakeEngine(HALTED)
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f9")
        await pilot.pause()
        text = screen_text(app)
        assert "HALTED → REDUCING" in text
        assert "somebody" in text
        assert "a reason" in text
        await pilot.press(*"fed", "enter", *"resum", "enter")
        assert engine.resumes == []
        await pilot.press("e", "enter")
        await pilot.pause()
        assert engine.resumes == [("tester", "fed")]
        assert app.screen is app.main


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_keys_typed_ahead_cannot_resume() -> None:
    engine = FakeEngine(HALTED)
    app = a_cockpit(engine, arm_seconds=NEVER)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f9", *"fed", "enter", *"resume", "enter", "tab", "tab", "enter")
        await pilot.pause()
        assert engine.resumes == []


@pytest.mark.slow
@pytest.mark.parametrize("press", [["escape"], ["enter"], ["f12"]], ids=str)
async def test_resume_is_not_done_by_the_keys_that_a_hurried_hand_hits(press: list[str]) -> None:
    engine = FakeEngine(HALTED)
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f9", *press)
        await pilot.pause()
        assert engine.resumes == []
        assert app.screen is app.main


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_resume_is_refused_when_the_state_moved_while_typing() -> None:
    engine = FakeEngine(REDUCING)
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f9", *"fed", "enter", *"resume")
        engine.snapshot = HALTED
        await turn(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert engine.resumes == []
        assert "nothing was resumed" in screen_text(app)


async def test_resume_is_refused_while_a_halt_is_on_its_way_and_when_there_is_nothing_to_do() -> (
    None
):
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f9")
        await pilot.pause()
        assert "nothing to resume: the engine is ACTIVE" in screen_text(app)
        await pilot.press("f12", "f9")
        await pilot.pause()
        assert "the halt is not confirmed yet" in screen_text(app)
        assert app.screen is app.main


# --- environment and quit ------------------------------------------------------------------------


@pytest.mark.requirement("R18")
async def test_environment_changes_by_its_typed_name_when_halted() -> None:
    app = a_cockpit(FakeEngine(HALTED))
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f7")
        await pilot.pause()
        await pilot.press("enter", *"replay", "enter")
        await pilot.pause()
    assert app.return_value == Leave(LeaveReason.SWITCH, environment="replay")


@pytest.mark.slow
@pytest.mark.requirement("R18")
async def test_environment_that_is_not_on_offer_cannot_be_typed() -> None:
    app = a_cockpit(FakeEngine(HALTED))
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f7")
        await pilot.pause()
        for name in ("production", "demo", "paper", ""):
            app.screen.query_one(Input).value = name
            await pilot.press("enter")
            app.screen.query_one(OptionList).focus()
            await pilot.press("down", "down", "enter", *name, "enter")
            await pilot.pause()
            assert app.return_value is None, name
            assert "no keys" in screen_text(app)


@pytest.mark.slow
async def test_environment_is_refused_with_what_to_do_first_unless_halted() -> None:
    app = a_cockpit(FakeEngine(REDUCING))
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f7")
        await pilot.pause()
        assert "the engine is REDUCING; press F12 to halt it first" in screen_text(app)
        await pilot.press("down", "enter", *"replay", "enter")
        await pilot.pause()
        assert app.return_value is None


@pytest.mark.slow
async def test_environment_stays_when_the_engine_was_resumed_while_typing() -> None:
    engine = FakeEngine(HALTED)
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f7")
        await pilot.pause()
        await pilot.press(*"replay")
        engine.snapshot = REDUCING
        await turn(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert app.return_value is None
        assert "environment not changed" in screen_text(app)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "leaves", "halts"),
    [
        (["ctrl+q", "ctrl+q", "enter"], False, 0),
        (["down", "enter"], True, 0),
        (["tab", "tab", "enter"], True, 1),
    ],
    ids=str,
)
async def test_quit_asks_and_does_what_was_answered(
    keys: Sequence[str],
    leaves: bool,
    halts: int,
) -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert isinstance(app.screen, QuitDialog)
        await pilot.press(*keys)
        await pilot.pause()
    assert (app.return_value is not None) == leaves
    assert len(engine.halts) == halts
