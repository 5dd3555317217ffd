"""What a key does, and that the halt key does it everywhere."""

import asyncio
import threading

import pytest
from builders import a_halt, a_log_line, a_replay, a_snapshot
from cockpit import a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.widgets import Input

from botcore_tui.engine.port import Pause, Seek, SetSpeed, Step
from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.actions import ACTIONS
from botcore_tui.ui.driver import HaltSource
from botcore_tui.ui.screens.help import HelpScreen
from botcore_tui.ui.supervisor import Leave, LeaveReason

HALTED = a_snapshot(state=TradingState.HALTED, halt=a_halt("somebody", reason="a reason"))
REDUCING = a_snapshot(state=TradingState.REDUCING)


# --- halt ----------------------------------------------------------------------------------------


@pytest.mark.requirement("K12")
@pytest.mark.parametrize("key", ["f12", "ctrl+k"])
async def test_halt_key_halts_at_once_whatever_is_on_the_screen(key: str) -> None:
    engine = FakeEngine(REDUCING)
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        for before in ("x", "f7", "f9", "z", "space", "7", "slash", "question_mark", "ctrl+q"):
            engine.halts.clear()
            await pilot.press(before)
            await pilot.pause()
            await pilot.press(key)
            assert len(engine.halts) == 1, f"after {before}"
            assert app.main.has_class("-halted")


@pytest.mark.requirement("K12")
async def test_halt_key_works_in_an_input_line_and_closes_the_question() -> None:
    engine = FakeEngine(REDUCING)
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("f9", *"resume")
        assert isinstance(app.focused, Input)
        await pilot.press("ctrl+k")
        await pilot.pause()
        assert engine.halts == [("tester", "key ^k")]
        assert app.screen is app.main
        await pilot.press("enter")
        assert engine.resumes == []


@pytest.mark.requirement("K11")
async def test_repeated_halt_key_is_passed_on_each_time() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await pilot.press("f12", "f12", "f12")
        assert len(engine.halts) == 3


@pytest.mark.requirement("K12")
async def test_halt_from_the_input_thread_is_done_before_it_returns_and_shown_after() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    source: HaltSource = app
    assert isinstance(source, HaltSource)
    async with app.run_test() as pilot:
        await turn(pilot)
        thread = threading.Thread(target=app.halt_from_key, args=("F12",))
        thread.start()
        # The loop stands still here: the halt cannot have waited for it.
        thread.join(timeout=10)
        assert engine.halts == [("tester", "key F12")]
        assert engine.halt_threads == [thread.ident]
        await pilot.pause()
        assert "HALTING…" in screen_text(app)


def test_halt_from_the_input_thread_works_without_a_screen() -> None:
    engine = FakeEngine()
    app = a_cockpit(engine)
    app.halt_from_key("F12")
    assert engine.halts == [("tester", "key F12")]


async def test_halt_and_lost_terminal_after_the_end_do_no_harm() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test():
        pass
    await asyncio.to_thread(app.halt_from_key, "ctrl+k")
    await asyncio.to_thread(app.tty_lost)
    assert engine.halts == [("tester", "key ctrl+k")]


@pytest.mark.requirement("F17")
async def test_lost_terminal_ends_the_cockpit_with_its_reason() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await asyncio.to_thread(app.tty_lost)
        await pilot.pause()
    assert isinstance(app.return_value, Leave)
    assert app.return_value.reason is LeaveReason.TTY_LOST
    assert engine.halts == []


async def test_click_on_halt_in_the_footer_halts() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test(size=(20, 5)) as pilot:
        await turn(pilot)
        await pilot.click("#footer", offset=(3, 0))
        assert engine.halts == [("tester", "command palette or footer")]


# --- the rest --------------------------------------------------------------------------------


async def test_control_c_never_quits_and_says_what_does() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("ctrl+c", "ctrl+c", "ctrl+c")
        await pilot.pause()
        assert app.is_running
        assert "F12 halts, ^q quits" in screen_text(app)


