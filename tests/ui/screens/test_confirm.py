"""A typed word, not too early, or nothing happens."""

import pytest
from textual.app import App
from textual.widgets import Button, Input, Static

from botcore_tui.ui.screens.confirm import TypedDialog
from botcore_tui.ui.screens.dialog import ARM_SECONDS


class Host(App[None]):
    def __init__(self, dialog: TypedDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


def a_dialog(*, word: str = "go", arm_seconds: float = 0.0) -> TypedDialog:
    return TypedDialog("Title", ["text"], word=word, label="Go", arm_seconds=arm_seconds)


def test_default_waiting_time_is_a_second() -> None:
    assert ARM_SECONDS == 1.0


async def test_cancel_has_the_focus_and_enter_answers_no() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        assert isinstance(app.focused, Button)
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        assert app.answers == [""]


@pytest.mark.slow
@pytest.mark.parametrize("typed", ["", "g", "goo", "Go"])
async def test_another_word_confirms_nothing(typed: str) -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        await pilot.press("tab", *typed, "enter", "tab", "enter")
        assert "go" not in app.answers


def hint(app: Host) -> tuple[str, bool]:
    widget = app.dialog.query_one("#hint", Static)
    return str(widget.content), widget.has_class("warning")


async def test_wrong_word_is_named_until_something_else_is_typed() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        assert hint(app) == ("enter confirms the typed word · tab goes on · esc cancels", False)
        await pilot.press("g", "x", "enter")
        assert hint(app) == ("'gx' is not it: type go, then enter", True)
        await pilot.press("backspace")
        assert not hint(app)[1]
        await pilot.press("backspace", "enter")
        assert hint(app) == ("nothing was typed: type go, then enter", True)
        assert app.answers == []


async def test_word_that_came_too_early_is_answered_with_a_reason() -> None:
    app = Host(a_dialog(arm_seconds=3_600))
    async with app.run_test() as pilot:
        await pilot.press("g", "o", "enter")
        assert hint(app) == ("too early: read it, then press enter again", True)


async def test_letters_reach_the_input_line_wherever_the_focus_is() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        await pilot.press("g", "o")
        assert app.dialog.query_one(Input).value == "go"
        assert not app.dialog.query_one("#confirm", Button).disabled
        await pilot.click("#confirm")
        assert app.answers == ["go"]


async def test_nothing_confirms_before_the_time() -> None:
    app = Host(a_dialog(arm_seconds=3_600))
    async with app.run_test() as pilot:
        await pilot.press("g", "o", "enter")
        assert app.dialog.query_one("#confirm", Button).disabled
        await pilot.click("#confirm")
        assert app.answers == []


async def test_time_that_passed_arms_the_button() -> None:
    app = Host(a_dialog(arm_seconds=0.01))
    async with app.run_test() as pilot:
        await pilot.press("g", "o")
        while app.dialog.query_one("#confirm", Button).disabled:
            await pilot.pause(0.01)
        await pilot.press("enter")
        assert app.answers == ["go"]


async def test_empty_word_can_never_be_typed() -> None:
    app = Host(a_dialog(word=""))
    async with app.run_test() as pilot:
        assert hint(app) == ("tab goes on · esc cancels", False)
        await pilot.press("tab", "enter", "x", "enter")
        assert not hint(app)[1]
        assert app.answers == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [(20, 5), (10, 3), (1, 1), (300, 100)], ids=str)
async def test_dialog_can_be_answered_at_any_size(size: tuple[int, int]) -> None:
    app = Host(a_dialog())
    async with app.run_test(size=size) as pilot:
        await pilot.press("g", "o", "enter")
        assert app.answers == ["go"]
