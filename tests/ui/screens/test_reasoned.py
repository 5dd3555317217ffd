"""A typed reason and a typed word, or nothing happens."""

import pytest
from textual import events
from textual.app import App
from textual.widgets import Button, Input, Static

from botcore_tui.ui.screens.reasoned import ReasonedDialog


class Host(App[None]):
    def __init__(self, dialog: ReasonedDialog) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)


def a_dialog(*, word: str = "go", arm_seconds: float = 0.0) -> ReasonedDialog:
    return ReasonedDialog("Title", ["text"], word=word, label="Go", arm_seconds=arm_seconds)


def hint(app: Host) -> str:
    return str(app.dialog.query_one("#hint", Static).content)


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_letters_go_to_the_reason_and_enter_goes_on_to_the_word() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        await pilot.press(*"feed", "space", *"is", "space", *"back", "enter", *"go")
        assert app.dialog.reason == "feed is back"
        assert not app.dialog.query_one("#confirm", Button).disabled
        await pilot.press("enter")
        assert app.answers == ["feed is back"]


@pytest.mark.slow
@pytest.mark.requirement("K7")
@pytest.mark.parametrize("reason", ["", "ab", "   ", " a "])
async def test_word_without_a_reason_confirms_nothing(reason: str) -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        app.dialog.query_one("#reason", Input).value = reason
        app.dialog.query_one("#word", Input).focus()
        await pilot.press("g", "o", "enter")
        assert hint(app) == "say why, in at least 3 characters"
        assert app.dialog.query_one("#confirm", Button).disabled
        assert app.answers == []


@pytest.mark.slow
async def test_reason_without_the_word_confirms_nothing() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        await pilot.press(*"because", "enter", "g", "enter")
        assert hint(app) == "'g' is not it: type go, then enter"
        assert app.answers == []


@pytest.mark.slow
async def test_letters_go_to_the_word_once_there_is_a_reason() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        await pilot.press(*"because")
        app.dialog.query_one("#cancel").focus()
        await pilot.press("g", "o")
        assert app.dialog.query_one("#word", Input).value == "go"


@pytest.mark.slow
@pytest.mark.requirement("K7")
async def test_nothing_confirms_before_the_time() -> None:
    app = Host(a_dialog(arm_seconds=3_600))
    async with app.run_test() as pilot:
        await pilot.press(*"because", "enter", *"go", "enter")
        assert hint(app) == "too early: read it, then press enter again"
        assert app.answers == []


async def test_question_that_cannot_be_confirmed_asks_for_no_reason() -> None:
    app = Host(a_dialog(word=""))
    async with app.run_test() as pilot:
        assert not app.dialog.query("#reason")
        assert app.dialog.reason == ""
        await pilot.press("x", "enter", "escape")
        assert app.answers == [""]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(30, 8), (10, 3), (300, 100)], ids=str)
async def test_dialog_can_be_answered_at_any_size(size: tuple[int, int]) -> None:
    app = Host(a_dialog())
    async with app.run_test(size=size) as pilot:
        await pilot.press(*"because", "enter", *"go", "enter")
        assert app.answers == ["because"]


async def test_letters_that_come_before_the_focus_all_go_into_one_line() -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        # As a fast hand, or a terminal that delivers a burst: none waits for the one before.
        for letter in "drill":
            app.dialog.on_key(events.Key(letter, letter))
        app.dialog.on_key(events.Key("space", " "))
        await pilot.pause()
        assert app.dialog.reason == "drill"
        assert app.dialog.query_one("#reason", Input).value == "drill "
        assert app.dialog.query_one("#word", Input).value == ""
        await pilot.press("x", "enter", "g", "o", "enter")
        assert app.answers == ["drill x"]


@pytest.mark.parametrize("focused", ["cancel", "reason"])
async def test_word_that_comes_in_one_piece_with_the_reason_goes_to_its_own_line(
    focused: str,
) -> None:
    app = Host(a_dialog())
    async with app.run_test() as pilot:
        await pilot.pause()
        app.dialog.query_one(f"#{focused}").focus()
        await pilot.pause()
        for key in (*"backx", "backspace", "enter", *"gp", "backspace", "o"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.dialog.reason == "back"
        assert app.dialog.query_one("#word", Input).value == "go"
        await pilot.press("enter")
        assert app.answers == ["back"]