@pytest.mark.slow
async def test_paused_display_holds_the_panes_and_not_the_band() -> None:
    engine = FakeEngine(a_snapshot(), [a_log_line(1, text="one")])
    app = a_cockpit(engine)
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        await pilot.press("space")
        engine.snapshot = a_snapshot(last_price=70_000.5, state=TradingState.HALTED, bars=())
        engine.lines.append(a_log_line(2, text="two"))
        await turn(pilot)
        text = screen_text(app)
        assert "PAUSED" in text
        assert "HALTED" in text.splitlines()[0]
        assert "70000.5" in text.splitlines()[0]
        assert "70000.5" not in text.partition("\n")[2]
        assert "two" not in text
        await pilot.press("space")
        await turn(pilot)
        text = screen_text(app)
        assert "PAUSED" not in text
        assert "70000.5" in text
        assert "two" in text


async def test_symbol_key_goes_round_and_forgets_the_grouping() -> None:
    engine = FakeEngine(a_snapshot(symbols=("BTCUSDT", "ETHUSDT")))
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        seen = []
        for _ in range(3):
            await pilot.press("s")
            seen.append(app.view.symbol)
        assert seen == ["ETHUSDT", "BTCUSDT", "ETHUSDT"]
        assert app.view.grouping == 1


async def test_tape_keys_steer_a_replay() -> None:
    engine = FakeEngine(a_snapshot(replay=a_replay(position_seconds=100, speed=1.0)))
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("p", ".", "<", ">", "left", "right")
        assert engine.commands == [
            Pause(), Step(), SetSpeed(0.5), SetSpeed(1.0), Seek(90.0), Seek(100.0),
        ]  # fmt: skip


async def test_tape_keys_do_nothing_without_a_tape() -> None:
    engine = FakeEngine(a_snapshot())
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        await turn(pilot)
        await pilot.press("p", "P", ".", "<", ">", "left", "right")
        assert engine.commands == []


@pytest.mark.slow
async def test_help_lists_the_keys_of_the_chosen_pane_and_closes() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        await pilot.press("7")
        await turn(pilot)
        for opener in ("question_mark", "f1"):
            await pilot.press(opener)
            await pilot.pause()
            assert isinstance(app.screen, HelpScreen)
            assert "Pane: log" in screen_text(app)
            assert "Stop trading now" in screen_text(app)
            await pilot.press("j", "k", opener)
            await pilot.pause()
            assert app.screen is app.main


@pytest.mark.slow
async def test_theme_key_goes_through_the_files_only() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test() as pilot:
        await turn(pilot)
        seen = []
        for _ in range(6):
            await pilot.press("t")
            seen.append(app.theme)
        assert sorted(seen) == sorted(app.shelf.names)


EDITING = {"enter", "up", "down", "home", "end", "pageup", "backspace"}
KEYS = sorted(
    {key for action in ACTIONS for key in action.keys}
    | set("resumdplay/nNlfwjkgG+-[]cvx")
    | EDITING
)
STEP: st.SearchStrategy[str | tuple[int, int] | Snapshot | None] = st.one_of(
    st.sampled_from(KEYS),
    st.tuples(st.integers(1, 170), st.integers(1, 50)),
    st.sampled_from([None, HALTED, REDUCING, a_snapshot(replay=a_replay()), a_snapshot(bars=())]),
)


@pytest.mark.slow
@pytest.mark.requirement("F17")
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEP, min_size=5, max_size=20))
async def test_no_order_of_keys_sizes_and_pictures_ends_the_cockpit_by_accident(
    steps: list[str | tuple[int, int] | Snapshot | None],
) -> None:
    engine = FakeEngine(a_snapshot(), [a_log_line(number) for number in range(1, 30)])
    app = a_cockpit(engine)
    async with app.run_test() as pilot:
        for step in steps:
            if isinstance(step, str):
                await pilot.press(step)
            elif isinstance(step, tuple):
                await pilot.resize_terminal(*step)
            else:
                engine.snapshot = step
            if not app.is_running:
                break
            await turn(pilot)
    assert app.return_code in (None, 0)
    assert app.return_value is None or app.return_value.reason in (
        LeaveReason.QUIT,
        LeaveReason.SWITCH,
    )
